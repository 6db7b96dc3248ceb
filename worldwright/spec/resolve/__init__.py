"""Resolving: documents become a `Population`, with every name bound and the order derived.

Takes bound documents with their trees, gives the resolved spec and what is wrong with it.
Touches nothing; the figures are judged by `checks`.
"""
