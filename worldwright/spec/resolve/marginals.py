"""Marginals: known tables, with every option bound and every value in its place."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from worldwright.diagnostics import Edit, Fix, Span
from worldwright.spec import documents
from worldwright.spec.codes import marginals as codes
from worldwright.spec.codes.expressions import UNKNOWN_NAME, UNKNOWN_OPTION
from worldwright.spec.expressions import types
from worldwright.spec.expressions.canonical import number
from worldwright.spec.population import Attribute, AttributeType, Margin, Marginals, Origin
from worldwright.spec.resolve.layers import Layer, Scene
from worldwright.spec.suggestions import listed, nearest
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode, find, key_span

TRUTHS = ("false", "true")
"""The options of a boolean, in order."""


def options_of(attribute: Attribute) -> tuple[str, ...]:
    """What a table gives numbers for; nothing where the attribute has no options."""
    return TRUTHS if attribute.type is AttributeType.BOOLEAN else attribute.options


def resolve_marginals(layer: Layer, attributes: Mapping[str, Attribute], scene: Scene) -> Marginals | None:
    """The marginals of a layer; tables that cannot be read are left out, with diagnostics.

    None where there are none, or where the prior or every target is left out.
    """
    document = layer.document.marginals
    node = find(layer.node, "marginals")
    if document is None or node is None:
        return None
    tables = _Tables(layer, attributes, scene)
    targets: list[Margin] = []
    for position, target in enumerate(document.targets):
        place = find(node, "targets", position)
        if place is None:
            continue
        made = tables.table(place, target, "totals" if target.shares is None else "shares")
        if made is None:
            continue
        first = next((other for other in targets if set(other.of) == set(made.of)), None)
        if first is not None:
            message = f"the table of {' and '.join(f'`{name}`' for name in made.of)} is given twice"
            related = ((first.span, "it is given here before"),)
            scene.diagnostics.append(codes.REPEATED.at(place.span, message, related=related))
            continue
        targets.append(made)
    seed = None
    if document.seed is not None:
        place = find(node, "seed")
        seed = None if place is None else tables.table(place, document.seed, "table")
        if seed is None:
            return None
    if not targets:
        return None
    span = key_span(layer.node, "marginals") or node.span
    return Marginals(tuple(targets), seed, document.counts == "exact", span)


class _Tables:
    """Reads the tables of one layer."""

    def __init__(self, layer: Layer, attributes: Mapping[str, Attribute], scene: Scene) -> None:
        self._layer = layer
        self._attributes = attributes
        self._scene = scene
        self._scope = scene.scope(layer.origin)

    def table(self, node: Node, document: documents.Margin | documents.SeedTable, key: str) -> Margin | None:
        """A table with its values divided by their sum; None, with diagnostics, where it cannot be read."""
        spans = list(_name_spans(node, document.of))
        known = [self._name(name, span) for name, span in zip(document.of, spans, strict=True)]
        if not all(known):
            return None
        repeated = next((name for i, name in enumerate(document.of) if name in document.of[:i]), None)
        if repeated is not None:
            message = f"`{repeated}` is named twice in one table"
            self._scene.diagnostics.append(codes.REPEATED.at(spans[document.of.index(repeated)], message))
            return None
        for name, span in zip(document.of, spans, strict=True):
            kind = self._attributes[name].type
            if kind not in (AttributeType.CATEGORICAL, AttributeType.BOOLEAN):
                message = f"`{name}` cannot have marginals: it is {kind.value}"
                help = "give its classes an attribute of their own, a categorical one, and rake that"
                self._scene.diagnostics.append(codes.MEMBER.at(span, message, help=help))
                return None
        found = find(node, key)
        options = [options_of(self._attributes[name]) for name in document.of]
        if found is None or not all(options):
            return None  # why an attribute has no options has been told
        values: list[tuple[float, Span]] = []
        if not self._cells(found, document.of, options, values):
            return None
        values = _by_the_alphabet(document.of, [len(own) for own in options], values)
        total = math.fsum(value for value, _ in values)
        shares = tuple(value / total if total > 0 else 0.0 for value, _ in values)
        places = tuple(place for _, place in values)
        names = tuple(sorted(document.of))
        return Margin(names, shares, total, key == "shares", document.source, node.span, places)

    def _cells(
        self,
        node: Node,
        names: Sequence[str],
        options: Sequence[tuple[str, ...]],
        values: list[tuple[float, Span]],
    ) -> bool:
        """Read the values below a node, in the order of options; False, with diagnostics, where one fails."""
        if not isinstance(node, MappingNode):
            message = f"a number for each option of `{names[0]}` is wanted here"
            self._scene.diagnostics.append(codes.TABLE.at(node.span, message, help=listed(options[0])))
            return False
        complete = True
        for entry in node.entries:
            label = entry.key.text
            if label not in options[0]:
                message, help, fix = types.not_an_option(label, options[0], entry.key.span, quoted=False)
                self._scene.diagnostics.append(UNKNOWN_OPTION.at(entry.key.span, message, help=help, fix=fix))
                complete = False
        absent = [option for option in options[0] if node.entry(option) is None]
        if absent and complete:
            message = f"`{names[0]}` has no number for {', '.join(map(repr, absent))}"
            help = "give every option one; 0 where nobody has it"
            self._scene.diagnostics.append(codes.TABLE.at(node.span, message, help=help))
        if absent:
            return False
        for option in options[0]:
            value = node.get(option)
            assert value is not None
            if len(names) > 1:
                complete &= self._cells(value, names[1:], options[1:], values)
            else:
                complete &= self._value(value, values)
        return complete

    def _value(self, node: Node, values: list[tuple[float, Span]]) -> bool:
        plain = node.value if isinstance(node, ScalarNode) and not node.quoted else None
        if isinstance(plain, bool) or not isinstance(plain, (int, float)):
            message = "a number is wanted here"
            help = "shares and totals are figures, and no expressions or tables of a further attribute"
            self._scene.diagnostics.append(codes.TABLE.at(node.span, message, help=help))
            return False
        value = float(plain)
        if not 0 <= value < math.inf:
            message = f"{number(value)} is not a share or a total"
            self._scene.diagnostics.append(codes.TABLE.at(node.span, message, help="it is 0 or more"))
            return False
        values.append((value, node.span))
        return True

    def _name(self, name: str, span: Span) -> bool:
        if name not in self._scope:
            near = nearest(name, self._scope)
            fix = Fix(f"write {near}", (Edit(span, near),)) if near else None
            help = f"did you mean `{near}`?" if near else listed(self._scope)
            message = f"there is no attribute `{name}`"
            self._scene.diagnostics.append(UNKNOWN_NAME.at(span, message, help=help, fix=fix))
            return False
        attribute = self._attributes.get(name)
        if attribute is None:
            return False
        if self._layer.origin is Origin.SCENARIO and attribute.origin is Origin.BASE:
            message = f"`{name}` belongs to the base, whose tables a scenario cannot fit anew"
            self._scene.diagnostics.append(codes.BASE_MARGIN.at(span, message, help="put the table there"))
            return False
        return True


def _by_the_alphabet(
    names: Sequence[str], sizes: Sequence[int], values: list[tuple[float, Span]]
) -> list[tuple[float, Span]]:
    """The cells of a table in the order they have when its attributes are sorted by name."""
    steps: dict[str, int] = {}
    step = 1
    for name, size in zip(reversed(names), reversed(sizes), strict=True):
        steps[name] = step
        step *= size
    order = sorted(range(len(names)), key=lambda i: names[i])
    codes = product(*(range(sizes[i]) for i in order))
    return [
        values[sum(code * steps[names[i]] for code, i in zip(cell, order, strict=True))] for cell in codes
    ]


def _name_spans(node: Node, names: Sequence[str]) -> Iterator[Span]:
    of = find(node, "of")
    for position in range(len(names)):
        if isinstance(of, SequenceNode):
            yield of.items[position].span
        else:
            yield of.span if of is not None else node.span
