"""The population's known figures (`expect:`): the gate.

The gate judges the spec, of which a table is a sample: a figure fails where it lies further outside `within`
than `ALLOWED` standard errors of a sample of that size. A correct spec passes at 400 agents as at a million.
"""

from __future__ import annotations

import numpy as np

from worldwright.population.block import Block
from worldwright.population.inspection.figures import spearman
from worldwright.population.inspection.findings import Finding
from worldwright.population.lowering import Scope
from worldwright.population.steps.step import Test
from worldwright.population.values import Floats, Mask
from worldwright.spec.population import AttributeType, Expectation

ALLOWED = 4.0
"""Standard errors beyond `within` left to chance; a correct figure fails less than once in 30,000 times."""


def expectation_finding(expectation: Expectation, scope: Scope, block: Block) -> Finding:
    """One figure beside what the table gives."""
    owner = next(iter(scope.values()))
    chosen = np.ones(block.count, dtype=np.bool_)
    if expectation.where is not None:
        chosen = chosen & Test(owner, expectation.where, scope, "the `where` of an expectation").holds(block)
    columns = [_numbers(name, scope, block) for name in expectation.of]
    for column in columns:
        chosen = chosen & np.isfinite(column)
    n = int(np.count_nonzero(chosen))
    values = [c[chosen] for c in columns]
    achieved = _figure(expectation, values, chosen, owner, scope, block) if n else None
    label = expectation.label or f"{expectation.statistic} of {' and '.join(expectation.of)}"
    beyond = np.inf if achieved is None else abs(achieved - expectation.value) - expectation.within
    met = achieved is not None and beyond <= ALLOWED * _standard_error(expectation, achieved, values, n)
    shown = "no agent to measure it on" if achieved is None else f"{achieved:.6g}"
    if met and beyond > 0:
        shown += f" (chance in {n:,} agents)"
    return Finding(
        "expectation",
        " and ".join(expectation.of),
        f"{label}: {shown}, {expectation.value:g} ± {expectation.within:g} expected",
        n,
        verdict="pass" if met else "fail",
        branch=label,
        declared=expectation.value,
        achieved=achieved,
        tolerance=expectation.within,
    )


def _standard_error(expectation: Expectation, achieved: float, columns: list[Floats], n: int) -> float:
    """Of the statistic in a sample of n, by large-sample formulas (Kendall and Stuart 1977, chapter 10)."""
    value = float(
        np.clip(achieved, expectation.value - expectation.within, expectation.value + expectation.within)
    )
    if expectation.statistic == "share":
        return float(np.sqrt(max(0.0, value * (1 - value)) / n))
    if expectation.statistic == "correlation":
        return float((1 - value * value) * 1.03 / np.sqrt(max(1, n - 3)))  # 1.03: ranks, Fieller et al. 1957
    if n < 2:
        return 0.0
    centred = columns[0] - np.mean(columns[0])
    variance = float(np.mean(centred**2))
    match expectation.statistic:
        case "sd":
            spread = float(np.mean(centred**4)) - variance * variance
            return float(np.sqrt(max(0.0, spread) / (4 * variance * n))) if variance > 0 else 0.0
        case "median":
            return _median_error(columns[0], achieved, expectation.value)
        case _:
            return float(np.sqrt(variance / n))


def _median_error(values: Floats, achieved: float, expected: float) -> float:
    """A standard error that asks for no density: `ALLOWED` of it reach the end of an interval of ranks.

    The median lies between the values at ranks n/2 ± z·√n/2 with the chance that a normal score lies within
    ± z, whatever the law (David and Nagaraja, Order Statistics 2003, section 7.1). The end nearer to what is
    expected counts.
    """
    ordered, n = np.sort(values), len(values)
    half = ALLOWED * np.sqrt(n) / 2
    low = ordered[max(int(np.floor(n / 2 - half)), 0)]
    high = ordered[min(int(np.ceil(n / 2 + half)), n - 1)]
    return float(achieved - low if expected < achieved else high - achieved) / ALLOWED


def _figure(
    expectation: Expectation, columns: list[Floats], chosen: Mask, owner: object, scope: Scope, block: Block
) -> float | None:
    value: float
    match expectation.statistic:
        case "mean":
            value = float(np.mean(columns[0]))
        case "sd":
            value = float(np.std(columns[0], ddof=1)) if len(columns[0]) > 1 else float("nan")
        case "median":
            value = float(np.median(columns[0]))
        case "correlation":
            if len(columns[0]) < 3:
                return None
            value = spearman(columns[0], columns[1])
        case _:
            assert expectation.condition is not None
            first = next(iter(scope.values()))
            holds = Test(first, expectation.condition, scope, "the condition of an expectation").holds(block)
            value = float(np.count_nonzero(holds & chosen) / np.count_nonzero(chosen))
    return value if np.isfinite(value) else None


def _numbers(name: str, scope: Scope, block: Block) -> Floats:
    attribute = scope[name]
    values = block.value(name).astype(np.float64)
    if attribute.type is AttributeType.CATEGORICAL:
        values = np.where(values < 0, np.nan, values)
    if attribute.only_if is not None:
        values = np.where(block.null(name), np.nan, values)
    return values
