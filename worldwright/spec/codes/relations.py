"""WW05xx of resolving: correlations and constraints that cannot be bound."""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity
from worldwright.spec.codes.expressions import BASE

_ERROR = Severity.ERROR
_HEIGHT = """  height:
    type: float
    assumption: true
    distribution: {normal: {mean: 170, sd: 8}}
"""
TWO = BASE + _HEIGHT
"""A document with `age`, `rank` and `height`."""

BASE_PAIR = Code(
    "WW0501",
    "base-correlation",
    _ERROR,
    "A scenario adds to its base and never changes it; how base attributes hang together is the base's.",
)
OWNER = Code(
    "WW0510",
    "constraint-owner",
    _ERROR,
    "Where a constraint fails, the attributes it owns are drawn again until it holds; it needs one to own.",
    bad=TWO + "constraints:\n  - {require: age > 20, redraw: [height]}\n",
    good=TWO + "constraints:\n  - {require: age > 20, redraw: [age]}\n",
)
BASE_OWNER = Code(
    "WW0511",
    "constraint-owns-base",
    _ERROR,
    "A scenario never changes its base, so its constraints may redraw only attributes of its own.",
)
ENTANGLED = Code(
    "WW0512",
    "entangled-constraint",
    _ERROR,
    "What has been drawn from an attribute would no longer fit it once that is drawn again.",
    bad=TWO
    + """  weight:
    type: float
    assumption: true
    distribution:
      normal:
        mean: height - 100
        sd: 5
constraints:
  - {require: weight < height, redraw: [height]}
""",
    good=TWO
    + """  weight:
    type: float
    assumption: true
    distribution:
      normal:
        mean: height - 100
        sd: 5
constraints:
  - {require: weight < height, redraw: [height, weight]}
""",
)

CODES: tuple[Code, ...] = (BASE_PAIR, OWNER, BASE_OWNER, ENTANGLED)
