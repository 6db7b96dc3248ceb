"""WW0401: what a modifier changes fits the attribute's type."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import modified
from worldwright.spec.population import AttributeType, Modifier
from worldwright.spec.resolve.kinds import is_contradicted, type_of

CODE = Code(
    "WW0401",
    "modifier-field",
    Severity.ERROR,
    "Numbers are multiplied and added to, labels reweighed, and the probability of true replaced or scaled.",
    bad=modified("categorical", "{categorical: {a: .5, b: .5}}", "when: age > 50, multiply: 2"),
    good=modified("categorical", "{categorical: {a: .5, b: .5}}", "when: age > 50, scale: {a: 2}"),
)
_FIELDS: dict[AttributeType, tuple[str, ...]] = {
    AttributeType.INT: ("multiply", "add"),
    AttributeType.FLOAT: ("multiply", "add"),
    AttributeType.CATEGORICAL: ("weights", "scale"),
    AttributeType.BOOLEAN: ("probability", "scale_odds"),
    AttributeType.DATE: (),
    AttributeType.TEXT: (),
}
_FORMS = {
    "multiply": "multiply: 1.2",
    "add": "add: 3",
    "weights": "weights: {a: .3, b: .7}",
    "scale": "scale: {a: 2}",
    "probability": "probability: .4",
    "scale_odds": "scale: 2",
}


def check(context: Context) -> Iterator[Diagnostic]:
    """Every modifier against the type, and modifiers where nothing is drawn."""
    for attribute in context.population.attributes:
        document = context.declared[attribute.name].document
        if type_of(document, attribute.formula) is None or is_contradicted(document):
            continue  # what it is has to be said first
        if document.distribution is None:
            if attribute.modifiers:
                message = f"`{attribute.name}` is computed, and only what is drawn is modified"
                yield CODE.at(
                    attribute.modifiers[0].span, message, help="put the cases into the formula: a if c else b"
                )
            continue
        allowed = _FIELDS[attribute.type]
        for modifier in attribute.modifiers:
            for field in _given(modifier):
                if field not in allowed:
                    forms = " or ".join(f"`{_FORMS[name]}`" for name in allowed)
                    key = _FORMS[field].split(":")[0]
                    message = f"`{key}` in this form does not fit {attribute.type} values"
                    help = f"write {forms}" if forms else "use a formula"
                    yield CODE.at(context.modifier_span(attribute.name, modifier, key), message, help=help)


def _given(modifier: Modifier) -> list[str]:
    return [field for field in _FORMS if getattr(modifier, field) is not None]


RULE = Rule(CODE, check)
