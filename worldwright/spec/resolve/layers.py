"""The layers of a spec: a population, and perhaps a scenario over it."""

from __future__ import annotations

from dataclasses import dataclass

from worldwright.diagnostics import Diagnostic, Span
from worldwright.spec import documents
from worldwright.spec.data_files import DataFiles
from worldwright.spec.expressions.nodes import Expression, Name
from worldwright.spec.expressions.types import Kind
from worldwright.spec.population import AttributeType, Origin
from worldwright.spec.tree import Node, find, key_span


@dataclass(frozen=True, slots=True)
class Layer:
    """One document, bound, with its tree; the two have the same shape."""

    document: documents.Layer
    node: Node
    origin: Origin
    lost: frozenset[tuple[str | int, ...]] = frozenset()
    """Paths of what could not be bound: it exists, but nothing is known of it."""

    def lost_names(self, section: str) -> list[str]:
        """The names below a section of which nothing is known."""
        return sorted(str(path[1]) for path in self.lost if len(path) == 2 and path[0] == section)


@dataclass(frozen=True, slots=True)
class Declared:
    """One attribute as it is declared."""

    name: str
    document: documents.Attribute
    node: Node
    span: Span
    origin: Origin

    def find(self, *path: str | int) -> Node | None:
        """The node below this attribute."""
        return find(self.node, *path)

    def span_of(self, *path: str | int) -> Span:
        """The value at a path below this attribute; its key, or the attribute, where that is not there."""
        found = find(self.node, *path)
        return found.span if found is not None else key_span(self.node, *path) or self.span


@dataclass(frozen=True, slots=True)
class Reading:
    """An expression that was read, with the conditions that hold where it is evaluated."""

    expression: Expression
    given: tuple[Expression, ...]


class Scene:
    """What is known while a spec is being resolved, and what has been found wrong with it."""

    def __init__(self, files: DataFiles) -> None:
        self.files = files
        self.weights: dict[tuple[Span, AttributeType], dict[float | str | bool, float] | None] = {}
        """What empirical distributions were read to be, by their place."""
        self.diagnostics: list[Diagnostic] = []
        self.kinds: dict[str, Kind | None] = {}
        self.base_names: set[str] = set()
        self.conditions: dict[str, Expression] = {}
        self.readings: list[Reading] = []
        self.incomplete: set[str] = set()
        """Attributes of which a part could not be read, so that what they are drawn from is not known."""
        self._base_scope: dict[str, Kind | None] = {}

    def scope(self, origin: Origin) -> dict[str, Kind | None]:
        """The names that a layer may read; asked for once the kind of every attribute is known."""
        if origin is Origin.SCENARIO or len(self.base_names) == len(self.kinds):
            return self.kinds
        if not self._base_scope:
            self._base_scope = {name: kind for name, kind in self.kinds.items() if name in self.base_names}
        return self._base_scope

    def note(self, expression: Expression, given: tuple[Expression | None, ...]) -> None:
        """Remember that an expression is evaluated where the given conditions hold."""
        self.readings.append(Reading(expression, tuple(part for part in given if part is not None)))

    def note_name(self, name: str, span: Span, given: tuple[Expression | None, ...]) -> None:
        """Remember that a name is read outside an expression."""
        self.note(Name(name, span), given)
