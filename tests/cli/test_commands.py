"""The command line, as a person or a script calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from worldwright.project.locate import Project

ROOT = Path(__file__).parents[2]


def worldwright(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "worldwright.cli.main", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )


def test_check_says_where_what_and_what_to_do(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    assert worldwright("check", "specs/populations/people.yaml", cwd=tiny.root).returncode == 0
    people.write_text(people.read_text().replace("north: .5", "north: .4"))
    done = worldwright("check", "specs/populations/people.yaml", cwd=tiny.root)
    assert done.returncode == 1
    assert "specs/populations/people.yaml:12:" in done.stdout
    assert "0.9" in done.stdout and "^^^" in done.stdout and "help:" in done.stdout


def test_check_gives_json(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    people.write_text(people.read_text().replace("age > 50", "aeg > 50"))
    done = worldwright("check", "specs/populations/people.yaml", "--json", cwd=tiny.root)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    (error,) = [d for d in report["diagnostics"] if d["severity"] == "error"]
    assert (error["line"], error["column"]) == (18, 15)
    assert "aeg" in error["message"] and "age" in f"{error['help']} {error['fix']}"


@pytest.mark.parametrize(
    "file", ["specs/experiments/rumour.yaml", "specs/worlds/rumour", "specs/scenarios/rumour.yaml"]
)
def test_check_reads_every_kind_of_document(tiny: Project, file: str) -> None:
    done = worldwright("check", file, cwd=tiny.root)
    assert done.returncode == 0, done.stdout + done.stderr


def test_check_of_a_script_names_its_line(tiny: Project) -> None:
    script = tiny.specs / "worlds" / "growth" / "cell.lua"
    script.write_text(script.read_text().replace("then\n    error", "the\n    error"))
    done = worldwright("check", "specs/experiments/growth.yaml", cwd=tiny.root)
    assert done.returncode == 1 and "specs/worlds/growth/cell.lua:5:" in done.stdout


def test_wrong_usage_is_exit_code_2(tiny: Project) -> None:
    for arguments in (
        ["check", "nowhere.yaml"],
        ["check", "/dev/null"],
        ["check"],
        ["run", "nothing"],
        ["fly"],
        ["sample", "x.yaml"],
    ):
        done = worldwright(*arguments, cwd=tiny.root)
        assert done.returncode == 2, (arguments, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr


def test_sample_writes_the_same_bytes_and_grows_by_a_prefix(tiny: Project) -> None:
    def sample(agents: int, out: str) -> Path:
        done = worldwright(
            "sample",
            "specs/scenarios/rumour.yaml",
            "--agents",
            str(agents),
            "--seed",
            "4",
            "--out",
            out,
            cwd=tiny.root,
        )
        assert done.returncode == 0, done.stderr
        return tiny.root / out

    small, again, large = sample(50, "a.parquet"), sample(50, "b.parquet"), sample(500, "c.parquet")
    assert small.read_bytes() == again.read_bytes()
    assert pq.read_table(large).slice(0, 50).equals(pq.read_table(small))
    assert pq.read_table(small).column_names == ["age", "town", "talkative", "trust"]


def test_no_agents_are_a_table_without_rows(tiny: Project) -> None:
    spec = "specs/populations/people.yaml"
    for agents in ("0", "5"):
        done = worldwright("sample", spec, "--agents", agents, "--out", f"{agents}.parquet", cwd=tiny.root)
        assert done.returncode == 0, done.stderr
    empty = pq.read_table(tiny.root / "0.parquet")
    assert empty.num_rows == 0
    assert empty.schema.equals(pq.read_table(tiny.root / "5.parquet").schema)


def test_sample_of_a_broken_spec_writes_nothing(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    people.write_text(people.read_text().replace("sd: 12", "sd: -12"))
    done = worldwright(
        "sample", "specs/populations/people.yaml", "--agents", "5", "--out", "x.parquet", cwd=tiny.root
    )
    assert done.returncode == 1 and "people.yaml:8:" in done.stderr
    assert not (tiny.root / "x.parquet").exists()


def test_world_run_writes_metrics_and_agents(tiny: Project) -> None:
    done = worldwright(
        "world",
        "run",
        "specs/worlds/growth",
        "--ticks",
        "6",
        "--seed",
        "2",
        "--param",
        "birth=0.5",
        "--out",
        "out",
        cwd=tiny.root,
    )
    assert done.returncode == 0, done.stderr
    metrics = pq.read_table(tiny.root / "out" / "metrics.parquet")
    assert metrics.column_names == ["tick", "metric", "value"]
    agents = pq.read_table(tiny.root / "out" / "agents.parquet")
    last = [row["value"] for row in metrics.to_pylist() if row["metric"] == "cells" and row["tick"] == 6]
    assert last == [agents.num_rows] and agents.num_rows > 20
    assert "children" in agents.column_names


def test_world_run_with_a_population_names_segments_in_the_metric(tiny: Project) -> None:
    done = worldwright(
        "world",
        "run",
        "specs/worlds/rumour",
        "--ticks",
        "3",
        "--population",
        "main=specs/scenarios/rumour.yaml",
        "--agents",
        "40",
        "--json",
        cwd=tiny.root,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["entities"] == 40
    assert {"heard", "heard[town=north]", "told"} <= set(report["metrics"])


def test_a_world_that_fails_is_exit_code_3_with_script_and_line(tiny: Project) -> None:
    done = worldwright(
        "world", "run", "specs/worlds/growth", "--ticks", "6", "--param", "trap=2", cwd=tiny.root
    )
    assert done.returncode == 3
    assert "cell.lua:6" in done.stderr and "fell into the trap" in done.stderr


@pytest.mark.parametrize(
    ("param", "said"),
    [("brith=1", "birth"), ("birth=7", "1"), ("birth=x", "number"), ("birth", "NAME=VALUE")],
)
def test_a_wrong_parameter_is_answered_with_what_there_is(tiny: Project, param: str, said: str) -> None:
    done = worldwright("world", "run", "specs/worlds/growth", "--ticks", "1", "--param", param, cwd=tiny.root)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_run_query_results_and_report(tiny: Project) -> None:
    done = worldwright("run", "growth", "--workers", "1", cwd=tiny.root)
    assert done.returncode == 0, done.stderr
    assert "How many cells" in done.stdout and "birth=0.05" in done.stdout and "Report:" in done.stdout
    again = worldwright("run", "growth", "--json", cwd=tiny.root)
    assert json.loads(again.stdout)["cached"] is True
    asked = worldwright("query", "select cell, runs from cells order by cell", "--json", cwd=tiny.root)
    rows = json.loads(asked.stdout)
    assert [row["cell"] for row in rows] == [0, 1]
    as_csv = worldwright("query", "select 1 as a, 2 as a", "--csv", cwd=tiny.root)
    assert as_csv.stdout.splitlines()[1] == "1,2"
    assert "growth.metrics" in worldwright("query", cwd=tiny.root).stdout
    page = worldwright("report", "growth", cwd=tiny.root).stdout.strip()
    assert "How many cells" in (tiny.root / page).read_text()
    assert worldwright("store", "verify", cwd=tiny.root).returncode == 0


def test_a_wrong_query_says_what_there_is_and_writing_is_refused(tiny: Project) -> None:
    assert worldwright("query", "select 1", cwd=tiny.root).returncode == 2
    worldwright("run", "growth", "--workers", "1", cwd=tiny.root)
    done = worldwright("query", "select * from metrix", cwd=tiny.root)
    assert done.returncode == 2 and "metrix" in done.stderr and "Traceback" not in done.stderr
    done = worldwright("query", "drop table runs", cwd=tiny.root)
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_a_damaged_file_is_reported_and_nothing_is_answered_through_it(tiny: Project) -> None:
    worldwright("run", "growth", "--workers", "1", cwd=tiny.root)
    (path,) = [
        json.loads(worldwright("query", sql, "--json", cwd=tiny.root).stdout)[0]["path"]
        for sql in ["select path from artifacts where file = 'metrics.parquet'"]
    ]
    file = tiny.data / path
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.chmod(0o644)
    file.write_bytes(content)
    done = worldwright("query", "select avg(value) from growth.metrics", cwd=tiny.root)
    assert done.returncode == 3 and "metrics.parquet" in done.stderr
    assert worldwright("store", "verify", cwd=tiny.root).returncode == 3


def test_a_changed_brief_without_a_model_says_what_to_set(tiny: Project) -> None:
    done = worldwright("author", "specs/populations/people.yaml", "--accept", cwd=tiny.root)
    assert done.returncode == 0, done.stderr
    assert worldwright("check", "specs/populations/people.lock.yaml", cwd=tiny.root).returncode == 0
    assert worldwright("run", "rumour", "--workers", "1", cwd=tiny.root).returncode == 0
    brief = tiny.specs / "briefs" / "people.md"
    brief.write_text("Six hundred people of one town.\n")
    done = worldwright("run", "rumour", cwd=tiny.root)
    assert done.returncode == 1
    assert "specs/briefs/people.md" in done.stderr and "WORLDWRIGHT_MODEL" in done.stderr
    done = worldwright("author", "specs/populations/people.yaml", "--theirs", cwd=tiny.root)
    assert done.returncode == 3 and "WORLDWRIGHT_MODEL" in done.stderr


def test_new_makes_a_project_that_checks(tmp_path: Path) -> None:
    done = worldwright("new", "my-question", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    project = tmp_path / "my-question"
    assert {"specs", "assets", "pipelines", "dagster.yaml", "workspace.yaml"} <= {
        p.name for p in project.iterdir()
    }
    assert not any(path.is_symlink() for path in project.rglob("*"))
    done = worldwright("check", "specs/experiments/adoption-quick.yaml", cwd=project)
    assert done.returncode == 0, done.stdout
    again = worldwright("new", "my-question", cwd=tmp_path)
    assert again.returncode == 2 and "not empty" in again.stderr


def test_help_lists_every_command_without_importing_them() -> None:
    done = worldwright("--help", cwd=ROOT)
    for name in ("check", "sample", "world", "run", "query", "results", "author", "new", "store", "doctor"):
        assert f"  {name} " in done.stdout


def test_doctor_finds_everything_working() -> None:
    done = worldwright("doctor", "--json", cwd=ROOT)
    findings = json.loads(done.stdout)
    assert done.returncode == 0 and all(finding["ok"] for finding in findings), findings
