"""Laws without a closed inverse, for one agent: beta, gamma, Poisson and binomial.

Where all agents share the law, its value is read from a quantile table (beta, gamma: the two nodes beside the
score are made here) or from cumulative probabilities (counts); elsewhere from the exact inverse.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from bisect import bisect_right
from functools import cached_property

import numpy as np

from worldwright.population import arrays
from worldwright.population.explanation.laws import (
    Exponential,
    Lognormal,
    Normal,
    ScalarLaw,
    Triangular,
    Uniform,
)
from worldwright.population.explanation.scalars import ceil, floor
from worldwright.population.kernels import inverses
from worldwright.population.values import Floats

_FIRST, _LAST, _STEP = -8.5, 8.5, 1.0 / 128.0
_FEW = 16
_CELLS = int((_LAST - _FIRST) / _STEP)


class Shaped(ScalarLaw):
    """Beta and gamma."""

    @abstractmethod
    def nodes(self, first: float, out: Floats) -> float:
        """Two nodes of the quantile table, from a score on; returns the probability between the ends."""

    def interpolated(self, u: float) -> float:
        """The table at the normal score of u: a cubic through values and slopes of the cell."""
        t = (float(arrays.ndtri(u)) - _FIRST) * 128.0
        cell = min(max(int(t), 0), _CELLS - 1)
        (y0, d0), (y1, d1) = self._beside(cell)
        s = t - cell
        rise = y1 - y0
        c2, c3 = 3.0 * rise - 2.0 * d0 - d1, d0 + d1 - 2.0 * rise
        return y0 + s * (d0 + s * (c2 + s * c3))

    def _beside(self, cell: int) -> list[list[float]]:
        """The nodes at both ends of a cell; the whole table where several agents ask."""
        cells = self._cells
        found = cells.get(cell)
        if found is None:
            table = np.empty((2, 2)) if len(cells) < _FEW else np.empty((_CELLS + 1, 2))
            begin = cell if len(cells) < _FEW else 0
            self.demand_mass(self.nodes(_FIRST + begin * _STEP, table))
            made = table.tolist()
            cells.update({begin + i: made[i : i + 2] for i in range(len(made) - 1)})
            found = cells[cell]
        return found

    @cached_property
    def _cells(self) -> dict[int, list[list[float]]]:
        return {}


class Gamma(Shaped):
    """Shape and scale."""

    def check(self) -> None:
        """Both > 0."""
        self.demand(self.parameters[0] > 0, "its shape is not positive")
        self.demand(self.parameters[1] > 0, "its scale is not positive")

    def nodes(self, first: float, out: Floats) -> float:
        """Logarithms of quantiles, scale 1."""
        shape, scale = self.parameters
        low, high = self.cuts
        return inverses.gamma_table(shape, low / scale, high / scale, first, _STEP, out)

    def at(self, u: float) -> float:
        """From the table, or exactly."""
        shape, scale = self.parameters
        if self.constant:
            return self.settled(scale * float(arrays.exp(self.interpolated(u))))
        low, high = self.cuts
        out = np.empty(1)
        row = inverses.gamma_rows(_one(u), _one(shape), _one(low / scale), _one(high / scale), out)
        self.demand_mass(0.0 if row >= 0 else 1.0)
        return self.settled(float(out[0]) * scale)


class Beta(Shaped):
    """Alpha and beta."""

    def check(self) -> None:
        """Both > 0."""
        self.demand(self.parameters[0] > 0, "its alpha is not positive")
        self.demand(self.parameters[1] > 0, "its beta is not positive")

    def nodes(self, first: float, out: Floats) -> float:
        """Logits of quantiles."""
        a, b = self.parameters
        low, high = self.cuts
        return inverses.beta_table(a, b, max(low, 0.0), min(high, 1.0), first, _STEP, out)

    def at(self, u: float) -> float:
        """From the table, or exactly."""
        if self.constant:
            return self.settled(1.0 / (1.0 + float(arrays.exp(-self.interpolated(u)))))
        a, b = self.parameters
        low, high = self.cuts
        out = np.empty(1)
        row = inverses.beta_rows(_one(u), _one(a), _one(b), _one(max(low, 0.0)), _one(min(high, 1.0)), out)
        self.demand_mass(0.0 if row >= 0 else 1.0)
        return self.settled(float(out[0]))


class Count(ScalarLaw):
    """Poisson and binomial."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Least and greatest value of the untruncated law."""

    @property
    @abstractmethod
    def center_and_spread(self) -> tuple[float, float]:
        """Mean and standard deviation of the untruncated law."""

    @abstractmethod
    def masses(self, first: float, out: Floats) -> None:
        """Fill in the probabilities of consecutive counts."""

    @abstractmethod
    def exact(self, u: float, low: float, high: float, out: Floats) -> int:
        """Invert between two counts; −1, or 0 where there is no probability."""

    @cached_property
    def cumulative(self) -> tuple[float, list[float]] | None:
        """The first count, and the probability up to each count but the last; None for a law too wide."""
        least, greatest = self.support
        low, high = max(ceil(self.low), least), min(floor(self.high), greatest)
        self.demand(low <= high, f"the interval of whole numbers from {low:g} to {high:g} is empty")
        center, spread = self.center_and_spread
        reach = 12.0 * spread + 40.0
        first, last = max(low, math.floor(center - reach)), min(high, math.ceil(center + reach))
        if last < first or last - first > 200_000:
            return None
        weights = np.empty(int(last - first) + 1)
        self.masses(float(first), weights)
        probable = weights.tolist()
        most = max(probable)
        if most < 1e-200:
            return None
        likely = [place for place, weight in enumerate(probable) if weight > most * 1e-22]
        running, sums = 0.0, list[float]()
        for weight in probable[likely[0] : likely[-1] + 1]:
            running += weight
            sums.append(running)
        return float(first) + float(likely[0]), [share / running for share in sums[:-1]]

    def at(self, u: float) -> float:
        """The least count whose distribution function is above u."""
        if self.constant and self.cumulative is not None:
            first, shares = self.cumulative
            return first + float(bisect_right(shares, u))
        least, greatest = self.support
        low, high = max(ceil(self.low), least), min(floor(self.high), greatest)
        self.demand(low <= high, f"the interval of whole numbers from {low:g} to {high:g} is empty")
        out = np.empty(1)
        row = self.exact(u, low, high, out)
        self.demand_mass(0.0 if row >= 0 else 1.0)
        return float(out[0])


