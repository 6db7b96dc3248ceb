"""One attribute of a file on its way to ours: what it may read, where its parts stand, what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from worldwright.diagnostics import Code, Diagnostic, Span
from worldwright.spec.entropy import codes, translate
from worldwright.spec.entropy.documents import Attribute as Foreign
from worldwright.spec.entropy.documents import Modifier as ForeignModifier
from worldwright.spec.entropy.semantics import Reading
from worldwright.spec.entropy.translate import Readable, Text
from worldwright.spec.entropy.values import PythonError, Untranslatable, Value
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import Domains
from worldwright.spec.frozen import freeze
from worldwright.spec.population import Attribute, AttributeType, Distribution, Modifier, Origin, Population
from worldwright.spec.reach import reach
from worldwright.spec.suggestions import listed
from worldwright.spec.tree import Node, ScalarNode, find, key_span


class UnusableError(Exception):
    """The attribute cannot be drawn; why has been said."""


@dataclass(frozen=True, slots=True)
class Change:
    """A modifier whose condition can hold."""

    when: Expression
    text: str
    foreign: ForeignModifier
    span: Span


@dataclass(frozen=True)
class Draft:
    """An attribute of a file with what is known where it stands."""

    foreign: Foreign
    node: Node
    name: str
    """Its name here."""
    origin: Origin
    scope: Mapping[str, Readable]
    """What is sampled before it, by the names of the file."""
    before: tuple[Attribute, ...]
    """Those attributes as they are here."""
    reading: Reading
    diagnostics: list[Diagnostic]

    @property
    def reach(self) -> Domains:
        """What the attributes before it can be."""
        return reach(Population("", None, 0, self.before, ()))

    def span(self, *path: str | int) -> Span:
        """Where a part stands; the nearest whole where it is not there."""
        while path:
            found = find(self.node, *path)
            place = found.span if found is not None else key_span(self.node, *path)
            if place is not None:
                return place
            path = path[:-1]
        named = find(self.node, "name")
        return (named or self.node).span

    def say(self, code: Code, message: str, *path: str | int, help: str | None = None) -> None:
        """Add a diagnostic at a part of the attribute."""
        self.diagnostics.append(code.at(self.span(*path), message, help=help))

    def refuse(self, code: Code, message: str, *path: str | int) -> UnusableError:
        """The error to raise, once it has been said."""
        self.say(code, message, *path)
        return UnusableError(message)

    def text(self, *path: str | int) -> Text:
        """An expression with its place."""
        node = find(self.node, *path)
        assert isinstance(node, ScalarNode)
        return Text(node.text, node.span, node.places())

    def number(self, *path: str | int) -> Expression:
        """The formula at a path."""
        try:
            return translate.number(self.text(*path), self.scope)
        except PythonError as error:
            raise self.refuse(codes.UNUSABLE, f"a formula of `{self.name}` fails: {error}", *path) from None
        except Untranslatable as error:
            raise self._untranslated(error, *path) from None

    def value(self, *path: str | int) -> Value:
        """The formula at a path, whatever it gives."""
        try:
            return translate.value(self.text(*path), self.scope)
        except PythonError as error:
            raise self.refuse(codes.UNUSABLE, f"the formula of `{self.name}` fails: {error}", *path) from None
        except Untranslatable as error:
            raise self._untranslated(error, *path) from None

    def changes(self) -> list[Change]:
        """The modifiers that can apply, in their order; what is wrong with the others is said."""
        found: list[Change] = []
        for position, foreign in enumerate(self.foreign.sampling.modifiers):
            path = ("sampling", "modifiers", position, "when")
            when = self._condition(*path)
            if when is not None:
                span = self.span("sampling", "modifiers", position)
                found.append(Change(when, foreign.when, foreign, span))
        return found

    def _condition(self, *path: str | int) -> Expression | None:
        try:
            found = translate.truth(self.text(*path), self.scope)
        except PythonError as error:
            self.say(codes.NEVER_APPLIES, f"a modifier of `{self.name}` never applies: {error}", *path)
            return None
        except Untranslatable as error:
            raise self._untranslated(error, *path) from None
        options = {readable.name: readable.options for readable in self.scope.values()}
        strange: dict[str, list[str]] = {}
        for name, label in found.strange:
            strange.setdefault(name, []).append(label)
        for name, labels in strange.items():
            shown = ", ".join(map(repr, labels))
            message = f"{shown} {'is' if len(labels) == 1 else 'are'} not among the options of `{name}`"
            self.say(codes.NEVER_APPLIES, message, *path, help=listed(options[name]))
        if isinstance(found.node, nodes.Boolean) and not found.node.value:
            if not found.strange:
                message = f"a modifier of `{self.name}` never applies: its condition cannot hold"
                self.say(codes.NEVER_APPLIES, message, *path)
            return None
        return found.node

    def _untranslated(self, error: Untranslatable, *path: str | int) -> UnusableError:
        return self.refuse(codes.UNTRANSLATED, f"an expression of `{self.name}`: {error}", *path)

    def attribute(
        self,
        kind: AttributeType,
        *,
        name: str | None = None,
        law: Distribution | None = None,
        formula: Expression | None = None,
        modifiers: tuple[Modifier, ...] = (),
        clip: tuple[float | None, float | None] = (None, None),
        options: tuple[str, ...] = (),
    ) -> Attribute:
        """The attribute, or under another name a part that it is computed from."""
        own = name or self.name
        parts: list[Expression] = []
        if law is not None:
            ends = [end for end in (law.minimum, law.maximum) if end is not None]
            parts += [*law.parameters.values(), *law.weights.values(), *ends]
        for modifier in modifiers:
            numbers = (modifier.multiply, modifier.add, modifier.probability)
            parts += [modifier.when, *(part for part in numbers if part is not None)]
        if formula is not None:
            parts.append(formula)
        return Attribute(
            name=own,
            type=kind,
            origin=self.origin,
            stream=own,
            span=self.span("name"),
            distribution=law,
            formula=formula,
            modifiers=modifiers,
            clip=clip,
            options=options,
            description=self.foreign.description if own == self.name else None,
            reads=tuple(dict.fromkeys(read for part in parts for read in nodes.names(part))),
        )

    def law(
        self,
        family: str,
        parameters: Mapping[str, Expression],
        *,
        weights: Mapping[str, Expression] | None = None,
        ends: tuple[Expression | None, Expression | None] = (None, None),
        clamp: bool = False,
    ) -> Distribution:
        """A distribution at the place of the file's."""
        return Distribution(
            family,
            freeze(parameters),
            self.span("sampling", "distribution"),
            freeze(weights or {}),
            ends[0],
            ends[1],
            clamp,
        )
