"""WW0407: a modifier changes something."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import modified
from worldwright.spec.expressions.reasoning import constant
from worldwright.spec.population import Modifier

CODE = Code(
    "WW0407",
    "no-change",
    Severity.WARNING,
    "A modifier that changes nothing is probably unfinished.",
    bad=modified("boolean", "{boolean: .2}", "when: age > 60, scale: 1"),
    good=modified("boolean", "{boolean: .2}", "when: age > 60, scale: 1.5"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Modifiers that multiply by 1, add 0 and do nothing else."""
    for attribute in context.population.attributes:
        for modifier in attribute.modifiers:
            if _is_idle(modifier):
                yield CODE.at(modifier.span, f"this modifier of `{attribute.name}` changes nothing")


def _is_idle(modifier: Modifier) -> bool:
    if modifier.weights is not None or modifier.probability is not None:
        return False
    factors = [modifier.multiply, modifier.scale_odds, *(modifier.scale or {}).values()]
    idle = all(constant(factor) == 1 for factor in factors if factor is not None)
    return idle and (modifier.add is None or constant(modifier.add) == 0)


RULE = Rule(CODE, check)
