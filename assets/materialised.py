"""What a stage shows of itself in Dagster: cache hit, digests, rows, columns, a preview, where it lies."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq

from assets.markdown import table
from worldwright.project.locate import Project
from worldwright.project.stages import Staged

PREVIEW_ROWS = 5
PREVIEW_COLUMNS = 8


def materialised(
    project: Project,
    staged: Staged,
    part: str | None = None,
    *,
    metadata: Mapping[str, dg.MetadataValue[Any] | int | bool | str] | None = None,
    check_results: Sequence[dg.AssetCheckResult] = (),
) -> dg.MaterializeResult[str]:
    """The materialisation of a stage; its value is the keys of what it left in the store.

    Args:
        project: The project.
        staged: What the stage made or found.
        part: The table to show of each of its datasets.
        metadata: What else is worth seeing, shown first.
        check_results: The outcomes of the asset's own checks.
    """
    datasets = staged.datasets
    shown: dict[str, Any] = {**(metadata or {}), "cache hit": staged.hit}
    for name, dataset in datasets.items():
        tail = "" if len(datasets) == 1 else f" ({name})"
        if part is not None:
            shown[f"preview{tail}"] = _preview(dataset.file(dataset.parts_of(part)[0].name))
        shown[f"folder{tail}"] = dg.MetadataValue.path(project.show(dataset.path))
        shown[f"key{tail}"] = dataset.key
        shown[f"digest{tail}"] = dataset.digest
    if part is not None:
        first = next(iter(datasets.values()))
        schema = first.schema(part)
        shown["dagster/column_schema"] = dg.TableSchema(
            columns=[dg.TableColumn(field.name, _type(field.type)) for field in schema]
        )
        shown["dagster/row_count"] = sum(dataset.rows(part) for dataset in datasets.values())
    return dg.MaterializeResult(
        value=" ".join(dataset.key for dataset in datasets.values()),
        data_version=dg.DataVersion(staged.digest),
        metadata=shown,
        check_results=list(check_results),
    )


def _preview(file: Path) -> dg.MarkdownMetadataValue:
    with pq.ParquetFile(file) as parquet:
        names = parquet.schema_arrow.names
        batches = parquet.iter_batches(batch_size=PREVIEW_ROWS, columns=names[:PREVIEW_COLUMNS])
        rows = [row for batch in islice(batches, 1) for row in batch.to_pylist()]
    left_out = len(names) - PREVIEW_COLUMNS
    columns = [*names[:PREVIEW_COLUMNS], *([f"… {left_out} more"] if left_out > 0 else [])]
    return table(columns, [[*row.values(), *([""] if left_out > 0 else [])] for row in rows])


def _type(arrow: Any) -> str:
    """The name of a column's type; a dictionary is that of its values, as DuckDB shows it."""
    if isinstance(arrow, pa.DictionaryType):
        return f"category of {arrow.value_type}"
    return str(arrow)
