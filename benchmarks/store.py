"""A store of 10,000 runs × 1,000 ticks × 10 metrics (10⁸ rows): what it takes to fill, to ask and to verify.

    python benchmarks/store.py                              # all of it: about half an hour of CPU time
    python benchmarks/store.py --cells 2 --replicates 50    # the same, smaller
    python benchmarks/store.py --folder F                   # keep what was made, and go on there

Every run is a real one, of a world that records noise around known means; the stages are those of every
experiment. Each step is a process of its own, whose CPU time, wall time and largest resident memory are told.
The answers are compared with what is known before anything is said about time.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from worldwright.executors import executor_of
from worldwright.experiment import Progressed
from worldwright.project import stages
from worldwright.project.catalog import refresh_catalog
from worldwright.project.locate import Project
from worldwright.project.publish import experiment_report
from worldwright.store import query

METRICS = 10
WORLD = """worldwright: world/1
name: noise
parameters:
  drift: {type: float, default: 0}
entities:
  - {name: source, script: source.lua, count: 1}
"""
SCRIPT = """-- Records ten metrics: their number plus the drift, and noise that is uniform on ±1.
local random, record = self.random, world.record_metric
function update(now, msgs)
  for m = 0, 9 do
    record("m" .. m, m + world.param.drift + 2 * random() - 1)
  end
end
"""
EXPERIMENT = """worldwright: experiment/1
name: noise
question: What does the noise come to?
world: noise
ticks: {ticks}
seed: 6
metric: m0
design:
  grid: {{world.drift: [{drifts}]}}
replicates: {replicates}
"""
QUESTIONS = {
    "count": "SELECT count(*) AS n FROM noise.metrics",
    "last tick by cell": (
        "SELECT cell, avg(value) AS mean FROM noise.metrics WHERE metric = 'm3' AND tick = {ticks} "
        "GROUP BY cell ORDER BY cell"
    ),
    "one run's curve": (
        "SELECT tick, value FROM noise.metrics WHERE metric = 'm3' AND cell = 1 AND replicate = 7 "
        "ORDER BY tick"
    ),
    "one metric by tick": (
        "SELECT cell, tick, avg(value) AS mean FROM noise.metrics WHERE metric = 'm3' "
        "GROUP BY ALL ORDER BY ALL"
    ),
    "all metrics": (
        "SELECT cell, metric, avg(value) AS mean, stddev(value) AS sd, min(value) AS low, max(value) AS high "
        "FROM noise.metrics GROUP BY ALL ORDER BY ALL"
    ),
    "quantiles of all": (
        "SELECT cell, metric, approx_quantile(value, .9) AS q FROM noise.metrics GROUP BY ALL ORDER BY ALL"
    ),
    "summary": (
        "SELECT tick, mean, low, high FROM metric_summary WHERE metric = 'm3' AND cell = 1 ORDER BY tick"
    ),
}
STEPS = ("runs", "metrics", "summary", "report", "catalog", "cached", "queries", "verify")


def main() -> int:
    """Run the steps, each in a process of its own, or the one that `--only` names in this."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cells", type=int, default=10)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--ticks", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--memory", default="1GB", help="DuckDB's limit for queries")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", choices=STEPS)
    chosen = parser.parse_args()
    if chosen.only:
        found = step(chosen)
        print(json.dumps(found))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = (chosen.folder or Path(scratch)).resolve()
        write_project(folder, chosen)
        rows = chosen.cells * chosen.replicates * chosen.ticks * METRICS
        print(f"{chosen.cells * chosen.replicates:,} runs, {rows:,} rows, load {os.getloadavg()[0]:.1f}")
        for name in STEPS:
            arguments = [sys.executable, __file__, *sys.argv[1:], "--only", name, "--folder", str(folder)]
            print(f"{name:>8}: {subprocess.check_output(arguments, text=True).strip()}", flush=True)
        for name in ("objects/run", "objects/metrics", "objects/summary"):
            size = sum(path.stat().st_size for path in (folder / "data" / name).rglob("*") if path.is_file())
            print(f"{name}: {size / 1e6:,.1f} MB")
    return 0


def write_project(folder: Path, chosen: argparse.Namespace) -> None:
    """The documents of the experiment, in a project of their own."""
    world, experiments = folder / "specs" / "worlds" / "noise", folder / "specs" / "experiments"
    for place in (world, experiments):
        place.mkdir(parents=True, exist_ok=True)
    (world / "world.yaml").write_text(WORLD)
    (world / "source.lua").write_text(SCRIPT)
    drifts = ", ".join(str(cell) for cell in range(chosen.cells))
    text = EXPERIMENT.format(ticks=chosen.ticks, drifts=drifts, replicates=chosen.replicates)
    (experiments / "noise.yaml").write_text(text)


