"""The population's table: the file whose rows are agents, and the attributes that are taken from it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from worldwright.diagnostics import Span
from worldwright.spec import documents
from worldwright.spec.codes import files as codes
from worldwright.spec.data_files import MOST_OPTIONS, DataFile, DataFileError, DataValueError
from worldwright.spec.packed import Packed
from worldwright.spec.population import AttributeType, Column, Origin, RowTable
from worldwright.spec.resolve.empirical import code_of, demand_known
from worldwright.spec.resolve.layers import Declared, Layer, Scene
from worldwright.spec.suggestions import listed
from worldwright.spec.tree import find, key_span

Cells = list[float | None] | list[str | None]


@dataclass(frozen=True)
class Taken:
    """What was read of the table: its rows, and the cells of each attribute that could be read."""

    rows: RowTable | None
    cells: Mapping[str, Cells]

    def labels(self, name: str) -> tuple[str, ...]:
        """The labels of a categorical attribute, in the order of the alphabet."""
        return tuple(sorted({str(label) for label in self.cells.get(name, ()) if label is not None}))

    def is_missing_somewhere(self, name: str) -> bool:
        """Whether some agents have no value."""
        return any(cell is None for cell in self.cells.get(name, ()))

    def column(self, declared: Declared, options: tuple[str, ...], scene: Scene) -> Column | None:
        """The values of an attribute; None where it is not taken from the table, or could not be read."""
        name = declared.document.column
        cells = self.cells.get(declared.name)
        if name is None or cells is None:
            return None
        if declared.document.type == "text":
            return Column(name, tuple(None if cell is None else str(cell) for cell in cells))
        if declared.document.type == "categorical":
            strange = [label for label in self.labels(declared.name) if label not in options]
            if strange:
                message = f"the column has {strange[0]!r}, which is not one of the options"
                span = declared.span_of("column")
                scene.diagnostics.append(codes.VALUE.at(span, message, help=listed(options)))
                return None
            code = {option: float(position) for position, option in enumerate(options)}
            return Column(name, Packed.of(math.nan if cell is None else code[str(cell)] for cell in cells))
        return Column(name, Packed.of(math.nan if cell is None else float(cell) for cell in cells))


NOTHING = Taken(None, {})


def taken(layers: Sequence[Layer], declared: Iterable[Declared], scene: Scene) -> Taken:
    """Read the table of a population; what is wrong becomes diagnostics."""
    named = (item for item in declared if item.document.column is not None)
    columns = [item for item in named if item.document.type is not None]  # which has been asked for
    base = layers[0]
    table = base.document.table if isinstance(base.document, documents.PopulationDocument) else None
    if table is None:
        if ("table",) not in base.lost:
            for item in columns:
                message = f"`{item.name}` is a column, and the population has no table"
                help = "add `table: {file: NAME.csv}` to the population"
                scene.diagnostics.append(codes.NO_TABLE.at(item.span_of("column"), message, help=help))
        return NOTHING
    for item in columns:
        if item.origin is Origin.SCENARIO:
            message = f"`{item.name}` would be a column of the base's table"
            help = "a scenario adds what it draws or computes; take the column in the base"
            scene.diagnostics.append(codes.NO_TABLE.at(item.span_of("column"), message, help=help))
    own = [item for item in columns if item.origin is Origin.BASE]
    return _read(base, table, own, scene)


def _read(base: Layer, table: documents.Table, columns: Sequence[Declared], scene: Scene) -> Taken:
    place = find(base.node, "table", "file")
    assert place is not None
    try:
        file = scene.files.open(place.span.file, table.file)
    except DataFileError as error:
        scene.diagnostics.append(code_of(error).at(place.span, error.message, help=error.help))
        return NOTHING
    cells: dict[str, Cells] = {}
    for item in columns:
        try:
            cells[item.name] = _cells(file, table, item)
        except DataFileError as error:
            scene.diagnostics.append(
                code_of(error).at(item.span_of("column"), error.message, help=error.help)
            )
    weights: list[float] | None = None
    if table.weights is not None:
        try:
            weights = file.weights(table.weights)
        except DataFileError as error:
            span = _span(base, "table", "weights")
            scene.diagnostics.append(code_of(error).at(span, error.message, help=error.help))
    if table.nulls == "drop":
        kept = [all(column[i] is not None for column in cells.values()) for i in range(file.rows)]
        if not any(kept):
            message = f"every row of {table.file!r} has an empty field in a column that is taken"
            scene.diagnostics.append(codes.VALUE.at(place.span, message))
            return NOTHING
        cells = {name: _chosen(column, kept) for name, column in cells.items()}
        weights = None if weights is None else [w for w, keep in zip(weights, kept, strict=True) if keep]
    else:
        kept = [True] * file.rows
    count = sum(kept)
    _check_agents(base, table, count, scene)
    packed = None if weights is None else Packed.of(weights)
    return Taken(RowTable(table.file, count, table.rows == "in_order", packed), cells)


def _cells(file: DataFile, table: documents.Table, item: Declared) -> Cells:
    column = item.document.column
    assert column is not None and item.document.type is not None
    found: Cells
    match AttributeType(item.document.type):
        case AttributeType.INT:
            found = file.numbers(column, whole=True)
        case AttributeType.FLOAT:
            found = file.numbers(column)
        case AttributeType.DATE:
            found = file.dates(column)
        case AttributeType.BOOLEAN:
            found = file.truths(column)
        case AttributeType.CATEGORICAL:
            found = file.texts(column)
            if len(labels := set(found)) > MOST_OPTIONS:
                raise _too_many(column, len(labels))
        case AttributeType.TEXT:
            found = file.texts(column)
    if table.nulls == "error":
        help = "say `nulls: keep` in the table, or `nulls: drop` to leave such rows out"
        demand_known(found, column, table.file, help)
    return found


def _too_many(column: str, count: int) -> DataFileError:
    message = f"column {column!r} has {count:,} different labels, more than {MOST_OPTIONS:,}"
    return DataValueError(message, "what is different for each agent is `type: text`")


def _chosen(cells: Cells, kept: Sequence[bool]) -> Cells:
    return [cell for cell, keep in zip(cells, kept, strict=True) if keep]  # type: ignore[return-value]


def _check_agents(base: Layer, table: documents.Table, count: int, scene: Scene) -> None:
    document = base.document
    assert isinstance(document, documents.PopulationDocument)
    if table.rows == "in_order" and "agents" in document.model_fields_set and document.agents > count:
        message = f"{document.agents:,} agents are wanted, and the table has {count:,} rows"
        help = f"say `agents: {count}` or less, or `rows: draw` to draw rows as often as needed"
        scene.diagnostics.append(codes.FEW_ROWS.at(_span(base, "agents"), message, help=help))


def _span(layer: Layer, *path: str | int) -> Span:
    found = find(layer.node, *path)
    return found.span if found is not None else key_span(layer.node, *path) or layer.node.span
