"""Use cases: what the command line, the MCP server and Dagster call, one file each.

Takes a project folder and names of documents, gives results as plain data.
Touches the project's documents and its store.
"""
