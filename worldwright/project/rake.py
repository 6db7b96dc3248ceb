"""Rake a table of people to the margins that a spec knows: a weight for each row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.errors import UsageError
from worldwright.project.specs import loaded_spec

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.population.raking import Raked
    from worldwright.spec import Population


@dataclass(frozen=True)
class RakedFile:
    """What was written, and how the fit went."""

    file: str
    rows: int
    weight: str
    raked: Raked


def rake_file(
    spec: Path, table: Path, out: Path, *, weight: str = "weight", base: str | None = None
) -> RakedFile:
    """Write a table again with a column of weights that gives it a spec's margins.

    Args:
        spec: A population with `marginals:`.
        table: A CSV or Parquet file with a column for each attribute the targets name.
        out: The file to write, `.csv` or `.parquet`.
        weight: The name of the new column.
        base: A column of weights to begin with.

    Raises:
        UsageError: when a file does not exist, cannot be read or written, or is neither CSV nor Parquet.
        DocumentError: when the spec has errors.
        SamplingError: when no weights meet all targets; nothing is written then.
    """
    for path in (table, out):
        if path.suffix not in (".csv", ".parquet"):
            raise UsageError("a table is a .csv or a .parquet file", where=str(path))
    if not out.parent.is_dir():
        raise UsageError(f"the folder {out.parent} does not exist", where=str(out), help="make it first")
    population = loaded_spec(spec).population
    rows = _read(table, population)
    if weight in rows.column_names:
        raise UsageError(f"the table has a column {weight} already", help="name the new one with --weight")
    from worldwright.population.raking import raked_weights

    made = raked_weights(population, rows, base)
    import pyarrow as pa

    whole = rows.append_column(weight, pa.array(made.weights))
    _write(whole, out)
    return RakedFile(str(out), rows.num_rows, weight, made)


def _read(path: Path, population: Population) -> pa.Table:
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    if not path.is_file():
        raise UsageError("no such file", where=str(path), help="name a table of rows to be weighted")
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path)
        # labels are texts, also where they look like numbers
        kinds = {a.name: pa.string() for a in population.attributes if a.options}
        return csv.read_csv(
            path, convert_options=csv.ConvertOptions(column_types=kinds, strings_can_be_null=True)
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(f"cannot be read: {str(error).splitlines()[0]}", where=str(path)) from None


def _write(table: pa.Table, out: Path) -> None:
    import pyarrow.csv as csv

    from worldwright.population import write_parquet

    if out.suffix == ".parquet":
        write_parquet([table], out)
        return
    try:
        csv.write_csv(table, out)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror or error}", where=str(out)) from None
