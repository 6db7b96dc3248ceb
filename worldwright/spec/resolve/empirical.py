"""Empirical distributions: the table a document writes out, or a column of a file, as weights by value."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

from worldwright.diagnostics import Code, Span
from worldwright.spec.codes import files as codes
from worldwright.spec.data_files import MOST_OPTIONS, DataColumnError, DataFileError, DataValueError
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.parser import day_number
from worldwright.spec.frozen import freeze
from worldwright.spec.packed import Packed
from worldwright.spec.population import AttributeType, Distribution, Empirical
from worldwright.spec.resolve.layers import Scene
from worldwright.spec.scalars import resolve
from worldwright.spec.suggestions import listed
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode, find, key_span

Key = float | str | bool
_NUMBERS = (AttributeType.INT, AttributeType.FLOAT, AttributeType.DATE)
_LARGEST_WHOLE = 2.0**53
_WANTED = {
    AttributeType.INT: "a whole number",
    AttributeType.FLOAT: "a number",
    AttributeType.DATE: "a date such as 2020-01-05",
    AttributeType.BOOLEAN: "true or false",
}


def labels_of(node: MappingNode, name: str, scene: Scene) -> tuple[str, ...]:
    """The labels of an empirical distribution: as written, or as the alphabet has those of a file."""
    weights = _weights(node, AttributeType.CATEGORICAL, name, scene)
    found = tuple(str(label) for label in weights or {})
    return tuple(sorted(found)) if node.get("file") is not None else found


def empirical(
    node: MappingNode,
    kind: AttributeType,
    name: str,
    options: tuple[str, ...],
    scene: Scene,
    ends: Mapping[str, nodes.Expression],
    clamp: bool,
) -> Distribution:
    """The distribution; without a table, and with diagnostics, where that cannot be read.

    Args:
        node: The parameters of the family.
        kind: The type of the attribute.
        name: The attribute, whose column is taken where none is named.
        options: Of a categorical attribute.
        scene: Where diagnostics and files are.
        ends: The expressions of `min` and `max`.
        clamp: As the document says it.
    """
    minimum, maximum = ends.get("min"), ends.get("max")
    if kind is AttributeType.TEXT:
        return Distribution("empirical", freeze({}), node.span, freeze({}), minimum, maximum, clamp)
    if kind in _NUMBERS:
        table = _quantiles(node, kind, scene) if node.get("quantiles") is not None else None
        if node.get("quantiles") is None and (weights := _weights(node, kind, name, scene)) is not None:
            table = _table(weights, _origin(node, name))
        return Distribution("empirical", freeze({}), node.span, freeze({}), minimum, maximum, clamp, table)
    for key in ("quantiles", "min", "max", "clamp"):
        if node.get(key) is not None:
            span = key_span(node, key) or node.span
            scene.diagnostics.append(codes.TABLE.at(span, f"{kind} values have no {key}", help="remove it"))
    weights = _weights(node, kind, name, scene) or {}
    total = math.fsum(weights.values()) or 1.0
    origin = _origin(node, name)
    if kind is AttributeType.BOOLEAN:
        share = nodes.Number(weights.get(True, 0.0) / total, node.span)
        return Distribution("boolean", freeze({"p": share} if weights else {}), node.span, origin=origin)
    unknown = [str(label) for label in weights if label not in options]
    if unknown and options and node.get("file") is not None:
        message = f"the file has {unknown[0]!r}, which is not one of the options"
        scene.diagnostics.append(codes.VALUE.at(_place(node), message, help=listed(options)))
        return Distribution("categorical", freeze({}), node.span)
    shares = {str(label): nodes.Number(w / total, node.span) for label, w in weights.items()}
    ordered = {option: shares[option] for option in options if option in shares}
    return Distribution("categorical", freeze({}), node.span, freeze(ordered), origin=origin)


def _table(weights: Mapping[Key, float], origin: str) -> Empirical:
    points = sorted((float(value), weight) for value, weight in weights.items() if weight > 0)
    return Empirical(Packed.of(p for p, _ in points), Packed.of(w for _, w in points), False, origin)


def _origin(node: MappingNode, name: str) -> str:
    file, column = node.get("file"), node.get("column")
    if not isinstance(file, ScalarNode):
        return ""
    return f"{file.text}, column {column.text if isinstance(column, ScalarNode) else name}"


def _place(node: MappingNode, key: str = "file") -> Span:
    found = find(node, key)
    return found.span if found is not None else node.span


def _weights(node: MappingNode, kind: AttributeType, name: str, scene: Scene) -> dict[Key, float] | None:
    """The weight of each value, read once; None, with diagnostics, where they cannot be read."""
    key = (node.span, kind)
    if key not in scene.weights:
        scene.weights[key] = (
            _of_file(node, kind, name, scene)
            if node.get("file") is not None
            else _written(node.get("values"), kind, scene)
        )
    return scene.weights[key]


# ---- written out


def _written(node: Node | None, kind: AttributeType, scene: Scene) -> dict[Key, float] | None:
    found: dict[Key, float] = {}
    complete = True
    for place, weight in _entries(node):
        value = _value(place, kind)
        if value is None:
            complete = _refuse(scene, place, f"{place.text!r} is not {_WANTED[kind]}")
            continue
        number = _plain_number(weight) if isinstance(weight, ScalarNode) else weight
        if number is None or number < 0:
            assert isinstance(weight, ScalarNode)
            complete = _refuse(
                scene, weight, f"the weight of {place.text} must be a number from 0 on, not {weight.text!r}"
            )
            continue
        if value in found and not isinstance(node, SequenceNode):
            complete = _refuse(scene, place, f"{place.text} stands in the table twice")
            continue
        found[value] = found.get(value, 0.0) + number
    if complete and node is not None and not sum(found.values()) > 0:
        scene.diagnostics.append(codes.TABLE.at(node.span, "the weights are all zero"))
        return None
    return found if complete and found else None


def _entries(node: Node | None) -> Iterator[tuple[ScalarNode, ScalarNode | float]]:
    match node:
        case MappingNode(entries):
            for entry in entries:
                if isinstance(entry.value, ScalarNode):
                    yield entry.key, entry.value
        case SequenceNode(items):
            for item in items:
                if isinstance(item, ScalarNode):
                    yield item, 1.0
        case _:
            return


def _value(node: ScalarNode, kind: AttributeType) -> Key | None:
    """A value of the attribute's type; None where it is none."""
    if kind is AttributeType.CATEGORICAL:
        return node.text
    if kind is AttributeType.DATE:
        days = day_number(node.text)
        return None if days is None else float(days)
    if kind is AttributeType.BOOLEAN:
        return {"true": True, "false": False}.get(node.text.lower())
    number = _plain_number(node)
    if number is None or (kind is AttributeType.INT and not (_whole(number))):
        return None
    return number


