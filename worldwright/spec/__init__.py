"""The spec language: an intermediate representation of populations and scenarios.

Takes the text of documents, gives a resolved `Population` and diagnostics with places and fixes.
Touches no disk: texts are passed in. Knows nothing of sampling.
"""
