"""The MCP server: the use cases of `project` as tools, resources and prompts for language models.

Takes a project and a transport; gives structured results. Each tool is a thin door: names, sizes, wording.
"""
