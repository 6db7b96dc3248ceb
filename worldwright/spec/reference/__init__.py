"""The reference of the spec language: one page, written from the models that documents are bound to.

Takes nothing, gives Markdown. What a key is called, holds and is by default comes from the models; a sentence
for each stands beside them here, and a key without one, or a sentence without its key, fails a test.
"""
