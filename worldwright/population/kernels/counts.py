"""Poisson and binomial laws inverted: the least count whose distribution function reaches a probability.

A normal approximation with the Cornish–Fisher correction gives the first guess, the incomplete gamma or beta
function its probability, and the law's own recurrence the steps from there; short laws are added up from 0.
"""

from __future__ import annotations

import math

import numpy as np

from worldwright.population.compiled import inlined
from worldwright.population.kernels.elementary import exp, log, log1p
from worldwright.population.kernels.normal import ndtri
from worldwright.population.kernels.special import beta_tails, binomial_mass, gamma_tails, poisson_mass


@inlined
def poisson_tails(k: float, mean: float) -> tuple[float, float]:
    """(P(X ≤ k), P(X > k)) for whole k."""
    if k < 0.0:
        return 0.0, 1.0
    if k == math.inf or mean == 0.0:
        return 1.0, 0.0
    above, below = gamma_tails(k + 1.0, mean)
    return below, above


@inlined
def binomial_tails(k: float, n: float, p: float) -> tuple[float, float]:
    """(P(X ≤ k), P(X > k)) for whole k."""
    if k < 0.0:
        return 0.0, 1.0
    if k >= n:
        return 1.0, 0.0
    above, below = beta_tails(k + 1.0, n - k, p, 1.0 - p)
    return below, above


@inlined
def poisson_quantile(mean: float, p: float, q: float) -> float:
    """The least whole k with P(X ≤ k) ≥ p, that is P(X > k) ≤ q."""
    if mean == 0.0:
        return 0.0
    z = ndtri(p) if p <= q else -ndtri(q)
    k = max(np.floor(mean + math.sqrt(mean) * z + (z * z - 1.0) / 6.0), 0.0)
    below, above = poisson_tails(k, mean)
    mass = poisson_mass(k, mean)
    lower = p <= q
    while (below >= p if lower else above <= q) and k > 0.0:
        below -= mass
        above += mass
        if below < p if lower else above > q:
            return k
        mass *= k / mean
        k -= 1.0
    while (below < p if lower else above > q) and mass > 0.0:
        k += 1.0
        mass *= mean / k
        below += mass
        above -= mass
    return k


@inlined
def binomial_quantile(n: float, chance: float, p: float, q: float) -> float:
    """The least whole k with P(X ≤ k) ≥ p, that is P(X > k) ≤ q."""
    if chance == 0.0 or n == 0.0:
        return 0.0
    if chance == 1.0:
        return n
    other = 1.0 - chance
    z = ndtri(p) if p <= q else -ndtri(q)
    spread = math.sqrt(n * chance * other)
    k = np.floor(n * chance + spread * z + (other - chance) * (z * z - 1.0) / 6.0)
    k = min(max(k, 0.0), n)
    below, above = binomial_tails(k, n, chance)
    mass = binomial_mass(k, n - k, chance, other)
    lower = p <= q
    while (below >= p if lower else above <= q) and k > 0.0:
        below -= mass
        above += mass
        if below < p if lower else above > q:
            return k
        mass *= k / (n - k + 1.0) * (other / chance)
        k -= 1.0
    while (below < p if lower else above > q) and k < n and mass > 0.0:
        mass *= (n - k) / (k + 1.0) * (chance / other)
        k += 1.0
        below += mass
        above -= mass
    return k


@inlined
def short_poisson_quantile(mean: float, low: float, high: float, u: float) -> float:
    """The Poisson law of mean ≤ 30 on low … high by adding up; NaN where that is too unlikely."""
    mass = exp(-mean)
    k = 0.0
    while k < low:
        k += 1.0
        mass *= mean / k
    first, first_mass = k, mass
    total = mass
    while k < high and (mass > total * 1e-18 or k < mean):
        k += 1.0
        mass *= mean / k
        total += mass
    if not (total > 1e-6):
        return np.nan
    target = u * total
    k, mass = first, first_mass
    running = mass
    while running < target and k < high and (mass > total * 1e-18 or k < mean):
        k += 1.0
        mass *= mean / k
        running += mass
    return k


@inlined
def short_binomial_quantile(n: float, chance: float, low: float, high: float, u: float) -> float:
    """The binomial law of n ≤ 64 on low … high by adding up; NaN where that is too unlikely."""
    low, high = max(low, 0.0), min(high, n)
    if chance > 0.5:  # count the failures, from the other end
        other = 1.0 - chance
        low, high = n - high, n - low
        odds = other / chance
        mass = exp(n * log(chance))
    else:
        odds = chance / (1.0 - chance)
        mass = exp(n * log1p(-chance))
    k = 0.0
    while k < low:
        k += 1.0
        mass *= (n - k + 1.0) / k * odds
    first, first_mass = k, mass
    total = mass
    while k < high:
        k += 1.0
        mass *= (n - k + 1.0) / k * odds
        total += mass
    if not (total > 1e-6):
        return np.nan
    target = (1.0 - u) * total if chance > 0.5 else u * total
    k, mass = first, first_mass
    running = mass
    while running < target and k < high:
        k += 1.0
        mass *= (n - k + 1.0) / k * odds
        running += mass
    return n - k if chance > 0.5 else k