def step(chosen: argparse.Namespace) -> dict[str, Any]:
    """Do one step and say what it took."""
    project = Project(chosen.folder, chosen.folder / "data")
    keys = chosen.folder / "keys.json"
    known: dict[str, str] = json.loads(keys.read_text()) if keys.exists() else {}
    more: dict[str, Any] = {}
    begun = time.monotonic()
    if chosen.only in ("runs", "metrics", "summary", "report", "cached"):
        known |= _stage(project, chosen, known, more)
        keys.write_text(json.dumps(known))
    elif chosen.only == "catalog":
        more["bytes"] = refresh_catalog(project).stat().st_size
    elif chosen.only == "verify":
        more["problems"] = [str(problem) for problem in project.store.verify()]
    else:
        more = _ask(project, chosen)
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    return {
        "cpu_s": round(cpu, 2),
        "wall_s": round(time.monotonic() - begun, 2),
        "peak_mb": own.ru_maxrss // 1024,
        **more,
    }


def _stage(
    project: Project, chosen: argparse.Namespace, known: dict[str, str], more: dict[str, Any]
) -> dict[str, str]:
    chain = stages.open_chain(project, "noise")
    if chosen.only in ("runs", "cached"):
        told: list[Progressed] = []
        with executor_of(chosen.workers, None) as executor:
            staged = stages.simulation_runs(chain, executor, lambda state: _show(told, state))
        more["made"] = told[-1].done - told[-1].cached
        if chosen.only == "cached":
            assert stages.metrics(chain, known["runs"]).hit
            assert stages.metric_summary(chain, known["runs"], known["metrics"]).hit
        return {"runs": staged.only.key}
    if chosen.only == "metrics":
        return {"metrics": stages.metrics(chain, known["runs"]).only.key}
    if chosen.only == "summary":
        return {"summary": stages.metric_summary(chain, known["runs"], known["metrics"]).only.key}
    return {"report": experiment_report(chain, known["runs"], known["metrics"], known["summary"]).only.key}


def _show(told: list[Progressed], state: Progressed) -> None:
    told.append(state)
    print(f"{state.done:,} of {state.needed:,} runs", file=sys.stderr, end="\r", flush=True)


def _ask(project: Project, chosen: argparse.Namespace) -> dict[str, Any]:
    """Seconds of every question, first while the files are verified and then with that remembered."""
    taken: dict[str, Any] = {}
    for name, text in QUESTIONS.items():
        begun, cpu = time.monotonic(), time.process_time()
        answer = query(project.data, text.format(ticks=chosen.ticks), memory=chosen.memory)
        CHECKS[name](answer.to_pylist(), chosen)
        taken[name] = {
            "wall_s": round(time.monotonic() - begun, 2),
            "cpu_s": round(time.process_time() - cpu, 2),
            "rows": answer.num_rows,
        }
    return {"questions": taken}


def _close(mean: float, expected: float, n: int) -> None:
    """A mean of `n` values that are uniform on ±1 around what is expected, within five standard errors."""
    assert abs(mean - expected) <= 5 / math.sqrt(3 * n), (mean, expected, n)


def _check_all(rows: list[dict[str, Any]], chosen: argparse.Namespace) -> None:
    assert len(rows) == chosen.cells * METRICS
    for row in rows:
        expected = row["cell"] + int(row["metric"][1:])
        _close(row["mean"], expected, chosen.replicates * chosen.ticks)
        assert row["low"] >= expected - 1
        assert row["high"] <= expected + 1
        assert abs(row["sd"] - 1 / math.sqrt(3)) < 0.05


def _check_count(rows: list[dict[str, Any]], chosen: argparse.Namespace) -> None:
    assert rows[0]["n"] == chosen.cells * chosen.replicates * chosen.ticks * METRICS


def _check_means(n: Callable[[argparse.Namespace], int]) -> Callable[..., None]:
    def check(rows: list[dict[str, Any]], chosen: argparse.Namespace) -> None:
        assert rows
        for row in rows:
            _close(row["mean"], row.get("cell", 1) + 3, n(chosen))

    return check


def _check_curve(rows: list[dict[str, Any]], chosen: argparse.Namespace) -> None:
    assert [row["tick"] for row in rows] == list(range(1, chosen.ticks + 1))
    assert all(3 <= row["value"] <= 5 for row in rows)


def _check_quantiles(rows: list[dict[str, Any]], chosen: argparse.Namespace) -> None:
    for row in rows:
        assert abs(row["q"] - (row["cell"] + int(row["metric"][1:]) + 0.8)) < 0.05


CHECKS: dict[str, Callable[..., None]] = {
    "count": _check_count,
    "last tick by cell": _check_means(lambda chosen: chosen.replicates),
    "one run's curve": _check_curve,
    "one metric by tick": _check_means(lambda chosen: chosen.replicates),
    "all metrics": _check_all,
    "quantiles of all": _check_quantiles,
    "summary": _check_means(lambda chosen: chosen.replicates),
}


if __name__ == "__main__":
    sys.exit(main())
