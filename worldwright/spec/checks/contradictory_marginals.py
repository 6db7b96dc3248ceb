"""WW0525: margins agree where they say something about the same."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks import marginal_sum
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.raked import CLOSE, named
from worldwright.spec.codes.marginals import RANK, SEX, raked
from worldwright.spec.expressions.canonical import number
from worldwright.spec.population import Attribute, Margin, Marginals
from worldwright.spec.resolve.marginals import options_of

_TOTALS = "{female: {chief: %s, senior: 300}, male: {chief: 200, senior: 300}}"
_BOTH = f"{{of: [sex, rank], totals: {_TOTALS}, assumption: true}}"

CODE = Code(
    "WW0525",
    "contradictory-marginals",
    Severity.ERROR,
    "No table has two margins that differ in their whole or in what both of them say.",
    bad=raked(RANK, _BOTH % 100),
    good=raked(RANK, _BOTH % 200, SEX),
)


@dataclass(frozen=True)
class Contradiction:
    """Two targets, and what each says about the same."""

    first: Margin
    second: Margin
    about: str
    values: tuple[float, float]


def check(context: Context) -> Iterator[Diagnostic]:
    """Every two targets: the sums of totals, and the margins both of them have."""
    for marginals in context.population.marginals:
        for found in contradictions(marginals, context.attributes):
            said = [number(float(f"{value:.9g}")) for value in found.values]
            message = (
                f"{found.about} {said[1]} by the table of {named(found.second)} "
                f"and {said[0]} by that of {named(found.first)}"
            )
            related = ((found.first.span, f"the table of {named(found.first)}"),)
            help = "correct one; a table over fewer attributes may be left out where a larger one implies it"
            yield CODE.at(found.second.span, message, help=help, related=related)


def contradictions(marginals: Marginals, attributes: Mapping[str, Attribute]) -> Iterator[Contradiction]:
    """Where two targets cannot both be met; the first cell of each two."""
    targets = [table for table in marginals.targets if marginal_sum.problem(table) is None]
    counted = [table for table in targets if not table.is_shares]
    for other in counted[1:]:
        if abs(other.total - counted[0].total) > CLOSE * counted[0].total:
            yield Contradiction(counted[0], other, "the whole is", (counted[0].total, other.total))
    for first, second in combinations(targets, 2):
        shared = [name for name in first.of if name in second.of]
        if not shared:
            continue
        one, two = (_sums(table, shared, attributes) for table in (first, second))
        for labels in one:
            if abs(one[labels] - two[labels]) > CLOSE:
                what = " and ".join(f"{n} {label!r}" for n, label in zip(shared, labels, strict=True))
                values = (one[labels], two[labels])
                if not first.is_shares and not second.is_shares and first.total == second.total:
                    values = (values[0] * first.total, values[1] * second.total)
                yield Contradiction(first, second, f"{what} is", values)
                break


def _sums(
    table: Margin, names: list[str], attributes: Mapping[str, Attribute]
) -> dict[tuple[str, ...], float]:
    parts: dict[tuple[str, ...], list[float]] = {}
    places = [table.of.index(name) for name in names]
    labels = product(*(options_of(attributes[name]) for name in table.of))
    for cell, value in zip(labels, table.values, strict=True):
        parts.setdefault(tuple(cell[place] for place in places), []).append(value)
    return {cell: math.fsum(values) for cell, values in parts.items()}


RULE = Rule(CODE, check)
