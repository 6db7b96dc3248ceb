"""The parts of a merged population, and the conditions that tell them apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from worldwright.diagnostics import Position, Span
from worldwright.spec.declaration import value_of
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import form
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.parser import day_number, parse_expression
from worldwright.spec.population import Population
from worldwright.spec.tree import MappingNode, plain

NOWHERE = Span("", Position(1, 1), Position(1, 1))


@dataclass(frozen=True)
class Part:
    """One of the populations that are merged."""

    label: str
    share: float
    node: MappingNode
    population: Population

    @property
    def document(self) -> dict[str, Any]:
        """The document as plain data."""
        return plain(self.node)

    @property
    def word(self) -> str:
        """The label as the end of a name."""
        return re.sub(r"\W+", "_", self.label, flags=re.ASCII).strip("_") or "part"


class Parts:
    """All parts, and the conditions under which an agent belongs to some of them.

    The last part is written as being none of the others, which is what an `else` knows.
    """

    def __init__(self, parts: Sequence[Part], component: str) -> None:
        self.parts = tuple(parts)
        self.component = component

    def belongs(self, members: Iterable[Part]) -> Expression | None:
        """The condition of belonging to one of some parts; None where these are all."""
        chosen = [part for part in self.parts if part in tuple(members)]
        if len(chosen) == len(self.parts):
            return None
        if chosen[-1] is not self.parts[-1]:
            return either(self._is(part, "==") for part in chosen)
        return both(self._is(part, "!=") for part in self.parts if part not in chosen)

    def elsewhere(self, part: Part) -> Expression | None:
        """The condition of belonging to another part; None where there is no other."""
        return (
            self.belongs([other for other in self.parts if other is not part])
            if len(self.parts) > 1
            else None
        )

    def chosen(self, values: Sequence[tuple[Part, Expression]]) -> Expression:
        """The value of each agent's part; equal ones are written once."""
        groups: dict[str, tuple[list[Part], Expression]] = {}
        for part, value in values:
            groups.setdefault(repr(form(value)), ([], value))[0].append(part)
        # The group with the last part stands in the `else`.
        *first, (_, found) = sorted(groups.values(), key=lambda group: values[-1][0] in group[0])
        for members, value in reversed(first):
            condition = self.belongs(members)
            assert condition is not None
            found = nodes.IfElse(condition, value, found, NOWHERE)
        return found

    def _is(self, part: Part, operator: str) -> Expression:
        return nodes.Compare(
            operator, nodes.Name(self.component, NOWHERE), nodes.Label(part.label, NOWHERE), NOWHERE
        )


def both(conditions: Iterable[Expression | None]) -> Expression:
    """That all hold; None always does."""
    found = [part for part in conditions if part is not None and not _is_true(part)]
    if not found:
        return nodes.Boolean(True, NOWHERE)
    return reduce(lambda left, right: nodes.And(left, right, NOWHERE), found)


def either(conditions: Iterable[Expression]) -> Expression:
    """That one holds."""
    found = list(conditions)
    if any(map(_is_true, found)):
        return nodes.Boolean(True, NOWHERE)
    return reduce(lambda left, right: nodes.Or(left, right, NOWHERE), found)


def expression_of(value: Any, *, date: bool = False) -> Expression:
    """A value of a valid document as an expression; `date` where a bare date is one."""
    if isinstance(value, bool):
        return nodes.Boolean(value, NOWHERE)
    if isinstance(value, (int, float)):
        return nodes.Number(float(value), NOWHERE)
    text = str(value)
    if date and (days := day_number(text)) is not None:
        return nodes.Date(days, NOWHERE)
    found, _ = parse_expression(text, NOWHERE)
    assert found is not None
    return found


def written(node: Expression) -> float | str | bool:
    """An expression as a value of a document."""
    return value_of(node)


def _is_true(node: Expression) -> bool:
    return isinstance(node, nodes.Boolean) and node.value
