"""WW0506: attributes with few values can be correlated as much as is declared."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import TWO
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.reasoning import constant
from worldwright.spec.population import Attribute, AttributeType, Correlation, Distribution
from worldwright.spec.scores import rises, variance

_RARE = "  rare: {type: boolean, assumption: true, distribution: {boolean: .1}}\n"
CODE = Code(
    "WW0506",
    "unattainable-correlation",
    Severity.ERROR,
    "Attributes with few values have ties, and ties bound the correlation of ranks.",
    bad=TWO + _RARE + "correlations:\n  - [height, rare, .8]\n",
    good=TWO + _RARE + "correlations:\n  - [height, rare, .4]\n",
)
_MOST = 64
"""Values up to which a whole number counts as one with few; others are judged as continuous."""
_NEEDED = {
    "uniform": frozenset({"min", "max"}),
    "normal": frozenset({"mean", "sd"}),
    "poisson": frozenset({"mean"}),
}


def check(context: Context) -> Iterator[Diagnostic]:
    """Every pair in which both laws are constant and one has few values."""
    for pair in context.population.correlations:
        if not -1 < pair.value < 1 or pair.first == pair.second:
            continue
        least, greatest = bounds(context, pair)
        if not least < pair.value < greatest:
            message = (
                f"`{pair.first}` and `{pair.second}` cannot have a correlation of {number(pair.value)}: "
                f"from {least:.3f} to {greatest:.3f} is attainable"
            )
            help = "declare one in that range; most of it is lost where an option is rare"
            yield CODE.at(pair.span, message, help=help)


def bounds(context: Context, pair: Correlation) -> tuple[float, float]:
    """What a pair can attain, where it is known; all correlations where it is not."""
    first, second = (shares_below(context.attributes[name]) for name in (pair.first, pair.second))
    if first is None or second is None or not (first or second):
        return -1.0, 1.0
    return attainable(first, second)


def attainable(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """The least and the greatest Spearman correlation of two attributes.

    They are those of ranks that rise together or against each other (W. Hoeffding, 1940; M. Fréchet, 1951).

    Args:
        first: The probabilities below each step of its ranks; nothing for a continuous attribute.
        second: The same of the other.
    """
    scale = math.sqrt(variance(first) * variance(second))
    together, against = 0.0, 0.0
    for p, rise in rises(first):
        for q, other in rises(second):
            together += rise * other * (min(p, q) - p * q)
            against += rise * other * (max(p + q - 1.0, 0.0) - p * q)
    if not first or not second:
        # against a continuous rank, whose steps are everywhere: the integral over them is p(1 − p) / 2
        steps = rises(first or second)
        together = math.fsum(rise * p * (1.0 - p) / 2.0 for p, rise in steps)
        against = -together
    return against / scale, together / scale


def shares_below(attribute: Attribute) -> list[float] | None:
    """The probabilities below each step of its ranks; none where continuous, None where not known."""
    law = attribute.distribution
    if law is None:
        return None
    match attribute.type:
        case AttributeType.BOOLEAN:
            p = constant(law.parameters.get("p"))
            return None if p is None or not 0 < p < 1 else [1.0 - p]
        case AttributeType.CATEGORICAL:
            weights = [constant(law.weights.get(option)) for option in attribute.options]
            known = [weight for weight in weights if weight is not None and weight >= 0]
            if not attribute.ordered or len(known) < len(weights) or sum(known) <= 0:
                return None
            return _inside(known)
        case AttributeType.INT:
            return _whole(law)
        case AttributeType.FLOAT if law.family not in ("poisson", "binomial"):
            return []
        case _:
            return None


def _inside(masses: Sequence[float]) -> list[float] | None:
    whole, running = math.fsum(masses), 0.0
    found: list[float] = []
    for mass in masses[:-1]:
        running += mass / whole
        if 0.0 < running < 1.0 - 1e-12 and (not found or running > found[-1]):
            found.append(running)
    return found or None


def _whole(law: Distribution) -> list[float] | None:
    """Of whole numbers with few values; the laws whose distribution functions are plain."""
    values = {name: constant(node) for name, node in law.parameters.items()}
    low = constant(law.minimum) if law.minimum is not None else -math.inf
    high = constant(law.maximum) if law.maximum is not None else math.inf
    known = {name: value for name, value in values.items() if value is not None}
    if len(known) < len(values) or low is None or high is None or law.clamp:
        return None
    if not known.keys() >= _NEEDED.get(law.family, frozenset()):
        return None  # a parameter that could not be read
    match law.family:
        case "uniform":
            low, high = known["min"], known["max"]
            count = math.floor(high) - math.ceil(low) + 1
            return None if count < 2 else [] if count > _MOST else _inside([1.0] * count)
        case "normal" if known["sd"] > 0:
            normal = NormalDist(known["mean"], known["sd"])
            least = math.ceil(max(low, known["mean"] - 7 * known["sd"]))
            most = math.floor(min(high, known["mean"] + 7 * known["sd"]))
            if most - least >= _MOST:
                return []
            steps = range(least, most + 1)
            return (
                _inside([normal.cdf(k + 0.5) - normal.cdf(k - 0.5) for k in steps]) if most > least else None
            )
        case "poisson" if 0 < known["mean"] < 500:
            mean = known["mean"]
            masses = [
                math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))
                for k in range(math.ceil(max(low, 0.0)), int(min(high, mean + 12 * math.sqrt(mean) + 20)) + 1)
            ]
            return [] if len(masses) > _MOST * 2 else _inside(masses) if len(masses) > 1 else None
        case _:
            return None


RULE = Rule(CODE, check)
