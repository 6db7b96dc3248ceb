"""Which meaning a file has: the same words meant different things to different releases.

Sources: the history of both projects. Lognormal parameters were those of the logarithm until the sampler of
2025-12-18 15:23; the first files kept with ranked modifiers were written on 2026-02-20.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from worldwright.diagnostics import Diagnostic, Span
from worldwright.spec.entropy import codes
from worldwright.spec.entropy.documents import Attribute, Meta, Semantics

_REAL_LOGNORMAL = datetime(2025, 12, 18, 15, 23, tzinfo=UTC)
_RANKED = datetime(2026, 2, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """The meaning a file is read with."""

    ranked: bool
    """Of several weights or probabilities that match, the most specific condition wins, not the last."""
    log_space: bool
    """Mean and std of a lognormal distribution are those of the logarithm."""


def reading_of(
    meta: Meta, semantics: Semantics | None, attributes: list[Attribute], span: Span | None
) -> tuple[Reading, list[Diagnostic]]:
    """The meaning of a file, and the notes that declare it."""
    written = _date(meta.created_at)
    asked = semantics or Semantics()
    ranked, why = _by_date(written, _RANKED, True)
    if asked.modifiers is not None:
        ranked, why = asked.modifiers == "ranked", "as `semantics:` says"
    first = "the most specific of several matching" if ranked else "the last of several matching"
    found = [
        codes.SEMANTICS.at(
            span,
            f"{first} weights or probabilities wins ({'ranked' if ranked else 'last_wins'}, {why})",
            help="`semantics: {modifiers: last_wins}` or `ranked` at the top of the file says otherwise",
        ),
        codes.SEMANTICS.at(
            span,
            "min and max of a distribution clamp: values beyond them lie on them, before and after modifiers",
        ),
    ]
    if not any(_is_lognormal(attribute) for attribute in attributes):
        return Reading(ranked, False), found
    real, why = _by_date(written, _REAL_LOGNORMAL, True)
    if not real and not _possible_in_logs(attributes):
        real, why = True, "since as those of its logarithm they would leave the bounds"
    if asked.lognormal is not None:
        real, why = asked.lognormal == "variable", "as `semantics:` says"
    whose = "the variable itself" if real else "its logarithm"
    found.append(
        codes.SEMANTICS.at(
            span,
            f"mean and std of a lognormal distribution are those of {whose} ({why})",
            help="`semantics: {lognormal: log}` or `variable` at the top of the file says otherwise",
        )
    )
    return Reading(ranked, not real), found


def _by_date(written: datetime | None, since: datetime, undated: bool) -> tuple[bool, str]:
    if written is None:
        return undated, "as the latest release has it"
    later = written >= since
    return later, f"as releases {'since' if later else 'before'} {since:%Y-%m-%d} have it"


def _date(text: str | None) -> datetime | None:
    try:
        written = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return written.replace(tzinfo=UTC) if written is not None else None


def _is_lognormal(attribute: Attribute) -> bool:
    law = attribute.sampling.distribution
    return law is not None and law.type == "lognormal"


def _possible_in_logs(attributes: list[Attribute]) -> bool:
    """Whether the median e^mean of every lognormal distribution lies within its bounds, or below 10¹²."""
    for attribute in attributes:
        law = attribute.sampling.distribution
        if law is None or law.type != "lognormal" or law.mean is None:
            continue
        highest = min(
            [
                law.max if law.max is not None else 1e12,
                *(
                    c.value
                    for c in attribute.constraints
                    if c.type in ("hard_max", "max") and c.value is not None
                ),
            ]
        )
        if highest <= 0 or law.mean > math.log(highest):
            return False
    return True
