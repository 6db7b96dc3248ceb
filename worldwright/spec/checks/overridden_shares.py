"""WW0529: an attribute's own distribution says what its marginals say."""

from __future__ import annotations

import math
from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.raked import named, sound_groups
from worldwright.spec.codes.marginals import raked
from worldwright.spec.expressions.canonical import number
from worldwright.spec.population import Attribute, AttributeType

CLOSE = 0.0005
"""Differences of shares that come from rounding to three digits."""

CODE = Code(
    "WW0529",
    "overridden-shares",
    Severity.WARNING,
    "Agents are drawn with the shares of the marginals; a reader of the distribution would believe others.",
    bad=raked("{of: rank, shares: {chief: .2, senior: .8}, assumption: true}"),
    good=raked("{of: rank, shares: {chief: .4, senior: .6}, assumption: true}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Attributes whose shares follow from a target."""
    for marginals, group in sound_groups(context):
        from worldwright.spec.raking.groups import declared_shares
        from worldwright.spec.raking.tables import margin, projection

        told: set[str] = set()
        for number_of, target in enumerate(group.targets):
            shape = [group.shape[axis] for axis in target.axes]
            for place, axis in enumerate(target.axes):
                attribute = context.attributes[group.members[axis]]
                declared = declared_shares(attribute)
                if attribute.name in told or declared is None:
                    continue
                told.add(attribute.name)
                raked_to = margin(target.shares, projection(shape, (place,)), group.shape[axis]).tolist()
                apart = [abs(a - b) for a, b in zip(raked_to, declared, strict=True)]
                worst = apart.index(max(apart))
                if apart[worst] <= CLOSE:
                    continue
                label = group.labels[axis][worst]
                said, meant = (number(float(f"{x:.4g}")) for x in (declared[worst], raked_to[worst]))
                table = marginals.targets[group.sources[number_of]]
                what = f"`{attribute.name}` is {label!r} with share"
                message = f"{what} {meant} by the marginals, and with {said} by its distribution"
                related = ((table.span, f"the table of {named(table)}"),)
                fix = _fix(attribute, raked_to)
                span = context.place(attribute.name, "distribution")
                yield CODE.at(span, message, help="declare what is drawn", fix=fix, related=related)


def _fix(attribute: Attribute, shares: list[float]) -> Fix | None:
    law = attribute.distribution
    if law is None or law.components:
        return None
    rounded = [round(share, 6) for share in shares]
    if attribute.type is AttributeType.BOOLEAN:
        edits = [Edit(law.parameters["p"].span, number(rounded[1]))]
    else:
        largest = rounded.index(max(rounded))
        rounded[largest] = round(1 - math.fsum(r for i, r in enumerate(rounded) if i != largest), 6)
        spans = [law.weights[option].span for option in attribute.options]
        edits = [Edit(span, number(share)) for span, share in zip(spans, rounded, strict=True)]
    return Fix("write the shares of the marginals", tuple(edits))


RULE = Rule(CODE, check)
