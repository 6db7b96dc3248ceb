"""WW0505: the declared correlations are possible together."""

from __future__ import annotations

import math
from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import TWO
from worldwright.spec.population import Correlation

CODE = Code(
    "WW0505",
    "not-positive-definite",
    Severity.ERROR,
    "If a goes with b and b with c, then a and c cannot go against each other as much as one likes.",
    bad=TWO
    + """  weight: {type: float, assumption: true, distribution: {normal: {mean: 70, sd: 9}}}
correlations:
  - [age, height, .9]
  - [height, weight, .9]
  - [age, weight, -.9]
""",
    good=TWO
    + """  weight: {type: float, assumption: true, distribution: {normal: {mean: 70, sd: 9}}}
correlations:
  - [age, height, .9]
  - [height, weight, .9]
  - [age, weight, .7]
""",
)
_LARGEST = 150
"""Attributes in one group; a larger matrix is left to the sampler."""


def check(context: Context) -> Iterator[Diagnostic]:
    """Groups of attributes that are correlated with each other, each by a Cholesky factorisation.

    The matrix is that of the normal scores, 2 sin(pi r / 6), which are drawn for Spearman correlations r
    (Pearson, 1907, "On further methods of determining correlation").
    """
    pairs = [pair for pair in context.population.correlations if pair.first != pair.second]
    if any(not -1 < pair.value < 1 for pair in pairs):
        return
    for names, own in _groups(pairs):
        if len(names) > _LARGEST or _is_positive_definite(names, own):
            continue
        listed = ", ".join(f"`{name}`" for name in names[:8]) + (" …" if len(names) > 8 else "")
        help = f"they would be, if all were multiplied by {_shrinkage(names, own):.2f}"
        yield CODE.at(own[-1].span, f"the correlations among {listed} are not possible together", help=help)


def _groups(pairs: list[Correlation]) -> list[tuple[list[str], list[Correlation]]]:
    """Attributes that hang together by pairs, with the pairs."""
    home = {name: name for pair in pairs for name in (pair.first, pair.second)}

    def find(name: str) -> str:
        while home[name] != name:
            home[name] = name = home[home[name]]
        return name

    for pair in pairs:
        home[find(pair.second)] = find(pair.first)
    groups: dict[str, tuple[dict[str, None], list[Correlation]]] = {}
    for pair in pairs:
        names, own = groups.setdefault(find(pair.first), ({}, []))
        names |= dict.fromkeys((pair.first, pair.second))
        own.append(pair)
    return [(list(names), own) for names, own in groups.values()]


def _is_positive_definite(names: list[str], pairs: list[Correlation], factor: float = 1.0) -> bool:
    index = {name: position for position, name in enumerate(names)}
    size = len(names)
    matrix = [[float(i == j) for j in range(size)] for i in range(size)]
    for pair in pairs:
        value = 2 * math.sin(math.pi * factor * pair.value / 6)
        i, j = index[pair.first], index[pair.second]
        matrix[i][j] = matrix[j][i] = value
    for j in range(size):
        row = matrix[j]
        left = row[j] - math.fsum(value * value for value in row[:j])
        if left <= 1e-12:
            return False
        row[j] = math.sqrt(left)
        for i in range(j + 1, size):
            below = matrix[i]
            below[j] = (below[j] - math.fsum(a * b for a, b in zip(below[:j], row[:j], strict=True))) / row[j]
    return True


def _shrinkage(names: list[str], pairs: list[Correlation]) -> float:
    """The largest factor on all correlations, down to a hundredth, that makes them possible."""
    low, high = 0, 100
    while high - low > 1:
        middle = (low + high) // 2
        if _is_positive_definite(names, pairs, middle / 100):
            low = middle
        else:
            high = middle
    return low / 100


RULE = Rule(CODE, check)
