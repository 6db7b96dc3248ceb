"""The Gaussian copula: correlated normal scores for the attributes that correlations name.

Scores are z = L·e with independent e. The factor's order is base before scenario, then by stream name, never
the order of the document; a scenario's scores are drawn given the base's, so they leave those alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from worldwright.errors import SamplingError
from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.kernels import scores
from worldwright.population.matrices import Matrix, NotPositiveDefiniteError, cholesky, conditional
from worldwright.population.ranks import Ranks, score_correlation
from worldwright.population.values import Floats
from worldwright.spec.population import Attribute, Correlation, Origin


def score_name(attribute: str) -> str:
    """The name under which a block holds an attribute's scores."""
    return f"score of {attribute}"


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    stream: str


@dataclass(frozen=True)
class ScoreStep:
    """Draws scores given others: z = W·z_given + C·e."""

    members: tuple[_Member, ...]
    given: tuple[str, ...]
    weights: Matrix
    factor: Matrix

    @property
    def writes(self) -> tuple[str, ...]:
        """The scores it draws."""
        return tuple(score_name(member.name) for member in self.members)

    def run(self, block: Block) -> None:
        """Draw the scores of a block at the current attempt of each stream."""
        known = [arrays.rows(block.value(score_name(name)), block.count) for name in self.given]
        own = [
            arrays.rows(arrays.ndtri(block.uniform(member.stream)), block.count) for member in self.members
        ]
        for member, weights, factors in zip(self.members, self.weights, self.factor, strict=True):
            out = np.zeros(block.count)
            for coefficient, values in zip([*weights, *factors], [*known, *own], strict=True):
                _add(out, coefficient, values)
            block.write(score_name(member.name), out)


class Copula:
    """The declared correlations of a population."""

    def __init__(
        self,
        correlations: Sequence[Correlation],
        attributes: Mapping[str, Attribute],
        ranks: Mapping[str, Ranks],
    ) -> None:
        named = {name for pair in correlations for name in (pair.first, pair.second)}
        ordered = sorted(
            (attributes[name] for name in named), key=lambda a: (a.origin is Origin.SCENARIO, a.stream)
        )
        self._members = [_Member(a.name, a.stream) for a in ordered]
        self._index = {member.name: i for i, member in enumerate(self._members)}
        self._base = [i for i, a in enumerate(ordered) if a.origin is Origin.BASE]
        self._scenario = [i for i, a in enumerate(ordered) if a.origin is Origin.SCENARIO]
        size = len(ordered)
        self._matrix: Matrix = [[float(i == j) for j in range(size)] for i in range(size)]
        for pair in correlations:
            i, j = self._index[pair.first], self._index[pair.second]
            label = f"{pair.first} and {pair.second}"
            where = f"{pair.span.file}:{pair.span.start.line}:{pair.span.start.column}"
            found = score_correlation(ranks[pair.first], ranks[pair.second], pair.value, label, where)
            self._matrix[i][j] = self._matrix[j][i] = found
        try:
            cholesky(self._matrix)
        except NotPositiveDefiniteError as error:
            raise _contradiction([m.name for m in self._members], error.index, correlations) from None

    def shapes(self, name: str) -> bool:
        """Whether an attribute's draws are read from its scores.

        A base attribute that is correlated with scenario attributes alone keeps its own draws, to the bit.
        """
        if name not in self._index:
            return False
        i = self._index[name]
        if i in self._scenario:
            return True
        return any(self._matrix[i][j] != 0.0 for j in self._base if j != i)

    def steps(self, origin: Origin) -> Sequence[ScoreStep]:
        """The steps that draw the scores of one layer."""
        if origin is Origin.BASE:
            return [self._step([], self._base)] if self._base else []
        return [self._step(self._base, self._scenario)] if self._scenario else []

    def redraw(self, owners: Sequence[str]) -> ScoreStep | None:
        """The step that draws the scores of some attributes anew, given those of all others they may read.

        The others keep theirs, so their laws do not move; a base attribute is drawn given the base alone.
        """
        of = sorted(self._index[name] for name in owners if name in self._index)
        if not of:
            return None
        readable = self._base if all(i in self._base for i in of) else [*self._base, *self._scenario]
        return self._step([i for i in readable if i not in of], of)

    def _step(self, given: Sequence[int], of: Sequence[int]) -> ScoreStep:
        weights, factor = conditional(self._matrix, given, of)
        read = [k for k in range(len(given)) if any(row[k] != 0.0 for row in weights)]
        return ScoreStep(
            tuple(self._members[i] for i in of),
            tuple(self._members[given[k]].name for k in read),
            [[row[k] for k in read] for row in weights],
            factor,
        )


def _add(out: Floats, coefficient: float, values: Floats) -> None:
    if coefficient != 0.0:
        scores.add_scaled(values, coefficient, out)


def _contradiction(names: Sequence[str], index: int, correlations: Sequence[Correlation]) -> SamplingError:
    """Name the attributes that the first impossible row is tied to, directly or through others."""
    allowed, tied = set(names[: index + 1]), {names[index]}
    while True:
        more = {
            name
            for pair in correlations
            for name in (pair.first, pair.second)
            if {pair.first, pair.second} <= allowed and {pair.first, pair.second} & tied
        }
        if more <= tied:
            break
        tied |= more
    pairs = [
        f"{pair.first}–{pair.second} {pair.value:g}"
        for pair in correlations
        if {pair.first, pair.second} <= tied
    ]
    return SamplingError(
        f"the correlations of {', '.join(name for name in names if name in tied)} cannot hold together: "
        f"{', '.join(pairs)}",
        where="correlations",
        why="their matrix is not positive definite; a pair that is not declared counts as 0",
        help="weaken the strongest of them, or declare the pairs between them that are left out",
    )
