"""WW0309: a mixture mixes something."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions.reasoning import constant

_LINES = ("distribution:", "  mixture:", "  - {share: 1, normal: {mean: 3, sd: 1}}")

CODE = Code(
    "WW0309",
    "one-component",
    Severity.WARNING,
    "A mixture of one component is that component; probably another was forgotten.",
    bad=drawn("float", "", *_LINES).replace("    distribution: \n", ""),
    good=drawn("float", "{normal: {mean: 3, sd: 1}}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Mixtures with one component, or with one that has all the share."""
    for attribute, law in context.whole_laws():
        if not law.components:
            continue
        if len(law.components) == 1:
            yield CODE.at(law.span, f"the mixture of `{attribute.name}` has one component")
            continue
        for component in law.components:
            if constant(component.share) == 0:
                yield CODE.at(component.share.span, f"a component of `{attribute.name}` is never drawn")


RULE = Rule(CODE, check)
