"""The laws of numbers for one agent: each inverts its truncated distribution function at one uniform.

Only the special functions are the kernels'. An integer is cut at half-integers, P(k) = F(k + ½) − F(k − ½).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

from worldwright.errors import SamplingError
from worldwright.population import arrays
from worldwright.population.explanation.scalars import ceil, divided, floor, root

_LEAST_MASS = 1e-290


@dataclass(frozen=True)
class ScalarLaw(ABC):
    """A law with an agent's parameters and ends."""

    where: str
    """Attribute and agent, for errors."""
    parameters: tuple[float, ...]
    low: float
    high: float
    """The ends of the truncation; −∞ and ∞ where there is none."""
    integer: bool
    """Whether a continuous family is put on the whole numbers."""
    constant: bool
    """Whether all agents share the law: then tables stand for the inverses of some families."""
    varying: bool
    """Whether what enters the inversion differs between agents."""

    @abstractmethod
    def check(self) -> None:
        """Refuse parameters that the family does not have."""

    @abstractmethod
    def at(self, u: float) -> float:
        """The value at which the distribution function reaches u."""

    def demand(self, holds: bool, text: str) -> None:
        """Refuse where something does not hold."""
        if not holds:
            raise SamplingError(text, where=self.where)

    def demand_mass(self, mass: float) -> None:
        """Refuse an interval that the law practically never reaches."""
        self.demand(
            mass > _LEAST_MASS, f"the distribution has no probability between {self.low:g} and {self.high:g}"
        )

    @property
    def cuts(self) -> tuple[float, float]:
        """Where a continuous family is cut."""
        return (self.low - 0.5, self.high + 0.5) if self.integer else (self.low, self.high)

    def settled(self, value: float) -> float:
        """A value of the continuous family on the whole numbers where asked, and inside the ends."""
        if self.integer:
            value = ceil(value - 0.5)
        return min(max(value, self.low), self.high)

    def score(self, u: float, low: float, high: float) -> float:
        """The normal score at u of the normal law between two scores."""
        if not self.varying and low == -math.inf and high == math.inf:
            return float(arrays.ndtri(u))
        below, above = float(arrays.ndtr(low)), float(arrays.ndtr(-high))
        mass = float(arrays.ndtr(-low)) - above if low > 0.0 else float(arrays.ndtr(high)) - below
        self.demand_mass(mass)
        p = below + u * mass
        return float(arrays.ndtri(p)) if p <= 0.5 else -float(arrays.ndtri(above + (1.0 - u) * mass))


class Normal(ScalarLaw):
    """Mean and sd."""

    def check(self) -> None:
        """Sd > 0."""
        self.demand(self.parameters[1] > 0, "its sd is not positive")

    def at(self, u: float) -> float:
        """By the score."""
        mean, sd = self.parameters
        low, high = self.cuts
        return self.settled(mean + sd * self.score(u, (low - mean) / sd, (high - mean) / sd))


class Lognormal(ScalarLaw):
    """Mean and sd of the variable itself."""

    def check(self) -> None:
        """Both > 0."""
        self.demand(self.parameters[0] > 0, "its mean is not positive")
        self.demand(self.parameters[1] > 0, "its sd is not positive")

    def at(self, u: float) -> float:
        """By the score of the logarithm."""
        mean, sd = self.parameters
        ratio = sd / mean
        variance = float(arrays.log1p(ratio * ratio))
        location, spread = float(arrays.log(mean)) - 0.5 * variance, math.sqrt(variance)
        low, high = (float(arrays.log(max(cut, 0.0))) for cut in self.cuts)
        score = self.score(u, divided(low - location, spread), divided(high - location, spread))
        return self.settled(float(arrays.exp(location + spread * score)))


class Uniform(ScalarLaw):
    """Min and max; discrete uniform for an integer."""

    def check(self) -> None:
        """Min ≤ max."""
        self.demand(self.parameters[0] <= self.parameters[1], "its min is above its max")

    def at(self, u: float) -> float:
        """A point of the interval."""
        low, high = max(self.parameters[0], self.low), min(self.parameters[1], self.high)
        if self.integer:
            low, high = ceil(low), floor(high)
        self.demand(low <= high, f"the interval from {low:g} to {high:g} is empty")
        if self.integer:
            return min(low + floor(u * (high - low + 1.0)), high)
        return min(low + u * (high - low), high)


class Exponential(ScalarLaw):
    """Mean."""

    def check(self) -> None:
        """Mean > 0."""
        self.demand(self.parameters[0] > 0, "its mean is not positive")

    def at(self, u: float) -> float:
        """From the lower cut on: the law has no memory."""
        mean = self.parameters[0]
        low, high = self.cuts
        start = max(low, 0.0)
        self.demand(high > start, f"the distribution has no probability between {low:g} and {high:g}")
        share = -1.0 * float(arrays.expm1((start - high) / mean))
        return self.settled(start - mean * float(arrays.log1p(-(u * share))))


class Triangular(ScalarLaw):
    """Min, mode and max."""

    def check(self) -> None:
        """Min ≤ mode ≤ max, min < max."""
        low, mode, high = self.parameters
        self.demand(low <= mode <= high, "its mode is outside min and max")
        self.demand(high > low, "its max is not above its min")

    def at(self, u: float) -> float:
        """By the root of the nearer tail."""
        low, mode, high = self.parameters
        first, last = self.cuts
        first, last = max(first, low), min(last, high)
        self.demand(first < last, f"the distribution has no probability between {first:g} and {last:g}")
        (below, above), (below_last, above_last) = self._tails(first), self._tails(last)
        mass = above - above_last if below > 0.5 else below_last - below
        p, q = below + u * mass, above_last + (1.0 - u) * mass
        width = high - low
        if p * (high - low) <= mode - low:
            return self.settled(low + root(p * width * (mode - low)))
        return self.settled(high - root(q * width * (high - mode)))

    def _tails(self, x: float) -> tuple[float, float]:
        low, mode, high = self.parameters
        width = high - low
        rise = divided((x - low) * (x - low), width * (mode - low))
        fall = divided((high - x) * (high - x), width * (high - mode))
        below = 0.0 if x <= low else rise if x <= mode else 1.0 - fall
        return below, 0.0 if x >= high else 1.0 - rise if x <= mode else fall