def _whole(number: float) -> bool:
    return number == math.floor(number) and abs(number) <= _LARGEST_WHOLE


def _plain_number(node: ScalarNode) -> float | None:
    """The number that is written there; keys of mappings are text, so the text decides."""
    try:
        value = resolve(node.text) if node.text else None
    except ValueError:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value) + 0.0


def _quantiles(node: MappingNode, kind: AttributeType, scene: Scene) -> Empirical | None:
    written = node.get("quantiles")
    points: list[tuple[float, float, ScalarNode]] = []
    complete = True
    for key, value in _entries(written):
        assert isinstance(value, ScalarNode)
        p = _plain_number(key)
        x = _value(value, AttributeType.FLOAT if kind is AttributeType.INT else kind)
        if p is None or not 0 <= p <= 1:
            complete = _refuse(scene, key, f"{key.text!r} is not a probability from 0 to 1")
        elif not isinstance(x, float):
            complete = _refuse(scene, value, f"{value.text!r} is not {_WANTED[kind]}")
        else:
            points.append((p, x, value))
    if not complete or not isinstance(written, MappingNode):
        return None
    points.sort(key=lambda point: point[0])
    for (p, x, _), (q, y, place) in pairwise(points):
        if p == q:
            complete = _refuse(scene, place, f"the probability {p:g} stands in the table twice")
        elif y < x:
            complete = _refuse(
                scene, place, f"the quantile at {q:g} is below that at {p:g}", "quantiles never fall"
            )
    if complete and (points[0][0] != 0 or points[-1][0] != 1):
        end = "0" if points[0][0] != 0 else "1"
        help = "give the least value at 0 and the greatest at 1; nothing is drawn beyond them"
        complete = _refuse(scene, written, f"there is no quantile at {end}", help)
    if complete and points[0][1] == points[-1][1]:
        complete = _refuse(scene, written, "all quantiles are the same", "write a formula for a constant")
    if not complete:
        return None
    return Empirical(Packed.of(x for _, x, _ in points), Packed.of(p for p, _, _ in points), True)


