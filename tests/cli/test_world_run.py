"""`worldwright world run`, as a person calls it: what it says, what it writes, how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from worldwright.project.world_run import run_one_world

QUIET = "state = {n = 0}\nfunction update(now, msgs)\n  state.n = state.n + now + self.random()\nend\n"
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


@pytest.mark.parametrize("ticks", [1, 5000])
def test_who_is_told_of_ticks_changes_nothing(tmp_path: Path, ticks: int) -> None:
    path = made(tmp_path, QUIET, "metrics:\n  n: {mean: state.n}\n")
    told: list[tuple[int, int]] = []
    seen = run_one_world(path, ticks=ticks, seed=1, progress=lambda done, total: told.append((done, total)))
    unseen = run_one_world(path, ticks=ticks, seed=1)
    assert told[0] == (0, ticks) and told[-1] == (ticks, ticks)
    assert told == sorted(told)
    assert seen.metrics.num_rows == ticks and seen.metrics.equals(unseen.metrics)
    assert seen.result.agents.equals(unseen.result.agents)
    assert seen.result.counts == unseen.result.counts


def test_ticks_are_counted_from_a_snapshot_on(tmp_path: Path) -> None:
    path, half = made(tmp_path, QUIET), tmp_path / "half.arrow"
    run_one_world(path, ticks=7, save=half)
    told: list[tuple[int, int]] = []
    run_one_world(half, ticks=5, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, 5) and told[-1] == (5, 5)


def test_a_bar_is_drawn_in_a_terminal_alone(tmp_path: Path) -> None:
    path = made(tmp_path, QUIET)
    assert called(path, "--ticks", "300").stderr == ""
    plain = on_a_terminal(path, "--ticks", "300", NO_COLOR="1")
    assert "running" in plain and "300 of 300 ticks" in plain
    assert "\n" not in plain.partition("300 of 300")[0]  # on one line of 80 characters
    assert not re.search(r"\x1b\[[0-9;]*[1-9][0-9;]*m", plain)  # no colour; the cursor may move
    assert on_a_terminal(path, "--ticks", "300", "--json") == ""


def on_a_terminal(path: Path, *arguments: str, **environment: str) -> str:
    """What the command shows on standard error, which is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "worldwright.cli.main", "world", "run", str(path), *arguments],
        stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "TERM": "xterm", **environment},
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # a terminal whose other end is closed
        while block := os.read(ours, 65536):
            seen += block
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return seen.decode()
