"""The declared law of a number, agent by agent: its distribution function after modifiers, rounding and clip.

An independent road to the sampler's laws: distribution functions are SciPy's, and thresholds are carried back
through the modifiers instead of draws forward.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.laws import Law
from worldwright.population.laws.counts import Count
from worldwright.population.laws.empirical import Quantiles, Values
from worldwright.population.laws.mixture import Mixture
from worldwright.population.steps.numeric import NumericStep
from worldwright.population.values import Floats


def _slack(x: Any) -> Any:
    """What modifiers may have added by rounding."""
    return np.where(np.isfinite(x), 1e-9 * np.maximum(1.0, np.abs(x)), 0.0)


def frozen(law: Law, block: Block) -> Any:
    """SciPy's untruncated law of each agent."""
    parameters = [arrays.rows(value, block.count) for value in law.parameters(block)]
    match type(law).__name__:
        case "Normal":
            return stats.norm(parameters[0], parameters[1])
        case "Lognormal":
            mean, sd = parameters
            variance = np.log1p((sd / mean) ** 2)
            return stats.lognorm(np.sqrt(variance), scale=mean * np.exp(-variance / 2))
        case "Uniform":
            return stats.uniform(parameters[0], parameters[1] - parameters[0])
        case "Beta":
            return stats.beta(*parameters)
        case "Gamma":
            return stats.gamma(parameters[0], scale=parameters[1])
        case "Exponential":
            return stats.expon(scale=parameters[0])
        case "Triangular":
            low, mode, high = parameters
            return stats.triang((mode - low) / (high - low), low, high - low)
        case "Poisson":
            return stats.poisson(parameters[0])
        case "Binomial":
            return stats.binom(parameters[0], parameters[1])
        case "Values":
            return _Steps(law)
        case "Quantiles":
            return _Lines(law)
        case name:
            raise TypeError(f"no declared law for {name}")


class _Steps:
    """The distribution function of a table of values, as the sampler does not compute it: by comparing."""

    def __init__(self, law: Any) -> None:
        self._points = law.points
        self._up_to = law.cumulative

    def cdf(self, x: Any) -> Any:
        """P(X ≤ x)."""
        return self._up_to[np.searchsorted(self._points, x, side="right")]

    def sf(self, x: Any) -> Any:
        """P(X > x)."""
        return 1.0 - self.cdf(x)


class _Lines(_Steps):
    """The distribution function of quantiles."""

    def __init__(self, law: Any) -> None:
        self._points = law.points
        self._up_to = law.probabilities

    def cdf(self, x: Any) -> Any:
        """P(X ≤ x); at a value with a probability of its own it is asked beside that."""
        return np.interp(x, self._points, self._up_to, left=0.0, right=1.0)


