"""Measure sampling: agents per CPU-second and peak memory, ours beside others, in one run.

    python benchmarks/sampling.py [--large] [--entropy PYTHON SPEC.yaml] [--scale 1] [--repeat 1] [--json]
        [--only NAME …]

First every contender's agents are compared with those of pandas and SciPy, and ours with SciPy's theory and
across backends; nothing is timed when that fails. Each measurement is a process of its own: CPU time is that
of the work after a small warm-up (imports and compiled kernels are loaded by then; workers' time is added),
peak memory is the whole process's (a child's begins with its parent's, so this process stays small).
How to run it and what it gave: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

STREAMING = "Worldwright, streaming"
AGENTS = {
    "Worldwright, in memory": 500_000,
    STREAMING: 1_000_000,
    "Worldwright, 2 processes": 1_000_000,
    "Python loop": 5_000,
    "Python loop that reads the spec": 5_000,
    "pandas and SciPy": 200_000,
    "DuckDB SQL, 1 thread": 500_000,
}
BARE = "bare Parquet write of our table"
PHILOX, NUMPY_PHILOX = "our Philox4x32-10, uniforms", "NumPy's Philox4x64-10, uniforms"
CHECK = "check"
LARGE = 10_000_000
ENTROPY, OURS_ON_ENTROPY = "Entropy 0.2.0, its surgeons", "Worldwright, Entropy's surgeons"
GOALS = {"Python loop": 150, "Python loop that reads the spec": 150, "pandas and SciPy": 4} | {
    "DuckDB SQL, 1 thread": 2, ENTROPY: 1500
}  # fmt: skip
INSTALL = """Entropy is not measured. To measure it, install it into an environment of its own:
    python3 -m venv entropy-venv && entropy-venv/bin/pip install entropy-predict==0.2.0
    python benchmarks/sampling.py --entropy entropy-venv/bin/python surgeons.yaml
