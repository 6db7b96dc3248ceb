"""Merging populations: one population of several parts, told apart by an attribute that names the part.

Takes documents with what they mean and a share for each, gives a plain document and what cannot be merged.
Touches nothing.
"""

from worldwright.spec.merge.merge import merged, shares_of
from worldwright.spec.merge.parts import Part

__all__ = ["Part", "merged", "shares_of"]
