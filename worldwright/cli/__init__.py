"""The command line: arguments in, text or JSON out.

Takes arguments, gives exit codes; every command is a thin layer over one use case in `project`.
A front door: reads the environment and the clock, and passes them on.
"""
