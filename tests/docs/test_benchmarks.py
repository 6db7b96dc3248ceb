"""The benchmark of sampling runs, and its check finds a contender that draws other agents."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "sampling.py"


def run(*arguments: str, script: Path = SCRIPT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True)


def test_a_small_run_gives_figures() -> None:
    done = run("--only", "Worldwright, streaming", "Python loop", "--scale", "0.02", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [(row["name"], row["agents"]) for row in rows] == [
        ("Worldwright, streaming", 20_000),
        ("Python loop", 100),
    ]
    assert all(row["cpu_s"] > 0 and row["peak_mb"] > 20 and row["file_mb"] > 0 for row in rows)


def test_nothing_is_timed_when_the_agents_differ(tmp_path: Path) -> None:
    for path in SCRIPT.parent.glob("sampling*.py"):
        name, text = path.name, path.read_text(encoding="utf-8")
        text = text.replace("str(HERE.parent)", repr(str(SCRIPT.parents[1])))
        (tmp_path / name).write_text(
            text.replace("betavariate(2, 2.5)", "betavariate(2, 2)"), encoding="utf-8"
        )
    done = run(script=tmp_path / "sampling.py")
    assert done.returncode == 1
    assert "nothing is timed" in done.stdout and "Python loop: a_comfort" in done.stdout
    assert "CPU" not in done.stdout


def test_the_cost_of_each_attribute_is_told() -> None:
    done = run(script=SCRIPT.with_name("sampling_profile.py"))
    assert done.returncode == 0, done.stderr
    costs = [line.split() for line in done.stdout.splitlines()[1:-1]]
    assert len(costs) == 40
    assert {line[1]: line[2:] for line in costs}["a_income"] == ["lognormal", "2"]
    assert "for each of 40 attributes" in done.stdout


def test_the_benchmark_of_checks_verifies_and_gives_figures(tmp_path: Path) -> None:
    script = SCRIPT.with_name("check.py")
    done = run("--runs", "1", "--hostile", "5", script=script)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["lines"] <= 200 and figures["warm CPU ms"] > 0 and figures["command CPU ms"] > 0
    wrong = script.read_text(encoding="utf-8").replace('"WW0204"', '"WW9999"')
    (tmp_path / "check.py").write_text(
        wrong.replace("Path(__file__).parents[1]", f"Path({str(SCRIPT.parents[1])!r})")
    )
    broken = run(script=tmp_path / "check.py")
    assert broken.returncode == 1 and "not noticed" in broken.stderr
