"""Other processes: blocks of agents go to workers, tables come back in the agents' order.

The workers are local processes or those of a Ray cluster. Blocks travel as a plan and pairs of numbers. A
worker lowers a plan once, however many blocks it computes of it.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from functools import lru_cache
from types import TracebackType
from typing import Self

import pyarrow as pa

from worldwright.errors import UsageError
from worldwright.executors import Executor, processes, ray_cluster
from worldwright.population.backends import memory
from worldwright.population.columns import schema_of
from worldwright.population.planning import Plan

SHARE = 1 << 15
"""Agents that a process computes at once; some of them per worker wait in memory. No result depends on it."""
RAY_SHARE = 1 << 17
"""The same for a task on a cluster, where the way there and back takes longer."""

_Item = tuple[bytes, tuple[tuple[int, int], ...]]


class Spread:
    """A backend over the workers of an executor, which start with the first block and live until `close`.

    Args:
        executor: Whose workers compute.
        share: Agents that a worker computes at once.

    Raises:
        UsageError: for less than one agent.
    """

    def __init__(self, executor: Executor, *, share: int) -> None:
        if share < 1:
            raise UsageError(f"a worker computes at least one agent at a time, not {share}")
        self._executor = executor
        self._share = share

    def sample(self, plan: Plan, start: int, count: int) -> pa.Table:
        """The agents start … start + count − 1; see `memory.sample`.

        Raises:
            UsageError: for a negative start or count.
            SamplingError: for an agent that cannot be drawn, named with its attribute.
            WorldwrightError: when a worker dies.
        """
        if start < 0 or count < 0:
            return memory.sample(plan, start, count)  # refuses in its own words
        tables = list(self._tables(plan, start, count, self._share))
        return pa.concat_tables(tables or [schema_of(plan.population).empty_table()]).combine_chunks()

    def batches(self, plan: Plan, agents: int, size: int = SHARE) -> Iterator[pa.Table]:
        """The agents 0 … agents − 1 as consecutive tables of `size` rows; see `memory.batches`.

        A worker computes so many tables at once that they make up its share. At most a few shares per worker
        are held in memory.

        Raises:
            UsageError: for a negative number of agents or a size below 1.
            SamplingError: for an agent that cannot be drawn, named with its attribute.
            WorldwrightError: when a worker dies.
        """
        if agents < 0 or size < 1:
            yield from memory.batches(plan, agents, size)  # refuses in its own words
        yield from self._tables(plan, 0, agents, size)

    def close(self) -> None:
        """Leave the workers; a later call starts them anew."""
        self._executor.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tables(self, plan: Plan, start: int, count: int, size: int) -> Iterator[pa.Table]:
        sent = pickle.dumps(plan, protocol=pickle.HIGHEST_PROTOCOL)
        for tables in self._executor.map(_compute, _items(sent, start, count, size, self._share)):
            yield from tables


class Processes(Spread):
    """A backend over `workers` local processes, which end with this process, however it ends.

    Args:
        workers: How many, at least one.
        share: Agents that a worker computes at once.

    Raises:
        UsageError: for less than one worker or agent.
    """

    def __init__(self, workers: int, *, share: int = SHARE) -> None:
        super().__init__(processes(workers), share=share)


class Ray(Spread):
    """A backend over the Ray cluster at `address`; see `executors.cluster.Ray` for what it needs.

    Args:
        address: HOST:PORT, ray://HOST:PORT or auto.
        share: Agents that a task computes.

    Raises:
        UsageError: if Ray is not installed, for what is no address, or for less than one agent.
    """

    def __init__(self, address: str, *, share: int = RAY_SHARE) -> None:
        super().__init__(ray_cluster(address), share=share)


def _items(sent: bytes, start: int, count: int, size: int, share: int) -> Iterator[_Item]:
    """Consecutive ranges of `size` agents, as many of them in an item as make up a share."""
    step = size * max(1, share // size)
    for first in range(start, start + count, step):
        end = min(first + step, start + count)
        yield sent, tuple((at, min(size, end - at)) for at in range(first, end, size))


def _compute(item: _Item) -> list[pa.Table]:
    sent, ranges = item
    plan = _received(sent)
    return [memory.sample(plan, start, count) for start, count in ranges]


@lru_cache(maxsize=4)
def _received(sent: bytes) -> Plan:
    """The plan with its tables, kept for the next block."""
    return pickle.loads(sent)
