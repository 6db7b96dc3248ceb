"""The benchmark of worlds runs, and its check finds messages that nobody heard."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "worlds.py"


def run(*arguments: str, script: Path = SCRIPT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True)


def test_a_small_run_gives_figures() -> None:
    done = run("--only", "state", "sandbox", "--scale", "0.001", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [row["what"].split(" of ")[0] for row in rows[:2]] == ["snapshot", "population"]
    assert all(row["measured"] > 0 and row["met"] for row in rows[:2])
    assert len(rows) == 6


def test_nothing_is_timed_when_messages_are_not_heard(tmp_path: Path) -> None:
    copied = tmp_path / "benchmarks"
    shutil.copytree(SCRIPT.parent, copied)
    for path in copied.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("str(HERE.parent)", repr(str(SCRIPT.parents[1]))), encoding="utf-8")
    script = copied / "worlds" / "ring-scalar" / "a.lua"
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace('"ring", now)', '"ring", 0)'), encoding="utf-8")
    done = run("--only", "messages", script=copied / "worlds.py")
    assert done.returncode == 1, done.stderr
    assert "nothing is timed" in done.stdout and "scalar messages on luajit" in done.stdout
    assert "M/s" not in done.stdout


def test_what_is_left_out_is_told() -> None:
    done = run("--only", "article")
    assert done.returncode == 0, done.stderr
    assert "are not measured" in done.stdout and "--article" in done.stdout
