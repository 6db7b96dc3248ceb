"""How much each factor matters over its whole range: Morris' elementary effects and Sobol' indices.

Both are computed on means over replicates. Intervals are percentiles of a bootstrap that redraws the points
of the design and the replicates together: replicates share their populations across cells, so that their
noise does not average out over points.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from worldwright.experiment.design import Experiment
from worldwright.experiment.documents import Morris, SobolIndices
from worldwright.experiment.sampling import unit_points
from worldwright.experiment.stopping import CONFIDENCE
from worldwright.streams import stream_key

RESAMPLES = 1000
SENSITIVITY_COLUMNS = pa.schema(
    [
        ("outcome", pa.string()),
        ("metric", pa.string()),
        ("method", pa.string()),
        ("factor", pa.string()),
        ("measure", pa.string()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("points", pa.int32()),
        ("replicates", pa.int32()),
    ]
)
Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Measure = Callable[[Array], dict[str, Array]]
"""From means by point (rows) and position within the point (columns) to values by factor."""


def sensitivity(experiment: Experiment, values: pa.Table) -> pa.Table:
    """The measures of every outcome by factor; no rows for designs that are not made for it.

    An outcome that some run lacks has none either: what is left of a design is not one.

    Args:
        experiment: Whose design it is.
        values: The table of `outcome_values`.
    """
    rows: list[dict[str, Any]] = []
    for method, of in experiment.design.sampled.items():
        if not isinstance(of, (Morris, SobolIndices)):
            continue
        points = unit_points(experiment.design, experiment.seed)
        for (outcome, metric), runs in _complete(experiment, values).items():
            if isinstance(of, Morris):
                prepared, measure = elementary_effects(points, runs), morris_measures
            else:
                prepared, measure = runs.reshape(-1, len(of.ranges) + 2, runs.shape[1]), sobol_indices
            about = {"outcome": outcome, "metric": metric, "method": method}
            about |= {"points": prepared.shape[0], "replicates": prepared.shape[2]}
            key = stream_key(experiment.seed, "bootstrap", outcome)
            found = with_intervals(prepared, measure, key)
            rows += [
                {**about, "factor": factor, "measure": name, "value": value, "low": low, "high": high}
                for name, ranges in found.items()
                for factor, (value, low, high) in zip(experiment.factors, ranges, strict=True)
            ]
    return pa.Table.from_pylist(rows, schema=SENSITIVITY_COLUMNS)


def elementary_effects(points: Array, runs: Array) -> Array:
    """What a step of each factor changes per unit of its range: trajectories × factors × replicates.

    Args:
        points: The trajectories of a Morris design in the unit cube: cells × factors.
        runs: The outcome: cells × replicates.
    """
    factors = points.shape[1]
    steps = np.diff(points.reshape(-1, factors + 1, factors), axis=1)
    changed = np.abs(steps).argmax(axis=2)
    sizes: Array = np.take_along_axis(steps, changed[:, :, None], axis=2)
    effects = np.diff(runs.reshape(-1, factors + 1, runs.shape[1]), axis=1) / sizes
    ordered = np.zeros_like(effects)
    np.put_along_axis(ordered, np.broadcast_to(changed[:, :, None], effects.shape), effects, axis=1)
    return ordered


def morris_measures(effects: Array) -> dict[str, Array]:
    """Mean absolute effect, mean effect and spread of the effects (trajectories × factors) by factor."""
    return {
        "mu_star": np.abs(effects).mean(axis=0),
        "mu": effects.mean(axis=0),
        "sigma": effects.std(axis=0, ddof=1),
    }


def sobol_indices(y: Array) -> dict[str, Array]:
    """First-order and total Sobol' indices from the radial points of `sampling`, by SALib's estimators.

    Args:
        y: Points × (factors + 2): the model at A, at A with each coordinate of B, and at B.
    """
    from SALib.analyze.sobol import first_order, total_order

    factors = y.shape[1] - 2
    if float(np.ptp(y[:, [0, -1]])) == 0.0:  # nothing varies, and there is no variance to share out
        return {name: np.zeros(factors) for name in ("S1", "ST")}
    scaled = (y - y.mean()) / y.std()
    a, b = scaled[:, 0], scaled[:, -1]
    mixed = [scaled[:, 1 + factor] for factor in range(factors)]
    return {
        "S1": np.array([float(np.ravel(first_order(a, ab, b))[0]) for ab in mixed]),
        "ST": np.array([float(np.ravel(total_order(a, ab, b))[0]) for ab in mixed]),
    }


def with_intervals(
    prepared: Array, measure: Measure, key: int, resamples: int = RESAMPLES
) -> dict[str, list[tuple[float, float, float]]]:
    """Every measure with the 95 % percentile interval of a bootstrap over points and replicates.

    Args:
        prepared: Points × what a point holds × replicates.
        measure: From their means over replicates to values by factor.
        key: What the bootstrap's choices are keyed by.
        resamples: How often it is redrawn.
    """
    points, _, replicates = prepared.shape
    rows = _choices(key, "points", resamples * points, points).reshape(resamples, points)
    columns = _choices(key, "replicates", resamples * replicates, replicates).reshape(resamples, replicates)
    values = measure(prepared.mean(axis=2))
    redrawn: dict[str, list[Array]] = defaultdict(list)
    for row, column in zip(rows, columns, strict=True):
        for name, again in measure(prepared[row][:, :, column].mean(axis=2)).items():
            redrawn[name].append(again)
    ends = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    found: dict[str, list[tuple[float, float, float]]] = {}
    for name, value in values.items():
        low, high = np.quantile(np.array(redrawn[name]), ends, axis=0)
        found[name] = list(zip(value.tolist(), low.tolist(), high.tolist(), strict=True))
    return found


def _choices(key: int, what: str, count: int, among: int) -> Places:
    """That many whole numbers below `among`, a function of the key alone."""
    stream = hashlib.shake_128(f"{key}/{what}".encode()).digest(8 * count)
    return (np.frombuffer(stream, "<u8") % among).astype(np.int64)


def _complete(experiment: Experiment, values: pa.Table) -> dict[tuple[str, str], Array]:
    """The outcomes of everybody that all runs have, as cells × replicates."""
    found: dict[tuple[str, str], dict[tuple[int, int], float | None]] = defaultdict(dict)
    names = ("outcome", "metric", "segment", "cell", "replicate", "value")
    columns = (values.column(name).to_pylist() for name in names)
    for outcome, metric, segment, cell, replicate, value in zip(*columns, strict=True):
        if segment == "":
            found[outcome, metric][cell, replicate] = value
    complete: dict[tuple[str, str], Array] = {}
    for about, runs in found.items():
        replicates = 1 + max(replicate for _, replicate in runs)
        rows = [
            [runs.get((cell, replicate)) for replicate in range(replicates)]
            for cell in range(len(experiment.cells))
        ]
        if all(value is not None for row in rows for value in row):
            complete[about] = np.array(rows, float)
    return complete
