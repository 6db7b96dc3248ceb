"""WW0312: weights sum to 1."""

from __future__ import annotations

import math
from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Edit, Fix, Severity, Span
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.checks.tables import Table, tables
from worldwright.spec.expressions.canonical import number

TOLERANCE = 1e-6
"""How far from 1 a sum may be: that of shares written with six digits."""

CODE = Code(
    "WW0312",
    "weights-sum",
    Severity.ERROR,
    "Weights are shares of the whole; a sum other than 1 means that one of them is mistyped or missing.",
    bad=drawn("categorical", "{categorical: {a: .3, b: .6}}"),
    good=drawn("categorical", "{categorical: {a: .3, b: .7}}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Tables of constant weights that sum to anything but 1 (or to nothing, which is another rule's)."""
    for table in tables(context):
        values = table.constants()
        if values is None or min(values.values(), default=-1.0) < 0:
            continue
        total = math.fsum(values.values())
        if total == 0 or abs(total - 1) <= TOLERANCE:
            continue
        shown = number(round(total, 9))
        message = f"weights sum to {shown}, not 1"
        help = f"one share may be mistyped; or rescale all by 1/{shown}"
        yield CODE.at(table.span, message, help=help, fix=_rescaled(table, values, total))


def _rescaled(table: Table, values: dict[str, float], total: float) -> Fix:
    shares = {option: round(value / total, 6) for option, value in values.items()}
    largest = max(shares, key=lambda option: shares[option])
    others = math.fsum(share for option, share in shares.items() if option != largest)
    shares[largest] = round(1 - others, 6)
    places: dict[str, Span] = {option: weight.span for option, weight in table.weights.items()}
    edits = tuple(Edit(places[option], number(share)) for option, share in shares.items())
    return Fix("rescale all weights so that they sum to 1", edits)


RULE = Rule(CODE, check)
