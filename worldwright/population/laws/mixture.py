"""Mixtures: the uniform chooses a component by cumulative shares, and what is left of it is read there.

Within the part of a component the uniform is uniform again, so that the law is exactly that of the mixture,
and one draw is enough. It does not grow with the uniform, which is why a mixture cannot be correlated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.kernels import select
from worldwright.population.laws.law import Law
from worldwright.population.lowering import Number, Scope, number
from worldwright.population.refusal import number_text, refuse
from worldwright.population.values import Floats, Mask
from worldwright.spec.population import Attribute, Distribution

_LEAST, _MOST = 2.0**-53, 1.0 - 2.0**-53
MakeLaw = Callable[[Attribute, Distribution, Scope], Law]


class Mixture(Law):
    """Components with their shares."""

    def __init__(
        self, attribute: Attribute, distribution: Distribution, scope: Scope, law_of: MakeLaw
    ) -> None:
        super().__init__(attribute, distribution, scope)
        self.parts = tuple(law_of(attribute, part.law, scope) for part in distribution.components)
        self._expressions = [part.share for part in distribution.components]
        self._shares = [number(part.share, scope) for part in distribution.components]
        fixed = all(share.constant is not None for share in self._shares)
        self.constant = fixed and all(part.constant for part in self.parts)

    def draw(self, uniform: Floats, block: Block) -> Floats:
        """One value for each agent of a block, from the component that its uniform chooses."""
        if block.count == 0:  # builds the tables of the components, or tells why it cannot
            for part in self.parts:
                if part.constant:
                    part.draw(uniform, block)
            return np.empty(0)
        weights = self.weights(block)
        chosen = np.empty(block.count, dtype=np.int32)
        row = select.select_by_weights(uniform, weights, chosen)
        if row >= 0:
            shown = ", ".join(number_text(share) for share in weights[row].tolist())
            raise refuse(
                self.attribute,
                block,
                row,
                f"no component can be drawn with the shares {shown}",
                reads=self._reads(),
                why="shares must be finite, not negative, and at least one above zero",
            )
        out = np.empty(block.count)
        left = rest(uniform, weights, chosen)
        for place, part in enumerate(self.parts):
            index = np.flatnonzero(chosen == place)
            if len(index):
                out[index] = part.draw(left[index], block.take(index))
        return out

    def weights(self, block: Block) -> Floats:
        """The share of each component for each agent, up to a common factor."""
        columns = [arrays.rows(share.run(block), block.count) for share in self._shares]
        return np.ascontiguousarray(np.column_stack(columns))

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        return []

    def _invert(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], block: Block
    ) -> Floats:
        raise NotImplementedError("a mixture is drawn component by component")


def rest(uniform: Floats, weights: Floats, chosen: np.ndarray[tuple[int], np.dtype[np.int32]]) -> Floats:
    """Where in the part of its component each uniform lies, from 0 to 1, ends excluded."""
    total, below = np.zeros(len(uniform)), np.zeros(len(uniform))
    for place in range(weights.shape[1]):
        below = np.where(chosen == place, total, below)
        total = total + weights[:, place]
    own = weights[np.arange(len(uniform)), chosen]
    return np.minimum(np.maximum((uniform * total - below) / own, _LEAST), _MOST)
