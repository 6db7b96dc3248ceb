"""Closed intervals of numbers, and what arithmetic makes of them.

Takes intervals, gives intervals that hold every possible result (and perhaps more). Ends may be infinite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from `low` to `high`, both included; only whole ones where `whole`."""

    low: float
    high: float
    whole: bool = False

    @property
    def is_point(self) -> bool:
        """Whether it holds one number."""
        return self.low == self.high

    def meet(self, low: float, high: float) -> Interval | None:
        """What lies also between two bounds; None where that is nothing."""
        if self.whole:
            low = math.ceil(low) if math.isfinite(low) else low
            high = math.floor(high) if math.isfinite(high) else high
        low, high = max(self.low, low), min(self.high, high)
        return Interval(low, high, self.whole) if low <= high else None

    def hull(self, other: Interval) -> Interval:
        """The smallest interval around both."""
        return Interval(min(self.low, other.low), max(self.high, other.high), self.whole and other.whole)


ALL = Interval(-math.inf, math.inf)


def point(value: float) -> Interval:
    """The interval of one number."""
    return Interval(value, value, value == math.floor(value) if math.isfinite(value) else False)


def negate(x: Interval) -> Interval:
    """The negatives."""
    return Interval(-x.high, -x.low, x.whole)


def arithmetic(operator: str, x: Interval, y: Interval) -> Interval:
    """The results of `+ - * / // %`; everything where the right side may be 0 in a division."""
    whole = x.whole and y.whole
    match operator:
        case "+":
            return _interval(x.low + y.low, x.high + y.high, whole)
        case "-":
            return _interval(x.low - y.high, x.high - y.low, whole)
        case "*":
            return _corners((_times(a, b) for a in (x.low, x.high) for b in (y.low, y.high)), whole)
        case "/" | "//":
            if y.low <= 0 <= y.high:
                return ALL
            result = _corners((_over(a, b) for a in (x.low, x.high) for b in (y.low, y.high)), False)
            return result if operator == "/" else _mapped(result, _floor, True)
        case _:
            if y.low > 0:
                return Interval(0.0, y.high, whole)
            return Interval(y.low, 0.0, whole) if y.high < 0 else ALL


def call(function: str, arguments: list[Interval]) -> Interval:
    """The results of a function of the language."""
    x = arguments[0]
    match function:
        case "min" | "max":
            pick: Callable[[Iterable[float]], float] = min if function == "min" else max
            whole = all(part.whole for part in arguments)
            return Interval(
                pick(part.low for part in arguments), pick(part.high for part in arguments), whole
            )
        case "clip":
            low, high = arguments[1], arguments[2]
            least = min(max(x.low, low.low), high.low)
            greatest = min(max(x.high, low.high), high.high)
            return Interval(least, max(least, greatest), x.whole and low.whole and high.whole)
        case "abs":
            ends = sorted((abs(x.low), abs(x.high)))
            return Interval(0.0 if x.low <= 0 <= x.high else ends[0], ends[1], x.whole)
        case "round" | "floor" | "ceil":
            steps = {"round": _round, "floor": _floor, "ceil": _ceil}
            return _mapped(x, steps[function], True)
        case "sqrt":
            return _mapped(Interval(max(x.low, 0.0), max(x.high, 0.0)), math.sqrt, False)
        case "exp":
            return _mapped(x, _exp, False)
        case _:
            return _mapped(x, _log, False)


def _interval(low: float, high: float, whole: bool) -> Interval:
    if math.isnan(low) or math.isnan(high):
        return ALL
    return Interval(low, high, whole)


def _corners(values: Iterable[float], whole: bool) -> Interval:
    found = list(values)
    return _interval(min(found), max(found), whole) if not any(map(math.isnan, found)) else ALL


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def _over(a: float, b: float) -> float:
    return 0.0 if math.isinf(b) else a / b


def _mapped(x: Interval, step: Callable[[float], float], whole: bool) -> Interval:
    return _interval(step(x.low), step(x.high), whole)


def _floor(x: float) -> float:
    return float(math.floor(x)) if math.isfinite(x) else x


def _ceil(x: float) -> float:
    return float(math.ceil(x)) if math.isfinite(x) else x


def _round(x: float) -> float:
    return float(round(x)) if math.isfinite(x) else x


def _exp(x: float) -> float:
    return math.inf if x > 709.0 else math.exp(x)


def _log(x: float) -> float:
    return -math.inf if x <= 0 else math.log(x)
