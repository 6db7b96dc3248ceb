"""How long a check takes: the flagship population, in this process and as a command, and hostile documents.

Run it from the project: `python benchmarks/check.py`. It verifies the answers first: the document is clean,
and one with a misspelt name is not. Times are CPU times, since a busy machine stretches others; the least of
several runs is given, because everything else on a machine can only add.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from worldwright.spec import Source, load_population  # noqa: E402

SPEC = ROOT / "specs" / "populations" / "german-surgeons.yaml"


def least(work: Callable[[], object], runs: int) -> float:
    """The least CPU time of a piece of work, in milliseconds."""
    found: list[float] = []
    for _ in range(runs):
        begin = time.process_time()
        work()
        found.append(1e3 * (time.process_time() - begin))
    return min(found)


def verify(text: str) -> None:
    """That a check says what it should, before it is timed."""
    population, said = load_population(Source(SPEC.name, text))
    if population is None or said:
        raise SystemExit(f"{SPEC} is not clean: {[diagnostic.message for diagnostic in said]}")
    broken, said = load_population(Source(SPEC.name, text.replace("age < 35", "agee < 35", 1)))
    if broken is not None or [diagnostic.code for diagnostic in said] != ["WW0204"]:
        raise SystemExit("a misspelt name was not noticed")


def command() -> tuple[float, float]:
    """CPU and wall time of `worldwright check`, in milliseconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "worldwright.cli.main", "check", str(SPEC)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    wall = 1e3 * (time.perf_counter() - begin)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime), wall


def of_hostile(count: int) -> dict[str, float]:
    """Quantiles of the CPU time that mutated documents take, in milliseconds."""
    from tests.spec.hostile import check, hostile

    found: list[float] = []
    for document in hostile(20260301, count):
        begin = time.process_time()
        check(document)
        found.append(1e3 * (time.process_time() - begin))
    found.sort()
    quantiles = {"half": 0.5, "90 %": 0.9, "99 %": 0.99, "99.9 %": 0.999, "worst": 1.0}
    return {name: round(found[int(share * (len(found) - 1))], 1) for name, share in quantiles.items()}


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--hostile", type=int, default=0, help="how many hostile documents to read")
    options = parser.parse_args()
    text = SPEC.read_text(encoding="utf-8")
    verify(text)
    commands = [command() for _ in range(max(3, options.runs // 3))]
    figures: dict[str, object] = {
        "lines": text.count("\n"),
        "warm CPU ms": round(least(lambda: load_population(Source(SPEC.name, text)), options.runs), 1),
        "command CPU ms": round(min(cpu for cpu, _ in commands)),
        "command wall ms": round(min(wall for _, wall in commands)),
    }
    if options.hostile:
        figures["hostile CPU ms"] = of_hostile(options.hostile)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
