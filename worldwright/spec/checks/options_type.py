"""WW0315: only categorical attributes have options and an order of them."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.population import AttributeType

CODE = Code(
    "WW0315",
    "options-type",
    Severity.ERROR,
    "Options are the labels of categorical attributes; values of other types are ordered or not by nature.",
    bad=drawn("float", "{normal: {mean: 3, sd: 1}}", "ordered: true"),
    good=drawn("categorical", "{categorical: {low: .5, high: .5}}", "ordered: true"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """`options` and `ordered` where the type is not categorical, `template` where it is not text."""
    for attribute in context.population.attributes:
        document = context.declared[attribute.name].document
        kind = attribute.type
        found = {
            "ordered": document.ordered and kind is not AttributeType.CATEGORICAL,
            "options": document.options is not None and kind is not AttributeType.CATEGORICAL,
            "template": document.template is not None and kind is not AttributeType.TEXT,
        }
        for key, wrong in found.items():
            if wrong:
                message = f"`{attribute.name}` is {kind}, which takes no `{key}`"
                yield CODE.at(context.span(attribute.name, key), message, help="remove it")


RULE = Rule(CODE, check)
