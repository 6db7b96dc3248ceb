"""What a rule of portability looks at, and what it finds.

Takes and touches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from worldwright.world.calls import Wrong
from worldwright.world.portability.kinds import Kinds
from worldwright.world.scopes import Use


@dataclass(frozen=True, slots=True)
class Subject:
    """A script with what is known of it."""

    root: Node
    uses: list[Use]
    kinds: Kinds
    runtime: str
    """auto, luajit or lua54."""


Rule = Callable[[Subject], Iterator[Wrong]]
"""Gives where a script may do one thing on LuaJIT and another on Lua 5.4."""
