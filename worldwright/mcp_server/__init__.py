"""The MCP server: tools for language models.

Takes tool calls, gives results; a thin layer over `project`.
A front door, as the command line is.
"""
