"""Numbers as people read them: percent for shares, as many digits as the interval carries."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_NARROW = "\u202f"
_MOST_DECIMALS = 6
_NEGLIGIBLE = 30
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Format:
    """How the values of one metric are written: in percent or plain, with fixed decimals."""

    percent: bool
    decimals: int
    unit: str = ""

    def value(self, value: float | None) -> str:
        """Such as `41.2 %` or `1,204 EUR`; a dash where there is none."""
        return "–" if value is None else self._spell(value) + self._suffix()

    def interval(self, low: float | None, high: float | None) -> str:
        """Such as `40.3–42.1 %`; `to` replaces the dash where an end is negative."""
        if low is None or high is None:
            return "–"
        between = " to " if min(low, high) < 0 else "–"
        return f"{self._spell(low)}{between}{self._spell(high)}{self._suffix()}"

    def difference(self, value: float | None) -> str:
        """With its sign and no unit, such as `+3.4` percentage points."""
        if value is None:
            return "–"
        spelled = self._spell(value)
        return spelled if spelled.startswith("−") or not _digits(spelled) else f"+{spelled}"

    def difference_interval(self, low: float | None, high: float | None) -> str:
        """Such as `+2.9 to +3.9`."""
        return "–" if low is None or high is None else f"{self.difference(low)} to {self.difference(high)}"

    @property
    def difference_unit(self) -> str:
        """What a difference is counted in; "" where it has no unit."""
        return "percentage points" if self.percent else self.unit

    def _spell(self, value: float) -> str:
        scaled = value * 100 if self.percent else value
        if abs(scaled) >= 1e12 or 0 < abs(scaled) < 10.0 ** -(_MOST_DECIMALS + 1):
            return f"{scaled:.3g}".replace("-", "−")
        text = f"{abs(scaled):,.{self.decimals}f}"
        return f"−{text}" if scaled < 0 and _digits(text) else text

    def _suffix(self) -> str:
        unit = "%" if self.percent else self.unit
        return f"{_NARROW}{unit}" if unit else ""


def fitting(
    values: Iterable[float | None], half_widths: Iterable[float | None], kind: str | None, unit: str = ""
) -> Format:
    """The format in which the narrowest half-width keeps one digit, or two where it begins with 1.

    Widths under a thirtieth of the widest do not count, nor do those that are rounding errors of the values.
    Without any interval values get four significant digits. A share has one to three decimals, other values
    six at most, and whole numbers none.
    """
    percent = kind == "share"
    scale = 100 if percent else 1
    known = [abs(value) * scale for value in values if value is not None and value != 0]
    least = _ROUNDING * max(known, default=0.0)
    widths = [width * scale for width in half_widths if width is not None and width * scale > least]
    if all(value == round(value) for value in known) and not widths and not percent:
        return Format(percent, 0, unit)
    if widths:
        typical = min(width for width in widths if width * _NEGLIGIBLE > max(widths))
        narrowest = float(f"{typical:.3g}")  # so that 0.0199999999 counts as 0.02
        magnitude = math.floor(math.log10(narrowest))
        decimals = -magnitude + (narrowest < 2 * 10.0**magnitude)
    else:
        decimals = 3 - math.floor(math.log10(max(known))) if known and not percent else 1
    return Format(percent, min(max(decimals, int(percent)), 3 if percent else _MOST_DECIMALS), unit)


def count(number: int, thing: str) -> str:
    """Such as `1 run` or `2,000 runs`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """A confidence or share as short as it can be said: `95 %`, `99.9 %`."""
    return f"{share * 100:.6g}{_NARROW}%"


def _digits(text: str) -> bool:
    return any(digit in text for digit in "123456789")
