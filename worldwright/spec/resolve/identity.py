"""The digest of a spec: equal for documents that mean the same.

Comments, names of documents, descriptions, sources, expectations, `agents`, the order of keys and the
spelling of numbers do not enter. What enters besides the attributes' meaning is the order of columns,
since equal digests promise equal tables, and the order of options, since codes are positions in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worldwright.hashing import digest
from worldwright.spec.expressions.canonical import form
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.packed import Packed
from worldwright.spec.population import (
    Attribute,
    Column,
    Constraint,
    Correlation,
    Distribution,
    Margin,
    Marginals,
    Modifier,
    RowTable,
)

VERSION = 1
"""The version of the language whose meaning is hashed."""


def digest_of(
    attributes: tuple[Attribute, ...],
    columns: tuple[str, ...],
    correlations: tuple[Correlation, ...],
    constraints: tuple[Constraint, ...],
    marginals: tuple[Marginals, ...] = (),
    table: RowTable | None = None,
) -> str:
    """The digest of a layer or of a base with its scenario, tagged `spec`."""
    raked = {"marginals": [_marginals(item) for item in marginals]} if marginals else {}
    pairs = [[*sorted((item.first, item.second)), item.value + 0.0] for item in correlations]
    rows: dict[str, Any] = {}
    if table is not None:
        weights = None if table.weights is None else table.weights.digest
        rows["table"] = [table.count, table.in_order, weights]
    return digest(
        "spec",
        {
            **rows,
            "version": VERSION,
            "columns": columns,
            "attributes": {attribute.name: _attribute(attribute) for attribute in attributes},
            "correlations": sorted(pairs),
            **raked,
            "constraints": [[form(item.condition), sorted(item.owners), item.drop] for item in constraints],
        },
    )


def _attribute(attribute: Attribute) -> dict[str, Any]:
    law = attribute.distribution
    # Left out where it is not said, so that digests are those of before there was the word.
    clamp = {"clamp": True} if law is not None and law.clamp else {}
    more = {"column": _column(attribute.column)} if attribute.column is not None else {}
    return {
        **clamp,
        **more,
        **_tables(law),
        "type": str(attribute.type),
        "origin": str(attribute.origin),
        "stream": attribute.stream,
        "unit": attribute.unit,
        "family": law.family if law else None,
        "parameters": _forms(law.parameters if law else {}),
        "weights": _forms(law.weights if law else {}),
        "minimum": _form(law.minimum if law else None),
        "maximum": _form(law.maximum if law else None),
        "modifiers": [_modifier(modifier) for modifier in attribute.modifiers],
        "formula": _form(attribute.formula),
        "only_if": _form(attribute.only_if),
        "template": attribute.template,
        "clip": [None if bound is None else bound + 0.0 for bound in attribute.clip],
        "options": attribute.options,
        "ordered": attribute.ordered,
    }


def _marginals(marginals: Marginals) -> dict[str, Any]:
    return {
        "targets": sorted(map(_margin, marginals.targets)),
        "seed": None if marginals.seed is None else _margin(marginals.seed),
        "exact": marginals.exact,
    }


def _margin(table: Margin) -> list[Any]:
    return [list(table.of), list(table.values)]


def _tables(law: Distribution | None) -> dict[str, Any]:
    """What a distribution has besides parameters; left out where there is nothing."""
    found: dict[str, Any] = {}
    if law is not None and law.table is not None:
        table = law.table
        found["table"] = [table.points.digest, table.shares.digest, table.quantiles]
    if law is not None and law.family == "mixture":
        found["components"] = [[form(part.share), _law(part.law)] for part in law.components]
    return found


def _law(law: Distribution) -> dict[str, Any]:
    return {
        **_tables(law),
        "family": law.family,
        "parameters": _forms(law.parameters),
        "weights": _forms(law.weights),
        "minimum": _form(law.minimum),
        "maximum": _form(law.maximum),
        "clamp": law.clamp,
    }


def _column(column: Column) -> str:
    if isinstance(column.values, Packed):
        return column.values.digest
    return digest("column", column.values)


def _modifier(modifier: Modifier) -> dict[str, Any]:
    return {
        "when": form(modifier.when),
        "multiply": _form(modifier.multiply),
        "add": _form(modifier.add),
        "weights": None if modifier.weights is None else _forms(modifier.weights),
        "scale": None if modifier.scale is None else _forms(modifier.scale),
        "probability": _form(modifier.probability),
        "scale_odds": _form(modifier.scale_odds),
    }


def _forms(expressions: Mapping[str, Expression]) -> dict[str, Any]:
    return {name: form(expression) for name, expression in expressions.items()}


def _form(expression: Expression | None) -> Any:
    return None if expression is None else form(expression)
