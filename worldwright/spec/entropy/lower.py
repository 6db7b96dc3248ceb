"""From attributes of a file to attributes of the resolved spec, one after another in sampling order."""

from __future__ import annotations

import re
from collections.abc import Iterable

from worldwright.diagnostics import Diagnostic, Span
from worldwright.spec.entropy import codes
from worldwright.spec.entropy.bounds import Bounds, hard_bounds
from worldwright.spec.entropy.documents import Attribute as Foreign
from worldwright.spec.entropy.drafts import Change, Draft, UnusableError
from worldwright.spec.entropy.labels import boolean, categorical
from worldwright.spec.entropy.numbers import numeric
from worldwright.spec.entropy.semantics import Reading
from worldwright.spec.entropy.translate import Readable
from worldwright.spec.entropy.values import (
    ByOption,
    Either,
    Known,
    Numeric,
    PythonError,
    Truth,
    Value,
    among,
    as_number,
    as_truth,
    chosen,
)
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.tokens import FUNCTIONS, KEYWORDS
from worldwright.spec.population import Attribute, AttributeType, Origin
from worldwright.spec.tree import Node

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
_NATURAL = {"categorical": AttributeType.CATEGORICAL, "boolean": AttributeType.BOOLEAN}
_TRUE = ("true", "1", "yes")


class Lowering:
    """What has been lowered so far; a scenario goes on where its base has ended."""

    def __init__(self, reading: Reading, names: Iterable[str]) -> None:
        self.attributes: dict[str, Attribute] = {}
        self.columns: dict[str, list[str]] = {}
        """For each attribute of a file, the names it has here."""
        self.diagnostics: list[Diagnostic] = []
        self.scope: dict[str, Readable] = {}
        self._reading = reading
        self._taken = set(names)

    def add(self, foreign: Foreign, node: Node, origin: Origin) -> None:
        """Lower the attribute that is sampled next."""
        draft = Draft(
            foreign,
            node,
            self._own_name(foreign.name),
            origin,
            dict(self.scope),
            tuple(self.attributes.values()),
            self._reading,
            self.diagnostics,
        )
        if draft.name != foreign.name:
            draft.say(codes.RENAMED, f"{foreign.name!r} is called `{draft.name}` here", "name")
        kind = AttributeType(foreign.type)
        try:
            made = self._lowered(draft, kind)
        except UnusableError:
            law = foreign.sampling.distribution
            options = tuple(dict.fromkeys(law.options or ())) if law else ()
            self.scope[foreign.name] = Readable(kind, draft.name, options)
            return
        self.attributes |= {attribute.name: attribute for attribute in made}
        self.columns[foreign.name] = [attribute.name for attribute in made]
        self.scope[foreign.name] = Readable(kind, draft.name, made[-1].options)

    def _own_name(self, name: str) -> str:
        if _NAME.fullmatch(name) and name not in KEYWORDS and name not in FUNCTIONS:
            return name
        own = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:60] or "attribute"
        own = own if own[0].isalpha() else f"a_{own}"
        return self._free(f"{own}_" if own in KEYWORDS or own in FUNCTIONS else own)

    def _free(self, name: str) -> str:
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def _lowered(self, draft: Draft, kind: AttributeType) -> list[Attribute]:
        sampling = draft.foreign.sampling
        law = sampling.distribution
        hard = hard_bounds(draft) if kind in (AttributeType.INT, AttributeType.FLOAT) else (None, None)
        if sampling.strategy == "derived":
            if sampling.formula is None:
                raise draft.refuse(
                    codes.UNUSABLE, f"`{draft.name}` is derived and has no formula", "sampling"
                )
            if law is not None or sampling.modifiers:
                message = f"`{draft.name}` is derived; its distribution and modifiers do nothing"
                draft.say(codes.IGNORED, message, "sampling", "strategy")
            return [_computed(draft, kind, draft.value("sampling", "formula"), hard)]
        if law is None:
            raise draft.refuse(codes.UNUSABLE, f"`{draft.name}` has no distribution", "sampling")
        if sampling.formula is not None:
            draft.say(codes.IGNORED, f"the formula of `{draft.name}` does nothing", "sampling", "formula")
        changes: list[Change] = []
        if sampling.strategy == "conditional":
            changes = draft.changes()
        elif sampling.modifiers:
            message = f"`{draft.name}` is independent; its modifiers do nothing"
            draft.say(codes.IGNORED, message, "sampling", "modifiers")
        natural = _NATURAL.get(law.type)
        number = kind in (AttributeType.INT, AttributeType.FLOAT)
        if natural is None and number and not (law.type == "beta" and kind is AttributeType.INT):
            return numeric(draft, law, changes, draft.name, kind, hard)
        if natural is kind:
            draw = categorical if kind is AttributeType.CATEGORICAL else boolean
            return [draw(draft, law, changes, draft.name)]
        return self._converted(draft, kind, changes, hard)

    def _converted(
        self, draft: Draft, kind: AttributeType, changes: list[Change], hard: Bounds
    ) -> list[Attribute]:
        """A draw of another type than the attribute: a column of its own, and a formula that converts it."""
        law = draft.foreign.sampling.distribution
        assert law is not None
        part = self._free(f"{draft.name}_draw")
        span = draft.span("type")
        name = nodes.Name(part, span)
        value: Value
        if law.type == "categorical":
            drawn = [categorical(draft, law, changes, part)]
            value = ByOption(part, {option: _coerced(option, kind) for option in drawn[0].options})
        elif law.type == "boolean":
            drawn = [boolean(draft, law, changes, part)]
            value = Truth(name)
        elif kind is not AttributeType.CATEGORICAL:
            drawn = numeric(draft, law, changes, part, AttributeType.FLOAT, (None, None))
            value = Numeric(name)
        else:
            raise draft.refuse(
                codes.UNTRANSLATED,
                f"the labels of `{draft.name}` would be numbers of a {law.type} draw",
                "type",
            )
        message = f"`{draft.name}` is {kind}, and its draw is {law.type}: it is converted from `{part}`"
        draft.say(codes.CONVERTED, message, "type")
        return [*drawn, _computed(draft, kind, value, hard)]


