"""What constraints do to the law of their owners: who is drawn again, and how far that moves each owner.

A table shows neither, so some agents are drawn again, and looked at before and after each redraw.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from worldwright.population.block import Block
from worldwright.population.planning import plan
from worldwright.population.steps.redraw import RedrawStep
from worldwright.population.values import Mask, Values
from worldwright.spec.population import Attribute, AttributeType, Population


class Redrawn(NamedTuple):
    """What became of one owner."""

    share: float
    """Of the agents, those whose first draw failed."""
    moved: str
    """Its mean, or the share that moved most, before and after; empty where nobody was drawn again."""


def replayed(population: Population, agents: int) -> dict[str, Redrawn]:
    """What redraws did to each owner of a constraint, among `agents` agents of seed 0 or all there are."""
    most = population.most_agents
    made = plan(population, 0, agents)
    block = Block(0, agents if most is None else min(agents, most), made.keys)
    found: dict[str, Redrawn] = {}
    with np.errstate(all="ignore"):
        for step in made.steps:
            if not isinstance(step, RedrawStep):
                step.run(block)
                continue
            owners = [a for a in population.attributes if a.name in step.writes and a.stream in step.streams]
            share = step.share_failing(block) / max(block.count, 1)
            before = {a.name: _known(a, block) for a in owners}
            step.run(block)
            for owner in owners:
                moved = _moved(owner, before[owner.name], _known(owner, block)) if share else ""
                found[owner.name] = Redrawn(share, moved)
    return found


def _known(attribute: Attribute, block: Block) -> Values:
    """A copy of the values that there are."""
    values = block.value(attribute.name)
    if attribute.only_if is None:
        return np.array(values)
    there: Mask = ~block.null(attribute.name)
    return values[there]


def _moved(attribute: Attribute, before: Values, after: Values) -> str:
    if not len(before) or not len(after):
        return ""
    if attribute.type is AttributeType.BOOLEAN:
        return f"; {_from_to('its share', float(np.mean(before)), float(np.mean(after)), '.2%')}"
    if attribute.type is AttributeType.CATEGORICAL:
        size = len(attribute.options)
        first, last = (np.bincount(codes, minlength=size) / len(codes) for codes in (before, after))
        most = int(np.argmax(np.abs(last - first)))
        return f"; {_from_to(attribute.options[most], float(first[most]), float(last[most]), '.2%')}"
    if attribute.type is AttributeType.DATE:
        days = float(np.mean(after)) - float(np.mean(before))
        return f"; its mean moved by {days:+.1f} days"
    return f"; {_from_to('its mean', float(np.mean(before)), float(np.mean(after)), '.6g')}"


def _from_to(what: str, before: float, after: float, form: str) -> str:
    return f"{what} moved from {before:{form}} to {after:{form}}"
