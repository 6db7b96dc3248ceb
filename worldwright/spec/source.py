"""A document as text with the name its diagnostics carry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one document."""

    file: str
    """The name that diagnostics show; nothing is opened."""
    text: str
