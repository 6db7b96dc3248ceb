"""A worker runs one program many times in one VM, and every run is as in a fresh one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from worldwright.world import EventLog, Record, RunRequest, Worker, WorldProgram, WorldResult, load_world
from worldwright.world.job import build_job
from worldwright.world.machine import Machine, Machines, kernel_sources

from .worlds import solo, world

WORLDS = Path(__file__).parents[2] / "specs" / "worlds"
SOURCES = kernel_sources()

BORN = """local mine, limit = self.id .. "!", world.param.limit
state = {n = 0, seen = 0}
function update(now, msgs)
  state.n, state.seen = state.n + self.random(limit), state.seen + #msgs
  world.record_metric("n", state.n)
  if now % 3 == 0 then self.spawn_entity(mine .. now, "a", {n = 1}) end
  if state.n > 3 * limit then self.destroy(self.id) end
  for _, id in ipairs(world.list_entities()) do self.send_msg(id, "hello", {from = mine}, now % 4) end
end"""

GROVE = """state = {got = 0}
function update(now, msgs)
  world.grid.move(world.grid.random_neighbor())
  world.layer.add("grass", self.random())
  state.got = state.got + world.resource.take("food", 1)
end"""


def born(limit: int) -> RunRequest:
    program = solo(BORN, count=5, parameters={"limit": {"type": "int", "default": 4, "min": 1}})
    return RunRequest(
        program, 12, 1, parameters={"limit": limit}, record=Record((0, 5, "last")), events=EventLog(10_000)
    )


def answer(machine: Machine, request: RunRequest) -> tuple[bytes, list[bytes]]:
    job = build_job(request, "luajit")
    return machine.run(job.head, job.buffers)


def of_one_kind(program: WorldProgram) -> dict[str, Any]:
    """Populations for any world of the examples."""
    ages = pa.array(range(20, 60))
    words = pa.array(["resident", "chief"] * 20).dictionary_encode()
    columns = {"age": ages, "experience": ages, "rank": words, "hospital_size": words, "openness": ages}
    return {e.population: pa.table(columns) for e in program.entities if e.population}


def same(a: WorldResult, b: WorldResult) -> bool:
    return (a.metrics, a.agents, a.errors, a.counts, a.events) == (
        b.metrics,
        b.agents,
        b.errors,
        b.counts,
        b.events,
    )


@pytest.mark.parametrize("name", sorted(p.name for p in WORLDS.iterdir() if p.name != "adoption"))
def test_every_run_in_one_vm_is_as_in_a_fresh_one(name: str) -> None:
    program, _ = load_world(WORLDS / name, lambda path: path.read_text(encoding="utf-8"))
    assert program is not None
    machines = Machines(SOURCES)
    for seed in (1, 2, 1):
        request = RunRequest(program, 8, seed, populations=of_one_kind(program), record=Record((0, "last")))
        job = build_job(request, "luajit")
        machine = machines.take(job.head)
        again = machine.run(job.head, job.buffers)
        machines.give_back(machine)
        assert again == answer(Machine("luajit", SOURCES), request)


def test_parameters_events_and_states_of_the_last_run_are_gone() -> None:
    machines = Machines(SOURCES)
    for limit in (4, 9, 1, 4):
        job = build_job(born(limit), "luajit")
        machine = machines.take(job.head)
        again = machine.run(job.head, job.buffers)
        machines.give_back(machine)
        assert again == answer(Machine("luajit", SOURCES), born(limit))


def test_the_second_run_of_a_program_has_the_machine_of_the_first() -> None:
    machines = Machines(SOURCES)
    head = build_job(born(4), "luajit").head
    first = machines.take(head)
    answer(first, born(4))
    machines.give_back(first)
    assert machines.take(head) is first
    assert machines.take(head) is not first  # nobody has given it back


def test_another_program_has_another_machine() -> None:
    machines = Machines(SOURCES)
    first = machines.take(build_job(born(4), "luajit").head)
    answer(first, born(4))
    machines.give_back(first)
    other = solo("state = {}\nfunction update(now, msgs) end")
    assert machines.take(build_job(RunRequest(other, 1, 1), "luajit").head) is not first


def test_a_run_with_an_error_leaves_no_machine() -> None:
    program = solo("state = {}\nfunction update(now, msgs) error('no') end", errors="ignore")
    request = RunRequest(program, 1, 1)
    machines = Machines(SOURCES)
    head = build_job(request, "luajit").head
    first = machines.take(head)
    answer(first, request)
    machines.give_back(first)
    assert machines.take(head) is not first


def test_a_worker_gives_the_same_after_any_other_run(worker: Worker) -> None:
    entities = [{"name": "a", "script": "a.lua", "count": 9, "place": "random"}]
    fields = {"layers": {"grass": {"initial": {"uniform": [0, 1]}}}, "resources": {"food": {"initial": 9}}}
    document = {"entities": entities, "order": "random", "grid": {"size": [5, 5]}, **fields}
    program = world(document, {"a.lua": GROVE})
    requests = [RunRequest(program, 6, seed) for seed in (1, 2)] + [born(3)]
    with Worker(seconds=60) as fresh:
        alone = [fresh.run(request) for request in requests[:1]]
    mixed = [worker.run(requests[i]) for i in (1, 1, 0, 2, 0, 1, 0)]
    assert mixed[0].status == "ok" and same(mixed[0], mixed[1])
    assert all(same(alone[0], mixed[i]) for i in (2, 4, 6))
