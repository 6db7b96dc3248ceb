"""WW0505: the declared correlations are possible together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from worldwright.diagnostics import Code, Diagnostic, Edit, Fix, Severity, Span
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import TWO
from worldwright.spec.checks.unattainable_correlation import bounds, shares_below
from worldwright.spec.expressions.canonical import number
from worldwright.spec.population import Correlation, Origin
from worldwright.spec.scores import score_correlation, spearman_correlation
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

    The matrix is that of the normal scores which are drawn for Spearman correlations; see `spec.scores`. A
    member whose law is not constant counts as continuous, and the sampler has the last word.
    """
    pairs = [pair for pair in context.population.correlations if pair.first != pair.second]
    if any(not -1 < pair.value < 1 for pair in pairs):
        return
    for names, own in _groups(pairs):
        if any(not low < pair.value < high for pair in own for low, high in [bounds(context, pair)]):
            continue  # a pair that is not possible by itself
        if not 2 < len(names) <= _LARGEST:
            continue
        group = _Group(names, own, context)
        if group.possible():
            continue
        listed = ", ".join(f"`{name}`" for name in names[:8]) + (" …" if len(names) > 8 else "")
        nearest = _nearest(group, context)
        help = f"they would be, if all were multiplied by {group.shrinkage():.2f}"
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


class _Group:
    """Attributes that hang together by pairs, and the correlations of their normal scores."""

    def __init__(self, names: list[str], pairs: list[Correlation], context: Context) -> None:
        self.pairs = pairs
        self._index = {name: position for position, name in enumerate(names)}
        self._steps = {name: shares_below(context.attributes[name]) or () for name in names}

    def matrix(self, pairs: list[Correlation], factor: float = 1.0) -> list[list[float]]:
        """Of all members, when some pairs are declared, their correlations multiplied by a factor."""
        size = len(self._index)
        found = [[float(i == j) for j in range(size)] for i in range(size)]
        for pair in pairs:
            i, j = self.place(pair)
            steps = self._steps[pair.first], self._steps[pair.second]
            found[i][j] = found[j][i] = score_correlation(*steps, factor * pair.value)
        return found

    def place(self, pair: Correlation) -> tuple[int, int]:
        """Row and column of a pair."""
        return self._index[pair.first], self._index[pair.second]

    def possible(self, pairs: list[Correlation] | None = None, factor: float = 1.0) -> bool:
        """Whether some pairs, or all, are possible together."""
        return _is_positive_definite(self.matrix(self.pairs if pairs is None else pairs, factor))

    def spearman(self, pair: Correlation, score: float) -> float:
        """What a pair's correlation becomes with other scores."""
        return spearman_correlation(self._steps[pair.first], self._steps[pair.second], score)

    def shrinkage(self) -> float:
        """The largest factor on all correlations, down to a hundredth, that makes them possible."""
        low, high = 0, 100
        while high - low > 1:
            middle = (low + high) // 2
            if self.possible(factor=middle / 100):
                low = middle
            else:
                high = middle
        return low / 100


def _nearest(group: _Group, context: Context) -> dict[Correlation, float] | None:
    """The nearest possible values of the pairs that change; of a scenario's pairs alone, if it has any."""
    from worldwright.spec.nearest import nearest_scores

    pairs = group.pairs
    base = [pair for pair in pairs if _of_base(pair, context)]
    own = [pair for pair in pairs if not _of_base(pair, context)] or pairs
    if own is not pairs and not group.possible(base):
        return None  # the base's are to be mended first
    rest = [pair for pair in pairs if pair not in own]
    scores = nearest_scores(group.matrix(pairs), [group.place(pair) for pair in own])
    factor = 1.0
    for _ in range(_TRIES):
        values = [
            round(group.spearman(pair, factor * score), 3) for pair, score in zip(own, scores, strict=True)
        ]
        changed = [replace(pair, value=value) for pair, value in zip(own, values, strict=True)]
        if group.possible([*changed, *rest]):
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


def _is_positive_definite(matrix: list[list[float]]) -> bool:
    size = len(matrix)
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


RULE = Rule(CODE, check)
