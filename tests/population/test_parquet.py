from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.population.backends.specs import with_scenario
from tests.population.builder import build
from worldwright.errors import SamplingError, UsageError
from worldwright.population import batches, plan, sample, schema_of, write_parquet, write_parts

SMALL = {
    "x": {"distribution": {"uniform": {"min": 0, "max": 1}}},
    "k": {"type": "int", "distribution": {"poisson": {"mean": 2}}},
}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    population = with_scenario()
    made = plan(population, 1)
    rows = write_parquet(batches(made, 3000, size=1000), tmp_path / "agents.parquet")
    assert rows == 3000
    table = pq.read_table(tmp_path / "agents.parquet")
    assert table.schema.equals(schema_of(population))
    assert table.equals(sample(made, 0, 3000))


def test_bytes_depend_on_content_alone(tmp_path: Path) -> None:
    made = plan(build(SMALL), 1)
    sizes = [300_000, 65536, 1777 * 11]
    for size in sizes:
        write_parquet(batches(made, 300_000, size=size), tmp_path / f"{size}.parquet")
    contents = {(tmp_path / f"{size}.parquet").read_bytes() for size in sizes}
    assert len(contents) == 1
    layout = pq.ParquetFile(tmp_path / "65536.parquet").metadata
    assert [layout.row_group(i).num_rows for i in range(layout.num_row_groups)] == [131072, 131072, 37856]


def test_only_categories_and_integers_have_dictionaries(tmp_path: Path) -> None:
    path = tmp_path / "agents.parquet"
    write_parquet([sample(plan(with_scenario(), 1), 0, 5000)], path)
    group = pq.ParquetFile(path).metadata.row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    assert {column.compression for column in columns} == {"ZSTD"}
    encoded = {c.path_in_schema for c in columns if any("DICTIONARY" in e for e in c.encodings)}
    assert encoded == {
        "age", "experience", "rank", "nights", "cases", "wins", "place", "born"
    }  # fmt: skip


def test_unordered_rows_have_statistics_of_whole_numbers_alone(tmp_path: Path) -> None:
    table = sample(plan(with_scenario(), 1), 0, 5000)
    for unordered in (False, True):
        write_parquet([table], tmp_path / "agents.parquet", unordered=unordered)
        group = pq.ParquetFile(tmp_path / "agents.parquet").metadata.row_group(0)
        columns = [group.column(i) for i in range(group.num_columns)]
        found = {column.path_in_schema for column in columns if column.is_stats_set}
        whole = {"age", "experience", "nights", "cases", "wins", "born"}
        assert found == (whole if unordered else set(table.column_names))
        assert pq.read_table(tmp_path / "agents.parquet").equals(table)


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "agents.parquet"
    write_parquet([sample(plan(build(SMALL), 1), 0, 10)], path)
    before = path.read_bytes()
    attributes = {**SMALL, "y": {"formula": "log(x - 0.001)"}}
    with pytest.raises(SamplingError):
        write_parquet(batches(plan(build(attributes), 1), 50_000, size=1000), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["agents.parquet"]


def test_no_agents_are_an_empty_table(tmp_path: Path) -> None:
    population = build(SMALL)
    path = tmp_path / "none.parquet"
    assert write_parquet(batches(plan(population, 1), 0), path, schema=schema_of(population)) == 0
    assert pq.read_table(path).schema.equals(schema_of(population))
    with pytest.raises(UsageError, match="no table to write"):
        write_parquet([], path)


def test_streaming_holds_one_table_at_a_time(tmp_path: Path) -> None:
    made = plan(build(SMALL), 1)
    write_parquet(batches(made, 1000), tmp_path / "warm.parquet")
    pool = pa.default_memory_pool()
    peaks: list[int] = []

    def watched() -> object:
        for table in batches(made, 2_000_000, size=1 << 16):
            peaks.append(pool.bytes_allocated())
            yield table

    write_parquet(watched(), tmp_path / "large.parquet")  # type: ignore[arg-type]
    assert len(peaks) == 31
    # flat: the second half needs no more than the first, within one row group of 16-byte rows
    assert max(peaks[15:]) <= max(peaks[:15]) + 131072 * 16


def test_parts_are_the_files_of_their_rows(tmp_path: Path) -> None:
    made = plan(with_scenario(), 1)
    assert write_parts(batches(made, 2500, size=700), tmp_path / "all", part=1000) == 2500
    parts = sorted((tmp_path / "all").iterdir())
    assert [path.name for path in parts] == ["part-00000.parquet", "part-00001.parquet", "part-00002.parquet"]
    for number, part in enumerate(parts):
        write_parquet(
            [sample(made, 1000 * number, min(1000, 2500 - 1000 * number))], tmp_path / "one.parquet"
        )
        assert part.read_bytes() == (tmp_path / "one.parquet").read_bytes()


def test_a_part_of_several_row_groups_is_full_and_none_is_empty(tmp_path: Path) -> None:
    made = plan(build(SMALL), 1)
    write_parts(batches(made, 3 << 18), tmp_path, part=1 << 18)
    layouts = [pq.read_metadata(path) for path in sorted(tmp_path.iterdir())]
    assert [(layout.num_row_groups, layout.num_rows) for layout in layouts] == [(2, 1 << 18)] * 3


def test_no_agents_are_one_part_without_rows(tmp_path: Path) -> None:
    population = build(SMALL)
    assert write_parts([], tmp_path, schema=schema_of(population)) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["part-00000.parquet"]
    assert pq.read_table(tmp_path / "part-00000.parquet").schema.equals(schema_of(population))


def test_a_failure_leaves_no_part_that_is_not_complete(tmp_path: Path) -> None:
    made = plan(build({**SMALL, "y": {"formula": "log(x - 0.001)"}}), 1)
    with pytest.raises(SamplingError):
        write_parts(batches(made, 50_000, size=100), tmp_path, part=300)
    assert {pq.read_metadata(path).num_rows for path in tmp_path.iterdir()} <= {300}


@pytest.mark.parametrize("part", [0, -1, (1 << 17) + 1])
def test_a_part_that_would_cut_a_row_group_is_refused(tmp_path: Path, part: int) -> None:
    with pytest.raises(UsageError, match="a part has"):
        write_parts(batches(plan(build(SMALL), 1), 10), tmp_path / "no", part=part)
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("name", ["nowhere/x.parquet", "x" * 300, "folder"])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    made = plan(build(SMALL), 1)
    with pytest.raises(UsageError, match="cannot be written: "):
        write_parquet(batches(made, 10), tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    with pytest.raises(UsageError, match="without a name"):
        write_parquet(batches(made, 10), Path())
