from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from worldwright.errors import StoreError, UsageError
from worldwright.store import Store, View, build_catalog, needs_rebuild, query, schema_name, tables

from . import making

SCHEMA = pa.schema(
    [("agent", pa.int64()), ("income", pa.float64()), ("rank", pa.dictionary(pa.int8(), pa.string()))]
)
EXPERIMENTS = pa.table({"experiment": ["adoption"], "runs": pa.array([2], pa.int64())})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return making.open_store(tmp_path / "store")


def agents(store: Store, *seeds: int) -> View:
    files = [making.publish(store, seed).path / "agents.parquet" for seed in seeds]
    return View(files=files, schema=SCHEMA, columns={"income": "euros a year"})


def build(store: Store, views: dict[str, dict[str, View]] | None = None, **more: Any) -> Path:
    content = {"ai-adoption": {"agents": agents(store, 1, 2)}} if views is None else views
    return build_catalog(store.root, tables={"experiments": EXPERIMENTS}, views=content, **more)


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in query(store.root, sql).to_pylist()]


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 4
    path.chmod(0o644)
    path.write_bytes(content)


def test_views_show_all_files_typed_and_in_order(store: Store) -> None:
    build(store)
    table = query(store.root, "FROM ai_adoption.agents")
    assert table.schema.field("agent").type == pa.int64()
    assert table.schema.field("income").type == pa.float64()
    assert table.schema.field("rank").type == pa.string()
    expected = pa.concat_tables([making.numbers(1), making.numbers(2)])
    assert table.to_pydict() == expected.to_pydict()
    assert rows(store, "SELECT * FROM experiments") == [("adoption", 2)]


def test_plain_duckdb_opens_it_too(store: Store) -> None:
    link = build(store)
    with duckdb.connect(str(link), read_only=True) as opened:
        assert opened.execute("SELECT count(*) FROM ai_adoption.agents").fetchone() == (200,)
    assert link.is_symlink()
    assert link.resolve().stat().st_mode & 0o777 == 0o444
    assert not list(store.root.glob("*.wal"))
    # 64 is the storage version that DuckDB 1.0 to 2.0 read; bytes 12 to 19 of the header hold it.
    assert int.from_bytes(link.read_bytes()[12:20], "little") == 64


def test_tables_lists_columns_types_and_comments(store: Store) -> None:
    build(
        store,
        comments={
            "experiments": ("one row per experiment", {"runs": "how many", "absent": "no such column"})
        },
        view_comments={"agents": "it's one row per agent", "absent": "no such view"},
    )
    listed = {entry["table"]: entry for entry in tables(store.root)}
    assert list(listed) == ["about", "experiments", "view_files", "ai_adoption.agents"]
    assert listed["experiments"]["comment"] == "one row per experiment"
    assert listed["experiments"]["columns"] == [
        {"name": "experiment", "type": "VARCHAR", "comment": ""},
        {"name": "runs", "type": "BIGINT", "comment": "how many"},
    ]
    view = listed["ai_adoption.agents"]
    assert (view["schema"], view["name"], view["kind"], view["comment"]) == (
        "ai_adoption",
        "agents",
        "view",
        "it's one row per agent",
    )
    assert [(c["name"], c["type"], c["comment"]) for c in view["columns"]] == [
        ("agent", "BIGINT", ""),
        ("income", "DOUBLE", "euros a year"),
        ("rank", "VARCHAR", ""),
    ]


def test_a_view_without_files_is_empty_and_typed_and_rows_may_lie_inside(store: Store) -> None:
    build(store, {"e": {"none": View(schema=SCHEMA), "cells": View(rows=EXPERIMENTS)}})
    empty = query(store.root, "FROM e.none")
    assert (empty.num_rows, empty.schema.field("income").type) == (0, pa.float64())
    assert rows(store, "FROM e.cells") == [("adoption", 2)]


def test_names_are_quoted_whatever_they_hold(store: Store) -> None:
    odd = 'a "b"; DROP TABLE x; --'
    table = pa.table({odd: [1], "select": ["it's"]})
    build(store, {"odd-One": {odd: View(rows=table, comment="it's; odd", columns={odd: "a 'column'"})}})
    assert rows(store, 'FROM "odd_One"."a ""b""; DROP TABLE x; --"') == [(1, "it's")]
    assert tables(store.root)[-1]["columns"][0]["comment"] == "a 'column'"


