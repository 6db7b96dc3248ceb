"""One row of a quality report, and the table they form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Verdict = Literal["pass", "warn", "fail"]
Kind = Literal["branch", "expectation", "modifier", "correlation", "clip", "constraint", "marginal"]

SCHEMA = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("attribute", pa.string(), nullable=False),
        pa.field("branch", pa.string(), nullable=False),
        pa.field("declared", pa.float64()),
        pa.field("achieved", pa.float64()),
        pa.field("tolerance", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("n", pa.int64(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one test found.

    `branch` says for which agents of the attribute; an empty one means all. `p_value` is not yet corrected
    for the number of tests; the verdict is.
    """

    kind: Kind
    attribute: str
    text: str
    n: int
    verdict: Verdict = "pass"
    branch: str = ""
    declared: float | None = None
    achieved: float | None = None
    tolerance: float | None = None
    p_value: float | None = None


def table_of(findings: Iterable[Finding]) -> pa.Table:
    """The findings as a table, in their order."""
    rows = [{name: getattr(finding, name) for name in SCHEMA.names} for finding in findings]
    return pa.Table.from_pylist(rows, schema=SCHEMA)
