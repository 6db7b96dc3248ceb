"""The population's known figures (`expect:`): the gate."""

from __future__ import annotations

import numpy as np
from scipy import stats

from worldwright.population.block import Block, Floats, Mask
from worldwright.population.inspection.findings import Finding
from worldwright.population.lowering import Scope
from worldwright.population.steps.step import Test
from worldwright.spec.population import AttributeType, Expectation


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
    achieved = _figure(expectation, [c[chosen] for c in columns], chosen, owner, scope, block) if n else None
    label = expectation.label or f"{expectation.statistic} of {' and '.join(expectation.of)}"
    met = achieved is not None and abs(achieved - expectation.value) <= expectation.within
    shown = "no agent to measure it on" if achieved is None else f"{achieved:.6g}"
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
            value = float(stats.spearmanr(columns[0], columns[1]).statistic)
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
