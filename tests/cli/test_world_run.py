"""`worldwright world run`, as a person calls it: what it says, what it writes, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

COUNTER = """state = {n = 0}
function update(now, msgs)
  state.n = now
  print("at", now)
  if self.id == "a_2" and now == 4 then error("broken") end
end
"""


def made(folder: Path, script: str = COUNTER, rest: str = "") -> Path:
    entities = "entities: [{name: a, script: a.lua, count: 3}]"
    (folder / "world.yaml").write_text(f"worldwright: world/1\nname: counter\n{entities}\n{rest}")
    (folder / "a.lua").write_text(script)
    return folder


def called(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "worldwright.cli.main", "world", "run", str(path), *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_failed_world_leaves_the_states_after_its_last_completed_tick(tmp_path: Path) -> None:
    done = called(made(tmp_path), "--ticks", "9", "--out", str(tmp_path / "out"))
    assert done.returncode == 3
    rows = pq.read_table(tmp_path / "out" / "agents.parquet").to_pylist()
    assert [(row["tick"], row["n"]) for row in rows] == [(3, 3)] * 3


def test_an_error_is_told_once_and_names_its_tick(tmp_path: Path) -> None:
    done = called(made(tmp_path), "--ticks", "9")
    assert done.stderr.count("broken") == 1
    assert done.stderr.strip().endswith("error: the world stopped in tick 4: a_2: a.lua:5: broken")


def test_a_world_that_cannot_begin_says_so(tmp_path: Path) -> None:
    done = called(
        made(tmp_path, "state = {}\nself.id.x.y = 1\nfunction update(now, msgs) end\n"), "--ticks", "9"
    )
    assert done.returncode == 3
    assert done.stderr.startswith("error: the world stopped before its first tick: a_1: a.lua:2: ")


def test_errors_that_are_ignored_are_told_with_how_often(tmp_path: Path) -> None:
    script = COUNTER.replace("now == 4", "now > 4")
    done = called(made(tmp_path, script, "errors: ignore\n"), "--ticks", "7")
    assert done.returncode == 0
    assert "tick 5, a_2: a.lua:5: broken (3 times)" in done.stderr


def test_what_scripts_print_is_shown(tmp_path: Path) -> None:
    done = called(made(tmp_path), "--ticks", "2")
    assert "a_3: at\t2" in done.stderr
    report = json.loads(called(tmp_path, "--ticks", "2", "--json").stdout)
    assert report["printed"][0] == "a_1: at\t1"


PARAMETERS = """parameters:
  n: {type: int, default: 1, max: 1000000}
"""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--param", "n=1", "--param", "n=2"), "--param n is given twice"),
        (("--param", "n=1000001"), "is at most 1000000, not 1000001"),
        (("--param", "n=1_000"), "is a whole number, not '1_000'"),
        (("--population", "main=none.parquet"), "has no population 'main'"),
    ],
)
def test_calls_that_do_not_fit_are_answered(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = called(made(tmp_path, rest=PARAMETERS), "--ticks", "1", *arguments)
    assert (done.returncode, done.stderr.count("\n")) in ((2, 1), (2, 2), (2, 3))
    assert words in done.stderr


def test_populations_from_files_that_do_not_fit_are_answered(tmp_path: Path) -> None:
    entities = "entities: [{name: a, script: a.lua, population: main}]"
    (tmp_path / "world.yaml").write_text(f"worldwright: world/1\nname: counter\n{entities}\n")
    (tmp_path / "a.lua").write_text("state = {}\nfunction update(now, msgs) state.age = self.agent.age end\n")
    pq.write_table(pa.table({"age": [30, 40]}), tmp_path / "two.parquet")
    (tmp_path / "text.parquet").write_text("no")

    def answer(file: str, agents: int) -> tuple[int, str]:
        given = f"main={tmp_path / file}"
        done = called(tmp_path, "--ticks", "1", "--population", given, "--agents", str(agents))
        return done.returncode, done.stderr

    assert answer("two.parquet", 2) == (0, "")
    for file, agents, words in (
        ("two.parquet", 3, "has 2 rows, and 3 agents are asked for"),
        ("text.parquet", 1, "not a Parquet file"),
        ("none.parquet", 1, "no such file"),
    ):
        code, said = answer(file, agents)
        assert code == 2, said
        assert words in said
        assert "Traceback" not in said
