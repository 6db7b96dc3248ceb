"""Populations as datasets: sampled once per (spec, seed, size), found again by key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.experiment.versions import versions
from worldwright.hashing import digest
from worldwright.population import ALGORITHM, LAYOUT, QUALITY_ALGORITHM
from worldwright.store import Dataset, Store

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.spec import Population

AGENTS = "agents"
QUALITY = "quality"


def population_key(population: Population, seed: int, agents: int) -> str:
    """The identity of a population's values: its spec, its seed, its size and the sampler's algorithm."""
    return digest("population", _values(population, seed, agents))


def population_dataset(
    store: Store, population: Population, seed: int, agents: int, parents: list[str]
) -> tuple[Dataset, bool]:
    """The sampled population in parts, led by `agent`, the row's number; and whether it was in the store."""

    def write(folder: Path) -> dict[str, object]:
        from worldwright.population import PART, batches, plan, write_parts

        tables = _numbered(batches(plan(population, seed, agents), agents))
        write_parts(tables, folder / AGENTS, part=PART, unordered=True)
        return {"agents": agents}

    return store.get_or_build(
        digest("population", {**_values(population, seed, agents), "layout": LAYOUT}),
        stage="population",
        inputs={"spec": population.digest, "name": population.name, "seed": seed, "agents": agents}
        | {"algorithm": ALGORITHM},
        parents=parents,
        about={"versions": versions()},
        write=write,
    )


def quality_dataset(store: Store, population: Population, sampled: Dataset) -> tuple[Dataset, bool]:
    """How a sampled population meets its spec and its `expect:`, which are no part of the sample."""

    def write(folder: Path) -> None:
        from worldwright.population import quality, write_parquet
        from worldwright.population.inspection.quality import JUDGED

        judged = sampled.head(AGENTS, JUDGED).drop(["agent"])
        report = quality(population, judged, agents=sampled.rows(AGENTS))
        write_parquet([report], folder / f"{QUALITY}.parquet")

    expected = [[e.statistic, *e.of, e.label, e.value, e.within] for e in population.expectations]
    return store.get_or_build(
        digest("quality", {"sample": sampled.digest, "expect": expected, "algorithm": QUALITY_ALGORITHM}),
        stage="population_quality",
        inputs={"name": population.name, "sample": sampled.digest, "algorithm": QUALITY_ALGORITHM},
        parents=[sampled.key],
        write=write,
    )


def _values(population: Population, seed: int, agents: int) -> dict[str, object]:
    return {"spec": population.digest, "seed": seed, "agents": agents, "algorithm": ALGORITHM}


def _numbered(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Lead every table by `agent`, the row's number from 0, for analysts to join on."""
    import numpy as np
    import pyarrow as pa

    start = 0
    for table in tables:
        numbers = pa.array(np.arange(start, start + table.num_rows))
        yield table.add_column(0, "agent", numbers)
        start += table.num_rows


def population_table(population: Population, seed: int, agents: int) -> pa.Table:
    """The same population in memory, without touching the store."""
    from worldwright.population import plan, sample

    return sample(plan(population, seed, agents), 0, agents)
