"""How often intervals hold what they promise, by simulation with the product's own stopping and intervals.

Two questions. With `until:`, replicates are added until the interval is as narrow as asked, so that it tends
to be too narrow: how often does the final interval cover the true mean, for a normal, a lognormal and a rare
event's metric? And with a fixed number of replicates: how often does the interval cover what it is about when
every replicate draws its own population, and when all share one?

    .venv/bin/python benchmarks/coverage.py                          # 2,000 experiments of each; minutes
    .venv/bin/python benchmarks/coverage.py --experiments 200 --out /tmp/coverage.json

What is done is kept in the file after `--out`, and not done again: a stopped run goes on. The same seed gives
the same figures.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from worldwright.experiment.documents import Until
from worldwright.experiment.stopping import interval, mean_sd, next_round, precise_enough
from worldwright.population import plan, sample
from worldwright.spec import Population, Source, load_population
from worldwright.streams import derive_seed

SEED = 20251224
BATCH = 50
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tally:
    """Of so many experiments, how many intervals covered, and the replicates they took together."""

    experiments: int = 0
    covered: int = 0
    replicates: int = 0

    def plus(self, covered: bool, replicates: int) -> Tally:
        """One experiment more."""
        return Tally(self.experiments + 1, self.covered + covered, self.replicates + replicates)

    @property
    def line(self) -> str:
        """Coverage with its Monte Carlo standard error, and the mean number of replicates."""
        share = self.covered / self.experiments
        error = math.sqrt(share * (1 - share) / self.experiments)
        taken = self.replicates / self.experiments
        return f"{share:7.1%} ± {error:.1%} of {self.experiments:,}; {taken:6.1f} replicates"


@dataclass(frozen=True)
class Stopped:
    """A metric whose replicates are independent draws, stopped by a rule."""

    draw: Callable[[np.random.Generator, int], Floats]
    truth: float
    until: Until
    minimum: int
    maximum: int

    def once(self, number: int, name: str) -> tuple[bool, int]:
        """One experiment: whether its final interval covers, and after how many replicates it stopped."""
        random = np.random.Generator(np.random.Philox(derive_seed(SEED, name, number)))
        values: list[float] = self.draw(random, self.maximum).tolist()
        done = self.minimum
        while done < self.maximum and not precise_enough(values[:done], self.until):
            done = next_round(done, self.maximum)
        return covers(values[:done], self.truth), done


def covers(values: list[float], truth: float) -> bool:
    """Whether the product's interval of these replicates holds the true mean."""
    low, high = interval(*mean_sd(values), len(values))
    return low is not None and high is not None and low <= truth <= high


AGENTS, REPLICATES = 2000, 20
SPEC = """\
worldwright: population/1
name: takers
attributes:
  chance: {type: float, distribution: {beta: {alpha: .5, beta: .75}}, assumption: to test intervals}
"""
TRUE_SHARE = 0.4
"""The mean of beta(.5, .75)."""


@dataclass(frozen=True)
class Shared:
    """A share among 2,000 sampled agents, each of whom takes something up with a chance of its own."""

    population: Population
    fixed: bool
    own: bool = False
    """Whether the interval is judged by the mean of the one population, not of those it is drawn from."""

    def once(self, number: int, name: str) -> tuple[bool, int]:
        """One experiment of 20 replicates; `population: fixed` keeps the agents and redraws what they do."""
        seed = derive_seed(SEED, "population", number)
        values: list[float] = []
        truth = TRUE_SHARE
        for replicate in range(REPLICATES):
            drawn = seed if self.fixed or replicate == 0 else derive_seed(seed, "replicate", replicate)
            table = sample(plan(self.population, drawn, AGENTS), 0, AGENTS)
            chance = table.column("chance").to_numpy()
            truth = float(chance.mean()) if self.own else TRUE_SHARE
            random = np.random.Generator(np.random.Philox(derive_seed(seed, "world", replicate)))
            values.append(float((random.random(AGENTS) < chance).mean()))
        return covers(values, truth), REPLICATES


def _lognormal(random: np.random.Generator, count: int) -> Floats:
    return random.lognormal(0.0, 1.0, count)


def _rare(random: np.random.Generator, count: int) -> Floats:
    return (random.random(count) < RARE).astype(np.float64)


RARE = 0.02


def cases() -> Iterator[tuple[str, Stopped | Shared]]:
    """What is tried, by name."""
    normal = Until(metric="m", half_width=0.2)
    yield "normal, half_width .2 sd", Stopped(lambda g, n: g.normal(10.0, 1.0, n), 10.0, normal, 20, 400)
    for width, maximum in ((0.2, 400), (0.1, 2000)):
        until = Until(metric="m", relative_half_width=width)
        name = f"lognormal (sigma 1), relative_half_width {width}"
        yield name, Stopped(_lognormal, math.exp(0.5), until, 20, maximum)
    for maximum in (100, 400, 1000):
        name = f"rare event (2 %), half_width .01, max {maximum}"
        yield name, Stopped(_rare, RARE, Until(metric="m", half_width=0.01), 20, maximum)
    population, _ = load_population(Source("takers.yaml", SPEC))
    assert population is not None
    yield "20 replicates, populations redrawn", Shared(population, fixed=False)
    yield "20 replicates, population: fixed, as if for all such populations", Shared(population, fixed=True)
    yield "20 replicates, population: fixed, for these agents", Shared(population, fixed=True, own=True)


def measure(experiments: int, kept: dict[str, Tally]) -> Iterator[tuple[str, Tally]]:
    """Each case with its tally after every batch."""
    for name, case in cases():
        tally = kept.get(name, Tally())
        while tally.experiments < experiments:
            for number in range(tally.experiments, min(experiments, tally.experiments + BATCH)):
                tally = tally.plus(*case.once(number, name))
            yield name, tally
        yield name, tally


def main() -> None:
    """Measure, keep and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--experiments", type=int, default=2000, help="simulated experiments of each case")
    parser.add_argument("--out", type=Path, default=Path("coverage.json"), help="where tallies are kept")
    given = parser.parse_args()
    stored = json.loads(given.out.read_text(encoding="utf-8")) if given.out.exists() else {}
    kept = {name: Tally(*values) for name, values in stored.items()}
    for name, tally in measure(given.experiments, kept):
        kept[name] = tally
        text = json.dumps({n: [t.experiments, t.covered, t.replicates] for n, t in kept.items()}, indent=1)
        given.out.write_text(text, encoding="utf-8")
    for name, _ in cases():
        print(f"{name:<66} {kept[name].line}")


if __name__ == "__main__":
    main()
