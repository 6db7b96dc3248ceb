"""WW020x: the text and the types of expressions."""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity
from worldwright.spec.codes.structure import HEAD

_ERROR = Severity.ERROR
_AGE = "attributes:\n  age: {type: int, assumption: true, distribution: {uniform: {min: 18, max: 80}}}\n"
_RANK = (
    "  rank: {type: categorical, assumption: true, distribution: {categorical: {chief: .4, senior: .6}}}\n"
)
BASE = HEAD + _AGE + _RANK
"""A document with `age` (int) and `rank` (chief, senior), to which examples add attributes."""


def _score(formula: str) -> str:
    return f"{BASE}  score:\n    type: float\n    formula: {formula}\n"


def _flag(formula: str) -> str:
    return f"{BASE}  flag:\n    type: boolean\n    formula: {formula}\n"


SYNTAX = Code(
    "WW0201",
    "expression-syntax",
    _ERROR,
    "An expression that cannot be read has no meaning.",
    bad=_score("(age + 3"),
    good=_score("(age + 3)"),
)
FOREIGN = Code(
    "WW0202",
    "foreign-syntax",
    _ERROR,
    "Expressions are a small language of their own, so that every tool can read them and none can run code.",
    bad=_flag("age > 50 && rank == 'chief'"),
    good=_flag("age > 50 and rank == 'chief'"),
)
TOO_LONG = Code(
    "WW0203",
    "expression-too-large",
    _ERROR,
    "Limits keep expressions readable and cheap; intermediate attributes give their parts a name.",
    bad=_score("(" * 70 + "age" + ")" * 70),
    good=_score("((age))"),
)
UNKNOWN_NAME = Code(
    "WW0204",
    "unknown-name",
    _ERROR,
    "An expression may read the attributes of its document and of the base it extends, and nothing else.",
    bad=_score("agee - 3"),
    good=_score("age - 3"),
)
TYPE = Code(
    "WW0205",
    "type-mismatch",
    _ERROR,
    "Nothing is converted from one type to another unseen.",
    bad=_score("age + (rank == 'chief')"),
    good=_score("age + (1 if rank == 'chief' else 0)"),
)
UNKNOWN_OPTION = Code(
    "WW0206",
    "unknown-option",
    _ERROR,
    "A label that is not one of the options can never be the value.",
    bad=_flag("rank == 'chef'"),
    good=_flag("rank == 'chief'"),
)
UNORDERED = Code(
    "WW0207",
    "unordered-comparison",
    _ERROR,
    "Which label is less is only known where the options are `ordered: true`.",
    bad=_flag("rank < 'senior'"),
    good=_flag("rank != 'senior'"),
)
ARGUMENTS = Code(
    "WW0208",
    "wrong-arguments",
    _ERROR,
    "Each function takes a fixed number of values.",
    bad=_score("clip(age, 3)"),
    good=_score("clip(age, 3, 50)"),
)
UNGUARDED = Code(
    "WW0209",
    "unguarded-read",
    _ERROR,
    "An attribute with `only_if` has no value elsewhere, and what is computed from nothing means nothing.",
    bad=BASE
    + """  rent:
    type: float
    assumption: true
    only_if: rank == 'chief'
    distribution: {lognormal: {mean: 5200, sd: 1900}}
  costs: {type: float, formula: rent + 300}
""",
    good=BASE
    + """  rent:
    type: float
    assumption: true
    only_if: rank == 'chief'
    distribution: {lognormal: {mean: 5200, sd: 1900}}
  costs: {type: float, formula: rent + 300 if rent is known else 300}
""",
)

CODES: tuple[Code, ...] = (
    SYNTAX,
    FOREIGN,
    TOO_LONG,
    UNKNOWN_NAME,
    TYPE,
    UNKNOWN_OPTION,
    UNORDERED,
    ARGUMENTS,
    UNGUARDED,
)
