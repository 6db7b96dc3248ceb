"""What makes a script do one thing on LuaJIT and another on Lua 5.4; `worldwright check --portable` tells it.

Takes the tree of a script and the uses of names in it, gives findings. Runs nothing and touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from worldwright.diagnostics import Code
from worldwright.world.calls import Wrong
from worldwright.world.portability import codes
from worldwright.world.portability.divisors import zero_divisors
from worldwright.world.portability.error_words import error_words
from worldwright.world.portability.holes import holes
from worldwright.world.portability.kinds import Kinds
from worldwright.world.portability.large_numbers import large_numbers
from worldwright.world.portability.one_runtime import one_runtime
from worldwright.world.portability.rule import Rule, Subject
from worldwright.world.portability.texts import fractions_as_texts
from worldwright.world.portability.whole_arguments import fractional_arguments
from worldwright.world.scopes import Use

RULES: tuple[tuple[Code, Rule], ...] = (
    (codes.FRACTION_AS_TEXT, fractions_as_texts),
    (codes.LARGE_NUMBER, large_numbers),
    (codes.ZERO_DIVISOR, zero_divisors),
    (codes.HOLE, holes),
    (codes.FRACTIONAL_ARGUMENT, fractional_arguments),
    (codes.ONE_RUNTIME, one_runtime),
    (codes.ERROR_WORDS, error_words),
)
"""Every rule with its code, in the order of the codes."""


def unportable(
    root: Node, uses: list[Use], *, floats: frozenset[str], runtime: str
) -> Iterator[tuple[Code, Wrong]]:
    """Where the runtimes may differ.

    Args:
        root: The script.
        uses: Its uses of names.
        floats: The parameters of its world that are floats.
        runtime: auto, luajit or lua54.
    """
    subject = Subject(root, uses, Kinds(root, floats), runtime)
    for code, rule in RULES:
        for wrong in rule(subject):
            yield code, wrong


__all__ = ["RULES", "unportable"]
