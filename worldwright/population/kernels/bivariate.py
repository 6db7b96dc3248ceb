"""Rank correlations of step functions of two correlated normal scores."""

from __future__ import annotations

import math

import numpy as np

from worldwright.population.compiled import inlined, kernel
from worldwright.population.kernels.elementary import exp
from worldwright.population.values import Floats

_TWO_PI = 6.283185307179586476925287
_PANELS = 8
# the eight-point Gauss–Legendre rule
_NODES = np.array([0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363])
_WEIGHTS = np.array([0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763])


@inlined
def _density_over_angle(a: float, b: float, t: float) -> float:
    # correlation ρ = 2t / (1 + t²); dρ / √(1 − ρ²) = 2 dt / (1 + t²)
    square = 1.0 + t * t
    rho = 2.0 * t / square
    complement = (1.0 - t * t) / square
    if complement < 1e-12:
        return 0.0 if a != b else exp(-a * a / 2.0) * 2.0 / square
    return exp(-(a * a + b * b - 2.0 * a * b * rho) / (2.0 * complement * complement)) * 2.0 / square


@inlined
def excess(a: float, b: float, rho: float) -> float:
    """P(X ≤ a, Y ≤ b) less its value for independent X and Y, standard normal with correlation ρ.

    It is the integral of the bivariate density over the correlation from 0 to ρ (Plackett 1954).
    """
    end = rho / (1.0 + math.sqrt(1.0 - rho * rho))
    width = end / _PANELS
    total = 0.0
    for panel in range(_PANELS):
        middle = (panel + 0.5) * width
        for k in range(4):
            offset = 0.5 * width * _NODES[k]
            total += _WEIGHTS[k] * (
                _density_over_angle(a, b, middle - offset) + _density_over_angle(a, b, middle + offset)
            )
    return total * 0.5 * width / _TWO_PI


@kernel("f8(f8[::1], f8[::1], f8[::1], f8[::1], f8)")
def covariance_of_steps(
    cuts_a: Floats, rises_a: Floats, cuts_b: Floats, rises_b: Floats, rho: float
) -> float:
    """Covariance of two step functions that rise by `rises` where their scores pass `cuts`."""
    total = 0.0
    for i in range(cuts_a.shape[0]):
        for j in range(cuts_b.shape[0]):
            total += rises_a[i] * rises_b[j] * excess(cuts_a[i], cuts_b[j], rho)
    return total
