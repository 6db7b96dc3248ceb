"""A resolved population as the document that declares it: what is written and read again means the same.

Takes a `Population`, gives plain data for `writer.write`. Assumptions and comments are not in a `Population`,
since they enter no meaning, and so not in the document.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worldwright.spec.expressions import canonical, nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import (
    Attribute,
    AttributeType,
    Constraint,
    Correlation,
    Distribution,
    Expectation,
    Margin,
    Marginals,
    Modifier,
    Origin,
    Population,
)
from worldwright.spec.resolve.marginals import options_of

_BOUNDED = ("uniform", "triangular")
_EPOCH = datetime.date(1970, 1, 1)


def document_of(population: Population, origin: Origin = Origin.BASE) -> dict[str, Any]:
    """The document of a population, or of the scenario over it.

    An expectation belongs to the scenario where it names one of its attributes.

    Raises:
        ValueError: where values come from tables (`empirical`): those are not written out.
    """
    in_scenario = origin is Origin.SCENARIO
    own = [a for a in map(population.attribute, population.columns) if a.origin is origin]
    over = {a.name for a in population.attributes if a.origin is Origin.SCENARIO}
    name = (population.scenario or "scenario") if in_scenario else population.name
    document: dict[str, Any] = {
        "worldwright": f"{'scenario' if in_scenario else 'population'}/1",
        "name": name,
    }
    if in_scenario:
        document["extends"] = population.name
    else:
        if population.description:
            document["description"] = population.description
        document["agents"] = population.agents
    if population.sources:
        document["sources"] = {
            key: {field: int(text) if field == "year" else text for field, text in fields.items()}
            for key, fields in population.sources.items()
        }
    document["attributes"] = {attribute.name: declaration_of(attribute) for attribute in own}
    relations = {
        "correlations": [
            _correlation(item)
            for item in population.correlations
            if bool(over & {item.first, item.second}) is in_scenario
        ],
        "constraints": [
            _constraint(item) for item in population.constraints if bool(over & {*item.owners}) is in_scenario
        ],
        "expect": [
            _expectation(item) for item in population.expectations if bool(over & _named(item)) is in_scenario
        ],
    }
    own_tables = [item for item in population.marginals if bool(over & {*item.names}) is in_scenario]
    tables = {"marginals": _marginals(own_tables[0], population)} if own_tables else {}
    return document | tables | {key: items for key, items in relations.items() if items}


def declaration_of(attribute: Attribute) -> dict[str, Any]:
    """An attribute as it is declared in a document."""
    found: dict[str, Any] = {"type": str(attribute.type)}
    if attribute.ordered:
        found["ordered"] = True
    if attribute.type is AttributeType.CATEGORICAL and attribute.distribution is None:
        found["options"] = list(attribute.options)
    if attribute.unit is not None:
        found["unit"] = attribute.unit
    if attribute.description is not None:
        found["description"] = attribute.description
    if attribute.stream != attribute.name:
        found["stream"] = attribute.stream
    if attribute.only_if is not None:
        found["only_if"] = value_of(attribute.only_if)
    if attribute.distribution is not None:
        found["distribution"] = _distribution(attribute.distribution)
    if attribute.formula is not None:
        found["formula"] = value_of(attribute.formula)
    if attribute.template is not None:
        found["template"] = attribute.template
    if attribute.modifiers:
        found["modifiers"] = [_modifier(modifier) for modifier in attribute.modifiers]
    clip = {
        key: _number(end) for key, end in zip(("min", "max"), attribute.clip, strict=True) if end is not None
    }
    if clip:
        found["clip"] = clip
    if attribute.source is not None:
        found["source"] = attribute.source
    return found


def value_of(node: Expression) -> float | str | bool:
    """An expression as a value of a document: a number, `true`, a date, or its text."""
    match node:
        case nodes.Number(value):
            return _number(value)
        case nodes.Boolean(value):
            return value
        case nodes.Date(days):
            return str(_EPOCH + datetime.timedelta(days=days))
        case _:
            return canonical.text(node)


def _distribution(law: Distribution) -> dict[str, Any]:
    if law.table is not None:
        raise ValueError("values of a table are data, and a document names where they are")
    if law.family == "mixture":
        items = [{"share": value_of(part.share)} | _distribution(part.law) for part in law.components]
        return {law.family: items}
    if law.family == "categorical":
        return {law.family: _values(law.weights)}
    if law.family == "boolean":
        return {law.family: value_of(law.parameters["p"])}
    parts: dict[str, Any] = _values(law.parameters)
    if law.family not in _BOUNDED:
        parts |= {
            k: value_of(end) for k, end in (("min", law.minimum), ("max", law.maximum)) if end is not None
        }
    if law.clamp:
        parts["clamp"] = True
    return {law.family: parts}


def _modifier(modifier: Modifier) -> dict[str, Any]:
    found: dict[str, Any] = {"when": value_of(modifier.when)}
    for key in ("multiply", "add", "probability"):
        value: Expression | None = getattr(modifier, key)
        if value is not None:
            found[key] = value_of(value)
    if modifier.weights is not None:
        found["weights"] = _values(modifier.weights)
    if modifier.scale is not None:
        found["scale"] = _values(modifier.scale)
    if modifier.scale_odds is not None:
        found["scale"] = value_of(modifier.scale_odds)
    return found


def _correlation(item: Correlation) -> list[Any]:
    return [item.first, item.second, _number(item.value)]


def _constraint(item: Constraint) -> dict[str, Any]:
    found: dict[str, Any] = {"require": value_of(item.condition), "redraw": list(item.owners)}
    return found | {"on_fail": "drop"} if item.drop else found


def _marginals(item: Marginals, population: Population) -> dict[str, Any]:
    found: dict[str, Any] = {"targets": [_margin(target, population) for target in item.targets]}
    if item.seed is not None:
        found["seed"] = _margin(item.seed, population, "table")
    return found | {"counts": "exact"} if item.exact else found


def _margin(table: Margin, population: Population, key: str | None = None) -> dict[str, Any]:
    key = key or ("shares" if table.is_shares else "totals")
    options = [options_of(population.attribute(name)) for name in table.of]
    values = iter(
        table.values if table.is_shares else [_counted(value, table.total) for value in table.values]
    )
    found = {"of": table.of[0] if len(table.of) == 1 else list(table.of), key: _nested(options, values)}
    return found | {"source": table.source} if table.source is not None else found


def _nested(options: Sequence[tuple[str, ...]], values: Iterator[float]) -> dict[str, Any]:
    first, *rest = options
    return {option: _nested(rest, values) if rest else _number(next(values)) for option in first}


def _counted(value: float, total: float) -> float:
    """What a share was counted as; whole where that gives the same share."""
    count = round(value * total)
    return float(count) if total > 0 and count / total == value else value * total


def _expectation(item: Expectation) -> dict[str, Any]:
    subject: Any = item.of[0] if item.of else None
    if item.condition is not None:
        subject = value_of(item.condition)
    elif item.statistic == "correlation":
        subject = list(item.of)
    found: dict[str, Any] = {item.statistic: subject}
    if item.where is not None:
        found["where"] = value_of(item.where)
    found |= {"is": _number(item.value), "within": _number(item.within)}
    return found | {"source": item.source} if item.source is not None else found


def _named(item: Expectation) -> set[str]:
    parts = [part for part in (item.condition, item.where) if part is not None]
    return {*item.of, *(name for part in parts for name in nodes.names(part))}


def _values(table: Mapping[str, Expression]) -> dict[str, Any]:
    return {key: value_of(value) for key, value in table.items()}


def _number(value: float) -> float:
    return int(value) if value.is_integer() and abs(value) < 1e15 else value
