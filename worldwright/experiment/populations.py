"""Populations as datasets: sampled once per (spec, seed, size), found again by key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.hashing import digest
from worldwright.population import ALGORITHM
from worldwright.store import Dataset, Store

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.spec import Population

AGENTS = "agents"
QUALITY = "quality"


def population_key(population: Population, seed: int, agents: int) -> str:
    """The key of a sampled population: what it means, its seed, its size and the sampler's algorithm."""
    return digest(
        "population", {"spec": population.digest, "seed": seed, "agents": agents, "algorithm": ALGORITHM}
    )


def population_dataset(
    store: Store, population: Population, seed: int, agents: int, parents: list[str]
) -> tuple[Dataset, bool]:
    """The sampled population with its quality report, from the store or made now; and whether it was there."""

    def write(folder: Path) -> dict[str, object]:
        from worldwright.population import batches, plan, quality, sample, write_parquet

        planned = plan(population, seed)
        write_parquet(batches(planned, agents), folder / f"{AGENTS}.parquet")
        report = quality(population, sample(planned, 0, agents))
        write_parquet([report], folder / f"{QUALITY}.parquet")
        return {"agents": agents}

    return store.get_or_build(
        population_key(population, seed, agents),
        stage="population",
        inputs={"spec": population.digest, "name": population.name, "seed": seed, "agents": agents},
        parents=parents,
        write=write,
    )


def population_table(population: Population, seed: int, agents: int) -> pa.Table:
    """The same population in memory, without touching the store."""
    from worldwright.population import plan, sample

    return sample(plan(population, seed), 0, agents)
