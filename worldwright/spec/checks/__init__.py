"""Checks of a resolved spec: one rule, one code, one file.

Takes a `spec.Population` or its document tree, gives diagnostics.
Touches nothing.
"""
