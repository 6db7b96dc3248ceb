"""Measure sampling: agents per CPU-second and peak memory, ours beside others, in one run.

    python benchmarks/sampling.py [--scale 1] [--only NAME …] [--entropy SITE_PACKAGES SPEC.yaml]

First every contender's agents are compared with those of pandas and SciPy, and ours with SciPy's theory and
across backends; nothing is timed when that fails. Each measurement is a process of its own: CPU time is that
of the work after a small warm-up (imports and compiled kernels are loaded by then; workers' time is added),
peak memory is the whole process's (a child's begins with its parent's, so this process stays small).
How to run it and what it gave: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import hashlib
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

AGENTS = {
    "Worldwright, in memory": 500_000,
    "Worldwright, streaming": 1_000_000,
    "Worldwright, 2 processes": 1_000_000,
    "Python loop": 5_000,
    "pandas and SciPy": 200_000,
    "DuckDB SQL, 1 thread": 500_000,
}
BARE = "bare Parquet write of our table"
CHECK = "check"
CHECKED = {"Python loop": 5_000}
ENTROPY, OURS_ON_ENTROPY = "Entropy 0.2.0, its surgeons", "Worldwright, Entropy's surgeons"
PAIRS = [("age", "experience"), ("experience", "rank"), ("rank", "income"), ("age", "comfort")]
PAIRS += [("comfort", "trust"), ("comfort", "adopts"), ("income", "burden"), ("wait", "burden")]
"""Attributes one of which depends on the other, within a group."""
LIMIT = 6.0
"""Standard errors: 112 means × 5 contenders exceed it by chance with a probability below 2e-6."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the numbers of agents")
    parser.add_argument("--only", nargs="+", choices=[*AGENTS, BARE], help="measure these alone")
    parser.add_argument(
        "--entropy", nargs=2, metavar=("SITE_PACKAGES", "SPEC"), help="also measure entropy-predict"
    )
    parser.add_argument("--json", action="store_true", help="give the figures as JSON")
    parser.add_argument("--child", nargs=3, metavar=("NAME", "AGENTS", "OUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        name, agents, out = options.child
        if name == CHECK:
            print("\n".join(check()))
            return 0
        print(json.dumps(measured(name, int(agents), Path(out), options.entropy)))
        return 0
    if not options.only:
        arguments = [sys.executable, __file__, "--child", CHECK, "0", ""]
        problems = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        if problems:
            print(f"the results differ; nothing is timed\n{problems}")
            return 1
    wanted = {
        name: int(AGENTS.get(name, 1_000_000) * options.scale) for name in options.only or [*AGENTS, BARE]
    }
    if options.entropy:
        wanted |= {ENTROPY: 1_000, OURS_ON_ENTROPY: int(200_000 * options.scale)}
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, agents in wanted.items():
            rows.append(in_a_process(name, agents, Path(folder), options.entropy))
            if not options.json:
                print(line(rows[-1]), flush=True)
    if options.json:
        print(json.dumps(rows, indent=2))
    return 0


# ---- first: are they the same agents?


def check() -> list[str]:
    """What differs between the contenders' agents beyond chance."""
    from sampling_contenders import CONTENDERS, ours_streaming

    tables = {name: make(CHECKED.get(name, 40_000), None) for name, make in CONTENDERS.items()}
    found = [text for name in tables for text in differences(name, tables[name], tables["pandas and SciPy"])]
    if digest(tables["Worldwright, in memory"]) != digest(tables["Worldwright, 2 processes"]):
        found.append("processes give other agents than memory")
    with tempfile.TemporaryDirectory() as folder:
        import pyarrow.parquet as pq

        path = Path(folder) / "ours.parquet"
        ours_streaming(40_000, path)
        if digest(pq.read_table(path)) != digest(tables["Worldwright, in memory"]):
            found.append("the file holds other agents than memory")
    return found + against_theory(tables["Worldwright, in memory"])


def differences(name: str, table: Any, reference: Any) -> list[str]:
    """Means of values, squares and products that are further apart than chance allows."""
    import numpy as np
    from sampling_contenders import columns

    found: list[str] = []
    pairs = [(column, column) for column in columns()]
    pairs += [(f"{g}_{x}", f"{g}_{y}") for g in "abcd" for x, y in PAIRS]
    both = [{name: numbers(t.column(name)) for name in columns()} for t in (table, reference)]
    for first, second in pairs:
        for power in (0, 1) if first == second else (1,):
            a, b = (values[first] * values[second] ** power for values in both)
            # tables of 1,000 quantiles lose up to 1 % of a standard deviation of a square in the tails
            slack = 0.012 * b.std() if name.startswith("DuckDB") else 0.0
            error = float(np.sqrt(a.var() / len(a) + b.var() / len(b)))
            if abs(a.mean() - b.mean()) > LIMIT * error + slack:
                found.append(
                    f"{name}: {first} × {second}**{power} has mean {a.mean():.5g}, not {b.mean():.5g}"
                )
    return found


def against_theory(table: Any) -> list[str]:
    """Our draws against SciPy's distribution functions, by Kolmogorov and Smirnov."""
    import numpy as np
    from scipy import stats

    low, high = stats.norm.cdf([(25.5 - 47) / 11, (72.5 - 47) / 11])
    found: list[str] = []
    for g in "abcd":
        p = stats.kstest(numbers(table.column(f"{g}_wait")), stats.gamma(2, scale=3).cdf).pvalue
        found += [f"{g}_wait is no gamma(2, 3): p = {p:.2g}"] if p < 1e-6 else []
        for name, first, cdf in (
            ("age", 26, lambda k: (stats.norm.cdf(k + 0.5, 47, 11) - low) / (high - low)),
            ("cases", 0, stats.poisson(3.5).cdf),
        ):
            values = numbers(table.column(f"{g}_{name}"))
            grid = np.arange(first, values.max() + 1)
            gap = np.abs((values[:, None] <= grid).mean(axis=0) - cdf(grid)).max()
            # Dvoretzky, Kiefer and Wolfowitz: exceeded with a probability below 2·exp(−2·16) = 3e-14
            found += [f"{g}_{name} is off by {gap:.3g}"] if gap > 4 / np.sqrt(len(values)) else []
    return found


def numbers(column: Any) -> Any:
    import numpy as np

    values = column.to_pylist()
    if isinstance(values[0], str):
        ranks = {"resident": 0, "specialist": 1, "senior": 2, "chief": 3}
        values = [ranks[value] for value in values]
    return np.array(values, dtype=np.float64)


def digest(table: Any) -> str:
    from sampling_contenders import columns

    values = (table.column(name).combine_chunks() for name in columns())
    state = hashlib.sha256()
    for column in values:
        state.update(repr(column.to_pylist()).encode())
    return state.hexdigest()


# ---- then: how fast?


def in_a_process(name: str, agents: int, folder: Path, entropy: list[str] | None) -> dict[str, Any]:
    arguments = [sys.executable, __file__, "--child", name, str(agents), str(folder / "out.parquet")]
    arguments += ["--entropy", *entropy] if entropy else []
    load = os.getloadavg()[0]
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

    if name in (ENTROPY, OURS_ON_ENTROPY):
        assert entropy is not None
        work = entropys_sampler(*entropy) if name == ENTROPY else ours_on_entropys_file(entropy[1])
        work(50)
        return timed(lambda: work(agents), None)
    if name == BARE:
        from worldwright.population import write_parquet

        table = CONTENDERS["Worldwright, in memory"](agents, None)
        return timed(lambda: write_parquet([table], out), out)
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


def entropys_sampler(packages: str, spec: str) -> Any:
    sys.path.append(packages)
    from entropy.core.models.population import PopulationSpec
    from entropy.population.sampler import sample_population

    population = PopulationSpec.from_yaml(Path(spec))
    return lambda agents: sample_population(population, count=agents, seed=1)


def ours_on_entropys_file(spec: str) -> Any:
    from worldwright.population import plan, sample
    from worldwright.spec import Source
    from worldwright.spec.entropy import load_entropy

    population, found = load_entropy(Source(spec, Path(spec).read_text(encoding="utf-8")))
    if population is None:
        raise SystemExit("\n".join(str(diagnostic) for diagnostic in found if diagnostic.is_error))
    made = plan(population, 1)
    return lambda agents: sample(made, 0, agents)


def line(row: dict[str, Any]) -> str:
    return (
        f"{row['name']:34} {row['agents']:>11,} agents {row['cpu_s']:8.2f} CPU-s {row['wall_s']:8.2f} s "
        f"{row['agents'] / row['cpu_s']:>12,.0f} agents/CPU-s {row['peak_mb']:7.0f} MB peak "
        f"{row['file_mb']:7.1f} MB file, load {row['load']:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
