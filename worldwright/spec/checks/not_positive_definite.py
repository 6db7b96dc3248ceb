"""WW0505: the declared correlations are possible together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from worldwright.diagnostics import Code, Diagnostic, Edit, Fix, Severity, Span
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import TWO
from worldwright.spec.checks.unattainable_correlation import bounds
from worldwright.spec.expressions.canonical import number
from worldwright.spec.population import Correlation, Origin
from worldwright.spec.tree import find

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
_SHOWN = 10
"""Pairs listed in the help; the fix changes all."""
_TRIES = 200


def check(context: Context) -> Iterator[Diagnostic]:
    """Groups of attributes that are correlated with each other, each by a Cholesky factorisation.

    The matrix is that of the normal scores, 2 sin(pi r / 6), which are drawn for Spearman correlations r
    (Pearson, 1907, "On further methods of determining correlation"). Where members have few values, other
    scores are needed, and the sampler has the last word.
    """
    pairs = [pair for pair in context.population.correlations if pair.first != pair.second]
    if any(not -1 < pair.value < 1 for pair in pairs):
        return
    for names, own in _groups(pairs):
        if any(not low < pair.value < high for pair in own for low, high in [bounds(context, pair)]):
            continue  # a pair that is not possible by itself
        if len(names) > _LARGEST or _is_positive_definite(names, own):
            continue
        listed = ", ".join(f"`{name}`" for name in names[:8]) + (" …" if len(names) > 8 else "")
        nearest = _nearest(names, own, context)
        help = f"they would be, if all were multiplied by {_shrinkage(names, own):.2f}"
        fix = None
        if nearest is not None:
            shown = [f"{pair.first}–{pair.second} {number(value)}" for pair, value in nearest.items()]
            more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
            help = f"the nearest that are possible: {', '.join(shown[:_SHOWN])}{more}"
            places = _values(context)
            edits = tuple(Edit(places[pair.span], number(value)) for pair, value in nearest.items())
            fix = Fix("write the nearest possible correlations", edits)
        message = f"the correlations among {listed} are not possible together"
        yield CODE.at(own[-1].span, message, help=help, fix=fix)


def _nearest(names: list[str], pairs: list[Correlation], context: Context) -> dict[Correlation, float] | None:
    """The nearest possible values of the pairs that change; of a scenario's pairs alone, if it has any."""
    from worldwright.spec.nearest import nearest_scores

    base = [pair for pair in pairs if _of_base(pair, context)]
    own = [pair for pair in pairs if not _of_base(pair, context)] or pairs
    if own is not pairs and not _is_positive_definite(names, base):
        return None  # the base's are to be mended first
    index = {name: position for position, name in enumerate(names)}
    matrix = [[float(i == j) for j in range(len(names))] for i in range(len(names))]
    for pair in pairs:
        i, j = index[pair.first], index[pair.second]
        matrix[i][j] = matrix[j][i] = 2 * math.sin(math.pi * pair.value / 6)
    scores = nearest_scores(matrix, [(index[pair.first], index[pair.second]) for pair in own])
    factor = 1.0
    for _ in range(_TRIES):
        values = [round(factor * 6 / math.pi * math.asin(score / 2), 3) for score in scores]
        changed = [replace(pair, value=value) for pair, value in zip(own, values, strict=True)]
        if _is_positive_definite(names, [*changed, *(pair for pair in pairs if pair not in own)]):
            return {p: v for p, v in zip(own, values, strict=True) if v != p.value}
        factor *= 0.99
    return None


def _of_base(pair: Correlation, context: Context) -> bool:
    return all(context.attributes[name].origin is Origin.BASE for name in (pair.first, pair.second))


def _values(context: Context) -> dict[Span, Span]:
    """Where the number of each pair stands, by the place of the pair."""
    found: dict[Span, Span] = {}
    for layer in context.layers:
        for position in range(len(layer.document.correlations)):
            node = find(layer.node, "correlations", position)
            value = find(node, 2) or find(node, "value")
            if node is not None and value is not None:
                found[node.span] = value.span
    return found


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
