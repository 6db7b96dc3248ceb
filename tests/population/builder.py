"""A small builder of resolved populations, so that the sampler is tested without the spec front end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worldwright.diagnostics import Position, Span
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.parser import parse_expression
from worldwright.spec.population import (
    Attribute,
    AttributeType,
    Constraint,
    Correlation,
    Distribution,
    Expectation,
    Modifier,
    Origin,
    Population,
)

SPAN = Span("test.yaml", Position(1, 1), Position(1, 2))


def expression(text: str | float | bool) -> Expression:
    """Parse an expression; numbers and truths may be given as themselves."""
    if isinstance(text, bool):
        return nodes.Boolean(text, SPAN)
    if isinstance(text, (int, float)):
        return nodes.Number(float(text), SPAN)
    tree, found = parse_expression(text, SPAN)
    assert tree is not None, found
    return tree


def attribute(name: str, body: Mapping[str, Any], origin: Origin = Origin.BASE) -> Attribute:
    """An attribute from a mapping written as in a document."""
    kind = AttributeType(body.get("type", "float"))
    distribution = _distribution(body.get("distribution"))
    options = tuple(body.get("options", ()))
    if distribution is not None and distribution.family == "categorical":
        options = options or tuple(distribution.weights)
    modifiers = tuple(_modifier(kind, modifier) for modifier in body.get("modifiers", ()))
    formula = None if "formula" not in body else expression(body["formula"])
    only_if = None if "only_if" not in body else expression(body["only_if"])
    return Attribute(
        name=name,
        type=kind,
        origin=origin,
        stream=body.get("stream", name),
        span=SPAN,
        distribution=distribution,
        formula=formula,
        modifiers=modifiers,
        only_if=only_if,
        clip=tuple(body.get("clip", (None, None))),
        options=options,
        ordered=body.get("ordered", False),
        template=body.get("template"),
        reads=_reads(distribution, modifiers, formula, only_if),
    )


def build(
    attributes: Mapping[str, Mapping[str, Any]],
    *,
    scenario: Mapping[str, Mapping[str, Any]] | None = None,
    correlations: Sequence[tuple[str, str, float]] = (),
    constraints: Sequence[str | Mapping[str, Any]] = (),
    expectations: Sequence[Expectation] = (),
) -> Population:
    """A population from attributes in document order; dependencies are resolved here."""
    made = [attribute(name, body) for name, body in attributes.items()]
    made += [attribute(name, body, Origin.SCENARIO) for name, body in (scenario or {}).items()]
    ordered = _in_order(made)
    names = [a.name for a in ordered]
    return Population(
        name="test",
        description=None,
        agents=1000,
        attributes=tuple(ordered),
        columns=tuple(a.name for a in made),
        correlations=tuple(Correlation(*pair, SPAN) for pair in correlations),
        constraints=tuple(_constraint(c, names) for c in constraints),
        expectations=tuple(expectations),
        digest="test",
        base_digest="test",
    )


def _in_order(attributes: list[Attribute]) -> list[Attribute]:
    known = {a.name for a in attributes}
    done: list[Attribute] = []
    waiting = list(attributes)
    while waiting:
        names = {a.name for a in done}
        ready = next(a for a in waiting if all(r in names for r in a.reads if r in known))
        waiting.remove(ready)
        done.append(ready)
    return done


def _constraint(body: str | Mapping[str, Any], order: list[str]) -> Constraint:
    mapping: Mapping[str, Any] = {"condition": body} if isinstance(body, str) else body
    condition = expression(mapping["condition"])
    last = max(nodes.names(condition), key=order.index)
    return Constraint(condition, tuple(mapping.get("redraw", (last,))), mapping.get("drop", False), SPAN)


def _distribution(body: Mapping[str, Any] | None) -> Distribution | None:
    if body is None:
        return None
    ((family, given),) = body.items()
    if family == "categorical":
        return Distribution(family, {}, SPAN, weights={k: expression(v) for k, v in given.items()})
    if family == "boolean":
        return Distribution(family, {"p": expression(given)}, SPAN)
    own = {"uniform": ("min", "max"), "triangular": ("min", "mode", "max")}.get(family)
    parameters = {k: expression(v) for k, v in given.items() if own is not None or k not in ("min", "max")}
    ends = {k: expression(v) for k, v in given.items() if own is None and k in ("min", "max")}
    return Distribution(family, parameters, SPAN, minimum=ends.get("min"), maximum=ends.get("max"))


def _modifier(kind: AttributeType, body: Mapping[str, Any]) -> Modifier:
    def number(key: str) -> Expression | None:
        return expression(body[key]) if key in body else None

    def weights(key: str) -> dict[str, Expression] | None:
        return {k: expression(v) for k, v in body[key].items()} if key in body else None

    when = expression(body["when"])
    if kind is AttributeType.CATEGORICAL:
        return Modifier(when, SPAN, weights=weights("weights"), scale=weights("scale"))
    if kind is AttributeType.BOOLEAN:
        return Modifier(when, SPAN, probability=number("probability"), scale_odds=number("scale"))
    return Modifier(when, SPAN, multiply=number("multiply"), add=number("add"))


def _reads(
    distribution: Distribution | None,
    modifiers: tuple[Modifier, ...],
    formula: Expression | None,
    only_if: Expression | None,
) -> tuple[str, ...]:
    parts: list[Expression | None] = [formula, only_if]
    if distribution is not None:
        parts += [*distribution.parameters.values(), *distribution.weights.values()]
        parts += [distribution.minimum, distribution.maximum]
    for m in modifiers:
        parts += [m.when, m.multiply, m.add, m.probability, m.scale_odds]
        parts += [*(m.weights or {}).values(), *(m.scale or {}).values()]
    return tuple(dict.fromkeys(name for part in parts if part is not None for name in nodes.names(part)))
