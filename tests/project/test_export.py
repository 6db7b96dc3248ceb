"""One file with everything: read with plain DuckDB, after the project is gone."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from worldwright.errors import StoreError, UsageError
from worldwright.executors import serial
from worldwright.project.export import export_experiment
from worldwright.project.locate import Project
from worldwright.project.query import list_tables, run_query
from worldwright.project.run import run_experiment
from worldwright.project.tables import TABLES


def run(project: Project, name: str) -> None:
    with serial() as executor:
        run_experiment(project, name, executor, lambda _: None)


def test_the_file_answers_as_the_catalog_does_without_the_project(tiny: Project, tmp_path: Path) -> None:
    run(tiny, "rumour")
    run(tiny, "growth")
    out = tmp_path / "all.duckdb"
    done = export_experiment(tiny, "rumour", out)
    own = ("metrics", "agents", "population", "outcomes", "cells")
    names = [doc.name for doc in TABLES if doc.name != "population_quality"]
    queries = {name: f"select * from {name} where experiment = 'rumour' order by all" for name in names}
    queries |= {f"rumour.{name}": f"select * from rumour.{name} order by all" for name in own}
    expected = {name: run_query(tiny, sql).to_pylist() for name, sql in queries.items()}
    comments = {t["table"]: t["comment"] for t in list_tables(tiny)}
    shutil.rmtree(tiny.root)
    with duckdb.connect(str(out), read_only=True) as opened:
        for name, sql in queries.items():
            rows = opened.sql(sql).to_arrow_table().to_pylist()
            assert rows == expected[name], name
            assert done.rows[name] == len(rows)
        assert opened.execute("select count(*) from duckdb_views() where not internal").fetchone() == (0,)
        assert opened.execute("select distinct experiment from runs").fetchall() == [("rumour",)]
        told = dict(opened.execute("select table_name, comment from duckdb_tables()").fetchall())
        assert told["metrics"] == comments["rumour.metrics"]
        about = dict(opened.execute("select name, value from about").fetchall())
        assert (about["experiment"], about["version"]) == ("rumour", "1")
        version = opened.execute("select tags['storage_version'] from duckdb_databases()").fetchall()
        assert any("v1.0.0" in str(row[0]) for row in version)


def test_an_earlier_file_is_replaced_and_no_draft_is_left(tiny: Project, tmp_path: Path) -> None:
    run(tiny, "growth")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "all.duckdb").write_text("something else")
    export_experiment(tiny, "growth", folder / "all.duckdb")
    assert [path.name for path in folder.iterdir()] == ["all.duckdb"]
    with duckdb.connect(str(folder / "all.duckdb"), read_only=True) as opened:
        assert opened.execute("select count(*) > 0 from growth.metrics").fetchone() == (True,)


def test_damage_is_not_exported(tiny: Project, tmp_path: Path) -> None:
    run(tiny, "growth")
    _, record = tiny.store.current("growth") or (0, {})
    file = tiny.store.get(record["datasets"]["metrics"]["metrics"]["key"]).path / "metrics.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        export_experiment(Project(tiny.root, tiny.data, tiny.clock), "growth", tmp_path / "x.duckdb")
    assert not list(tmp_path.glob("*x.duckdb*"))


def test_what_has_no_results_is_answered_with_what_has(tiny: Project, tmp_path: Path) -> None:
    run(tiny, "growth")
    with pytest.raises(UsageError) as caught:
        export_experiment(tiny, "grwth", tmp_path / "x.duckdb")
    assert "growth" in (caught.value.help or "")


def test_a_name_that_duckdb_would_mistake_is_refused(tiny: Project, tmp_path: Path) -> None:
    run(tiny, "growth")
    with pytest.raises(UsageError, match="ambiguous") as caught:
        export_experiment(tiny, "growth", tmp_path / "growth.duckdb")
    assert "growth-results.duckdb" in (caught.value.help or "")
