"""docs/world-api.md is made from the table in the code, and its examples run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from worldwright.diagnostics import Code
from worldwright.world import RunRequest, Worker, load_world
from worldwright.world.entries import SETTINGS
from worldwright.world.portability import RULES
from worldwright.world.program import Limits
from worldwright.world.reference import page, short
from worldwright.world.vocabulary import API
from worldwright.world.worker import DEFAULT_SECONDS

PAGE = Path(__file__).parents[2] / "docs" / "world-api.md"
HEAD = """worldwright: world/1
name: example
runtime: {runtime}
parameters: {{pace: {{type: float, default: .5}}}}
entities: [{{name: a, script: a.lua, population: main, state: {{mood: 0}}, public: [mood]}}]
network: {{of: a, watts_strogatz: {{k: 2, p: 0}}}}
"""
GRID = """grid: {size: [5, 4], torus: true, capacity: 1}
layers: {grass: {initial: 1}}
resources: {food: {initial: 10}, sugar: {per_cell: true, initial: 4}}
"""
WORLDS = {
    "plain": "",
    "event": "order: event\n",
    "grid": GRID,
    "space": "space: {size: [10, 10], torus: true}\n",
}
NUMBER = 'local i = tonumber(string.match(self.id, "%d+"))\n'
FIRST = {
    "plain": "",
    "event": "self.wake(1)\n",
    "grid": NUMBER + "if i then world.grid.move(i, 1) end\n",
    "space": NUMBER + "if i then world.space.move(({1, 2, 9})[i], 1) end\n",
}


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(seconds=60) as running:
        yield running


def ran(worker: Worker, script: str, runtime: str, setting: str = "plain") -> str | None:
    """Run a script for four ticks; gives why it failed."""
    texts = {"world.yaml": HEAD.format(runtime=runtime) + WORLDS[setting], "a.lua": script}
    program, found = load_world(Path("w"), lambda path: texts[path.name])
    assert program is not None, found
    people = pa.table({"age": [30, 40, 50], "rank": ["chief"] * 3})
    result = worker.run(RunRequest(program, 4, 1, populations={"main": people}))
    assert result.counts["updates"] > 0
    return result.failure


def test_the_page_is_what_the_table_gives() -> None:
    """Write it anew with `python -m worldwright.world.reference > docs/world-api.md`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_help_for_models_has_every_name_once() -> None:
    assert [line.split(": ")[0] for line in short().split("\n")] == [entry.signature for entry in API]


@pytest.mark.parametrize("runtime", ["luajit", "lua54"])
@pytest.mark.parametrize("entry", API, ids=lambda entry: entry.name)
def test_an_example_runs(worker: Worker, entry: object, runtime: str) -> None:
    (known,) = [e for e in API if e is entry]
    script = f"{FIRST[known.setting]}state = {{}}\nfunction update(now, msgs)\n{known.example}\nend\n"
    assert ran(worker, script, runtime, known.setting) is None


def test_every_setting_is_used() -> None:
    assert {entry.setting for entry in API} == set(SETTINGS)


def test_the_first_example_runs(worker: Worker) -> None:
    first = re.search(r"```lua\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert first is not None
    assert ran(worker, first[1], "luajit") is None


def test_every_rule_of_portability_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (WW073\d) `([a-z-]+)` \|", text, re.MULTILINE)
    assert rows == [(code.id, code.slug) for code, _ in RULES]


@pytest.mark.parametrize("code", [code for code, _ in RULES], ids=lambda code: code.slug)
def test_examples_of_portability_differ_and_agree(worker: Worker, code: Code) -> None:
    def given(script: str, runtime: str) -> str:
        head = "worldwright: world/1\nname: example\nentities: [{name: a, script: a.lua, count: 2}]\n"
        texts = {"world.yaml": f"{head}runtime: {runtime}\n", "a.lua": script}
        program, found = load_world(Path("w"), lambda path: texts[path.name])
        assert program is not None, found
        result = worker.run(RunRequest(program, 4, 1))
        return f"{result.failure} {result.agents.to_pylist()}"

    assert given(code.bad, "luajit") != given(code.bad, "lua54")
    assert given(code.good, "luajit") == given(code.good, "lua54")


def test_the_limits_are_the_defaults() -> None:
    given = re.search(r"limits: \{(.*?)\}", PAGE.read_text(encoding="utf-8"))
    assert given is not None
    values = {name: int(value) for name, value in re.findall(r"(\w+): (\d+)", given[1])}
    assert values.pop("seconds") == DEFAULT_SECONDS
    assert Limits(**values) == Limits()
