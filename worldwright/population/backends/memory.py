"""Tables in memory, and streams of them in flat memory."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from worldwright.errors import UsageError
from worldwright.population.columns import Columns
from worldwright.population.planning import Plan
from worldwright.population.steps.raked import demand_range

BLOCK = 1 << 17
"""Agents computed at once; fewer take longer (measured from 2¹³ on), more take memory. No result changes."""


def sample(plan: Plan, start: int, count: int) -> pa.Table:
    """The agents start … start + count − 1 of a plan, one row each, columns in document order.

    The same agents have the same bits in any other range. With constraints that say `on_fail: drop`, agents
    that cannot meet them are left out, and the table has fewer rows.

    Raises:
        UsageError: for a negative start or count, and, with `counts: exact`, for agents beyond their number.
        SamplingError: for an agent that cannot be drawn, named with its attribute.
    """
    if start < 0 or count < 0:
        raise UsageError(
            f"a range of agents starts at 0 or later and is not negative, not {start} and {count}"
        )
    demand_range(plan.steps, start, count)
    columns = Columns(plan.population, count)
    for first in range(start, start + count, BLOCK):
        size = min(BLOCK, start + count - first)
        columns.add(plan.block(first, size, columns.rooms(size)))
    return columns.finish()


def batches(plan: Plan, agents: int, size: int = 1 << 17) -> Iterator[pa.Table]:
    """The agents 0 … agents − 1 as consecutive tables of `size` rows, one at a time in memory.

    Raises:
        UsageError: for a negative number of agents or a size below 1.
    """
    if agents < 0 or size < 1:
        raise UsageError(f"batches need a size of at least 1 and no negative number, not {agents} in {size}s")
    for start in range(0, agents, size):
        yield sample(plan, start, min(size, agents - start))
