"""What an experiment costs beside its worlds: replicates of a 2,000-agent world, CPU time by process.

Everything but the worlds happens in this process: sampling each replicate's population, handing it over,
taking results back, publishing them, summarising, the report and the catalog. Worlds run in the locked
worker, whose CPU time is that of a child. The goal is below 10 % for 1,000 replicates.

    .venv/bin/python benchmarks/overhead.py --replicates 1000            # minutes
    .venv/bin/python benchmarks/overhead.py --replicates 100 --profile   # and where this process spends it
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import shutil
import tempfile
import time
from pathlib import Path

from worldwright.executors import serial
from worldwright.project.locate import Project, system_clock
from worldwright.project.run import run_experiment

SPECS = Path(__file__).parents[1] / "specs"
EXPERIMENT = """\
worldwright: experiment/1
name: overhead
question: What does an experiment cost beside its worlds?
world: adoption
populations: {{main: {{population: german-surgeons, scenario: ai-diagnostic-tool, agents: 2000}}}}
ticks: 52
seed: 1
design: {{grid: {{world.price: {prices}}}}}
replicates: {replicates}
"""


def measure(replicates: int, cells: int, profile: cProfile.Profile | None) -> tuple[float, float]:
    """CPU seconds of this process and of its worlds; every run must have finished."""
    with tempfile.TemporaryDirectory(prefix="worldwright-") as folder:
        root = Path(folder)
        shutil.copytree(SPECS, root / "specs")
        text = EXPERIMENT.format(prices=[100 * cell for cell in range(cells)], replicates=replicates)
        (root / "specs" / "experiments" / "overhead.yaml").write_text(text, encoding="utf-8")
        project = Project(root, root / "data", system_clock)
        own, worlds = time.process_time(), _children()
        with serial() as executor:
            if profile is not None:
                profile.enable()
            outcome = run_experiment(project, "overhead", executor, lambda _: None)
            if profile is not None:
                profile.disable()
        assert outcome.failed == 0
        assert [row.replicates for row in outcome.answer.rows] == [replicates] * cells
        return time.process_time() - own, _children() - worlds


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replicates", type=int, default=100)
    parser.add_argument("--cells", type=int, default=1)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    profile = cProfile.Profile() if given.profile else None
    measure(2, 1, None)  # what is imported and compiled once is not counted
    own, worlds = measure(given.replicates, given.cells, profile)
    runs = given.replicates * given.cells
    print(f"{runs:,} runs: worlds {worlds:.2f} CPU s, all else {own:.2f} CPU s, {own / (own + worlds):.1%}")
    print(f"a run: world {1000 * worlds / runs:.1f} ms, all else {1000 * own / runs:.1f} ms")
    if profile is not None:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
