"""The type of an attribute that does not declare it: what the way it comes about determines."""

from __future__ import annotations

from worldwright.spec import documents
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import AttributeType

_FAMILIES = {"categorical": AttributeType.CATEGORICAL, "boolean": AttributeType.BOOLEAN}
_COUNTS = frozenset({"poisson", "binomial", "negative_binomial", "geometric"})


def type_of(document: documents.Attribute, formula: Expression | None) -> AttributeType | None:
    """The declared type, or the one that the distribution, template or formula leaves no choice of.

    None where there is a choice: numbers are whole or not, and days are numbers too.
    """
    if document.type is not None:
        return AttributeType(document.type)
    if document.distribution is not None:
        parts = document.distribution.mixture or [document.distribution]
        families = {part.family for part in parts}
        return _FAMILIES.get(families.pop()) if len(families) == 1 else None
    if document.template is not None:
        return AttributeType.TEXT
    if formula is None:
        return None
    if _is_condition(formula):
        return AttributeType.BOOLEAN
    return AttributeType.CATEGORICAL if labels_of(formula) is not None else None


def is_contradicted(document: documents.Attribute) -> bool:
    """Whether the declared type is one that no family of the distribution gives.

    Which of the two is meant cannot be told, so what reads the attribute is not judged by either.
    """
    if document.type is None or document.distribution is None:
        return False
    parts = document.distribution.mixture or [document.distribution]
    families = {part.family for part in parts} - {"empirical"}
    given = {_FAMILIES.get(family) for family in families}
    labels = frozenset(_FAMILIES.values())
    declared = AttributeType(document.type)
    return bool(given) and (declared in labels or given <= labels) and declared not in given


def assumed_type(document: documents.Attribute) -> AttributeType:
    """What a distribution without a type is checked as, once its type has been asked for."""
    distribution = document.distribution
    is_count = distribution is not None and distribution.family in _COUNTS
    return AttributeType.INT if is_count else AttributeType.FLOAT


def _is_condition(node: Expression) -> bool:
    """Whether an expression is true or false whatever the names in it are."""
    match node:
        case nodes.Boolean() | nodes.Compare() | nodes.And() | nodes.Or() | nodes.Not():
            return True
        case nodes.In() | nodes.IsKnown():
            return True
        case nodes.IfElse(_, then, otherwise):
            return _is_condition(then) or _is_condition(otherwise)
        case _:
            return False


def labels_of(node: Expression) -> tuple[str, ...] | None:
    """The labels that a formula can give, where all its branches are written out."""
    match node:
        case nodes.Label(value):
            return (value,)
        case nodes.IfElse(_, then, otherwise):
            first, second = labels_of(then), labels_of(otherwise)
            return None if first is None or second is None else tuple(dict.fromkeys((*first, *second)))
        case _:
            return None
