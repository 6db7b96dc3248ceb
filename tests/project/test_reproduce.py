"""A stored run done again: the same bytes, or a word on what is different."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from worldwright.errors import UsageError
from worldwright.executors import serial
from worldwright.project.locate import Project
from worldwright.project.query import run_query
from worldwright.project.reproduce import reproduce
from worldwright.project.run import run_experiment


def run_of(project: Project, name: str, cell: int, replicate: int) -> str:
    with serial() as executor:
        run_experiment(project, name, executor, lambda _: None)
    sql = f"select run from runs where experiment = '{name}' and cell = {cell} and replicate = {replicate}"
    return run_query(project, sql).column("run")[0].as_py()


def test_a_run_comes_out_the_same_to_the_byte(tiny: Project) -> None:
    key = run_of(tiny, "rumour", 2, 1)
    before = sorted(tiny.data.rglob("*"))
    found = reproduce(tiny, key)
    assert found.same and found.digest == found.again
    assert (found.experiment, found.cell, found.replicate) == ("rumour", "spread=0.6, first=2", 1)
    assert {part.name: part.difference for part in found.parts} == {
        "agents.parquet": None,
        "errors.parquet": None,
        "metrics.parquet": None,
    }
    assert sorted(tiny.data.rglob("*")) == before, "the store is left as it was"


def test_a_result_that_does_not_come_out_is_named_with_its_place(tiny: Project) -> None:
    key = run_of(tiny, "growth", 1, 0)
    stored = tiny.store.get(key)
    tables = {name: stored.table(name) for name in stored.parts}
    metrics = tables["metrics.parquet"]
    at = pc.index(metrics.column("tick"), 7).as_py()
    values = metrics.column("value").to_pylist()
    values[at] += 1
    altered = metrics.set_column(metrics.column_names.index("value"), "value", pa.array(values, pa.float64()))

    def write(folder: Path) -> dict[str, object]:
        for name, table in {**tables, "metrics.parquet": altered}.items():
            pq.write_table(table, folder / name)
        return dict(stored.facts)

    shutil.rmtree(stored.path)
    other = Project(tiny.root, tiny.data, tiny.clock)
    other.store.publish(key, stage="run", inputs=dict(stored.inputs), parents=stored.parents, write=write)
    found = reproduce(other, key)
    assert not found.same
    told = {part.name: part.difference or "" for part in found.parts}
    assert f"value differs in 1 rows, first in row {at}: {values[at]!r} is stored" in told["metrics.parquet"]


def test_a_run_of_documents_that_changed_says_what_changed(tiny: Project) -> None:
    key = run_of(tiny, "growth", 0, 0)
    script = tiny.specs / "worlds" / "growth" / "cell.lua"
    script.write_text(script.read_text().replace("children + 1", "children + 2"))
    with pytest.raises(UsageError) as caught:
        reproduce(tiny, key)
    assert "growth" in str(caught.value) and "its world changed" in str(caught.value)


@pytest.mark.parametrize("key", ["run:0123456789abcdef0123456789abcdef", "growth"])
def test_what_is_no_run_is_refused(tiny: Project, key: str) -> None:
    with pytest.raises(UsageError, match="no run"):
        reproduce(tiny, key)
