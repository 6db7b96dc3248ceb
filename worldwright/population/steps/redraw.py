"""Constraints: the owners of a failed one are drawn again, before anything else depends on them.

Attempt k of an owner uses the uniform of (its stream, the agent, k); whatever was computed from an owner by
then is computed again from its own unchanged draw. Where the constraints are inequalities of one number, the
65th attempt is placed in what they leave of its distribution; where that is nothing, the agent is left out or
is an error. Otherwise, after 1,000 attempts an agent that may be dropped is left
out; any other is tried on by itself, since what hardly one draw in a million meets still has its law: that of
the draws that meet it. After the last attempt it is an error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worldwright.errors import SamplingError
from worldwright.population.block import Block
from worldwright.population.refusal import value_text
from worldwright.population.steps.narrow import NARROWED_AFTER, TRIES, Narrowing
from worldwright.population.steps.step import Step, Test
from worldwright.population.values import Index, Mask
from worldwright.spec.expressions import nodes

ATTEMPTS = 1000
"""How often the owners of all agents that fail are drawn again, and of one that may be dropped."""
MOST_ATTEMPTS = 1 << 24
"""How often an agent's owners are drawn again before the constraint counts as impossible for it."""
_LARGEST = 1 << 16


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
    narrowing: Narrowing | None = None
    """Where the rules are inequalities of one owner: how to tell what they leave of its distribution."""

    def run(self, block: Block) -> None:
        """Draw until every agent meets every rule."""
        failing = np.flatnonzero(self._fails(block))
        attempt = 0
        while len(failing) and attempt < (ATTEMPTS if self.narrowing is None else NARROWED_AFTER):
            attempt += 1
            tried = block.take(failing, dict.fromkeys(self.streams, attempt))
            for step in self.inner:
                step.run(tried)
            fails = self._fails(tried)
            good = np.flatnonzero(~fails)
            if len(good):
                self._accept(block, failing[good], tried, good)
                failing = failing[fails]
        if self.narrowing is not None and len(failing):
            failing = self._narrow(self.narrowing, block, failing)
            if len(failing) and not any(rule.drop for rule in self.rules):
                self._refuse(block, failing)
        if any(rule.drop for rule in self.rules):
            if len(failing):
                self._drop(block, failing)
            return
        for row in failing.tolist():
            self._persist(block, row, len(failing))

    def share_failing(self, block: Block) -> int:
        """How many agents of a block fail before anything is drawn again."""
        return int(np.count_nonzero(self._fails(block)))

    def _fails(self, block: Block) -> Mask:
        holds = self.rules[0].test.holds(block)
        for rule in self.rules[1:]:
            holds = holds & rule.test.holds(block)
        return ~holds

    def _narrow(self, narrowing: Narrowing, block: Block, failing: Index) -> Index:
        """Place an attempt in what is left for each agent; the rows for which nothing is."""
        first, last = narrowing.left(block, failing, self.inner)
        for attempt in range(NARROWED_AFTER + 1, NARROWED_AFTER + TRIES + 1):
            open_rows = np.flatnonzero(first <= last)
            if not len(open_rows):
                break
            rows = failing[open_rows]
            uniforms = narrowing.place(block, rows, attempt, first[open_rows], last[open_rows])
            tried = block.take(rows, placed={narrowing.stream: uniforms})
            for step in self.inner:
                step.run(tried)
            good = np.flatnonzero(~self._fails(tried))
            self._accept(block, rows[good], tried, good)
            kept = np.ones(len(failing), dtype=np.bool_)
            kept[open_rows[good]] = False
            failing, first, last = failing[kept], first[kept], last[kept]
        return failing

    def _refuse(self, block: Block, failing: Index) -> None:
        last = block.take(failing[:1])
        broken = next(rule for rule in self.rules if not rule.test.holds(last).all())
        raise _impossible(
            broken.test, last, len(failing) / block.count, ": none of its values meets it", NARROWED_AFTER
        )

    def _persist(self, block: Block, row: int, left: int) -> None:
        """Try one agent on; the first attempt that meets every rule counts."""
        found = self._search(block, row)
        if found is None:
            last = block.take(np.array([row]))
            broken = next(rule for rule in self.rules if not rule.test.holds(last).all())
            further = f", and for this one after {MOST_ATTEMPTS:,}"
            raise _impossible(broken.test, last, left / block.count, further)
        tried, good, _ = found
        self._accept(block, np.array([row]), tried, good)

    def kept_attempt(self, block: Block) -> int:
        """The attempt beyond the first 1,000 that is kept for the one agent of a block; 0 where none is."""
        found = self._search(block, 0)
        return 0 if found is None else found[2]

    def _search(self, block: Block, row: int) -> tuple[Block, Index, int] | None:
        """The first attempt beyond the first 1,000 that meets every rule, sought many at a time."""
        done, size = ATTEMPTS, ATTEMPTS
        while done < MOST_ATTEMPTS:
            size = min(2 * size, _LARGEST, MOST_ATTEMPTS - done)
            numbers = np.arange(done + 1, done + size + 1, dtype=np.int64)
            tried = block.take(np.full(size, row), dict.fromkeys(self.streams, numbers))
            for step in self.inner:
                step.run(tried)
            good = np.flatnonzero(~self._fails(tried))[:1]
            if len(good):
                return tried, good, int(numbers[good[0]])
            done += size
        return None

    def _accept(self, block: Block, rows: Index, tried: Block, good: Index) -> None:
        for name in self.writes:
            null = tried.null(name)[good] if name in self.nullable else None
            block.put(name, rows, tried.value(name)[good], null)

    def _drop(self, block: Block, failing: Index) -> None:
        last = block.take(failing)
        for rule in self.rules:
            if not rule.drop:
                fails = np.flatnonzero(~rule.test.holds(last))
                if len(fails):
                    raise _impossible(rule.test, last.take(fails[:1]), len(failing) / block.count)
        kept = np.ones(block.count, dtype=np.bool_)
        kept[failing] = False
        block.keep(kept)


def _impossible(
    test: Test, block: Block, share: float, further: str = "", made: int = ATTEMPTS
) -> SamplingError:
    """The error for the one agent of a block."""
    span = test.expression.span
    place = f"{span.file}:{span.start.line}:{span.start.column}"
    values = ", ".join(
        f"{name} = {value_text(test.scope[name], block, 0)}" for name in nodes.names(test.expression)
    )
    return SamplingError(
        f"the constraint at {place} still fails for {share:.2%} of agents "
        f"after {made:,} redraws of {test.attribute.name}{further} (here {values})",
        where=f"attribute {test.attribute.name}, agent {block.agent(0)}",
        why="its owner's distribution hardly reaches what the constraint allows",
        help="truncate the distribution instead, name other owners with `redraw:`, or say `on_fail: drop`",
    )
