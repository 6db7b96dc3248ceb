"""Distributions: from what is declared to what is meant."""

from __future__ import annotations

from worldwright.spec.expressions.nodes import Expression, ValueType
from worldwright.spec.frozen import freeze
from worldwright.spec.population import AttributeType, Component, Distribution
from worldwright.spec.resolve.empirical import empirical, labels_of
from worldwright.spec.resolve.layers import Declared, Scene
from worldwright.spec.resolve.mixture import mixture
from worldwright.spec.resolve.values import Values
from worldwright.spec.tree import MappingNode, Node, SequenceNode, find

_BOUNDED = frozenset({"uniform", "triangular"})
"""Families whose min and max are parameters and not truncation."""
Given = tuple[Expression | None, ...]


def labels_in(declared: Declared, scene: Scene) -> tuple[tuple[str, ...], bool]:
    """The labels that a distribution names, in order, and whether a file has a say in them."""
    found: dict[str, None] = {}
    from_file = False
    for family, node in _parts(declared):
        if family == "categorical" and isinstance(node, MappingNode):
            found |= dict.fromkeys(entry.key.text for entry in node.entries)
        elif family == "empirical" and isinstance(node, MappingNode):
            found |= dict.fromkeys(labels_of(node, declared.name, scene))
            from_file = from_file or node.get("file") is not None
    return tuple(found), from_file


def _parts(declared: Declared) -> list[tuple[str, Node | None]]:
    """The families of a distribution with their parameters: one, or those of a mixture's components."""
    document = declared.document.distribution
    if document is None:
        return []
    if document.mixture is None:
        return [(document.family, declared.find("distribution", document.family))]
    return [
        (part.family, declared.find("distribution", "mixture", position, part.family))
        for position, part in enumerate(document.mixture)
    ]


def distribution_of(
    declared: Declared,
    kind: AttributeType,
    options: tuple[str, ...],
    values: Values,
    given: Given,
    scene: Scene,
) -> Distribution | None:
    """The distribution of an attribute; parameters that could not be read are left out, with diagnostics."""
    document = declared.document.distribution
    if document is None:
        return None
    span = declared.span_of("distribution")
    if document.mixture is None:
        node = declared.find("distribution", document.family)
        found = _Family(declared, kind, options, values, given, scene).law(document.family, node)
        return Distribution(
            found.family,
            found.parameters,
            span,
            found.weights,
            found.minimum,
            found.maximum,
            found.clamp,
            found.table,
            origin=found.origin,
        )
    listed = declared.find("distribution", "mixture")
    assert isinstance(listed, SequenceNode)
    families = _Family(declared, kind, options, values, given, scene)
    components: list[Component] = []
    for part, node in zip(document.mixture, listed.items, strict=True):
        share = values.take(find(node, "share"), ValueType.NUMBER, given)
        law = families.law(part.family, find(node, part.family))
        if share is not None:
            components.append(Component(share, law))
    return mixture(components, kind, options, span)


class _Family:
    """Reads one family's parameters."""

    def __init__(
        self,
        declared: Declared,
        kind: AttributeType,
        options: tuple[str, ...],
        values: Values,
        given: Given,
        scene: Scene,
    ) -> None:
        self._declared = declared
        self._kind = kind
        self._options = options
        self._values = values
        self._given = given
        self._scene = scene

    def law(self, family: str, node: Node | None) -> Distribution:
        """The family with the parameters that could be read."""
        assert node is not None
        if family == "boolean":
            p = self._values.take(node, ValueType.NUMBER, self._given)
            return Distribution(family, freeze({} if p is None else {"p": p}), node.span, freeze({}))
        if family == "categorical":
            weights = self._values.of_options(node, self._options, self._given)
            return Distribution(family, freeze({}), node.span, freeze(weights or {}))
        assert isinstance(node, MappingNode)
        clamp = _truth(node.get("clamp"))
        keys = ("min", "max") if family == "empirical" else node.keys()
        found: dict[str, Expression] = {}
        for key in keys:
            value = None
            if key != "clamp" and node.get(key) is not None:
                value = self._values.take(node.get(key), self._wanted(family), self._given)
            if value is not None:
                found[key] = value
        if family == "empirical":
            return empirical(node, self._kind, self._declared.name, self._options, self._scene, found, clamp)
        if family in _BOUNDED:
            return Distribution(family, freeze(found), node.span, freeze({}), clamp=clamp)
        minimum, maximum = found.pop("min", None), found.pop("max", None)
        return Distribution(family, freeze(found), node.span, freeze({}), minimum, maximum, clamp)

    def _wanted(self, family: str) -> ValueType:
        dated = self._kind is AttributeType.DATE and family in (*_BOUNDED, "empirical")
        return ValueType.DATE if dated else ValueType.NUMBER


def _truth(node: Node | None) -> bool:
    return getattr(node, "value", False) is True
