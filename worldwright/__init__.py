"""Worldwright: compile a question about a population into a world that answers it.

Takes documents (specs, worlds with Lua scripts, experiments), gives populations, runs and tables.
The engine knows no Dagster, reads no environment and does nothing on import.
"""

__version__ = "0.1.0"
