"""Marginals against the agents: each known table, and the fitted joint table as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from worldwright.population.block import Block
from worldwright.population.inspection.branches import chi_square
from worldwright.population.inspection.findings import Finding
from worldwright.population.steps.raked import RakedStep
from worldwright.population.values import Floats, Index
from worldwright.spec.raking.tables import margin, projection


def cells_of(step: RakedStep, block: Block) -> Index:
    """The cell of the joint table that each agent is in."""
    found = np.zeros(block.count, dtype=np.int64)
    for name, size in zip(step.writes, step.group.shape, strict=True):
        found = found * size + block.value(name).astype(np.int64)
    return found


def margins_of(step: RakedStep) -> dict[str, tuple[float, ...]]:
    """The fitted shares of each member's options."""
    shape = step.group.shape
    return {
        name: tuple(margin(step.fit.cells, projection(shape, (axis,)), shape[axis]).tolist())
        for axis, name in enumerate(step.writes)
    }


def marginal_findings(step: RakedStep, moved: bool, whole: bool, block: Block) -> Iterator[Finding]:
    """One finding for each known table: its largest difference; and one for the joint table.

    Drawn tables differ by chance, which their p-values tell; so do counted ones of which only the first
    agents are here (less, in truth: they are drawn without replacement). Whole counted tables differ by an
    agent a cell at most. Where constraints leave agents out (`moved`), shares are told and not judged.
    """
    counted = step.exact and whole
    if not block.count:
        return
    counts = np.bincount(cells_of(step, block), minlength=math.prod(step.group.shape)).astype(np.float64)
    group, n = step.group, block.count
    for target, into in zip(group.targets, group.projections, strict=True):
        achieved = margin(counts, into, len(target.shares)) / n
        apart = np.abs(achieved - target.shares)
        place = int(np.argmax(apart))
        share = float(target.shares[place])
        labels = " and ".join(label for _, label in group.cell(place, target.axes))
        allowed = 1.0 / n if counted else 3.0 * math.sqrt(share * (1.0 - share) / n)
        near = moved or not counted or float(apart[place]) <= allowed
        yield Finding(
            "marginal",
            " and ".join(group.members[axis] for axis in target.axes),
            f"largest difference at {labels}: {achieved[place]:.4%}, {share:.4%} known{_note(step, moved)}",
            n,
            verdict="pass" if near else "warn",
            branch=labels,
            declared=share,
            achieved=float(achieved[place]),
            tolerance=allowed,
            p_value=None if counted or moved else chi_square(achieved * n, target.shares * n),
        )
    yield _joint(step, moved, counted, counts, n)


def _joint(step: RakedStep, moved: bool, counted: bool, counts: Floats, n: int) -> Finding:
    shares = step.fit.cells
    worst = int(np.argmax(np.abs(counts / n - shares)))
    labels = " and ".join(label for _, label in step.group.cell(worst))
    rounds = f"fitted in {step.fit.rounds} rounds"
    whole = ", whole numbers" if step.exact else ""
    missed = f", margins off by {step.places.off}" if step.places is not None and step.places.off else ""
    return Finding(
        "marginal",
        ", ".join(step.group.members),
        f"joint table of {len(shares)} cells, {rounds}{whole}{missed}; largest difference at {labels}: "
        f"{counts[worst] / n:.4%}, {shares[worst]:.4%} fitted{_note(step, moved)}",
        n,
        branch="joint table",
        declared=float(shares[worst]),
        achieved=float(counts[worst] / n),
        p_value=None if counted or moved else chi_square(counts, shares * n),
    )


def _note(step: RakedStep, moved: bool) -> str:
    return " (constraints leave agents out)" if moved else ""
