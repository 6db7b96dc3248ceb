"""The Python API gives what the commands give."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pyarrow.parquet as pq
import pytest

import worldwright as ww
from worldwright.project.locate import Project

RUMOUR, GROWTH = "specs/scenarios/rumour.yaml", "specs/worlds/growth"


@pytest.fixture
def here(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tiny.root)
    return tiny


def command(*arguments: str) -> str:
    line = [sys.executable, "-m", "worldwright.cli.main", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout


def test_a_sample_is_that_of_the_command(here: Project) -> None:
    command("sample", RUMOUR, "-n", "300", "-s", "5", "-o", "out.parquet")
    assert ww.sample(RUMOUR, 300, seed=5).equals(pq.read_table("out.parquet"))
    assert ww.sample(RUMOUR, 300, seed=5, workers=2).equals(ww.sample(RUMOUR, 300, seed=5))


def test_an_explanation_gives_the_row(here: Project) -> None:
    table = ww.sample(RUMOUR, 20, seed=5)
    why = ww.explain(RUMOUR, 7, seed=5)
    assert {name: table[name][7].as_py() for name in table.column_names} == why.values
    one = ww.explain(RUMOUR, 7, seed=5, attribute=table.column_names[0])
    assert list(one.values) == table.column_names[:1]
    assert len(str(one).splitlines()) > len(one.values) + 1  # every step has a line


def test_a_check_tells_what_is_wrong(here: Project) -> None:
    assert not ww.check(RUMOUR, GROWTH).errors
    broken = Path("broken.yaml")
    broken.write_text(
        "worldwright: population/1\nname: broken\nattributes:\n"
        "  a: {type: int, distribution: {normal: {mean: b, sd: 1}}}\n"
    )
    problems = ww.check(broken)
    assert problems and problems.errors and "broken.yaml:4" in str(problems)
    with pytest.raises(ww.DocumentError):
        ww.sample(broken)


def test_a_world_gives_metrics_and_agents(here: Project) -> None:
    world = ww.run_world(GROWTH, 5, seed=2)
    shown = json.loads(command("world", "run", GROWTH, "--ticks", "5", "--seed", "2", "--json"))
    name = world.metrics.column("metric")[0].as_py()
    assert world.metric(name)[-1] == shown["metrics"][name]
    assert world.agents.num_rows == shown["entities"] and world.ticks == 5
    with pytest.raises(ww.WorldwrightError, match="there are"):
        world.metric("nothing")


def test_a_world_that_stops_raises_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(
        "worldwright: world/1\nname: stops\nentities:\n  - {name: a, script: a.lua, count: 1}\n"
        "metrics:\n  n: {count: a}\n"
    )
    (tmp_path / "a.lua").write_text("state = {}\nfunction update(now, msgs)\n  error('enough')\nend\n")
    with pytest.raises(ww.WorldwrightError, match=r"a\.lua:3.*enough"):
        ww.run_world(tmp_path, 3)


def test_an_experiment_gives_what_is_published(here: Project) -> None:
    found = ww.run("rumour", workers=1)
    assert found.version == 1 and found.answer.num_rows and found.report.is_file()
    told = json.loads(command("results", "rumour", "--json"))
    assert found.question == told["question"]
    assert ww.results("rumour").answer.equals(found.answer)
    assert found.picture("answer").png.startswith(b"\x89PNG")
    with pytest.raises(ww.WorldwrightError, match="curves"):
        found.picture("nothing")
    means = ww.query("select mean from metric_summary where segment = '' order by cell, tick").num_rows
    assert means > 0
    assert ww.export("rumour", "rumour-results.duckdb").is_file()


def test_a_project_is_named_from_elsewhere(tiny: Project, tmp_path: Path) -> None:
    made = ww.run("growth", project=tiny.root, workers=1)
    assert made.answer.equals(ww.results("growth", project=tiny.root / "specs").answer)
    with pytest.raises(ww.WorldwrightError, match="no results"):
        ww.results("rumour", project=tiny.root)


def test_a_picture_of_a_spec(here: Project) -> None:
    picture = ww.plot_spec(RUMOUR)
    picture.save("spec.png")
    assert Path("spec.png").read_bytes() == picture.png and picture.png.startswith(b"\x89PNG")


def test_quality_is_a_table_of_verdicts(here: Project) -> None:
    table = ww.quality(RUMOUR, 500, seed=1)
    assert set(table.column("verdict").to_pylist()) <= {"pass", "warn", "fail"} and table.num_rows


@pytest.mark.parametrize(
    ("name", "value"), [("agents", 10.5), ("seed", "1"), ("workers", True), ("seed", -1)]
)
def test_what_is_no_whole_number_is_refused(here: Project, name: str, value: Any) -> None:
    with pytest.raises(ww.WorldwrightError, match=f"{name} must be a whole number"):
        ww.sample(RUMOUR, **{name: value})
    with pytest.raises(ww.WorldwrightError, match="ticks must be a whole number"):
        ww.run_world(GROWTH, cast(int, "10"))


def test_the_package_loads_nothing_until_asked() -> None:
    code = (
        "import sys, worldwright as ww; print(sorted(m for m in sys.modules if m.startswith('worldwright')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['worldwright', 'worldwright.version']"
    assert ww.sample.__doc__
    with pytest.raises(AttributeError, match="it has DocumentError"):
        _ = ww.nothing  # pyright: ignore[reportAttributeAccessIssue]


def test_agents_are_not_written_under_a_name_that_promises_another_format(here: Project) -> None:
    line = [sys.executable, "-m", "worldwright.cli.main", "sample", RUMOUR, "-n", "5", "-o", "out.csv"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "out.parquet" in done.stderr
    assert not Path("out.csv").exists()
