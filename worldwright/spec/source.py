"""A document as text with the name its diagnostics carry."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from worldwright.spec.reader import read

if TYPE_CHECKING:
    from worldwright.diagnostics import Diagnostic
    from worldwright.spec.tree import Node


@dataclass(frozen=True)
class Source:
    """The text of one document."""

    file: str
    """The name that diagnostics show; nothing is opened."""
    text: str

    def read(self) -> tuple[Node | None, list[Diagnostic]]:
        """The tree and what is wrong with the text (see `reader.read`); read once, however often asked."""
        node, found = self._read
        return node, list(found)

    @cached_property
    def _read(self) -> tuple[Node | None, tuple[Diagnostic, ...]]:
        node, found = read(self.text, self.file)
        return node, tuple(found)