def test_files_of_different_columns_keep_their_declared_types(store: Store) -> None:
    def of(name: str, table: pa.Table) -> Path:
        made = store.publish(
            making.digest("run", name),
            stage="runs",
            inputs={},
            write=lambda folder: pq.write_table(table, folder / "a.parquet"),
        )
        return made.path / "a.parquet"

    schema = pa.schema([("x", pa.float64()), ("y", pa.string())])
    both = of("both", pa.table({"x": [1.5], "y": ["one"]}))
    less = of("less", pa.table({"x": pa.array([2.5], pa.float32())}))
    more = of("more", pa.table({"y": ["three"], "x": [3.5], "z": [0]}))
    text = of("text", pa.table({"x": ["4.5"], "y": ["four"]}))
    build(
        store,
        {
            "e": {
                "good": View(files=[both, less, more], schema=schema),
                "bad": View(files=[both, text], schema=schema),
            }
        },
    )
    answer = query(store.root, "FROM e.good ORDER BY x")
    assert answer.to_pydict() == {"x": [1.5, 2.5, 3.5], "y": ["one", None, "three"]}
    assert answer.schema.field("x").type == pa.float64()
    with pytest.raises(UsageError, match="x is string and not double"):
        query(store.root, "FROM e.bad")


def test_experiments_of_one_schema_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="a-b and A_b would share"):
        build(store, {"a-b": {}, "A_b": {}})
    assert schema_name("ai-adoption") == "ai_adoption"
    build(store, {"main": {"v": View(rows=EXPERIMENTS)}})
    assert rows(store, "SELECT runs FROM main_.v") == [(2,)]


