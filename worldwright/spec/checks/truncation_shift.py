"""WW0320: truncation leaves mean and sd about where they are declared.

Moments of the truncated normal and lognormal distributions by Johnson, Kotz and Balakrishnan (1994),
"Continuous univariate distributions", volume 1, sections 13.10.1 and 14.9; with math.erf.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.reasoning import constant
from worldwright.spec.population import Attribute, AttributeType, Distribution

LIMIT = 0.02
"""The relative change that is reported."""
_LEAST_MASS = 1e-9

CODE = Code(
    "WW0320",
    "truncation-shift",
    Severity.WARNING,
    "mean and sd are those of the distribution before min and max cut it; the population's are others.",
    bad=drawn("float", "{normal: {mean: 3, sd: 8, min: 0}}"),
    good=drawn("float", "{normal: {mean: 30, sd: 8, min: 0, max: 60}}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Normal and lognormal distributions whose parameters and bounds are all constants."""
    for attribute, law in context.laws():
        if law.clamp:  # what lies beyond is moved on purpose
            continue
        if law.family not in ("normal", "lognormal") or (law.minimum is None and law.maximum is None):
            continue
        mean, sd = (constant(law.parameters.get(name)) for name in ("mean", "sd"))
        bounds = _bounds(attribute, law)
        if mean is None or sd is None or sd <= 0 or bounds is None or bounds[0] >= bounds[1]:
            continue
        if law.family == "lognormal" and mean <= 0:
            continue
        moments = _normal if law.family == "normal" else _lognormal
        mass, new_mean, new_sd = moments(mean, sd, *bounds)
        span = law.span
        if mass < _LEAST_MASS:
            yield CODE.at(span, f"nearly nothing of the distribution of `{attribute.name}` lies in its range")
            continue
        parts: list[str] = []
        if abs(new_mean - mean) > LIMIT * max(abs(mean), sd * (mean == 0)):
            parts.append(f"the mean from {number(mean)} to {new_mean:.4g}")
        if abs(new_sd - sd) > LIMIT * sd:
            parts.append(f"the sd from {number(sd)} to {new_sd:.4g}")
        if parts:
            message = f"truncation moves {' and '.join(parts)} in `{attribute.name}`"
            yield CODE.at(
                span, message, help="widen the range, or choose mean and sd so that the result fits"
            )


def _bounds(attribute: Attribute, law: Distribution) -> tuple[float, float] | None:
    """The truncation; whole numbers take in half a step on either side."""
    low = -math.inf if law.minimum is None else constant(law.minimum)
    high = math.inf if law.maximum is None else constant(law.maximum)
    if low is None or high is None:
        return None
    half = 0.5 if attribute.type is AttributeType.INT else 0.0
    return low - half, high + half


def _normal(mean: float, sd: float, low: float, high: float) -> tuple[float, float, float]:
    """Mass, mean and sd of a normal distribution between two bounds."""
    a, b = (low - mean) / sd, (high - mean) / sd
    mass = _between(a, b)
    if mass < _LEAST_MASS:
        return mass, mean, sd
    shift = (_density(a) - _density(b)) / mass
    bend = (_times(a, _density(a)) - _times(b, _density(b))) / mass
    return mass, mean + sd * shift, sd * math.sqrt(max(0.0, 1 + bend - shift * shift))


def _lognormal(mean: float, sd: float, low: float, high: float) -> tuple[float, float, float]:
    """Mass, mean and sd of a lognormal distribution between two bounds."""
    variance = math.log1p((sd / mean) ** 2)
    scale = math.sqrt(variance)
    location = math.log(mean) - variance / 2
    a = -math.inf if low <= 0 else (math.log(low) - location) / scale
    b = math.inf if math.isinf(high) else -math.inf if high <= 0 else (math.log(high) - location) / scale
    mass = _between(a, b)
    if mass < _LEAST_MASS:
        return mass, mean, sd
    first = mean * _between(a - scale, b - scale) / mass
    second = (mean * mean + sd * sd) * _between(a - 2 * scale, b - 2 * scale) / mass
    return mass, first, math.sqrt(max(0.0, second - first * first))


def _between(a: float, b: float) -> float:
    """The standard normal mass from a to b, by the tail that keeps its digits."""
    if a > 0:
        return (math.erfc(a / math.sqrt(2)) - math.erfc(b / math.sqrt(2))) / 2
    return (math.erfc(-b / math.sqrt(2)) - math.erfc(-a / math.sqrt(2))) / 2


def _density(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _times(x: float, density: float) -> float:
    return 0.0 if math.isinf(x) else x * density


RULE = Rule(CODE, check)
