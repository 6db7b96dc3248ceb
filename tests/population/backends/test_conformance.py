"""What every CPU backend promises; a new backend joins the list and is held to all of it.

A backend is a function (plan, start, count) -> table. Processes and Ray compute uneven shares, so that one
range is the work of several workers and ends in the middle of a share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from tests.population.backends.specs import (
    ATTRIBUTES,
    CONSTRAINTS,
    CORRELATIONS,
    base,
    content_digest,
    with_scenario,
)
from tests.population.builder import build
from worldwright.population import Plan, Processes, Ray, batches, plan, sample
from worldwright.population.backends import memory

SEED = 20240607
Backend = Callable[[Plan, int, int], pa.Table]


def streaming(made: Plan, start: int, count: int) -> pa.Table:
    """Batches of odd size up to the end of the range, cut to it."""
    return pa.concat_tables(batches(made, start + count, size=777)).slice(start)


HERE: dict[str, Backend] = {"memory": sample, "streaming": streaming}
ELSEWHERE = {"one process": (1, 4096), "two processes": (2, 333), "four processes": (4, 1000)}
"""The number of workers and the share of each at a time."""


@pytest.fixture(scope="module", params=[*HERE, *ELSEWHERE, pytest.param("ray", marks=pytest.mark.ray)])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    if request.param == "ray":
        with Ray(request.getfixturevalue("ray_address"), share=700) as ray:
            yield ray.sample
        return
    if request.param in HERE:
        yield HERE[request.param]
        return
    workers, share = ELSEWHERE[request.param]
    with Processes(workers, share=share) as processes:
        yield processes.sample


@pytest.fixture(scope="module")
def reference() -> pa.Table:
    return sample(plan(with_scenario(), SEED), 0, 4000)


def changed_columns(one: pa.Table, other: pa.Table) -> set[str]:
    names = [name for name in one.column_names if name in other.column_names]
    return {name for name in names if not one.column(name).equals(other.column(name))}


@pytest.mark.parametrize(
    ("start", "count"), [(0, 4000), (0, 1), (1, 1), (3999, 1), (17, 100), (1001, 2048), (5, 0)]
)
def test_a_range_alone_equals_itself_inside_a_larger_one(
    backend: Backend, reference: pa.Table, start: int, count: int
) -> None:
    assert backend(plan(with_scenario(), SEED), start, count).equals(reference.slice(start, count))


@pytest.mark.slow
def test_a_million_agents_in_one_block_equal_themselves_in_many(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan(with_scenario(), SEED)
    parts = pa.concat_tables(batches(made, 10**6, size=99_991)).combine_chunks()
    monkeypatch.setattr(memory, "BLOCK", 10**6)
    assert content_digest(sample(made, 0, 10**6)) == content_digest(parts)


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_the_size_of_blocks_changes_nothing(
    backend: Backend, reference: pa.Table, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 40 if size == 1 else 2000
    monkeypatch.setattr(memory, "BLOCK", size)
    assert backend(plan(with_scenario(), SEED), 3, count).equals(reference.slice(3, count))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_agents_left_out_of_a_block_leave_no_gap(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # columns are computed where they are stored, and a block that loses agents takes less than its room
    uniform: dict[str, Any] = {"distribution": {"uniform": {"min": 0, "max": 1}}}
    population = build(
        {
            "x": uniform,
            "y": uniform,
            "after": {"formula": "y - x"},
            "own": {**uniform, "only_if": "x > 0.2"},
            "k": {"type": "int", "distribution": {"poisson": {"mean": 3}}},
        },
        constraints=[{"condition": "y > x + 0.5", "drop": True}],
    )
    whole = sample(plan(population, SEED), 0, 300)
    assert 100 < whole.num_rows < 200
    monkeypatch.setattr(memory, "BLOCK", size)
    assert sample(plan(population, SEED), 0, 300).equals(whole)


def test_a_grown_population_keeps_its_agents(backend: Backend, reference: pa.Table) -> None:
    assert backend(plan(with_scenario(), SEED), 0, 1000).equals(reference.slice(0, 1000))


def test_a_scenario_leaves_its_base_alone(backend: Backend, reference: pa.Table) -> None:
    alone = backend(plan(base(), SEED), 0, 4000)
    assert alone.equals(reference.select(alone.column_names))


def test_reordering_attributes_changes_nothing(backend: Backend, reference: pa.Table) -> None:
    turned = build(
        dict(reversed(ATTRIBUTES.items())), correlations=CORRELATIONS[::-1], constraints=CONSTRAINTS
    )
    found = backend(plan(turned, SEED), 0, 2000)
    assert found.column_names == list(ATTRIBUTES)[::-1]
    assert found.equals(reference.select(found.column_names).slice(0, 2000))


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("born", {"type": "date", "distribution": {"uniform": {"min": 0, "max": 9}}}, {"born"}),
        ("place", {"distribution": {"categorical": {"east": 1, "west": 3}}}, {"place", "line"}),
        ("nights", {"distribution": {"poisson": {"mean": 2}}}, {"nights", "wins", "wait", "effort", "spare"}),
        ("rent", {"distribution": {"lognormal": {"mean": 1, "sd": 1}}}, {"rent", "effort"}),
    ],
)
def test_an_edit_changes_an_attribute_and_what_depends_on_it(
    backend: Backend, reference: pa.Table, name: str, body: dict[str, Any], expected: set[str]
) -> None:
    edited = backend(plan(base(**{name: {**ATTRIBUTES[name], **body}}), SEED), 0, 4000)
    found = changed_columns(edited, reference)
    # a constraint on `wait` reads `nights`, for the few agents who wait long
    assert name in found
    assert found <= expected


def test_a_renamed_attribute_keeps_its_draws_by_its_stream(backend: Backend, reference: pa.Table) -> None:
    attributes = {("pause_minutes" if name == "pause" else name): body for name, body in ATTRIBUTES.items()}
    fresh = build(attributes, correlations=CORRELATIONS, constraints=CONSTRAINTS)
    attributes["pause_minutes"] = {**ATTRIBUTES["pause"], "stream": "pause"}
    kept = build(attributes, correlations=CORRELATIONS, constraints=CONSTRAINTS)
    column = reference.column("pause").slice(0, 500)
    assert backend(plan(kept, SEED), 0, 500).column("pause_minutes").equals(column)
    assert not backend(plan(fresh, SEED), 0, 500).column("pause_minutes").equals(column)


def test_another_seed_gives_another_population(backend: Backend, reference: pa.Table) -> None:
    other = backend(plan(with_scenario(), SEED + 1), 0, 4000)
    assert changed_columns(other, reference) == set(reference.column_names)


def test_agents_far_out_are_drawn_too(backend: Backend) -> None:
    if backend is streaming:
        pytest.skip("a stream begins at agent 0")
    table = backend(plan(with_scenario(), SEED), 2**40 + 1, 10)
    assert table.num_rows == 10


def test_the_values_are_those_of_this_algorithm(backend: Backend) -> None:
    # When this digest changes, ALGORITHM in worldwright/population/algorithms.py is raised with it.
    table = backend(plan(with_scenario(), SEED), 1, 3000)
    assert content_digest(table) == "bc76c3c202c21ad6c1907b9e8623314e"
