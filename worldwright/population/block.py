"""The values of some agents while they are being computed.

A block is a stretch of agents, or any subset of another block. Steps read values by attribute name and
write theirs. Numbers, dates and integers are float64 (NaN where unknown), categories are int32 codes
(−1 where unknown), booleans are bool; a separate mask tells where an attribute is null.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from worldwright.population.kernels import philox
from worldwright.population.keys import Keys
from worldwright.population.values import Floats, Index, Mask, Values


class Block:
    """Agents start … start + count − 1, or the agents of a parent block at some positions."""

    def __init__(
        self, start: int, count: int, keys: Keys | None = None, rooms: Mapping[str, Floats] | None = None
    ) -> None:
        self.count = count
        self.keys = keys
        """The keys of all streams under the block's seed; without them nothing is drawn."""
        self.attempts: Mapping[str, int | Index] = {}
        """For each stream that is being redrawn, the number of the attempt, or each row's own."""
        self.placed: Mapping[str, Floats] = {}
        """For a stream whose uniforms are given: what constraints leave of it."""
        self._start = start
        self._agents: Index | None = None
        self._values: dict[str, Values] = {}
        self._nulls: dict[str, Mask] = {}
        self._parent: Block | None = None
        self._index: Index | None = None
        self._rooms = rooms or {}

    @property
    def agents(self) -> Index:
        """The numbers of the agents."""
        if self._agents is None:
            self._agents = np.arange(self._start, self._start + self.count, dtype=np.int64)
        return self._agents

    def agent(self, row: int) -> int:
        """The number of one agent."""
        return int(self._agents[row]) if self._agents is not None else self._start + row

    def value(self, name: str) -> Values:
        """The values of an attribute (or of an intermediate result under a name of its own)."""
        found = self._values.get(name)
        if found is None:
            if self._parent is None or self._index is None:
                raise KeyError(name)
            found = self._parent.value(name)[self._index]
            self._values[name] = found
        return found

    def null(self, name: str) -> Mask:
        """Where an attribute with `only_if` has no value."""
        found = self._nulls.get(name)
        if found is None:
            if self._parent is None or self._index is None:
                raise KeyError(name)
            found = self._parent.null(name)[self._index]
            self._nulls[name] = found
        return found

    def write(self, name: str, values: Values, null: Mask | None = None) -> None:
        """Set the values of an attribute; the array becomes the block's own."""
        self._values[name] = values
        if null is not None:
            self._nulls[name] = null

    def room(self, name: str) -> Floats:
        """An array for the values of an attribute, with anything in it: a caller's own, where it gave one."""
        room = self._rooms.get(name)
        return np.empty(self.count) if room is None or len(room) != self.count else room

    def uniform(self, stream: str) -> Floats:
        """The uniforms of these agents in an attribute's stream, at its current attempt."""
        if stream in self.placed:
            return self.placed[stream]
        return self.keyed(self.key("attribute", stream), self.attempts.get(stream, 0))

    def keyed(self, key: int, attempt: int | Index = 0) -> Floats:
        """The uniforms of these agents under a key."""
        out = np.empty(self.count)
        if isinstance(attempt, np.ndarray):
            philox.uniforms_at(np.uint64(key), self.agents, attempt, out)
        elif self._agents is None:
            philox.uniforms(np.uint64(key), np.uint64(self._start), np.uint64(attempt), out)
        else:
            philox.uniforms_of(np.uint64(key), self._agents, np.uint64(attempt), out)
        return out

    def key(self, kind: str, stream: str) -> int:
        """The key of a stream under the block's seed."""
        assert self.keys is not None, "only the blocks of a plan are drawn"
        return self.keys.of(kind, stream)

    def take(
        self,
        index: Index,
        attempts: Mapping[str, int | Index] | None = None,
        placed: Mapping[str, Floats] | None = None,
    ) -> Block:
        """The agents at some positions, as a block of their own that reads from this one.

        A position may come several times: then the agent is tried in several ways at once. `placed` gives
        uniforms of streams, one for each position.
        """
        block = Block(0, len(index), self.keys)
        block._agents = self.agents[index]
        block._parent, block._index = self, index
        kept = {
            stream: attempt[index] if isinstance(attempt, np.ndarray) else attempt
            for stream, attempt in self.attempts.items()
        }
        given = {stream: uniforms[index] for stream, uniforms in self.placed.items()}
        block.placed = given if placed is None else {**given, **placed}
        block.attempts = kept if attempts is None else {**kept, **attempts}
        return block

    def put(self, name: str, index: Index, values: Values, null: Mask | None = None) -> None:
        """Overwrite an attribute at some positions."""
        self.value(name)[index] = values
        if null is not None:
            self.null(name)[index] = null

    def keep(self, kept: Mask) -> None:
        """Leave out the agents where the mask is false."""
        agents = self.agents[kept]
        self._values = {name: values[kept] for name, values in self._values.items()}
        self._nulls = {name: mask[kept] for name, mask in self._nulls.items()}
        self._agents, self.count = agents, len(agents)
