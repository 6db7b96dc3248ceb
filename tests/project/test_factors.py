"""Experiments that vary who the agents are: laws moved, and scenarios chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from worldwright.diagnostics import DocumentError
from worldwright.executors import serial
from worldwright.experiment import run_key
from worldwright.project.documents import load_closure
from worldwright.project.locate import Project
from worldwright.project.query import run_query
from worldwright.project.run import run_experiment

HEAD = """\
worldwright: experiment/1
name: who
world: rumour
populations: {main: {population: people, agents: 60}}
metric: heard
ticks: 3
seed: 5
replicates: 3
"""
BOTH = """\
design:
  grid:
    scenario: [none, rumour]
    population.age.shift: [0, 20]
    world.spread: [.5]
"""


def write(project: Project, design: str, head: str = HEAD) -> None:
    (project.specs / "experiments" / "who.yaml").write_text(head + design)


def tolerant(project: Project) -> None:
    """Let the script do without the scenario's column."""
    script = project.specs / "worlds" / "rumour" / "person.lua"
    script.write_text(script.read_text().replace("< self.agent.trust", "< (self.agent.trust or 0)"))


def run(project: Project) -> None:
    with serial() as executor:
        run_experiment(project, "who", executor, lambda _: None)


def problems(project: Project) -> str:
    return "\n".join(f"{d.code} {d.message} {d.help}" for d in load_closure(project, "who").diagnostics)


def test_cells_have_their_scenario_and_their_laws(tiny: Project) -> None:
    tolerant(tiny)
    write(tiny, BOTH)
    run(tiny)
    rows = run_query(
        tiny,
        "select scenario, age_shift, avg(value) as heard from who.outcomes where outcome = 'heard' "
        "and segment = '' group by all",
    ).to_pylist()
    heard = {(row["scenario"], row["age_shift"]): row["heard"] for row in rows}
    # Without the scenario nobody trusts anybody, so that only the first three have heard of it.
    assert heard["none", 0] == heard["none", 20] == pytest.approx(3 / 60)
    assert heard["rumour", 0] > 3 / 60


def test_each_scenario_is_kept_and_shown(tiny: Project) -> None:
    tolerant(tiny)
    write(tiny, BOTH)
    run(tiny)
    columns = {
        name: run_query(tiny, f"select * from who.population_main_{name} limit 1").column_names
        for name in ("none", "rumour")
    }
    assert "trust" in columns["rumour"]
    assert "trust" not in columns["none"]
    ages = [
        run_query(tiny, f"select avg(age) from who.population_main_{name}")[0][0].as_py() for name in columns
    ]
    assert ages[0] == ages[1]


def test_a_law_that_is_moved_moves_the_agents_that_worlds_see(tiny: Project) -> None:
    """In each replicate the same people, all of them older: the same draws, read from another law."""
    script = tiny.specs / "worlds" / "rumour" / "person.lua"
    script.write_text(script.read_text() + "\n-- shown to the test\n")
    script.write_text(script.read_text().replace("heard = false,", "heard = false, age = 0,"))
    script.write_text(
        script.read_text().replace("if now == 1 and", "state.age = self.agent.age\n  if now == 1 and", 1)
    )
    head = HEAD.replace("replicates: 3", "replicates: 3\nrecord: {agents: {ticks: [last], replicates: 3}}")
    write(tiny, "design: {grid: {scenario: [rumour], population.age.scale: [1, 2]}}\n", head)
    run(tiny)
    ages = run_query(
        tiny,
        "select a.replicate, a.age as before, b.age as after from who.agents a join who.agents b "
        "using (replicate, entity_id) where a.age_scale = 1 and b.age_scale = 2",
    ).to_pylist()
    assert len(ages) == 180
    assert all(row["after"] >= row["before"] for row in ages)
    assert (
        len({tuple(r["before"] for r in ages if r["replicate"] == replicate) for replicate in range(3)}) == 3
    )


def test_a_factor_that_changes_nothing_finds_the_runs_that_are_there(tiny: Project) -> None:
    write(tiny, "design: {grid: {scenario: [rumour]}}\n")
    run(tiny)
    write(tiny, "design: {grid: {scenario: [rumour], population.age.shift: [0]}}\n")
    experiment = load_closure(tiny, "who").resolved()
    assert all(tiny.store.find(run_key(experiment, experiment.cells[0], replicate)) for replicate in range(3))


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ("design: {grid: {population.agee.shift: [1]}}\n", "did you mean age?"),
        ("design: {grid: {population.other.age.shift: [1]}}\n", "leaves open"),
        ("design: {grid: {population.town.shift: [1]}}\n", "categorical, which cannot be shifted"),
        ("design: {grid: {population.age.shift: [x]}}\n", "a shift is a number"),
        ("design: {grid: {population.age.move: [1]}}\n", "nothing that can be varied"),
        ("design: {grid: {scenario: [none, rumours]}}\n", "did you mean 'rumour'?"),
        ("design: {latin_hypercube: {cells: 4, ranges: {scenario: {min: 0, max: 1}}}}\n", "have no range"),
        ("design: {grid: {scenario: [none]}}\n", "'person' reads the column 'trust'"),
        ("design: {grid: {world.spred: [1]}}\n", "did you mean 'spread'?"),
    ],
)
def test_what_cannot_be_varied_is_said_before_anything_runs(tiny: Project, design: str, words: str) -> None:
    write(tiny, design)
    assert words in problems(tiny)
    with pytest.raises(DocumentError):
        run(tiny)


def test_a_scenario_given_twice_is_refused(tiny: Project) -> None:
    head = HEAD.replace("population: people,", "population: people, scenario: rumour,")
    write(tiny, "design: {grid: {scenario: [none, rumour]}}\n", head)
    assert "the design varies it" in problems(tiny)


def test_a_column_that_nobody_has_is_told_at_its_line(tiny: Project) -> None:
    script = Path(tiny.specs / "worlds" / "rumour" / "person.lua")
    script.write_text(script.read_text().replace("self.agent.talkative", "self.agent.talkativ"))
    write(tiny, "design: {grid: {scenario: [rumour]}}\n")
    (found,) = [d for d in load_closure(tiny, "who").diagnostics if d.code == "WW0814"]
    assert found.span is not None
    assert (found.span.file, found.span.start.line) == ("specs/worlds/rumour/person.lua", 14)
    assert found.help == "did you mean 'talkative'?"


def test_a_metric_split_by_a_column_that_nobody_has_is_told(tiny: Project) -> None:
    world = tiny.specs / "worlds" / "rumour" / "world.yaml"
    world.write_text(world.read_text().replace("by: [town]", "by: [village]"))
    write(tiny, "design: {grid: {scenario: [rumour]}}\n")
    assert "the metric 'heard' is split by the column 'village'" in problems(tiny)
