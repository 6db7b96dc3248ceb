"""Local processes: blocks of agents go to workers, tables come back in the agents' order.

A block travels as a plan and two numbers. A worker lowers a plan once, however many blocks it computes of it.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import TracebackType
from typing import Self

import pyarrow as pa

from worldwright.errors import UsageError
from worldwright.executors import processes
from worldwright.population.backends import memory
from worldwright.population.columns import schema_of
from worldwright.population.planning import Plan

SHARE = 1 << 15
"""Agents that a worker computes at once; some of them per worker wait in memory. No result depends on it."""

_Item = tuple[bytes, int, int]


class Processes:
    """A backend over `workers` local processes, which start with the first block and live until `close`.

    They end with this process, however it ends.

    Args:
        workers: How many, at least one.
        share: Agents that a worker computes at once.

    Raises:
        UsageError: for less than one worker or agent.
    """

    def __init__(self, workers: int, *, share: int = SHARE) -> None:
        if share < 1:
            raise UsageError(f"a worker computes at least one agent at a time, not {share}")
        self._executor = processes(workers)
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
        tables = list(self._tables(plan, _ranges(start, count, self._share)))
        return pa.concat_tables(tables or [schema_of(plan.population).empty_table()]).combine_chunks()

    def batches(self, plan: Plan, agents: int, size: int = SHARE) -> Iterator[pa.Table]:
        """The agents 0 … agents − 1 as consecutive tables of `size` rows; see `memory.batches`.

        Each table is the work of one worker. At most a few tables per worker are held in memory.

        Raises:
            UsageError: for a negative number of agents or a size below 1.
            SamplingError: for an agent that cannot be drawn, named with its attribute.
            WorldwrightError: when a worker dies.
        """
        if agents < 0 or size < 1:
            yield from memory.batches(plan, agents, size)  # refuses in its own words
        yield from self._tables(plan, _ranges(0, agents, size))

    def close(self) -> None:
        """End the processes; a later call starts new ones."""
        self._executor.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tables(self, plan: Plan, ranges: Iterable[tuple[int, int]]) -> Iterator[pa.Table]:
        sent = pickle.dumps(plan, protocol=pickle.HIGHEST_PROTOCOL)
        return self._executor.map(_compute, ((sent, start, count) for start, count in ranges))


def _ranges(start: int, count: int, size: int) -> Iterator[tuple[int, int]]:
    return ((first, min(size, start + count - first)) for first in range(start, start + count, size))


def _compute(item: _Item) -> pa.Table:
    sent, start, count = item
    return memory.sample(_received(sent), start, count)


@lru_cache(maxsize=4)
def _received(sent: bytes) -> Plan:
    """The plan with its tables, kept for the next block."""
    return pickle.loads(sent)
