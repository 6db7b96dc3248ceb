"""Results known from theory or exact published runs; see the sources at each.

Tolerances are four standard errors at the number of replicates: each test fails by chance for about one in
16,000 seeds, and the seeds are fixed. The slow ones repeat them with more replicates.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from worldwright.world import Record, RunRequest, Worker, WorldProgram, WorldResult

from .worlds import solo, world

LAST = Record(("last",))


def run(
    worker: Worker, program: WorldProgram, ticks: int, replicate: int = 0, **parameters: float
) -> WorldResult:
    result = worker.run(
        RunRequest(program, ticks, 20251224, replicate=replicate, parameters=parameters, record=LAST)
    )
    assert result.status == "ok", result.failure
    return result


def series(result: WorldResult, metric: str) -> np.ndarray:
    rows = [r for r in result.metrics.to_pylist() if r["metric"] == metric]
    return np.array([r["value"] for r in rows])


# Money: Dragulescu and Yakovenko (2000), "Statistical mechanics of money"; whole coins, sent simultaneously.
# Wealth counts what lies in the inbox: a coin sent in a tick is somebody's at its end.
MONEY = """state = {wealth = 1}
function update(now, msgs)
  state.wealth = state.wealth + #msgs
  world.record_metric("w" .. math.min(state.wealth, 40), 1)
  if state.wealth >= 1 then
    local to = self.random(world.count("a") - 1)
    local me = tonumber(string.match(self.id, "%d+"))
    if to >= me then to = to + 1 end
    self.send_msg("a_" .. to, "coin", 1)
    state.wealth = state.wealth - 1
  end
end"""


def test_money_settles_where_theory_says(worker: Worker) -> None:
    """The share without money is √2 − 1, the Gini coefficient .57993."""
    n, ticks, start = 1000, 1000, 500
    result = run(worker, solo(MONEY, count=n), ticks)
    counts = np.zeros((ticks + 1, 41))
    for row in result.metrics.to_pylist():
        counts[row["tick"], int(row["metric"][1:])] = row["value"]
    late = counts[start:]
    assert (late.sum(axis=1) == n).all()
    share = late[:, 0] / n
    wealth = np.arange(41)
    mean = late @ wealth / n
    assert mean == pytest.approx(1, abs=1e-9)  # money is conserved
    below = np.cumsum(late, axis=1) / n
    gini = ((below * (1 - below)).sum(axis=1) / mean).mean()
    # autocorrelated over some ten ticks: about 50 independent looks at sd sqrt(.41 * .59 / 1000) = .0156
    assert share.mean() == pytest.approx(math.sqrt(2) - 1, abs=4 * 0.0156 / math.sqrt(50))
    assert gini == pytest.approx(0.57993, abs=0.01)


SIR = """state = {s = true, i = false, r = false}
function update(now, msgs)
  if now == 1 and tonumber(string.match(self.id, "%d+")) <= 20 then
    state.s, state.i = false, true
  elseif state.i then
    state.i, state.r = false, true
  elseif state.s and #msgs > 0 then
    state.s, state.i = false, true
  end
  if state.i then
    for _ = 1, 10 do
      local whom = "a_" .. self.random(world.count())
      if self.random() < world.param.r0 / 10 then self.send_msg(whom, "contact") end
    end
  end