class Declared:
    """The declared distribution functions of the agents of a block."""

    def __init__(self, step: NumericStep, law: Law, block: Block) -> None:
        self._step = step
        self._law = law
        factor, total = step.changes(block)
        self._factor = np.ones(block.count) if factor is None else factor
        self._total = np.zeros(block.count) if total is None else total
        self._parts: list[Declared] = []
        self._shares = np.empty((0, 0))
        if isinstance(law, Mixture):
            self._parts = [Declared(step, part, block) for part in law.parts]
            weights = law.weights(block)
            self._shares = weights / weights.sum(axis=1)[:, None]
            return
        self._frozen = frozen(law, block)
        self._lattice = law.integer or isinstance(law, Count)
        self._lumpy = isinstance(law, Values | Quantiles)
        ends = law.limits(block) if law.clamp else law.ends(block)
        low, high = (arrays.rows(end, block.count) for end in ends)
        if type(law).__name__ == "Uniform" and not law.clamp:
            own = [arrays.rows(value, block.count) for value in law.parameters(block)]
            low, high = np.maximum(low, own[0]), np.minimum(high, own[1])
        if self._lattice:
            low, high = np.ceil(low), np.floor(high)
        elif self._lumpy and not law.clamp:  # a value at the lower end is inside
            low = low - _slack(low)
        self._low, self._high = low, high

    @property
    def usable(self) -> Any:
        """Where the law has not collapsed to one point."""
        return self._factor != 0.0

    def interval(self, values: Floats) -> tuple[Floats, Floats]:
        """(P(X < x), P(X ≤ x)) at each agent's value."""
        if self._parts:
            found = [part.interval(values) for part in self._parts]
            below = sum(share * one for share, (one, _) in zip(self._shares.T, found, strict=True))
            up_to = sum(share * one for share, (_, one) in zip(self._shares.T, found, strict=True))
            return np.asarray(below), np.asarray(up_to)
        if self._law.clamp:
            before, at = self._clamped(values)
        elif self._step.integer:
            at, before = self._up_to(values), self._up_to(values - 1.0)
        elif self._lattice:
            base = np.rint((values - self._total) / self._factor)
            rising = self._factor > 0
            at = np.where(rising, self._base(base), 1.0 - self._base(base - 1.0))
            before = np.where(rising, self._base(base - 1.0), 1.0 - self._base(base))
        else:
            x = (values - self._total) / self._factor
            slack = _slack(x) if self._lumpy else 0.0
            least, most = self._base(x - slack), self._base(x + slack)
            before = np.where(self._factor > 0, least, 1.0 - most)
            at = np.where(self._factor > 0, most, 1.0 - least)
        low, high = self._step.clip
        before = np.where(values <= low, 0.0, np.where(values > high, 1.0, before))
        at = np.where(values >= high, 1.0, np.where(values < low, 0.0, at))
        return before, at

    def _clamped(self, values: Floats) -> tuple[Floats, Floats]:
        """As `interval`, for draws that are clamped, modified, clamped again and then rounded."""
        half = 0.5 if self._step.integer else 0.0
        before = self._reaching(values - half, strictly=True)
        at = self._reaching(values + half, strictly=False)
        least, most = (np.rint(end) if half else end for end in (self._low, self._high))
        return np.where(values <= least, 0.0, before), np.where(values >= most, 1.0, at)

    def _reaching(self, values: Floats, strictly: bool) -> Floats:
        """P(the modified draw < values), or ≤; a draw has mass where it is clamped."""
        x = (values - self._total) / self._factor
        rising = self._factor > 0
        slack = _slack(x)
        inside = rising == strictly  # which side of the mass at a limit is left out
        below = self._frozen.cdf(np.where(inside, x - slack, x + slack) if self._lumpy else x)
        low, high = self._low, self._high
        below = np.where(np.where(inside, x <= low + slack, x < low - slack), 0.0, below)
        below = np.where(np.where(inside, x > high + slack, x >= high - slack), 1.0, below)
        return np.where(rising, below, 1.0 - below)

    def _up_to(self, values: Floats) -> Floats:
        """P(the rounded value ≤ values), by the greatest (or least) base value that still rounds there."""
        rising = self._factor > 0
        guess = np.floor((values + 0.5 - self._total) / self._factor)
        # half to even decides which side a tie falls on, so neighbours are asked
        best = np.where(rising, -np.inf, np.inf)
        for shift in (-1.0, 0.0, 1.0, 2.0):
            base = guess + shift
            inside = np.rint(base * self._factor + self._total) <= values
            better = inside & np.where(rising, base > best, base < best)
            best = np.where(better, base, best)
        return np.where(rising, self._base(best), 1.0 - self._base(best - 1.0))

    def _base(self, x: Floats) -> Floats:
        """The distribution function of the truncated base law."""
        if type(self._law).__name__ == "Uniform" and self._lattice:
            return np.clip((np.floor(x) - self._low + 1.0) / (self._high - self._low + 1.0), 0.0, 1.0)
        if isinstance(self._law, Count):
            return self._between(np.floor(x), self._low - 1.0, self._high)
        if self._lattice:
            return self._between(np.floor(x) + 0.5, self._low - 0.5, self._high + 0.5)
        return self._between(x, self._low, self._high)

    def _between(self, x: Floats, low: Floats, high: Floats) -> Floats:
        x = np.clip(x, low, high)
        with np.errstate(invalid="ignore", divide="ignore"):
            below = self._frozen.cdf(x) - self._frozen.cdf(low)
            whole = self._frozen.cdf(high) - self._frozen.cdf(low)
            above = self._frozen.sf(low) - self._frozen.sf(x)
            whole_above = self._frozen.sf(low) - self._frozen.sf(high)
        upper = self._frozen.cdf(low) > 0.5
        return np.where(upper, above / whole_above, below / whole)