with examples/german-surgeons/surgeons.yaml of its repository."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the numbers of agents")
    names = [*AGENTS, BARE, PHILOX, NUMPY_PHILOX]
    parser.add_argument(
        "--repeat",
        type=int,
        default=1,
        help="rounds of all measurements, of which each one's least CPU time counts",
    )
    parser.add_argument("--only", nargs="+", choices=names, help="measure these alone, without the check")
    parser.add_argument(
        "--entropy", nargs=2, metavar=("PYTHON", "SPEC"), help="also measure entropy-predict, on its file"
    )
    parser.add_argument("--large", action="store_true", help=f"also stream {LARGE:,} agents")
    parser.add_argument("--json", action="store_true", help="give the figures as JSON")
    parser.add_argument("--child", nargs=3, metavar=("NAME", "AGENTS", "OUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        name, agents, out = options.child
        if name == CHECK:
            from sampling_checks import check

            print("\n".join(check()))
        else:
            print(json.dumps(measured(name, int(agents), Path(out), options.entropy)))
        return 0
    if not options.only:
        arguments = [sys.executable, __file__, "--child", CHECK, "0", ""]
        problems = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        if problems:
            print(f"the results differ; nothing is timed\n{problems}")
            return 1
    wanted = [(name, int(AGENTS.get(name, 1_000_000) * options.scale)) for name in options.only or names]
    if options.large:
        wanted += [(STREAMING, LARGE)]
    if options.entropy:
        wanted += [(ENTROPY, 1_000), (OURS_ON_ENTROPY, int(1_000_000 * options.scale))]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(options.repeat):
            for place, (name, agents) in enumerate(wanted):
                row = in_a_process(name, agents, Path(folder), options.entropy)
                if not options.json:
                    print(header() + line(row) if place == turn == 0 else line(row), flush=True)
                if turn == 0:
                    rows.append(row)
                elif row["cpu_s"] < rows[place]["cpu_s"]:
                    rows[place] = row
    print(json.dumps(rows, indent=2) if options.json else "\n".join(summary(rows)))
    if not options.json and not options.entropy and not options.only:
        print(f"\n{INSTALL}")
    return 0


# ---- measuring


def in_a_process(name: str, agents: int, folder: Path, entropy: list[str] | None) -> dict[str, Any]:
    load = os.getloadavg()[0]
    if name == ENTROPY:
        assert entropy is not None
        found = entropys_agents(entropy, agents)
        del found["agents"]
        return {"name": name, "agents": agents, **found, "file_mb": 0.0, "load": load}
    arguments = [sys.executable, __file__, "--child", name, str(agents), str(folder / "out.parquet")]
    arguments += ["--entropy", *entropy] if entropy else []
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        text = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{name} failed")
    found = json.loads(text.splitlines()[-1])
    return {"name": name, "agents": agents, **found, "peak_mb": usage.ru_maxrss / 1024, "load": load}


def measured(name: str, agents: int, out: Path, entropy: list[str] | None) -> dict[str, float]:
    from sampling_contenders import CONTENDERS

    if name == OURS_ON_ENTROPY:
        assert entropy is not None
        return on_entropys_file(entropy, agents)
    if name in (PHILOX, NUMPY_PHILOX):
        work = uniforms(name)
        work(1000)
        return timed(lambda: work(agents), None)
    if name == BARE:
        from worldwright.population import write_parquet

        table = CONTENDERS["Worldwright, in memory"](agents, None)
        write_parquet([table.slice(0, 1000)], out, unordered=True)
        return timed(lambda: write_parquet([table], out, unordered=True), out)
    make = CONTENDERS[name]
    if "processes" not in name:  # its workers are new for each run, so their start is part of it
        make(1000, out)
    return timed(lambda: make(agents, out), out)


def timed(work: Any, out: Path | None) -> dict[str, float]:
    cpu, wall = spent(), time.perf_counter()
    kept = work()
    figures = {"cpu_s": spent() - cpu, "wall_s": time.perf_counter() - wall}
    del kept
    return figures | {"file_mb": out.stat().st_size / 1e6 if out is not None else 0.0}


def spent() -> float:
    """CPU seconds of this process and of those it has ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def uniforms(name: str) -> Any:
    """Forty columns of uniforms in blocks of 65,536; both keep what they need in a processor's cache."""
    import numpy as np

    from worldwright.population.kernels import philox

    out = np.empty(65536)
    generator = np.random.Generator(np.random.Philox(1))

    def fill(agents: int) -> None:
        for start in range(0, agents, len(out)):
            room = out[: agents - start]
            for column in range(40):
                if name == PHILOX:
                    philox.uniforms(np.uint64(column), np.uint64(start), np.uint64(0), room)
                else:
                    generator.random(out=room)

    return fill


def entropys_agents(entropy: list[str], agents: int) -> dict[str, Any]:
    python, spec = entropy
    done = subprocess.run(
        [python, str(HERE / "sampling_entropy.py"), spec, str(agents)], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"Entropy failed: {done.stderr.strip().splitlines()[-1:]}\n{INSTALL}")
    return json.loads(done.stdout.splitlines()[-1])


def on_entropys_file(entropy: list[str], agents: int) -> dict[str, float]:
    from sampling_checks import against_entropy

    from worldwright.population import plan, sample
    from worldwright.spec import Source
    from worldwright.spec.entropy import load_entropy

    spec = entropy[1]
    population, found = load_entropy(Source(spec, Path(spec).read_text(encoding="utf-8")))
    if population is None:
        raise SystemExit("\n".join(str(diagnostic) for diagnostic in found if diagnostic.is_error))
    made = plan(population, 1)
    problems = against_entropy(entropys_agents(entropy, 2000)["agents"], sample(made, 0, 20_000))
    if problems:
        raise SystemExit("the results differ; nothing is timed\n" + "\n".join(problems))
    return timed(lambda: sample(made, 0, agents), None)


# ---- telling


def header() -> str:
    titles = ("", "agents", "CPU s", "wall s", "agents per CPU-s", "peak MB", "file MB", "load")
    return "{:34} {:>11} {:>9} {:>8} {:>17} {:>8} {:>8} {:>5}\n".format(*titles)


def line(row: dict[str, Any]) -> str:
    rate = row["agents"] / row["cpu_s"]
    return (
        f"{row['name']:34} {row['agents']:>11,} {row['cpu_s']:9.2f} {row['wall_s']:8.2f} "
        f"{rate:>17,.0f} {row['peak_mb']:8.0f} {row['file_mb']:8.1f} {row['load']:5.1f}"
    )


def summary(rows: list[dict[str, Any]]) -> list[str]:
    """What the figures mean, beside the goals."""
    found = {row["name"]: row for row in rows}  # of two of one name, the larger, which is measured last
    rate = {name: row["agents"] / row["cpu_s"] for name, row in found.items()}
    lines: list[str] = []
    for other, goal in GOALS.items():
        ours = OURS_ON_ENTROPY if other == ENTROPY else STREAMING
        if other in rate and ours in rate:
            lines.append(f"{rate[ours] / rate[other]:8,.1f} times as fast as {other} (goal {goal:,})")
    if BARE in found and STREAMING in found:
        bare, ours = found[BARE], found[STREAMING]
        for unit, text in (("cpu_s", "CPU"), ("wall_s", "wall")):
            ratio = ours[unit] / ours["agents"] * bare["agents"] / bare[unit]
            lines.append(f"{ratio:8.2f} times the {text} time of writing the table alone (goal 1.6)")
    large = found.get(STREAMING, {"agents": 0})
    if large["agents"] == LARGE:
        hundred = 100_000_000 / LARGE
        lines.append("")
        lines.append(
            f"100,000,000 agents would take {large['cpu_s'] * hundred:,.0f} CPU-s, "
            f"{large['wall_s'] * hundred:,.0f} s and {large['file_mb'] * hundred / 1000:,.1f} GB of disk: "
            f"ten times what these {LARGE:,} took, in the same memory"
        )
    return ["", "Worldwright is", *lines] if lines else []


if __name__ == "__main__":
    sys.exit(main())
