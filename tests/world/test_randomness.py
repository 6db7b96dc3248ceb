"""Philox against its published vectors, equality of the runtimes, and what draws depend on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from worldwright.streams import stream_key
from worldwright.world import Record, RunRequest, Worker
from worldwright.world.machine import Machine, kernel_sources

from .worlds import solo

# Random123's known-answer tests for philox4x32-10: counter, key, output.
VECTORS = [
    ([0, 0, 0, 0], [0, 0], [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


@pytest.fixture
def machine(runtime: str) -> Machine:
    return Machine(runtime, kernel_sources())


def words(machine: Machine, arguments: list[int]) -> list[int]:
    given = ",".join(str(a) for a in arguments)
    return [int(machine.evaluate(f"W.unsigned((select({i}, W.words({given}))))")) for i in (1, 2, 3, 4)]


@pytest.mark.parametrize(("counter", "key", "output"), VECTORS)
def test_philox_gives_the_published_numbers(
    machine: Machine, counter: list[int], key: list[int], output: list[int]
) -> None:
    assert words(machine, counter + key) == output


def test_philox_agrees_with_numpy(machine: Machine) -> None:
    for key in (1, 2**33 + 5, 0xDEADBEEFCAFEF00D):
        for c0 in (0, 7, 2**31, 2**32 - 2):
            halves = [key & 0xFFFFFFFF, key >> 32]
            # the same round function written down once more, in Python integers
            assert words(machine, [c0, 1, 2, 3, *halves]) == reference([c0, 1, 2, 3], halves)


def reference(c: list[int], k: list[int]) -> list[int]:
    c, k = list(c), list(k)
    for _ in range(10):
        p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(q >> 32) ^ c[1] ^ k[0], q & 0xFFFFFFFF, (p >> 32) ^ c[3] ^ k[1], p & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def entity_key(master: int, text: str) -> list[int]:
    """The documented hash of a name: its bytes by eight, chained through Philox behind their number."""
    data = text.encode()
    a, b = len(data), 0
    for i in range(0, max(len(data), 1), 8):
        block = data[i : i + 8].ljust(8, b"\0")
        low, high = int.from_bytes(block[:4], "little"), int.from_bytes(block[4:], "little")
        a, b, *_ = reference([low, high, a, b], [master & 0xFFFFFFFF, master >> 32])
    return [a, b]


DRAWS = """state = {u = {}}
function update(now, msgs)
  for i = 1, 5 do state.u[#state.u + 1] = self.random() end
end"""


def draws(worker: Worker, program: Any, ticks: int = 2, **request: Any) -> dict[str, list[float]]:
    import json

    given: dict[str, Any] = {"seed": 7, "record": Record(("last",)), **request}
    result = worker.run(RunRequest(program, ticks, **given))
    assert result.status == "ok", result.failure
    return {row["entity_id"]: json.loads(row["u"]) for row in result.agents.to_pylist()}


def test_a_draw_is_the_documented_function(worker: Worker, runtime: str) -> None:
    master = stream_key(7, "world", 3)
    key = entity_key(master, "a_2")
    expected: list[float] = []
    for tick in (1, 2):
        for k in range(3):
            w = reference([k, tick, 0, 0], key)
            expected += [((x >> 5) * 2**26 + (y >> 6)) / 2**53 for x, y in (w[:2], w[2:])]
        del expected[-1]
    assert draws(worker, solo(DRAWS, count=3, runtime=runtime), replicate=3)["a_2"] == expected


def test_draws_of_one_entity_do_not_depend_on_the_others(worker: Worker, runtime: str) -> None:
    disturbed = DRAWS.replace("for i = 1, 5", 'for i = 1, (self.id == "a_1" and now == 1) and 2 or 5')
    few, many = (draws(worker, solo(DRAWS, count=n, runtime=runtime)) for n in (2, 5))
    other = draws(worker, solo(disturbed, count=5, runtime=runtime))
    assert few == {name: many[name] for name in few}
    assert {name: u for name, u in other.items() if name != "a_1"} == {
        name: u for name, u in many.items() if name != "a_1"
    }
    # and later draws of the disturbed one are what they were
    assert other["a_1"][-5:] == many["a_1"][-5:]


def test_a_second_life_has_draws_of_its_own(worker: Worker, runtime: str) -> None:
    script = """state = {u = {}}
    function update(now, msgs)
      if self.id == "a_1" then
        if now == 1 then self.destroy("b") self.spawn_entity("b", "a") end
        if now == 3 then self.destroy("b") end
        if now == 4 then self.spawn_entity("b", "a") end
      else
        world.record_metric("t" .. now, self.random())
      end
      state.u[1] = 0
    end"""
    result = worker.run(RunRequest(solo(script, count=2, runtime=runtime), 6, 1))
    assert result.status == "ok", result.failure
    with_two = {r["metric"]: r["value"] for r in result.metrics.to_pylist()}
    # at tick 6 the sum is of a_2's draw and of the second b's; were b's life the first again, it would be the
    # same as in a world in which b lives on
    lives_on = script.replace("if now == 3", "if now == 99").replace("if now == 4", "if now == 98")
    other = worker.run(RunRequest(solo(lives_on, count=2, runtime=runtime), 6, 1))
    without = {r["metric"]: r["value"] for r in other.metrics.to_pylist()}
    assert with_two["t2"] == without["t2"]
    assert with_two["t6"] != without["t6"]


def test_the_runtimes_draw_the_same(worker: Worker) -> None:
    script = DRAWS.replace(
        "self.random()", "self.random() + world.random() + math.random(10) + self.random(-5, 5)"
    )
    assert draws(worker, solo(script, count=9, runtime="luajit")) == draws(
        worker, solo(script, count=9, runtime="lua54")
    )


def test_draws_are_uniform_and_independent(worker: Worker) -> None:
    # 200,000 draws; each test has an error rate of 1e-6 and the seed is fixed
    u = np.array([v for vs in draws(worker, solo(DRAWS, count=400), ticks=100).values() for v in vs])
    assert len(u) == 200_000
    assert stats.kstest(u, "uniform").pvalue > 1e-6
    grid = np.histogram2d(u[:-1], u[1:], bins=20)[0]
    assert stats.chisquare(grid.ravel()).pvalue > 1e-6
    across = u.reshape(400, 500)
    correlations = np.corrcoef(across)[np.triu_indices(400, 1)] * math.sqrt(500)
    assert abs(correlations.std() - 1) < 0.02
    assert abs(correlations).max() < 6.5


def test_whole_numbers_cover_their_range_evenly(worker: Worker, runtime: str) -> None:
    script = DRAWS.replace("self.random()", "math.random(-2, 3)")
    values = np.array(
        [v for vs in draws(worker, solo(script, count=200, runtime=runtime), ticks=20).values() for v in vs]
    )
    found, counts = np.unique(values, return_counts=True)
    assert found.tolist() == [-2, -1, 0, 1, 2, 3]
    assert stats.chisquare(counts).pvalue > 1e-6
