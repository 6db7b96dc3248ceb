"""WW05xx of resolving: marginals that cannot be bound."""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity
from worldwright.spec.codes.expressions import BASE

_ERROR = Severity.ERROR
_SEX = "  sex: {type: categorical, assumption: true, distribution: {categorical: {female: .5, male: .5}}}\n"
RAKED = BASE + _SEX
"""A document with `age`, `rank` (chief, senior) and `sex` (female, male)."""


def raked(*targets: str, more: str = "") -> str:
    """The document with marginals: each target in flow style, and further lines."""
    listed = "".join(f"    - {target}\n" for target in targets)
    return f"{RAKED}marginals:\n  targets:\n{listed}{more}"


SEX = "{of: sex, shares: {female: .5, male: .5}, assumption: true}"
RANK = "{of: rank, totals: {chief: 400, senior: 600}, assumption: true}"

TABLE = Code(
    "WW0520",
    "marginal-table",
    _ERROR,
    "A margin is known where every option has its share; one that is left out might be 0 or forgotten.",
    bad=raked("{of: rank, shares: {chief: .4}, assumption: true}"),
    good=raked("{of: rank, shares: {chief: .4, senior: .6}, assumption: true}"),
)
REPEATED = Code(
    "WW0521",
    "repeated-marginal",
    _ERROR,
    "Each margin is given once, so that there is one place to correct it.",
    bad=raked(RANK, RANK),
    good=raked(RANK, SEX),
)
BASE_MARGIN = Code(
    "WW0522",
    "base-marginal",
    _ERROR,
    "A scenario adds to its base and never changes it, so its marginals are of attributes of its own.",
)

_BAND = "    modifiers:\n      - {when: age > 50, weights: {chief: .6, senior: .4}}\n"
_LONG = """  rank:
    type: categorical
    assumption: true
    distribution: {categorical: {chief: .4, senior: .6}}
"""
_SHORT = (
    "  rank: {type: categorical, assumption: true, distribution: {categorical: {chief: .4, senior: .6}}}\n"
)

MEMBER = Code(
    "WW0523",
    "marginal-member",
    _ERROR,
    "Agents are drawn from the joint table; whatever else decides an attribute would undo its margins.",
    bad=raked(RANK, SEX).replace(_SHORT, _LONG + _BAND),
    good=raked(RANK, SEX).replace(_SHORT, _LONG),
)

CODES: tuple[Code, ...] = (TABLE, REPEATED, BASE_MARGIN)
"""`MEMBER` is that of a rule."""
