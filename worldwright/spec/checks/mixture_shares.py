"""WW0308: the shares of a mixture's components sum to 1."""

from __future__ import annotations

import math
from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.checks.weights_sum import TOLERANCE
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.reasoning import constant, range_of

_LINES = (
    "distribution:",
    "  mixture:",
    "  - {share: .7, normal: {mean: 3, sd: 1}}",
    "  - {share: %s, normal: {mean: 9, sd: 2}}",
)


def _mixed(share: str) -> str:
    return drawn("float", "", *_LINES).replace("    distribution: \n", "") % share


CODE = Code(
    "WW0308",
    "mixture-shares",
    Severity.ERROR,
    "Every agent is drawn from one of the components, so their shares are shares of the whole.",
    bad=_mixed(".2"),
    good=_mixed(".3"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Constant shares that do not sum to 1, and shares that are never 0 or more."""
    for attribute, law in context.whole_laws():
        shares = [component.share for component in law.components]
        for share in shares:
            if range_of(share, context.reach).high < 0:
                yield CODE.at(share.span, f"a component of `{attribute.name}` has a share below 0")
        known = [value for share in shares if (value := constant(share)) is not None]
        if not shares or len(known) < len(shares) or min(known) < 0:
            continue
        total = math.fsum(known)
        if abs(total - 1) <= TOLERANCE:
            continue
        message = (
            f"the shares of the components of `{attribute.name}` sum to {number(round(total, 9))}, not 1"
        )
        rest = round(1 - (total - known[-1]), 9)
        edit = Edit(shares[-1].span, number(rest))
        fix = Fix(f"write {number(rest)} for the last", (edit,)) if 0 < rest < 1 else None
        yield CODE.at(law.span, message, fix=fix)


RULE = Rule(CODE, check)
