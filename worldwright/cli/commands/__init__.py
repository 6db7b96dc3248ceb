"""Commands, one file each: read arguments, call one use case, show its result.

Takes what click parsed, gives text on standard output and an exit code.
Touches nothing that its use case does not.
"""