def _coerced(option: str, kind: AttributeType) -> float | bool | str:
    """What those projects make of a label in an attribute of another type: `5+` is 5, `18-24` is 1824."""
    if kind is AttributeType.BOOLEAN:
        return option.lower() in _TRUE
    if kind is AttributeType.CATEGORICAL:
        return option
    digits = re.sub(r"[^\d.]" if kind is AttributeType.FLOAT else r"[^\d]", "", option)
    try:
        return float(digits)
    except ValueError:
        return 0.0


def _computed(draft: Draft, kind: AttributeType, value: Value, hard: Bounds) -> Attribute:
    """An attribute by formula, converted to its type."""
    span = draft.span("sampling", "formula")
    try:
        if kind is AttributeType.BOOLEAN:
            return draft.attribute(kind, formula=_as_boolean(value, span))
        if kind is AttributeType.CATEGORICAL:
            formula = _as_label(value, span)
            return draft.attribute(kind, formula=formula, options=_labels_of(formula))
        return draft.attribute(kind, formula=as_number(_number_of(value, kind), span), clip=hard)
    except PythonError as error:
        message = f"the formula of `{draft.name}` gives no {kind}: {error}"
        raise draft.refuse(codes.UNUSABLE, message, "sampling", "formula") from None


def _number_of(value: Value, kind: AttributeType) -> Value:
    match value:
        case Known(str() as text):
            return Known(_coerced(text, kind))
        case ByOption(name, table):
            return ByOption(
                name, {o: _coerced(v, kind) if isinstance(v, str) else v for o, v in table.items()}
            )
        case _:
            return value


def _as_boolean(value: Value, span: Span) -> Expression:
    match value:
        case Known(str() as text):
            return nodes.Boolean(text.lower() in _TRUE, span)
        case ByOption(name, table):
            wanted = [o for o, v in table.items() if (v.lower() in _TRUE if isinstance(v, str) else bool(v))]
            return among(name, wanted, table, span)
        case Either(condition, then, otherwise):
            return chosen(condition, _as_boolean(then, span), _as_boolean(otherwise, span), span)
        case _:
            return as_truth(value, span)


def _as_label(value: Value, span: Span) -> Expression:
    match value:
        case Known(plain):
            return nodes.Label(str(plain), span)
        case Truth(node):
            return nodes.IfElse(node, nodes.Label("True", span), nodes.Label("False", span), span)
        case ByOption(name, table):
            labels = list(dict.fromkeys(str(v) for v in table.values()))
            found: Expression = nodes.Label(labels[-1], span)
            for label in labels[-2::-1]:
                wanted = [option for option, v in table.items() if str(v) == label]
                found = nodes.IfElse(among(name, wanted, table, span), nodes.Label(label, span), found, span)
            return found
        case Either(condition, then, otherwise):
            return chosen(condition, _as_label(then, span), _as_label(otherwise, span), span)
        case _:
            raise PythonError("a number would be its label")


def _labels_of(formula: Expression) -> tuple[str, ...]:
    labels = [node.value for node in _branches(formula)]
    return tuple(dict.fromkeys(labels))


def _branches(node: Expression) -> list[nodes.Label]:
    match node:
        case nodes.Label():
            return [node]
        case nodes.IfElse(_, then, otherwise):
            return [*_branches(then), *_branches(otherwise)]
        case _:
            return []
