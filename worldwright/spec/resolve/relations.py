"""What binds attributes together: correlations, constraints and expectations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from worldwright.diagnostics import Diagnostic, Edit, Fix, Span
from worldwright.spec import documents
from worldwright.spec.codes import relations as codes
from worldwright.spec.codes.expressions import UNKNOWN_NAME
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import number, text
from worldwright.spec.expressions.nodes import ValueType
from worldwright.spec.expressions.types import is_writable
from worldwright.spec.population import Attribute, Constraint, Correlation, Expectation, Origin
from worldwright.spec.resolve.layers import Layer, Scene
from worldwright.spec.resolve.order import Edges, reachable, reversed_edges
from worldwright.spec.resolve.substitute import drawn_names, written_out
from worldwright.spec.resolve.values import Values
from worldwright.spec.suggestions import listed, nearest
from worldwright.spec.tree import Node, ScalarNode, find


class Relations:
    """Resolves what a layer says about several attributes, once the attributes are known and ordered."""

    def __init__(
        self,
        layer: Layer,
        attributes: Mapping[str, Attribute],
        edges: Edges,
        scene: Scene,
        raked: frozenset[str] = frozenset(),
    ) -> None:
        self._layer = layer
        self._attributes = attributes
        self._edges = edges
        self._followers = reversed_edges(edges)
        self._scene = scene
        self._raked = raked
        self._scope = scene.scope(layer.origin)
        self._values = Values(scene, self._scope)
        self._rank = {name: position for position, name in enumerate(attributes)}

    def correlations(self) -> Iterator[Correlation]:
        """The pairs whose both names exist."""
        for position, document in enumerate(self._layer.document.correlations):
            node = find(self._layer.node, "correlations", position)
            spans = [_item_span(node, i) for i in range(2)]
            named = [
                self._name(name, span)
                for name, span in zip((document.first, document.second), spans, strict=True)
            ]
            if not all(named) or node is None:
                continue
            names = (document.first, document.second)
            if self._layer.origin is Origin.SCENARIO and self._scene.base_names.issuperset(names):
                message = f"`{names[0]}` and `{names[1]}` both belong to the base"
                self._add(codes.BASE_PAIR.at(node.span, message, help="declare the correlation there"))
                continue
            yield Correlation(document.first, document.second, document.value, node.span)

    def constraints(self) -> Iterator[Constraint]:
        """The constraints that can be bound, each with its owners."""
        for position, document in enumerate(self._layer.document.constraints):
            node = find(self._layer.node, "constraints", position)
            value = node if isinstance(node, ScalarNode) else find(node, "require")
            condition = self._values.take(value, ValueType.BOOLEAN)
            if condition is None or node is None:
                continue
            owners = self._owners(document, node, condition)
            if not owners:
                continue
            condition = self._ready(condition, owners, node.span)
            if condition is not None:
                yield Constraint(condition, owners, document.on_fail == "drop", node.span)

    def expectations(self) -> Iterator[Expectation]:
        """The expectations whose names and conditions can be bound."""
        for position, document in enumerate(self._layer.document.expect):
            node = find(self._layer.node, "expect", position)
            if node is not None:
                yield from self._expectation(document, node)

    def _expectation(self, document: documents.Expectation, node: Node) -> Iterator[Expectation]:
        statistic = document.statistic
        where = None
        if document.where is not None:
            where = self._values.take(find(node, "where"), ValueType.BOOLEAN)
            if where is None:
                return
        condition = None
        of: tuple[str, ...] = ()
        subject = find(node, statistic)
        if statistic == "share":
            condition = self._values.take(subject, ValueType.BOOLEAN, (where,))
            if condition is None:
                return
        elif statistic == "correlation":
            of = tuple(document.correlation or ())
            spans = [_item_span(subject, position) for position in range(len(of))]
            known = [self._name(name, span) for name, span in zip(of, spans, strict=True)]
            if not all(known):
                return
        elif isinstance(subject, ScalarNode):
            of = (subject.text,)
            if not self._name(subject.text, subject.span):
                return
        words = text(condition) if condition is not None else " and ".join(of)
        label = f"{statistic} of {words}{f' where {text(where)}' if where is not None else ''}"
        label += f" is {number(document.is_)} ± {number(document.within)}"
        yield Expectation(
            statistic, of, condition, where, document.is_, document.within, document.source, node.span, label
        )

    def _name(self, name: str, span: Span | None) -> bool:
        """Whether an attribute exists and could be resolved; says so where it does not exist."""
        if name in self._scope:
            return name in self._attributes
        near = nearest(name, self._scope, is_writable)
        fix = Fix(f"write {near}", (Edit(span, near),)) if near and span else None
        help = f"did you mean `{near}`?" if near else listed(self._scope)
        self._add(UNKNOWN_NAME.at(span, f"there is no attribute `{name}`", help=help, fix=fix))
        return False

    def _owners(
        self, document: documents.Constraint, node: Node, condition: nodes.Expression
    ) -> tuple[str, ...]:
        """The attributes to redraw, in dependency order."""
        named = nodes.names(condition)
        behind = {*named, *reachable(named, self._edges)}
        if not self._attributes.keys() >= behind or behind & self._scene.incomplete:
            return ()  # one that it reads could not be resolved, which has been said
        drawn = drawn_names(named, self._attributes)
        if document.redraw is not None:
            owners = self._named_owners(document.redraw, node, drawn)
        else:
            owners = [self._last(named, drawn)] if drawn else []
            if not owners:
                message = "the constraint reads no attribute that is drawn, so nothing could meet it"
                self._add(codes.OWNER.at(node.span, message))
        if self._layer.origin is Origin.SCENARIO:
            foreign = [name for name in owners if self._attributes[name].origin is Origin.BASE]
            if foreign:
                message = f"the constraint would redraw `{foreign[0]}`, which belongs to the base"
                help = "put it in the base, or name an attribute of the scenario in it"
                self._add(codes.BASE_OWNER.at(node.span, message, help=help))
                return ()
        return tuple(sorted(owners, key=lambda name: self._rank[name]))

    def _last(self, named: Iterable[str], drawn: set[str]) -> str:
        """The drawn attribute that no other one precedes; of several, the one that is named last.

        The order of the file says nothing: who reorders attributes redraws the same ones.
        """
        if self._layer.origin is Origin.SCENARIO:
            drawn = {n for n in drawn if self._attributes[n].origin is Origin.SCENARIO} or drawn
        drawn = drawn - self._raked or drawn
        leaves = drawn - reachable(drawn, self._edges) or drawn
        place = {
            name: position
            for position, reader in enumerate(reversed(list(named)))
            for name in drawn_names([reader], self._attributes)
        }
        return min(leaves, key=lambda name: (place[name], name))

    def _named_owners(self, names: list[str], node: Node, drawn: set[str]) -> list[str]:
        owners: list[str] = []
        for position, name in enumerate(names):
            place = find(node, "redraw", position)
            span = place.span if place is not None else node.span
            if not self._name(name, span):
                continue
            if self._attributes[name].distribution is None:
                message = f"`{name}` is not drawn, so it cannot be drawn again"
                self._add(codes.OWNER.at(span, message, help="name the attributes it is computed from"))
            elif name not in owners:
                owners.append(name)
        if owners and not drawn & (set(owners) | reachable(owners, self._followers)):
            message = f"the constraint does not read {' or '.join(f'`{owner}`' for owner in owners)}"
            help = f"redraw one of {', '.join(sorted(drawn))}" if drawn else None
            self._add(codes.OWNER.at(node.span, message, help=help))
            return []
        return owners

    def _ready(
        self, condition: nodes.Expression, owners: tuple[str, ...], span: Span
    ) -> nodes.Expression | None:
        """The condition over what is known once the owners are drawn.

        Attributes computed from an owner are written out; those drawn from one must be owners too.
        """
        after = reachable(owners, self._followers)
        condition = written_out(condition, after, self._attributes)
        for name in (*nodes.names(condition), *self._between(owners, after)):
            if name in after and name not in owners:
                message = (
                    f"`{name}` is drawn from `{self._source(name, owners)}`, which the constraint redraws"
                )
                listed = ", ".join((*owners, name))
                help = f"redraw them together: redraw: [{listed}]"
                self._add(codes.ENTANGLED.at(span, message, help=help))
                return None
        return condition

    def _between(self, owners: tuple[str, ...], after: set[str]) -> list[str]:
        """Drawn attributes that an owner needs and that need an owner: they would have to be redrawn too."""
        between = (reachable(owners, self._edges) & after) - set(owners)
        drawn = [name for name in between if self._attributes[name].distribution is not None]
        return sorted(drawn, key=lambda name: self._rank[name])

    def _source(self, name: str, owners: tuple[str, ...]) -> str:
        needs = reachable([name], self._edges)
        return next(owner for owner in owners if owner in needs)

    def _add(self, diagnostic: Diagnostic) -> None:
        self._scene.diagnostics.append(diagnostic)


def _item_span(node: Node | None, position: int) -> Span | None:
    item = find(node, position)
    return item.span if item is not None else (node.span if node is not None else None)
