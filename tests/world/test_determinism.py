"""The same bytes in every process, warm or cold, on both runtimes; and the golden digest of the kernel."""

from __future__ import annotations

import dataclasses
import json
import platform
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from worldwright.hashing import digest
from worldwright.world import ALGORITHM, Record, RunRequest, Worker, WorldProgram, WorldResult
from worldwright.world.job import build_job
from worldwright.world.machine import Machine, kernel_sources
from worldwright.world.snapshot_file import to_bytes

from .worlds import world

# Everything that could differ: powers, elementary functions, table order, sorting with ties, texts, spawning,
# both kinds of draws, messages with delays, links. Portable: no fractions in texts, nothing beyond 2^53.
WALKER = """state = {x = 0, seen = {}, path = "", born = 0}
function update(now, msgs)
  local box = {}
  for _, m in ipairs(msgs) do
    state.seen[m.sender] = (state.seen[m.sender] or 0) + m.content.step
    box[#box + 1] = {m.sender, m.content.step}
  end
  table.sort(box, function(a, b) return a[2] < b[2] end)
  local names = {}
  for name, n in pairs(state.seen) do names[#names + 1] = name .. "=" .. n end
  state.path = table.concat(names, ",")
  local angle = self.random() * 2 * math.pi
  state.x = state.x + math.sin(angle) ^ 2 + math.exp(-math.abs(state.x)) * math.cos(angle)
    + (1 + self.random()) ^ 1.7 - math.log(1 + self.random()) + math.atan(state.x, now)
  for _, id in ipairs(self.neighbors()) do
    self.send_msg(id, "step", {step = self.random(3), list = {1, "two", {three = 3}}}, self.random(0, 3))
  end
  if self.random() < .05 then
    state.born = state.born + 1
    local child = self.id .. "_" .. state.born
    self.spawn_entity(child, "walker", {x = state.x, name = child})
    world.link(self.id, child)
  elseif self.random() < .03 then
    self.destroy(self.id)
  end
  world.record_metric("x", state.x)
  world.record_metric("first", #box > 0 and box[1][2] or 0)
end"""


def program(runtime: str, order: str) -> WorldProgram:
    return world(
        {
            "runtime": runtime,
            "order": order,
            "entities": [{"name": "walker", "script": "walker.lua", "count": 60}],
            "network": {"of": "walker", "watts_strogatz": {"k": 4, "p": 0.2}},
            "metrics": {"n": {"count": "walker"}, "mean": {"mean": "state.x"}},
        },
        {"walker.lua": WALKER},
    )


def fingerprint(result: WorldResult) -> str:
    assert result.status == "ok", result.failure
    tables: list[pa.Table] = [result.metrics, result.agents, result.errors]
    content = [
        [field.name, str(field.type), table[field.name].to_pylist()]
        for table in tables
        for field in table.schema
    ]
    return digest("result", json.loads(json.dumps(content)))


def once(worker: Worker, runtime: str, order: str, seed: int = 5) -> str:
    return fingerprint(
        worker.run(RunRequest(program(runtime, order), 40, seed, record=Record((0, 20, "last"))))
    )


@pytest.mark.parametrize("order", ["simultaneous", "random"])
def test_both_runtimes_give_the_same_bytes(worker: Worker, order: str) -> None:
    assert once(worker, "luajit", order) == once(worker, "lua54", order)


def test_warm_and_cold_workers_give_the_same_bytes(worker: Worker, runtime: str) -> None:
    warm = [once(worker, runtime, "simultaneous") for _ in range(3)]
    assert len(set(warm)) == 1
    for _ in range(4):  # fresh processes, each with its own address layout and hash seeds
        with Worker() as cold:
            assert once(cold, runtime, "simultaneous") == warm[0]


