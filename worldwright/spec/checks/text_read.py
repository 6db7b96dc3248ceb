"""WW0316: nothing is computed from a text."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import BASE
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.plan import expressions
from worldwright.spec.population import AttributeType

_NOTE = '  note: {type: text, template: "{rank} of {age}"}\n'
CODE = Code(
    "WW0316",
    "text-read",
    Severity.ERROR,
    "Texts are written last, from what has been decided; labels are for what others depend on.",
    bad=BASE + _NOTE + "  first: {type: boolean, formula: note == 'chief of 30'}\n",
    good=BASE + _NOTE + "  first: {type: boolean, formula: rank == 'chief' and age == 30}\n",
)
_HELP = "read the attributes it is made of; whether it `is known` may be asked"


def check(context: Context) -> Iterator[Diagnostic]:
    """Expressions and templates that read a text."""
    texts = {name for name, item in context.attributes.items() if item.type is AttributeType.TEXT}
    if not texts:
        return
    for node in _everywhere(context):
        for name in _read(node):
            if name.name in texts:
                message = f"`{name.name}` is a text, and nothing can be computed from it"
                yield CODE.at(name.span, message, help=_HELP)
    for attribute in context.population.attributes:
        read = [name for name in attribute.reads if name in texts]
        if attribute.template is not None and read:
            message = f"the template of `{attribute.name}` holds `{read[0]}`, which is a text itself"
            yield CODE.at(context.span(attribute.name, "template"), message, help=_HELP)


def _everywhere(context: Context) -> Iterator[Expression]:
    for attribute in context.population.attributes:
        yield from expressions(attribute)
    for constraint in context.population.constraints:
        yield constraint.condition
    for expectation in context.population.expectations:
        yield from (part for part in (expectation.condition, expectation.where) if part is not None)


def _read(node: Expression) -> Iterator[nodes.Name]:
    """The names whose values an expression needs, and not only whether they have one."""
    match node:
        case nodes.Name():
            yield node
        case nodes.IsKnown():
            return
        case _:
            for part in nodes.children(node):
                yield from _read(part)


RULE = Rule(CODE, check)
