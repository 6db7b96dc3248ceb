"""WW0140 and on: two documents that cannot be worked on together."""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity

UNALIGNED = Code(
    "WW0140",
    "unaligned",
    Severity.ERROR,
    "Only numbers that stand in the same place of both documents have something between them.",
)
NOT_MERGEABLE = Code(
    "WW0141",
    "not-mergeable",
    Severity.ERROR,
    "What has one name in a merged population must be one thing: one type, the same options, one unit.",
)
CODES = (UNALIGNED, NOT_MERGEABLE)