@pytest.mark.slow
def test_fifty_processes_give_the_same_bytes(runtime: str) -> None:
    """Each has its own address layout and hash seeds; also of the state, which a snapshot shows whole."""
    found: set[tuple[str, str, bytes]] = set()
    for _ in range(50):
        with Worker() as cold:
            for order in ("simultaneous", "random"):
                request = RunRequest(
                    program(runtime, order), 40, 5, record=Record((0, 20, "last")), save_at=20
                )
                result = cold.run(request)
                assert result.snapshot is not None
                found.add((order, fingerprint(result), to_bytes(result.snapshot)))
    assert len(found) == 2


def test_workers_side_by_side_give_the_same_bytes(worker: Worker, runtime: str) -> None:
    wanted = {order: once(worker, runtime, order) for order in ("simultaneous", "random")}
    found: list[tuple[str, str]] = []

    def work(order: str) -> None:
        with Worker() as own:
            found.extend((order, once(own, runtime, order)) for _ in range(2))

    threads = [threading.Thread(target=work, args=(order,)) for order in wanted for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert set(found) == set(wanted.items())


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the features are those of x86-64")
def test_the_bytes_do_not_depend_on_what_the_processor_can(
    worker: Worker, runtime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without FMA and AVX2 the C library's own exp, log, sin and pow give other bits."""
    wanted = once(worker, runtime, "simultaneous")
    start = subprocess.Popen

    def masked(*arguments: Any, **options: Any) -> Any:
        tunables = "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F,-AVX,-SSE4_2,-BMI2,-ERMS"
        return start(*arguments, **options | {"env": {"GLIBC_TUNABLES": tunables}})

    monkeypatch.setattr(subprocess, "Popen", masked)
    with Worker() as old:
        assert once(old, runtime, "simultaneous") == wanted
        assert old.pid is not None
        environment = Path(f"/proc/{old.pid}/environ").read_bytes()
    assert b"GLIBC_TUNABLES" in environment


def test_compiled_and_interpreted_code_give_the_same_bytes() -> None:
    """LuaJIT folds some arithmetic differently once it compiles it; ours must not be among it."""
    answers: list[tuple[bytes, list[bytes]]] = []
    for setting in ("jit.on()", "jit.off()", "require('jit.opt').start('hotloop=2', 'hotexit=2')"):
        machine = Machine("luajit", kernel_sources())
        machine.evaluate(f"(function() {setting} end)()")
        request = RunRequest(program("luajit", "simultaneous"), 30, 5)
        job = build_job(request, "luajit")
        answers.append(machine.run(job.head, job.buffers))
    assert answers[0] == answers[1] == answers[2]


def test_the_bytes_do_not_depend_on_the_hashing_of_the_parent(worker: Worker) -> None:
    code = (
        "from tests.world.test_determinism import *\nwith Worker() as w: print(once(w, 'luajit', 'random'))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            cwd=Path(__file__).parents[2], env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert found == {once(worker, "luajit", "random") + "\n"}


def test_the_seed_matters(worker: Worker) -> None:
    assert once(worker, "luajit", "simultaneous", 5) != once(worker, "luajit", "simultaneous", 6)


def test_adding_an_entity_elsewhere_leaves_the_rest_as_it_was(worker: Worker) -> None:
    base = program("luajit", "simultaneous")
    extended = dataclasses.replace(
        base,
        entities=(
            *base.entities,
            dataclasses.replace(base.entities[0], name="other", count=3, state={"x": 9}),
        ),
    )
    results = [worker.run(RunRequest(p, 20, 5, record=Record(("last",)))) for p in (base, extended)]
    rows = [
        [r for r in result.agents.to_pylist() if r["entity_id"].startswith("walker")] for result in results
    ]
    named = [[{k: v for k, v in row.items() if k != "name"} for row in one] for one in rows]
    assert named[0] == named[1]


GOLDEN = {
    "simultaneous": "result:7287a0a41c76690075ae733ef9283e5e",
    "random": "result:a0ac03fc0c2187aeadb449fd36c57a2c",
}


@pytest.mark.parametrize("order", GOLDEN)
def test_golden(worker: Worker, order: str) -> None:
    """Where this fails on purpose, raise ALGORITHM in world/program.py and set the new digests."""
    assert ALGORITHM == 3
    assert once(worker, "luajit", order) == GOLDEN[order]
