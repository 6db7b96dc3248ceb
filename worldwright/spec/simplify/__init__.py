"""Simplifying specs: what could be written more simply without changing a drawn value.

Takes the text of a document and what it means, gives suggestions as edits, and the text with them carried
out. Touches nothing.
"""

from worldwright.spec.simplify.simplify import Suggestion, simplified

__all__ = ["Suggestion", "simplified"]
