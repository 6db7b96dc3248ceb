"""WW0322: what is drawn for each agent differs from agent to agent."""

from __future__ import annotations

import math
from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.intervals import Interval
from worldwright.spec.expressions.nodes import And, Expression, Not
from worldwright.spec.expressions.reasoning import Domain, constant, narrowed, range_of
from worldwright.spec.population import Attribute, AttributeType, Distribution, Modifier
from worldwright.spec.reach import firing

CODE = Code(
    "WW0322",
    "vanished-spread",
    Severity.WARNING,
    "Agents who are alike in what it reads come out as clones; a study of such agents shows less variety "
    "than there is.",
    bad=drawn("float", "{normal: {mean: 20 + age, sd: .0001}}"),
    good=drawn("float", "{normal: {mean: 20 + age, sd: 4}}"),
)
_LEAST = 1e-4
"""The spread, as a part of how far the mean goes or of the largest spread, that is as good as none."""
_WHOLE = 0.1
"""The sd below which whole numbers are one, or one of two, next to each other."""
_MEANS = {"normal": "mean", "lognormal": "mean"}
_FORMULA = "give it the spread that is meant, or write a formula: then it says that it is computed"


def check(context: Context) -> Iterator[Diagnostic]:
    """Spreads that are next to nothing beside their mean, and tables that leave nothing to chance."""
    for attribute, law in context.whole_laws():
        if law.family in _MEANS:
            yield from _of_numbers(context, attribute, law)
        elif attribute.name not in context.population.raked and _is_certain(context, attribute, law):
            message = f"nothing in `{attribute.name}` is left to chance: every probability of it is 0 or 1"
            yield CODE.at(context.place(attribute.name, "distribution"), message, help=_FORMULA)


def _of_numbers(context: Context, attribute: Attribute, law: Distribution) -> Iterator[Diagnostic]:
    mean, sd = law.parameters.get(_MEANS[law.family]), law.parameters.get("sd")
    if mean is None or sd is None:
        return
    leaves = [leaf for leaf in _leaves(sd) if (value := constant(leaf)) is not None and value > 0]
    sizes = [constant(leaf) or 0.0 for leaf in leaves]
    whole = attribute.type is not AttributeType.FLOAT
    for leaf, size in zip(leaves, sizes, strict=True):
        reason = None
        if size < _LEAST * max(sizes):
            reason = f"it is {number(max(sizes))} elsewhere"
        elif len(leaves) == 1 and leaf is sd:
            reason = _beside(context, mean, size, whole)
        if reason:
            message = f"the sd of `{attribute.name}` is {number(size)}, as good as none: {reason}"
            yield CODE.at(leaf.span, message, help=_FORMULA)


def _beside(context: Context, mean: Expression, sd: float, whole: bool) -> str | None:
    """Why a constant spread is next to nothing; None where it is not."""
    if whole and sd < _WHOLE:
        return "whole numbers hide it"
    typical = {name: _typical(name, context) for name in nodes.names(mean)}
    found = range_of(mean, {name: domain for name, domain in typical.items() if domain is not None})
    way = found.high - found.low
    if not math.isfinite(way):
        return None
    if way > 0:
        return f"the mean goes from {found.low:.4g} to {found.high:.4g}" if sd < _LEAST * way else None
    return f"the mean is {found.low:.4g}" if sd < 0.01 * _LEAST * abs(found.low) else None


def _typical(name: str, context: Context) -> Domain | None:
    """Where most agents have an attribute: mean ± 2 sd where these are constants, or all it can be."""
    possible = context.reach.get(name)
    attribute = context.attributes.get(name)
    law = attribute.distribution if attribute is not None else None
    if law is None or law.family not in _MEANS or not isinstance(possible, Interval):
        return possible
    mean, sd = constant(law.parameters.get("mean")), constant(law.parameters.get("sd"))
    if mean is None or sd is None:
        return possible
    low, high = max(possible.low, mean - 2 * sd), min(possible.high, mean + 2 * sd)
    return Interval(low, high) if low <= high else possible


def _leaves(node: Expression) -> Iterator[Expression]:
    """The branches of conditions that choose among values; the value itself where there are none."""
    if isinstance(node, nodes.IfElse):
        yield from _leaves(node.then)
        yield from _leaves(node.otherwise)
    else:
        yield node


def _is_certain(context: Context, attribute: Attribute, law: Distribution) -> bool:
    """Whether every table of labels or truths, in every case that occurs, has one value alone."""
    if attribute.type not in (AttributeType.BOOLEAN, AttributeType.CATEGORICAL):
        return False
    modifiers = firing(attribute, context.reach)
    if any(modifier.probability is None and modifier.weights is None for modifier in modifiers):
        return False
    tables = [_table(modifier) for modifier in modifiers]
    rest: Expression | None = None
    for modifier in modifiers:
        other = Not(modifier.when, modifier.when.span)
        rest = other if rest is None else And(rest, other, other.span)
    if rest is None or narrowed(rest, context.reach, True) is not None:
        tables.append(list(law.weights.values()) or list(law.parameters.values()))
    weights = [weight for table in tables for weight in table]
    if not modifiers and not any(isinstance(weight, nodes.IfElse) for weight in weights):
        return False  # a constant, which hides nothing
    values = {constant(value) for weight in weights for value in _leaves(weight)}
    return values == {0.0, 1.0} and all(_is_sharp(table) for table in tables)


def _table(modifier: Modifier) -> list[Expression]:
    return (
        [modifier.probability] if modifier.probability is not None else [*(modifier.weights or {}).values()]
    )


def _is_sharp(table: list[Expression]) -> bool:
    """Whether a table of constants has one option that is not 0; one with cases is taken as it stands."""
    return len(table) < 2 or sum(constant(weight) == 1 for weight in table) == 1


RULE = Rule(CODE, check)
