"""What a rule sees, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from worldwright.diagnostics import Code, Diagnostic, Span
from worldwright.spec.population import Attribute, Distribution, Modifier, Population
from worldwright.spec.reach import Reach, reach
from worldwright.spec.resolve.layers import Declared, Layer
from worldwright.spec.tree import MappingNode, key_span


@dataclass(frozen=True)
class Context:
    """A population, as far as it could be resolved, with its documents.

    Where a part could not be read it is simply not there: a parameter missing from its distribution,
    a modifier from its attribute. What that means has been said already, so rules pass over it.
    """

    population: Population
    layers: Sequence[Layer]
    declared: Mapping[str, Declared]

    @cached_property
    def reach(self) -> Reach:
        """What each attribute can be."""
        return reach(self.population)

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes by name."""
        return {attribute.name: attribute for attribute in self.population.attributes}

    def span(self, attribute: str, *path: str | int) -> Span:
        """The place of a value below an attribute."""
        return self.declared[attribute].span_of(*path)

    def modifier_span(self, attribute: str, modifier: Modifier, key: str) -> Span:
        """The place of one key's value in a modifier."""
        declared = self.declared[attribute]
        for position in range(len(declared.document.modifiers)):
            if declared.span_of("modifiers", position) == modifier.span:
                return self.place(attribute, "modifiers", position, key)
        return modifier.span

    def place(self, attribute: str, *path: str | int) -> Span:
        """Where a reader looks for a value below an attribute: at its key where it has lines of its own."""
        declared = self.declared[attribute]
        node = declared.find(*path)
        if isinstance(node, MappingNode) and not node.flow:
            return key_span(declared.node, *path) or node.span
        return declared.span_of(*path)

    def laws(self) -> Iterator[tuple[Attribute, Distribution]]:
        """Every attribute that is drawn, with its distribution, and with each component of a mixture."""
        for attribute, law in self.whole_laws():
            yield attribute, law
            for component in law.components:
                yield attribute, component.law

    def whole_laws(self) -> Iterator[tuple[Attribute, Distribution]]:
        """Every attribute that is drawn, with its distribution as a whole."""
        for attribute in self.population.attributes:
            if attribute.distribution is not None:
                yield attribute, attribute.distribution


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code and its function."""

    code: Code
    check: Callable[[Context], Iterator[Diagnostic]]