def _refuse(scene: Scene, node: Node, message: str, help: str | None = None) -> bool:
    scene.diagnostics.append(codes.TABLE.at(node.span, message, help=help))
    return False


# ---- from a file


def _of_file(node: MappingNode, kind: AttributeType, name: str, scene: Scene) -> dict[Key, float] | None:
    file, column, weights = (node.get(key) for key in ("file", "column", "weights"))
    if not isinstance(file, ScalarNode):
        return None
    named = column.text if isinstance(column, ScalarNode) else name
    at = "file"
    try:
        table = scene.files.open(node.span.file, file.text)
        at = "column" if column is not None else "file"
        values: list[float | None] | list[str | None]
        match kind:
            case AttributeType.CATEGORICAL:
                values = table.texts(named)
            case AttributeType.BOOLEAN:
                values = table.truths(named)
            case AttributeType.DATE:
                values = table.dates(named)
            case _:
                values = table.numbers(named, whole=kind is AttributeType.INT)
        drop = find(node, "nulls")
        if not (isinstance(drop, ScalarNode) and drop.text == "drop"):
            demand_known(values, named, file.text, "`nulls: drop` leaves such rows out")
        at = "weights"
        by_row = table.weights(weights.text) if isinstance(weights, ScalarNode) else [1.0] * len(values)
    except DataFileError as error:
        scene.diagnostics.append(code_of(error).at(_place(node, at), error.message, help=error.help))
        return None
    found: dict[Key, float] = {}
    for value, weight in zip(values, by_row, strict=True):
        if value is not None:
            key = value == 1.0 if kind is AttributeType.BOOLEAN else value
            found[key] = found.get(key, 0.0) + weight
    what = None
    if not sum(found.values()) > 0:
        what = f"column {named!r} of {file.text!r} has no values"
    elif kind is AttributeType.CATEGORICAL and len(found) > MOST_OPTIONS:
        what = f"column {named!r} has {len(found):,} different labels, more than {MOST_OPTIONS:,}"
    if what is not None:
        scene.diagnostics.append(codes.VALUE.at(_place(node, "column" if column else "file"), what))
        return None
    return found


def demand_known(values: list[float | None] | list[str | None], column: str, path: str, help: str) -> None:
    """Refuse a column with missing values.

    Raises:
        DataValueError: naming the first of them.
    """
    missing = sum(value is None for value in values)
    if missing:
        first = next(row for row, value in enumerate(values, 1) if value is None)
        share = f"{missing:,} of {len(values):,} rows"
        raise DataValueError(f"column {column!r} of {path!r} is empty in {share}, first in row {first}", help)


def code_of(error: DataFileError) -> Code:
    """The code that a refusal is told under."""
    match error:
        case DataColumnError():
            return codes.COLUMN
        case DataValueError():
            return codes.VALUE
        case _:
            return codes.FILE
