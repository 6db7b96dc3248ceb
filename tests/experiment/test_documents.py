"""Reading experiment documents: what is wrong is said with its place."""

from __future__ import annotations

import pytest

from worldwright.experiment import read_experiment
from worldwright.experiment.design import design_cells

GOOD = """\
worldwright: experiment/1
name: try
question: Does it matter?
world: w
ticks: 10
seed: 3
design:
  grid: {world.a: [1, 2], world.b: [x, y, z]}
replicates: 4
"""


def codes(text: str) -> list[tuple[str, int]]:
    _, _, found = read_experiment(text, "try.yaml")
    return [(d.slug, d.span.start.line if d.span else 0) for d in found if d.is_error]


def test_a_good_document_reads_without_a_word() -> None:
    document, _, found = read_experiment(GOOD, "try.yaml")
    assert document is not None and not found
    assert document.replicates == 4 and document.seed == 3


def test_a_grid_is_every_combination_in_row_major_order() -> None:
    document, _, _ = read_experiment(GOOD, "try.yaml")
    assert document is not None
    settings = [tuple(cell.settings.values()) for cell in design_cells(document)]
    assert settings == [(1, "x"), (1, "y"), (1, "z"), (2, "x"), (2, "y"), (2, "z")]


def test_a_list_is_cells_as_written_and_no_design_is_the_one_cell_of_defaults() -> None:
    listed = GOOD.replace("grid: {world.a: [1, 2], world.b: [x, y, z]}", "list: [{world.a: 1}, {world.a: 7}]")
    document, _, found = read_experiment(listed, "try.yaml")
    assert document is not None, found
    assert [cell.parameters for cell in design_cells(document)] == [{"a": 1}, {"a": 7}]
    none = GOOD[: GOOD.index("design")] + "replicates: 4\n"
    document, _, found = read_experiment(none, "try.yaml")
    assert document is not None, found
    assert [cell.label for cell in design_cells(document)] == ["default"]


@pytest.mark.parametrize(
    ("change", "slug", "line"),
    [
        (("world.a: [1, 2]", "world.a: []"), "design-shape", 8),
        (("world.a: [1, 2]", "world.a: [1, 1]"), "design-shape", 8),
        (("world.a: [1, 2]", "population.age.move: [1, 2]"), "factor-unknown", 8),
        (("grid: {world.a: [1, 2], world.b: [x, y, z]}", "sobol: {n: 8}"), "unknown-key", 8),
        (("replicates: 4", "replicates: {min: 20, max: 10}"), "replicates-range", 9),
        (("replicates: 4", "replicates: {min: 20, max: 40}"), "replicates-range", 9),
        (("replicates: 4", "replicates: {min: 20, until: {metric: m}}"), "replicates-range", 9),
        (("replicates: 4", "replicates: 4\nschedule: every monday"), "schedule-shape", 10),
    ],
)
def test_a_mistake_is_found_where_it_is(change: tuple[str, str], slug: str, line: int) -> None:
    assert (slug, line) in codes(GOOD.replace(*change))


def test_an_unknown_key_is_answered_with_the_nearest() -> None:
    _, _, found = read_experiment(GOOD.replace("ticks:", "tiks:"), "try.yaml")
    text = " ".join(f"{d.message} {d.help}" for d in found)
    assert "tiks" in text and "ticks" in text
