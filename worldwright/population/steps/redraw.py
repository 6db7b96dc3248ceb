"""Constraints: the owners of a failed one are drawn again, before anything else depends on them.

Attempt k of an owner uses the uniform of (its stream, the agent, k); whatever was computed from an owner by
then is computed again from its own unchanged draw. After the last attempt an agent is an error or left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worldwright.errors import SamplingError
from worldwright.population.block import Block
from worldwright.population.refusal import value_text
from worldwright.population.steps.step import Step, Test
from worldwright.population.values import Mask
from worldwright.spec.expressions import nodes

ATTEMPTS = 1000
"""How often an agent's owners are drawn again before the constraint counts as impossible for it."""


@dataclass(frozen=True)
class Rule:
    """One constraint, lowered."""

    test: Test
    drop: bool


@dataclass(frozen=True)
class RedrawStep:
    """Repairs the agents that fail some constraints with common owners."""

    rules: tuple[Rule, ...]
    streams: tuple[str, ...]
    """The streams of the owners."""
    inner: tuple[Step, ...]
    """What computes the owners and what depends on them so far, in order."""
    writes: tuple[str, ...]
    nullable: frozenset[str]

    def run(self, block: Block) -> None:
        """Draw until every agent meets every rule."""
        failing = np.flatnonzero(self._fails(block))
        attempt = 0
        while len(failing) and attempt < ATTEMPTS:
            attempt += 1
            tried = block.take(failing, dict.fromkeys(self.streams, attempt))
            for step in self.inner:
                step.run(tried)
            good = ~self._fails(tried)
            if good.any():
                for name in self.writes:
                    null = tried.null(name)[good] if name in self.nullable else None
                    block.put(name, failing[good], tried.value(name)[good], null)
                failing = failing[~good]
        if len(failing):
            self._give_up(block, failing)

    def share_failing(self, block: Block) -> int:
        """How many agents of a block fail before anything is drawn again."""
        return int(np.count_nonzero(self._fails(block)))

    def _fails(self, block: Block) -> Mask:
        holds = self.rules[0].test.holds(block)
        for rule in self.rules[1:]:
            holds = holds & rule.test.holds(block)
        return ~holds

    def _give_up(self, block: Block, failing: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        last = block.take(failing)
        for rule in self.rules:
            if rule.drop:
                continue
            fails = ~rule.test.holds(last)
            if fails.any():
                raise _impossible(rule.test, last, int(np.argmax(fails)), len(failing) / block.count)
        kept = np.ones(block.count, dtype=np.bool_)
        kept[failing] = False
        block.keep(kept)


def _impossible(test: Test, block: Block, row: int, share: float) -> SamplingError:
    span = test.expression.span
    place = f"{span.file}:{span.start.line}:{span.start.column}"
    values = ", ".join(
        f"{name} = {value_text(test.scope[name], block, row)}" for name in nodes.names(test.expression)
    )
    return SamplingError(
        f"the constraint at {place} still fails for {share:.2%} of agents "
        f"after {ATTEMPTS:,} redraws of {test.attribute.name} (here {values})",
        where=f"attribute {test.attribute.name}, agent {block.agent(row)}",
        why="its owner's distribution hardly reaches what the constraint allows",
        help="truncate the distribution instead, name other owners with `redraw:`, or say `on_fail: drop`",
    )
