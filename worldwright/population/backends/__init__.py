"""Where blocks are computed: in memory or streamed here, or in other processes, or on a Ray cluster.

Takes a plan and ranges of agents, gives Arrow tables. All call `Plan.block`, so they agree to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.population.planning import Plan


class Backend(Protocol):
    """Something that computes the agents of plans: `memory`, the module, or `processes.Processes` or `Ray`.

    What it gives does not depend on which backend it is, nor on how it divides the work.
    """

    def sample(self, plan: Plan, start: int, count: int) -> pa.Table:
        """The agents start … start + count − 1; see `memory.sample`."""
        ...

    def batches(self, plan: Plan, agents: int, size: int = ...) -> Iterator[pa.Table]:
        """The agents 0 … agents − 1 as consecutive tables, in flat memory; see `memory.batches`."""
        ...