class Poisson(Count):
    """Mean."""

    def check(self) -> None:
        """Mean ≥ 0."""
        self.demand(self.parameters[0] >= 0, "its mean is negative")

    @property
    def support(self) -> tuple[float, float]:
        """From 0 on."""
        return 0.0, math.inf

    @property
    def center_and_spread(self) -> tuple[float, float]:
        """The mean and its root."""
        return self.parameters[0], math.sqrt(self.parameters[0])

    def masses(self, first: float, out: Floats) -> None:
        """By the kernel."""
        inverses.poisson_masses(self.parameters[0], first, out)

    def exact(self, u: float, low: float, high: float, out: Floats) -> int:
        """By the kernel."""
        return inverses.poisson_rows(_one(u), _one(self.parameters[0]), _one(low), _one(high), out)


class Binomial(Count):
    """N and p."""

    def check(self) -> None:
        """A whole number of trials, a probability."""
        n, p = self.parameters
        self.demand(n >= 0 and n == floor(n), "its n is not a whole number of trials")
        self.demand(0 <= p <= 1, "its p is not between 0 and 1")

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to n."""
        return 0.0, self.parameters[0]

    @property
    def center_and_spread(self) -> tuple[float, float]:
        """N·p and √(n·p·(1 − p))."""
        n, p = self.parameters
        return n * p, math.sqrt(n * p * (1.0 - p))

    def masses(self, first: float, out: Floats) -> None:
        """By the kernel."""
        inverses.binomial_masses(self.parameters[0], self.parameters[1], first, out)

    def exact(self, u: float, low: float, high: float, out: Floats) -> int:
        """By the kernel."""
        n, p = self.parameters
        return inverses.binomial_rows(_one(u), _one(n), _one(p), _one(low), _one(high), out)


FAMILIES: dict[str, tuple[type[ScalarLaw], tuple[str, ...]]] = {
    "beta": (Beta, ("alpha", "beta")),
    "binomial": (Binomial, ("n", "p")),
    "exponential": (Exponential, ("mean",)),
    "gamma": (Gamma, ("shape", "scale")),
    "lognormal": (Lognormal, ("mean", "sd")),
    "normal": (Normal, ("mean", "sd")),
    "poisson": (Poisson, ("mean",)),
    "triangular": (Triangular, ("min", "mode", "max")),
    "uniform": (Uniform, ("min", "max")),
}
"""Of numbers, with the names of their parameters in order."""


def _one(value: float) -> Floats:
    return np.array([value])
