"""What one agent's attribute reads: numbers, conditions and their texts, with the values behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from worldwright.errors import SamplingError
from worldwright.population.explanation import expressions
from worldwright.population.explanation.expressions import Scope, State, Values
from worldwright.population.explanation.record import Decision, Read, Term, Value
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import text
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute, AttributeType

T = TypeVar("T")
_EPOCH = dt.date(1970, 1, 1)


class Texts:
    """What agents have in common, made once: expressions as text, constants as terms, laws without reads."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Expression, str, tuple[str, ...]]] = {}
        self._terms: dict[tuple[int, str], Term] = {}
        self._reads: dict[str, tuple[State, Read]] = {}
        self._made: dict[tuple[str, int], tuple[Any, Any]] = {}

    def of(self, node: Expression) -> tuple[str, tuple[str, ...]]:
        """The expression in its usual spelling, and the attributes it reads."""
        found = self._known.get(id(node))
        if found is None or found[0] is not node:
            found = self._known[id(node)] = (node, text(node), nodes.names(node))
        return found[1], found[2]

    def constant(self, node: Expression) -> bool:
        """Whether an expression reads nothing."""
        return not self.of(node)[1]

    def term(self, name: str, node: Expression, make: Callable[[], Term]) -> Term:
        """The term of an expression that reads nothing."""
        found = self._terms.get((id(node), name))
        if found is None:
            found = self._terms[id(node), name] = make()
        return found

    def read(self, name: str, attribute: Attribute, value: State) -> Read:
        """A value as it was read; one record for all that read it."""
        found = self._reads.get(name)
        if found is None or found[0] is not value:
            found = self._reads[name] = (value, Read(name, stored(attribute, value)))
        return found[1]

    def made(self, kind: str, subject: object, make: Callable[[], T]) -> T:
        """Something of one kind that depends on a part of the document alone."""
        found = self._made.get((kind, id(subject)))
        if found is None or found[0] is not subject:
            found = self._made[kind, id(subject)] = (subject, make())
        return found[1]


class Reading(NamedTuple):
    """The values that the computation of one attribute may read."""

    attribute: Attribute
    agent: int
    values: Values
    scope: Scope
    texts: Texts

    @property
    def where(self) -> str:
        """Attribute and agent, for errors."""
        return f"attribute {self.attribute.name}, agent {self.agent}"

    def number(self, node: Expression) -> float:
        """The value of a number."""
        return expressions.number(node, self.values, self.scope)

    def term(self, name: str, node: Expression) -> Term:
        """A named number with its text and what it read."""
        written, names = self.texts.of(node)
        if not names:
            return self.texts.term(name, node, lambda: Term(name, written, self.number(node)))
        return Term(name, written, self.number(node), self.reads(names))

    def decide(self, node: Expression, role: str) -> Decision:
        """A condition, which must be decided.

        Raises:
            SamplingError: where a missing value or a number that is not finite leaves it undecided.
        """
        written, names = self.texts.of(node)
        holds = expressions.truth(node, self.values, self.scope)
        if holds is None:
            raise self.refusal(f"{role} is undecided: {written}", names)
        return Decision(written, self.reads(names), holds)

    def reads(self, names: Iterable[str]) -> tuple[Read, ...]:
        """The values of some attributes."""
        read, scope, values = self.texts.read, self.scope, self.values
        return tuple([read(name, scope[name], values[name]) for name in names])

    def refusal(
        self, what: str, names: Iterable[str], why: str | None = None, help: str | None = None
    ) -> SamplingError:
        """The error that ends the computation, with the values it was computed from."""
        known = [name for name in names if name in self.values]
        given = ", ".join(f"{read.name} = {shown(read.value)}" for read in self.reads(known))
        return SamplingError(
            f"{what} (with {given})" if given else what, where=self.where, why=why, help=help
        )


def stored(attribute: Attribute, value: State) -> Value:
    """A computed value as it is stored."""
    if value is None or isinstance(value, str | bool):
        return value
    match attribute.type:
        case AttributeType.INT:
            return int(value)
        case AttributeType.DATE:
            return _EPOCH + dt.timedelta(days=int(value))
        case _:
            return value


def shown(value: Value) -> str:
    """A value as a person would write it."""
    match value:
        case None:
            return "missing"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.6g}"
        case _:
            return str(value)
