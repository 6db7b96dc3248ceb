"""A population of several files is one table to whoever reads it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from worldwright.errors import StoreError
from worldwright.executors import serial
from worldwright.population import parquet
from worldwright.project.export import export_experiment
from worldwright.project.lineage import lineage
from worldwright.project.locate import Project
from worldwright.project.query import run_query
from worldwright.project.run import Outcome, run_experiment

POPULATION = "select * from rumour.population"


def run(project: Project) -> Outcome:
    with serial() as executor:
        return run_experiment(project, "rumour", executor, lambda _: None)


@pytest.fixture
def parted(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(parquet, "PART", 25)
    run(tiny)
    return tiny


def files(project: Project) -> list[Path]:
    _, record = project.store.current("rumour") or (0, {})
    dataset = project.store.get(record["datasets"]["population"]["main"]["key"])
    return [dataset.path / part.name for part in dataset.parts_of("agents")]


def test_views_and_exports_read_all_parts_in_order(parted: Project, tmp_path: Path) -> None:
    assert [path.name for path in files(parted)] == [f"part-{number:05}.parquet" for number in range(3)]
    rows = run_query(parted, POPULATION).to_pylist()
    assert [row["agent"] for row in rows] == list(range(60))
    out = tmp_path / "all.duckdb"
    assert export_experiment(parted, "rumour", out).rows["rumour.population"] == 60
    with duckdb.connect(str(out), read_only=True) as opened:
        assert opened.sql(f"{POPULATION} order by agent").to_arrow_table().to_pylist() == rows
    shown = run_query(parted, "select file, rows from artifacts where stage = 'population' order by 1")
    assert shown.to_pylist() == [
        {"file": f"agents/part-{number:05}.parquet", "rows": min(25, 60 - 25 * number)} for number in range(3)
    ]
    assert files(parted)[0].parent.parent in {a.dataset.path for a in lineage(parted, "rumour") if a.dataset}


def test_results_do_not_depend_on_the_parts(parted: Project, tmp_path: Path) -> None:
    parts = json.dumps(run_query(parted, POPULATION).to_pylist())
    whole = Project(parted.root, tmp_path / "elsewhere", parted.clock)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parquet, "PART", 1 << 20)
        again = {staged.stage: staged.digest for staged in run(whole).staged}
    assert len(files(whole)) == 1
    assert json.dumps(run_query(whole, POPULATION).to_pylist()) == parts
    first = {staged.stage: staged.digest for staged in run(parted).staged}
    assert {stage for stage in first if first[stage] != again[stage]} == {
        "base_population",
        "population",
        "experiment_report",
    }


def test_damage_in_a_later_part_is_found_by_all_who_read_it(parted: Project) -> None:
    last = files(parted)[-1]
    content = bytearray(last.read_bytes())
    content[len(content) // 3] ^= 1
    last.chmod(0o644)
    last.write_bytes(content)
    fresh = Project(parted.root, parted.data, parted.clock)
    with pytest.raises(StoreError, match="part-00002"):
        run_query(fresh, POPULATION)
    assert [problem.where for problem in fresh.store.verify()] == [
        last.relative_to(parted.store.root).as_posix()
    ]
    _, record = fresh.store.current("rumour") or (0, {})
    stored = fresh.store.get(record["datasets"]["population"]["main"]["key"])
    assert stored.head("agents", 40).num_rows == 40
    with pytest.raises(StoreError, match="part-00002"):
        stored.table("agents")
