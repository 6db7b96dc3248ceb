"""Declared metrics against NumPy, over everybody, by group and where a state is true."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from worldwright.world import RunRequest, Worker
from worldwright.world.aggregates import AGGREGATES, QUANTILES

from .worlds import load, world

SCRIPT = """state = {x = 0, odd = false}
function update(now, msgs)
  state.x, state.odd = self.agent.x, self.agent.n % 2 == 1
  if self.agent.n == 3 then state.x = "no number" end
end"""
X = np.random.default_rng(5).normal(10, 3, 41)
RANK = np.array(["a", "b", "c"], dtype=object)[np.arange(41) % 3]
RANK[RANK == "c"] = "b"
RANK[40] = "single"
NUMBER = np.arange(41)
KNOWN = NUMBER != 3
REFERENCE = {
    "mean": np.mean, "sum": np.sum, "min": np.min, "max": np.max, "sd": lambda x: np.std(x, ddof=1),
    **{name: (lambda x, level=level: np.quantile(x, level)) for name, level in QUANTILES.items()},
}  # fmt: skip


@pytest.mark.parametrize("how", sorted(REFERENCE))
def test_figures_are_those_of_numpy(worker: Worker, runtime: str, how: str) -> None:
    program = world(
        {
            "runtime": runtime,
            "entities": [{"name": "a", "script": "a.lua", "population": "main"}],
            "metrics": {
                "all": {how: "state.x", "by": ["rank"]},
                "odd": {how: "state.x", "where": "state.odd"},
            },
        },
        {"a.lua": SCRIPT},
    )
    table = pa.table({"x": X, "rank": pa.array(RANK).dictionary_encode(), "n": NUMBER})
    result = worker.run(RunRequest(program, 1, 1, populations={"main": table}))
    assert result.status == "ok", result.failure
    found = {(row["metric"], row["segment"]): row["value"] for row in result.metrics.to_pylist()}
    wanted = {("all", ""): X[KNOWN], ("odd", ""): X[KNOWN & (NUMBER % 2 == 1)]}
    wanted |= {("all", f"rank={rank}"): X[KNOWN & (rank == RANK)] for rank in ("a", "b", "single")}
    if how == "sd":  # one value has no deviation
        del wanted["all", "rank=single"]
    assert set(found) == set(wanted)
    for key, values in wanted.items():
        assert math.isclose(found[key], REFERENCE[how](values), rel_tol=1e-12)


def test_nobody_has_no_quantile(worker: Worker) -> None:
    program = world(
        {
            "entities": [{"name": "a", "script": "a.lua", "count": 2}],
            "metrics": {"m": {"median": "state.y"}, "d": {"sd": "state.y"}, "n": {"count": "a"}},
        },
        {"a.lua": "state = {}\nfunction update(now, msgs) if now > 9 then state.y = 1 end end"},
    )
    assert worker.run(RunRequest(program, 1, 1)).metrics["metric"].to_pylist() == ["n"]


def test_a_layer_has_no_quantile() -> None:
    program, found = load(
        {
            "entities": [{"name": "a", "script": "a.lua", "count": 2}],
            "grid": {"size": [3, 3]},
            "layers": {"heat": {"initial": 1.0}},
            "metrics": {"m": {"median": "layer.heat"}},
        },
        {"a.lua": "function update(now, msgs) end"},
    )
    assert program is None
    assert [d.message for d in found] == ["`median` means nothing for a figure over cells"]


def test_every_aggregate_is_a_key_of_a_metric() -> None:
    from worldwright.world.documents import MetricDocument

    assert set(AGGREGATES) <= set(MetricDocument.model_fields)
