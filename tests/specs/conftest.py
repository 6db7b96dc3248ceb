"""The documents under `specs/`, read once, and a worker to run their worlds in."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from worldwright.population import plan, sample
from worldwright.spec import Population
from worldwright.world import Worker

from .runs import Runs, surgeons, world


@pytest.fixture(scope="session")
def population() -> Population:
    """The flagship population with its scenario, resolved."""
    loaded, found = surgeons()
    assert loaded is not None, found
    return loaded


@pytest.fixture(scope="session")
def many(population: Population) -> pa.Table:
    """Twenty thousand surgeons."""
    return sample(plan(population, seed=1), 0, 20_000)


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """One locked process for all runs."""
    with Worker() as running:
        yield running


@pytest.fixture(scope="session")
def adoption(worker: Worker, many: pa.Table) -> Runs:
    """A year of the adoption world; replicate r has surgeons 1000r to 1000r + 999."""
    return Runs(worker, world("adoption"), lambda r: {"main": many.slice(1000 * r, 1000)}, ticks=52)


@pytest.fixture(scope="session")
def predator_prey(worker: Worker) -> Runs:
    """Four hundred ticks of the predator-prey world."""
    return Runs(worker, world("predator-prey"), lambda _: {}, ticks=400)
