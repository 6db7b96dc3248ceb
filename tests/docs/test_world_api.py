"""docs/world-api.md says what the table in the code says, and its examples run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from worldwright.world import RunRequest, Worker, load_world
from worldwright.world.program import Limits
from worldwright.world.vocabulary import SIGNATURES, VALUES
from worldwright.world.worker import DEFAULT_SECONDS

PAGE = (Path(__file__).parents[2] / "docs" / "world-api.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `([^`]+)`\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE))
BLOCKS = {name: re.findall(r"```lua\n(.*?)```", text, re.DOTALL) for name, text in SECTIONS.items()}
WORLD = """worldwright: world/1
name: example
runtime: {runtime}
parameters: {{pace: {{type: float, default: .5}}}}
entities: [{{name: a, script: a.lua, population: main}}]
network: {{of: a, watts_strogatz: {{k: 2, p: 0}}}}
"""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(seconds=60) as running:
        yield running


def ran(worker: Worker, script: str, runtime: str) -> str | None:
    """Run a script for four ticks; gives why it failed."""
    texts = {"world.yaml": WORLD.format(runtime=runtime), "a.lua": script}
    program, found = load_world(Path("w"), lambda path: texts[path.name])
    assert program is not None, found
    people = pa.table({"age": [30, 40, 50], "rank": ["chief"] * 3})
    return worker.run(RunRequest(program, 4, 1, populations={"main": people})).failure


def test_every_name_has_its_section_and_every_section_its_example() -> None:
    signatures = {f"{name}({takes})" for name, takes in SIGNATURES.items()}
    assert set(SECTIONS) == signatures | set(VALUES)
    assert all(len(blocks) == 1 for blocks in BLOCKS.values())


@pytest.mark.parametrize("runtime", ["luajit", "lua54"])
@pytest.mark.parametrize("name", SECTIONS)
def test_an_example_runs(worker: Worker, name: str, runtime: str) -> None:
    (body,) = BLOCKS[name]
    assert ran(worker, f"state = {{}}\nfunction update(now, msgs)\n{body}end\n", runtime) is None


def test_the_first_example_runs(worker: Worker) -> None:
    first = re.search(r"```lua\n(.*?)```", PAGE, re.DOTALL)
    assert first is not None
    assert ran(worker, first[1], "luajit") is None


def test_the_limits_are_the_defaults() -> None:
    given = re.search(r"limits: \{(.*?)\}", PAGE)
    assert given is not None
    values = {name: int(value) for name, value in re.findall(r"(\w+): (\d+)", given[1])}
    assert values.pop("seconds") == DEFAULT_SECONDS
    assert Limits(**values) == Limits()
