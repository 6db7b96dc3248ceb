"""The expression language: our own tokens, parser, types and dependencies.

Takes the text of one expression and where it stands, gives a typed tree with exact spans.
Nothing is ever evaluated by Python.
"""
