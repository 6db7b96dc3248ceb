"""Worlds: sandboxed Lua agents that exchange messages, run tick by tick inside one VM.

Takes a world program, parameters, populations and a seed; gives metrics, final states and errors as tables.
Scripts run only in a locked worker process; this package is the one home of lupa.
"""
