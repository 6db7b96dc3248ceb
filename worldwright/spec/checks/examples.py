"""Pieces of the documents that rules show as their bad and good examples."""

from __future__ import annotations

from worldwright.spec.codes.expressions import BASE
from worldwright.spec.codes.relations import TWO

__all__ = ["BASE", "TWO", "drawn", "modified"]


def drawn(kind: str, distribution: str, *more: str) -> str:
    """A document with one more attribute, `x`, of a type and a distribution, and further lines of it."""
    lines = [f"type: {kind}", "assumption: true", f"distribution: {distribution}", *more]
    return BASE + "  x:\n" + "".join(f"    {line}\n" for line in lines)


def modified(kind: str, distribution: str, *modifiers: str, more: str = "") -> str:
    """As `drawn`, with modifiers in flow style."""
    listed = [f"  - {{{modifier}}}" for modifier in modifiers]
    return drawn(kind, distribution, *([more] if more else []), "modifiers:", *listed)
