"""WW0404: weights that replace others name every option."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import modified

CODE = Code(
    "WW0404",
    "incomplete-replacement",
    Severity.WARNING,
    "`weights` replaces the whole table, so that an option left out has weight 0.",
    bad=modified(
        "categorical", "{categorical: {a: .5, b: .3, c: .2}}", "when: age > 50, weights: {a: .4, b: .6}"
    ),
    good=modified(
        "categorical", "{categorical: {a: .5, b: .3, c: .2}}", "when: age > 50, weights: {a: .4, b: .6, c: 0}"
    ),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Replacements that leave options out."""
    for attribute in context.population.attributes:
        for modifier in attribute.modifiers:
            if modifier.weights is None:
                continue
            missing = [option for option in attribute.options if option not in modifier.weights]
            if missing:
                message = f"the replaced weights leave out {', '.join(map(repr, missing))}"
                help = "write a weight for it, 0 where it is meant; or `scale:` to change some weights only"
                yield CODE.at(modifier.span, message, help=help)


RULE = Rule(CODE, check)
