"""The codes of reading, binding and resolving; rules in `checks` have theirs beside them.

Takes nothing, gives `Code`s with a bad and a good document each, for `check --explain` and for the tests.
Touches nothing.
"""
