"""WW0903: a boolean is a condition by itself."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Applicability, Code, Diagnostic, Edit, Fix, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import BASE
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import text
from worldwright.spec.expressions.nodes import Expression

_OWNER = "  owner: {type: boolean, assumption: true, distribution: {boolean: .4}}\n"
CODE = Code(
    "WW0903",
    "compared-with-truth",
    Severity.NOTE,
    "`owner == true` is `owner`; the shorter reads as it is said.",
    bad=BASE + _OWNER + "  x: {type: boolean, formula: owner == true and age > 30}\n",
    good=BASE + _OWNER + "  x: {type: boolean, formula: owner and age > 30}\n",
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Comparisons of an attribute with `true` or `false`."""
    for expression in _expressions(context):
        for node in nodes.walk(expression):
            if isinstance(node, nodes.Compare) and node.operator in ("==", "!="):
                yield from _told(node)


def _told(node: nodes.Compare) -> Iterator[Diagnostic]:
    name, truth = node.left, node.right
    if isinstance(name, nodes.Boolean):
        name, truth = truth, name
    if not isinstance(name, nodes.Name) or not isinstance(truth, nodes.Boolean):
        return
    is_wanted = truth.value is (node.operator == "==")
    shorter = name.name if is_wanted else f"not {name.name}"
    fix = Fix(f"write {shorter}", (Edit(node.span, shorter),), Applicability.SAFE)
    yield CODE.at(node.span, f"{text(node)} compares a truth with a truth", help=f"write {shorter}", fix=fix)


def _expressions(context: Context) -> Iterator[Expression]:
    population = context.population
    for attribute in population.attributes:
        if attribute.distribution is not None:
            yield from attribute.distribution.expressions()
        for modifier in attribute.modifiers:
            yield modifier.when
            parts = (modifier.multiply, modifier.add, modifier.probability, modifier.scale_odds)
            yield from (part for part in parts if part is not None)
            yield from (modifier.weights or {}).values()
            yield from (modifier.scale or {}).values()
        yield from (part for part in (attribute.formula, attribute.only_if) if part is not None)
    for constraint in population.constraints:
        yield constraint.condition
    for expectation in population.expectations:
        yield from (part for part in (expectation.condition, expectation.where) if part is not None)


RULE = Rule(CODE, check)