end"""
# Each infected makes ten contacts; each infects with probability R0/10 (Kermack and McKendrick 1927).


def final_size(r0: float) -> float:
    size: Any = brentq(lambda z: z - 1 + 0.99 * math.exp(-r0 * z), 1e-6, 1)
    return float(size)


@pytest.mark.parametrize(("r0", "tolerance"), [(1.5, 0.017), (2.0, 0.009), (3.0, 0.004)])
@pytest.mark.parametrize("replicates", [6, pytest.param(50, marks=pytest.mark.slow)])
def test_an_epidemic_reaches_its_final_size(
    worker: Worker, r0: float, tolerance: float, replicates: int
) -> None:
    program = solo(
        SIR,
        count=2000,
        parameters={"r0": {"type": "float", "default": 2.0}},
        metrics={"r": {"share": "state.r"}},
    )
    sizes = [series(run(worker, program, 60, k, r0=r0), "r")[-1] for k in range(replicates)]
    assert np.mean(sizes) == pytest.approx(final_size(r0), abs=tolerance * math.sqrt(50 / replicates))


def bass() -> WorldProgram:
    """Everybody adopts with probability p + q F (Bass 1969), F being last tick's share, in whole ticks.

    An adopter spawns a token, so that `world.count("token") / world.count("a")` is last tick's share.
    """
    script = """state = {adopted = false}
    function update(now, msgs)
      if not state.adopted and self.random() < .03 + .38 * world.count("token") / world.count("a") then
        state.adopted = true
        self.spawn_entity("token_" .. self.id, "token")
      end
    end"""
    return world(
        {
            "entities": [
                {"name": "a", "script": "a.lua", "count": 2000},
                {"name": "token", "script": "token.lua", "count": 0},
            ],
            "metrics": {"adopted": {"share": "state.adopted", "of": "a"}, "tokens": {"count": "token"}},
        },
        {"a.lua": script, "token.lua": "function update(now, msgs) end"},
    )


@pytest.mark.parametrize("replicates", [6, pytest.param(50, marks=pytest.mark.slow)])
def test_a_product_spreads_as_bass_says(worker: Worker, replicates: int) -> None:
    program = bass()
    curves = np.array([series(run(worker, program, 20, k), "adopted") for k in range(replicates)])
    expected = [0.0]
    for _ in range(20):
        expected.append(expected[-1] + (1 - expected[-1]) * (0.03 + 0.38 * expected[-1]))
    assert expected[10] == pytest.approx(0.7826, abs=5e-5)
    mean = curves.mean(axis=0)
    widen = math.sqrt(50 / replicates)
    assert mean[9] == pytest.approx(expected[10], abs=0.013 * widen)
    assert mean[19] == pytest.approx(0.9984, abs=0.002 * widen)
    assert abs(int(np.diff(np.concatenate([[0], mean])).argmax()) + 1 - 8) <= 1


BIRTHS = """state = {born = 0}
function update(now, msgs)
  local u = self.random()
  if u < .05 then
    self.destroy(self.id)
  elseif u < .11 then
    state.born = state.born + 1
    self.spawn_entity(self.id .. "." .. state.born, "a")
  end
end"""


@pytest.mark.parametrize("replicates", [40, pytest.param(400, marks=pytest.mark.slow)])
def test_births_and_deaths_grow_as_a_branching_process(worker: Worker, replicates: int) -> None:
    """The mean is 100 · 1.01^100 = 270.48, the standard deviation 70.8 (Harris 1963)."""
    program = solo(BIRTHS, count=100, metrics={"n": {"count": "a"}})
    sizes = [series(run(worker, program, 100, k), "n")[-1] for k in range(replicates)]
    assert np.mean(sizes) == pytest.approx(270.48, abs=4 * 70.8 / math.sqrt(replicates))
    # the sample standard deviation of R values has a relative error near 1 / sqrt(2 R)
    assert np.std(sizes, ddof=1) == pytest.approx(70.8, rel=4 / math.sqrt(2 * replicates))


# Hegselmann and Krause (2002): everybody takes the mean of all opinions within epsilon of his own.
OPINIONS = """state = {x = 0}
function update(now, msgs)
  if now == 1 then
    state.x = (tonumber(string.match(self.id, "%d+")) - .5) / 201
  else
    local sum, n = 0, 0
    for _, m in ipairs(msgs) do
      if math.abs(m.content - state.x) <= world.param.epsilon then sum, n = sum + m.content, n + 1 end
    end
    state.x = sum / n
  end
  for _, id in ipairs(world.entities("a")) do self.send_msg(id, "opinion", state.x) end
end"""


@pytest.mark.parametrize(
    ("epsilon", "ticks", "sizes", "places"),
    [(0.15, 14, [72, 57, 72], [0.2333, 0.5, 0.7667]), (0.25, 9, [201], [0.5])],
)
def test_opinions_gather_in_the_known_clusters(
    worker: Worker, epsilon: float, ticks: int, sizes: list[int], places: list[float]
) -> None:
    program = solo(OPINIONS, count=201, parameters={"epsilon": {"type": "float", "default": 0.2}})
    x = np.sort(run(worker, program, ticks, epsilon=epsilon).agents["x"].to_numpy())
    clusters = np.split(x, np.flatnonzero(np.diff(x) > 0.01) + 1)
    assert [len(c) for c in clusters] == sizes
    assert [c.mean() for c in clusters] == pytest.approx(places, abs=5e-4)
