"""WW022x: files of data, and tables written into a document."""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity
from worldwright.spec.codes.expressions import BASE

_ERROR = Severity.ERROR


def _empirical(*inner: str) -> str:
    lines = "".join(f"        {line}\n" for line in inner)
    return BASE + f"  x:\n    type: float\n    assumption: true\n    distribution:\n      empirical:\n{lines}"


FILE = Code(
    "WW0220",
    "file-unreadable",
    _ERROR,
    "What is drawn from a file is part of the spec; without the file it means nothing.",
    bad=_empirical("file: customers.csv", "column: spending"),
    good=_empirical("values: {10: .5, 20: .3, 80: .2}"),
)
COLUMN = Code(
    "WW0221",
    "file-column",
    _ERROR,
    "A column is found by its name, as the file's first line or its schema gives it.",
)
VALUE = Code(
    "WW0222",
    "file-value",
    _ERROR,
    "Every value of a column must be one that the attribute can have; none is guessed or passed over.",
)
TABLE = Code(
    "WW0223",
    "empirical-table",
    _ERROR,
    "An empirical distribution is the table it is given: values with weights, or values by probability.",
    bad=_empirical("quantiles: {0: 10, .5: 40, 1: 20}"),
    good=_empirical("quantiles: {0: 10, .5: 20, 1: 40}"),
)
NO_TABLE = Code(
    "WW0224",
    "no-table",
    _ERROR,
    "`column:` takes an attribute from the row of the population's table that its agent is given.",
    bad=BASE + "  x: {type: float, column: spending}\n",
    good=BASE + "  x: {type: float, formula: 2 * age}\n",
)

FEW_ROWS = Code(
    "WW0225",
    "too-few-rows",
    _ERROR,
    "Where agents are the rows of a table in their order, there are no more of them than rows.",
)

CODES: tuple[Code, ...] = (FILE, COLUMN, VALUE, TABLE, NO_TABLE, FEW_ROWS)