def test_files_that_are_no_parts_of_datasets_are_refused(store: Store, tmp_path: Path) -> None:
    pq.write_table(making.numbers(1), tmp_path / "loose.parquet")
    with pytest.raises(StoreError, match="parts of datasets"):
        build(store, {"e": {"v": View(files=[tmp_path / "loose.parquet"], schema=SCHEMA)}})


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove", "remove dataset", "manifest"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_damage_stops_the_views_that_reach_it_and_no_others(store: Store, damage: str, when: str) -> None:
    views = {
        "first": {"agents": agents(store, 1, 2), "healthy": agents(store, 2)},
        "second": {"agents": agents(store, 3)},
    }
    path = store.get(making.key_of(1)).path / "agents.parquet"

    def harm() -> None:
        if damage == "flip":
            flip(path, path.stat().st_size // 2)
        elif damage == "truncate":
            os.truncate(path, path.stat().st_size - 7)
        elif damage == "remove":
            path.unlink()
        elif damage == "remove dataset":
            store.discard(making.key_of(1))
        else:
            flip(path.parent / "manifest.json", 40)

    if when == "before":
        harm()
        build(store, views)
    else:
        build(store, views)
        assert rows(store, "SELECT count(*) FROM first.agents") == [(200,)]
        harm()
    if damage == "manifest" and when == "after":
        assert rows(store, "SELECT count(*) FROM first.agents") == [(200,)]  # the catalog knows the checksums
    else:
        with pytest.raises(StoreError, match="damaged") as caught:
            query(store.root, "WITH a AS (FROM First.Agents) SELECT count(*) FROM a")
        assert str(path.parent) in str(caught.value)
    assert rows(store, "SELECT count(*) FROM first.healthy") == [(100,)]
    assert rows(store, "SELECT count(*) FROM second.agents") == [(100,)]
    assert len(tables(store.root)) == 6
    assert any(making.key_of(1).split(":")[1] in problem.where for problem in store.verify())


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM {0}",
        "SELECT count(*) FROM catalog.{0}",
        'SELECT count(*) FROM "ai_adoption" . "agents"',
        "SELECT (SELECT max(income) FROM {0})",
        "SELECT 1 WHERE EXISTS (FROM {0})",
        "SELECT * FROM experiments e JOIN {0} AS a ON a.agent = e.runs",
        "FROM experiments, LATERAL (SELECT * FROM {0})",
        "WITH agents AS (SELECT 1) SELECT * FROM agents UNION ALL SELECT agent FROM {0}",
        "SELECT count(*) FROM {0} AS a JOIN {0} AS b USING (agent)",
        "SELECT count(*) FROM {0} AS a NATURAL JOIN {0} AS b",
        "SELECT count(*) FROM {0} AS a ASOF JOIN {0} AS b ON a.agent >= b.agent",
        "SELECT COLUMNS('agent|income') FROM {0} TABLESAMPLE 50 ROWS",
        "UNPIVOT {0} ON agent, income",
        "SHOW {0}",
        "DESCRIBE {0}",
        "EXPLAIN SELECT count(*) FROM {0} JOIN {0} AS b USING (agent)",
        "EXPLAIN ANALYZE (FORMAT json) FROM {0}",
        "SUMMARIZE {0}",
        "PIVOT {0} ON rank IN ('chief', 'other') USING sum(income)",
        "FROM query('FROM {0}')",
        "FROM query_table('{0}')",
        "FROM query('FROM ' || 'ai_adoption' || '.agents')",
        "FROM query_table('ai_ad' || 'option.agents')",
    ],
)
def test_no_way_of_asking_reads_a_damaged_file(store: Store, sql: str) -> None:
    build(store)
    path = store.get(making.key_of(1)).path / "agents.parquet"
    sql = sql.format("ai_adoption.agents")
    if "query" not in sql:  # a name that is only known while it runs is refused anyway
        assert query(store.root, sql).num_rows > 0
    flip(path, path.stat().st_size // 3)
    with pytest.raises((StoreError, UsageError)):
        query(store.root, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t AS SELECT 1",
        "CREATE TEMP TABLE t AS SELECT 1",
        "INSERT INTO experiments VALUES ('x', 1)",
        "DELETE FROM experiments",
        "DROP VIEW ai_adoption.agents",
        "COPY experiments TO '{root}/out.csv'",
        "COPY (SELECT 1) TO '{root}/objects/out.parquet'",
        "EXPORT DATABASE '{root}/out'",
        "ATTACH '{root}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 8",
        "RESET lock_configuration",
        "PRAGMA enable_profiling",
        "CALL pragma_version()",
        "CHECKPOINT",
        "SELECT 1; SELECT 2",
        "",
        "BEGIN",
    ],
)
def test_only_reading_is_allowed(store: Store, sql: str) -> None:
    build(store)
    before = {
        path: path.stat().st_mtime_ns for path in store.root.rglob("*") if not path.name.startswith(".")
    }
    with pytest.raises(UsageError, match="only one statement that reads"):
        query(store.root, sql.format(root=store.root))
    after = {path: path.stat().st_mtime_ns for path in store.root.rglob("*") if not path.name.startswith(".")}
    assert before == after


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_text('/etc/passwd')",
        "FROM '/etc/passwd'",
        "FROM read_csv('/etc/passwd')",
        "FROM glob('/etc/*')",
        "FROM glob('{root}/**')",
        "FROM read_blob('{root}/../secret')",
        "FROM read_parquet('{root}/objects/*/*/*/*.parquet')",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{root}/out.csv'",
        "SELECT getenv('HOME')",
        "FROM duckdb_secrets()",
        "FROM sql",
        "FROM root",
    ],
)
def test_nothing_else_on_this_machine_can_be_read(store: Store, sql: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    build(store)
    with pytest.raises(UsageError):
        query(store.root, sql.format(root=store.root))
    assert not (store.root / "out.csv").exists()


def test_a_mistake_tells_what_there_is(store: Store) -> None:
    build(store)
    for sql in ("FROM nothing", "SELECT nothing FROM experiments", "SELEC 1", "SELECT 1/"):
        with pytest.raises(UsageError, match=r"experiments, view_files, ai_adoption\.agents"):
            query(store.root, sql)
    with pytest.raises(UsageError, match="too much memory"):
        query(store.root, "SELECT list(i) FROM range(100000000) AS t(i)", memory="20MB")


def test_the_same_arguments_give_the_same_rows(tmp_path: Path) -> None:
    def content(place: str) -> dict[str, list[tuple[Any, ...]]]:
        store = making.open_store(tmp_path / place)
        build(store)
        return {
            entry["table"]: rows(store, f"FROM {entry['table']}")
            for entry in tables(store.root)
            if entry["table"] not in ("about", "view_files")
        }

    assert content("a") == content("b")


def test_without_a_catalog_and_after_a_move(store: Store, tmp_path: Path) -> None:
    assert needs_rebuild(store.root)
    with pytest.raises(StoreError, match="there is no catalog"):
        query(store.root, "SELECT 1")
    build(store, stamp={"adoption": 1})
    assert not needs_rebuild(store.root, {"adoption": 1})
    assert needs_rebuild(store.root, {"adoption": 2})
    moved = tmp_path / "elsewhere"
    store.root.rename(moved)
    assert needs_rebuild(moved, {"adoption": 1})
    with pytest.raises(StoreError, match="has moved"):
        query(moved, "SELECT 1")
    build(making.open_store(moved))
    assert query(moved, "SELECT count(*) AS n FROM ai_adoption.agents").to_pydict() == {"n": [200]}


def test_a_damaged_catalog_is_refused_and_rebuilt(store: Store) -> None:
    link = build(store, stamp={"a": 1})
    flip(link.resolve(), 5000)
    with pytest.raises(StoreError, match="the catalog is damaged"):
        query(store.root, "FROM experiments")
    assert [problem.where for problem in store.verify()] == ["catalog.duckdb"]
    link.resolve().write_bytes(b"")
    assert needs_rebuild(store.root, {"a": 1})
    build(store, stamp={"a": 1})
    assert rows(store, "FROM experiments") == [("adoption", 2)]
    assert store.verify() == []


def test_the_last_two_are_kept(store: Store) -> None:
    for number in range(1, 6):
        assert build(store).readlink().name == f"catalog-{number}.duckdb"
    assert sorted(path.name for path in store.root.glob("catalog-*.duckdb")) == [
        "catalog-4.duckdb",
        "catalog-5.duckdb",
    ]
    assert sorted(path.name for path in store.root.glob("catalog-*.json")) == [
        "catalog-4.json",
        "catalog-5.json",
    ]


READER = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as opened:
    print("open", flush=True)
    sys.stdin.readline()
    print(opened.execute("SELECT count(*) FROM ai_adoption.agents").fetchone()[0], flush=True)
"""


def test_an_open_reader_keeps_its_catalog(store: Store) -> None:
    link = build(store)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(link)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"open\n"
        for _ in range(4):
            build(store)
        assert (store.root / "catalog-1.duckdb").exists()
        output, _ = reader.communicate(b"\n", timeout=30)
    assert output == b"200\n"
    build(store)
    assert not (store.root / "catalog-1.duckdb").exists()


CRASH = """
import duckdb, os, sys
opened = duckdb.connect(sys.argv[1])
opened.execute("CREATE TABLE mine (a INTEGER)")
opened.execute("INSERT INTO mine VALUES (1)")
os.kill(os.getpid(), 9)
"""


def test_an_analyst_who_crashed_while_writing_breaks_nothing(store: Store) -> None:
    link = build(store)
    os.chmod(link, 0o644)  # noqa: PTH101 - as root, or after a chmod, DuckDB lets an analyst write
    crashed = subprocess.run([sys.executable, "-c", CRASH, str(link)], check=False)
    assert crashed.returncode == -signal.SIGKILL
    assert (store.root / "catalog-1.duckdb.wal").exists()
    assert rows(store, "SELECT count(*) FROM ai_adoption.agents") == [(200,)]
    build(store)
    assert rows(store, "SELECT count(*) FROM ai_adoption.agents") == [(200,)]
    with duckdb.connect(str(link), read_only=True) as opened:
        assert opened.execute("SELECT count(*) FROM ai_adoption.agents").fetchone() == (200,)
    build(store)
    assert not list(store.root.glob("*.wal"))
    assert store.verify() == []
