"""WW0313: some option has a weight above 0."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.checks.tables import tables

CODE = Code(
    "WW0313",
    "zero-weights",
    Severity.ERROR,
    "Where every option has weight 0, none can be drawn.",
    bad=drawn("categorical", "{categorical: {a: 0, b: 0}}"),
    good=drawn(
        "categorical", "{categorical: {a: 0, b: 1}}", "modifiers:", "  - {when: age > 50, scale: {b: 2}}"
    ).replace("{a: 0, b: 1}", "{a: .5, b: .5}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Tables of constant weights that are all 0."""
    for table in tables(context):
        values = table.constants()
        if values and not any(values.values()):
            yield CODE.at(table.span, f"all weights of `{table.attribute}` are 0")


RULE = Rule(CODE, check)
