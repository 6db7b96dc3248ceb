"""Attributes against their declared laws, branch by branch.

A branch is the set of agents on whom the same modifiers act. Numbers are compared by the Kolmogorov–Smirnov
test of their (randomised) probability transforms, which are uniform under the declared laws even where every
agent has a law of its own; categories by the chi-square test; booleans by the number of true.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy import stats

from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.inspection.declared import Declared
from worldwright.population.inspection.findings import Finding
from worldwright.population.steps.boolean import BooleanStep
from worldwright.population.steps.categorical import CategoricalStep
from worldwright.population.steps.numeric import NumericStep
from worldwright.population.steps.step import Test
from worldwright.population.values import Floats, Index, Mask
from worldwright.streams import stream_key

LEAST = 30
"""Agents a branch needs to be tested."""
MOST_BRANCHES = 12
"""Branches of one attribute that are told apart; smaller ones are tested together."""

Drawn = NumericStep | CategoricalStep | BooleanStep


def branch_findings(step: Drawn, tests: list[Test], block: Block) -> list[Finding]:
    """One finding for each branch of an attribute among the agents of a block (those it has a value for)."""
    found: list[Finding] = []
    for label, index in branches_of(tests, block):
        part = block.take(index)
        if isinstance(step, NumericStep):
            found += _number(step, label, part)
        elif isinstance(step, CategoricalStep):
            found.append(_categories(step, label, part))
        else:
            found.append(_truths(step, label, part))
    return found


def branches_of(tests: list[Test], block: Block) -> Iterator[tuple[str, Index]]:
    """The branches of an attribute that are large enough to be told apart, and who is in them."""
    if not tests:
        if block.count >= LEAST:
            yield "", np.arange(block.count)
        return
    fired = np.column_stack([test.holds(block) for test in tests])
    patterns, inverse, counts = np.unique(fired, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    rest: list[int] = []
    for place, number in enumerate(order.tolist()):
        if place >= MOST_BRANCHES or counts[number] < LEAST:
            rest.append(number)
            continue
        yield _label(patterns[number]), np.flatnonzero(inverse.reshape(-1) == number)
    index = np.flatnonzero(np.isin(inverse.reshape(-1), rest))
    if len(index) >= LEAST:
        yield "other combinations of modifiers", index


def _label(fired: Mask) -> str:
    numbers = [str(i + 1) for i, on in enumerate(fired.tolist()) if on]
    if not numbers:
        return "no modifier"
    return f"modifier{'s' if len(numbers) > 1 else ''} {' and '.join(numbers)}"


def _number(step: NumericStep, label: str, block: Block) -> list[Finding]:
    assert step.law is not None
    declared = Declared(step, step.law, block)
    values: Floats = block.value(step.attribute.name)
    before, at = declared.interval(values)
    usable = declared.usable & np.isfinite(before) & np.isfinite(at)
    if np.count_nonzero(usable) < LEAST:
        return []
    share = np.empty(block.count)
    share[:] = Block(0, block.count).keyed(stream_key(0, "quality", step.attribute.name))
    transformed = (before + share * (at - before))[usable]
    result = stats.kstest(transformed, "uniform")
    n = len(transformed)
    return [
        Finding(
            "branch",
            step.attribute.name,
            f"distance {result.statistic:.4f} between the declared and the achieved distribution",
            n,
            branch=label,
            declared=0.0,
            achieved=float(result.statistic),
            tolerance=2.0 / math.sqrt(n),
            p_value=float(result.pvalue),
        )
    ]


def _truths(step: BooleanStep, label: str, block: Block) -> Finding:
    chances = arrays.rows(step.probability(block), block.count)
    true = int(np.count_nonzero(block.value(step.attribute.name)))
    expected, variance = float(chances.sum()), float((chances * (1.0 - chances)).sum())
    if float(np.ptp(chances)) == 0.0:
        p_value = float(stats.binomtest(true, block.count, float(chances[0])).pvalue)
    else:
        p_value = float(2.0 * stats.norm.sf(abs(true - expected) / math.sqrt(max(variance, 1e-300))))
    n = block.count
    return Finding(
        "branch",
        step.attribute.name,
        f"true for {true / n:.2%}, {expected / n:.2%} declared",
        n,
        branch=label,
        declared=expected / n,
        achieved=true / n,
        tolerance=3.0 * math.sqrt(variance) / n,
        p_value=p_value,
    )


def _categories(step: CategoricalStep, label: str, block: Block) -> Finding:
    expected = step.shares(block).sum(axis=0)
    achieved = np.bincount(block.value(step.attribute.name), minlength=len(expected)).astype(np.float64)
    worst = int(np.argmax(np.abs(achieved - expected)))
    p_value = chi_square(achieved, expected)
    n = block.count
    option = step.attribute.options[worst]
    return Finding(
        "branch",
        step.attribute.name,
        f"largest difference at {option}: {achieved[worst] / n:.2%}, {expected[worst] / n:.2%} declared",
        n,
        branch=label,
        declared=float(expected[worst] / n),
        achieved=float(achieved[worst] / n),
        p_value=p_value,
    )


def chi_square(achieved: Floats, expected: Floats) -> float:
    """The p-value of the counts; options expected fewer than five times are taken together."""
    if np.any(achieved[expected <= 0.0] > 0.0):
        return 0.0
    frequent = expected >= 5.0
    counts = [*achieved[frequent].tolist(), float(achieved[~frequent].sum())]
    hopes = [*expected[frequent].tolist(), float(expected[~frequent].sum())]
    if hopes[-1] < 5.0 and len(hopes) > 1:
        smallest = int(np.argmin(hopes[:-1]))
        counts[smallest] += counts.pop()
        hopes[smallest] += hopes.pop()
    if len(hopes) < 2:
        return 1.0
    statistic = sum((count - hope) ** 2 / hope for count, hope in zip(counts, hopes, strict=True))
    return float(stats.chi2.sf(statistic, len(hopes) - 1))
