from __future__ import annotations

import datetime
import hashlib
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pyarrow as pa
import pytest

from tests.report.pixels import BLUE, GREEN, VERMILION, decoded, runs_of_ones, where
from tests.report.tables import AVERAGED, EFFECTS, SUMMARY, effect, grid, summary_of
from worldwright.report import plots

CELLS = grid(peer_weight=[0.1, 0.3, 0.5], price=[0.0, 500.0])
EFFECT_ROWS = [
    effect("world.price", "500", -0.2, held=AVERAGED),
    effect("world.price", "500", -0.1, held="peer_weight=0.1"),
    effect("world.peer_weight", "0.5", 0.2, held=AVERAGED),
]
TABLE = pa.table(
    {
        "age": pa.array([30, 40, 40, 50, None] * 20, pa.int64()),
        "rank": pa.array(["junior", "junior", "junior", "senior", None] * 20).dictionary_encode(),
        "rents": pa.array([True, False, False, False, None] * 20),
        "income": pa.array([1e3, 2e3, 3e3, 4e3, 1e7] * 20),
        "licensed": pa.array([datetime.date(1990, 1, 1), datetime.date(2020, 1, 1)] * 50),
        "constant": pa.array([7.5] * 100),
        "unknown": pa.nulls(100, pa.float64()),
        "remarks": pa.array(["text is not drawn"] * 100),
    }
)

Draw = Callable[[], bytes]
DRAWN: dict[str, Draw] = {
    "curves": lambda: plots.curves(summary_of(6), CELLS, "adopters", kind="share"),
    "curves of one cell": lambda: plots.curves(summary_of(1), grid(), "adopters"),
    "curves of 30 cells": lambda: plots.curves(
        summary_of(30), grid(a=[1, 2, 3, 4, 5], b=[1, 2, 3, 4, 5, 6]), "adopters"
    ),
    "curves of 40 cells of one factor": lambda: plots.curves(
        summary_of(40), grid(a=[*range(40)]), "adopters"
    ),
    "segments": lambda: plots.segments(summary_of(2, ranks=("junior", "chief")), grid(a=[1, 2]), "adopters"),
    "segments of 30 cells": lambda: plots.segments(
        summary_of(30, ranks=("x",)), grid(a=[*range(30)]), "adopters"
    ),
    "answer": lambda: plots.answer(
        summary_of(6, incomplete=(2,)), CELLS, "adopters", kind="share", theme="dark"
    ),
    "answer of 60 cells": lambda: plots.answer(summary_of(60), grid(a=[*range(60)]), "adopters"),
    "effects": lambda: plots.effects(
        pa.Table.from_pylist(EFFECT_ROWS, schema=EFFECTS), "adopters", kind="share"
    ),
    "population": lambda: plots.population(TABLE, units={"age": "years"}),
}
EMPTY: dict[str, Draw] = {
    "curves": lambda: plots.curves(SUMMARY.empty_table(), CELLS, "adopters"),
    "segments": lambda: plots.segments(summary_of(6), CELLS, "adopters"),
    "answer": lambda: plots.answer(SUMMARY.empty_table(), CELLS, "adopters"),
    "effects": lambda: plots.effects(EFFECTS.empty_table(), "adopters"),
    "population": lambda: plots.population(TABLE.slice(0, 0)),
    "population without columns": lambda: plots.population(pa.table({})),
}


@pytest.mark.parametrize("name", DRAWN)
def test_pictures_decode_and_show_something(name: str) -> None:
    png = DRAWN[name]()
    image = decoded(png)
    assert image.shape[1] == 1080
    assert (image != image[0, 0]).any(axis=2).mean() > 0.01


@pytest.mark.parametrize("name", ["curves", "segments", "answer", "effects", "population"])
def test_the_same_tables_give_the_same_bytes(name: str) -> None:
    assert DRAWN[name]() == DRAWN[name]()


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_to_draw_is_a_small_picture_that_says_so(name: str) -> None:
    image = decoded(EMPTY[name]())
    assert image.shape[0] < 300
    assert (image != image[0, 0]).any()


def test_bytes_do_not_depend_on_the_process_or_on_the_readers_settings() -> None:
    program = (
        "import hashlib; from tests.report.test_plots import DRAWN;"
        "print(hashlib.sha256(DRAWN['answer']()).hexdigest())"
    )
    here = hashlib.sha256(DRAWN["answer"]()).hexdigest()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9}):
        assert hashlib.sha256(DRAWN["answer"]()).hexdigest() == here
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


def test_drawing_changes_no_global_setting_and_loads_no_pyplot() -> None:
    before = dict(matplotlib.rcParams)
    DRAWN["effects"]()
    assert dict(matplotlib.rcParams) == before
    program = (
        "import sys; from tests.report.test_plots import DRAWN; DRAWN['curves'](); DRAWN['population']();"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_a_curve_is_where_its_values_are() -> None:
    rows, columns = where(plots.curves(summary_of(1, half_width=0.0), grid(), "adopters"), BLUE)
    line = columns < np.quantile(columns, 0.9)  # without the mark at its end
    assert np.corrcoef(columns[line], rows[line])[0, 1] < -0.999


def test_each_cell_has_its_own_colour() -> None:
    png = plots.curves(summary_of(2), grid(price=[0, 500]), "adopters")
    assert len(where(png, BLUE)[0]) > 500
    assert len(where(png, VERMILION)[0]) > 500
    assert len(where(png, GREEN)[0]) == 0


def test_a_cell_without_an_interval_is_dashed_and_has_no_band() -> None:
    sure = plots.curves(summary_of(1, half_width=0.05), grid(), "adopters")
    unsure = plots.curves(summary_of(1, incomplete=(0,)), grid(), "adopters")
    columns = {name: np.unique(where(png, BLUE)[1]) for name, png in (("sure", sure), ("unsure", unsure))}
    gaps = {name: int((np.diff(found) > 5).sum()) for name, found in columns.items()}
    assert gaps["sure"] == 0
    assert gaps["unsure"] > 10
    band = {name: len(where(png, "#d1e6f2")[0]) for name, png in (("sure", sure), ("unsure", unsure))}
    assert band["sure"] > 10_000
    assert band["unsure"] < 1_000


def test_dots_stand_at_their_values_and_intervals_are_as_wide_as_they_are() -> None:
    png = plots.answer(summary_of(3, half_width=0.004), grid(price=[0, 1, 2]), "adopters")
    rows, columns = where(png, BLUE)
    bands = runs_of_ones(np.bincount(rows, minlength=decoded(png).shape[0]) > 0)
    assert len(bands) == 3
    spans = [columns[(rows >= top) & (rows < top + height)] for top, height in bands]
    centres = [(span.min() + span.max()) / 2 for span in spans]
    step = centres[1] - centres[0]  # is 0.02 wide, so that an interval of 0.008 is 0.4 of it
    assert centres[2] - centres[1] == pytest.approx(step, abs=2)
    assert spans[0].max() - spans[0].min() == pytest.approx(0.4 * step, abs=6)


def test_an_effect_stands_on_its_side_of_the_zero_line() -> None:
    table = pa.Table.from_pylist([EFFECT_ROWS[0], EFFECT_ROWS[2]], schema=EFFECTS)
    png = plots.effects(table, "adopters")
    rows, columns = where(png, BLUE)
    zero_columns = np.bincount(where(png, "#57606a")[1]).argmax()
    middle = (rows.min() + rows.max()) / 2
    lower, upper = columns[rows < middle], columns[rows > middle]
    assert lower.max() < zero_columns < upper.min()
    assert zero_columns - lower.mean() == pytest.approx(upper.mean() - zero_columns, abs=6)


def test_bars_are_as_long_as_the_shares_of_those_who_are_known() -> None:
    rows, columns = where(plots.population(TABLE.select(["rank"])), BLUE)
    bars = runs_of_ones(np.bincount(rows) > 0)
    lengths = [int(np.ptp(columns[(rows >= top) & (rows < top + height)])) for top, height in bars]
    assert lengths[0] / lengths[1] == pytest.approx(3, rel=0.03)


def test_a_long_tail_does_not_flatten_a_histogram() -> None:
    values = np.concatenate([np.linspace(0, 100, 9_960), np.full(40, 1e6)])
    rows, columns = where(plots.population(pa.table({"income": values})), BLUE)
    assert np.ptp(columns) > 300
    assert np.median(rows) < rows.max()


def test_categories_are_counted_over_chunks_with_different_dictionaries() -> None:
    one = pa.chunked_array([pa.array(["a", "b", "b"]).dictionary_encode()])
    two = pa.chunked_array([pa.array(["a", "b"]).dictionary_encode(), pa.array(["b"]).dictionary_encode()])
    assert plots.population(pa.table({"x": one})) == plots.population(pa.table({"x": two}))


def test_only_sixteen_attributes_are_drawn() -> None:
    def height(attributes: int) -> int:
        return decoded(plots.population(pa.table({f"a{i}": [1.0, 2.0] for i in range(attributes)}))).shape[0]

    assert height(16) == height(17) > height(14)


@pytest.mark.parametrize(
    "label", ["人口=3 😀", "$x$ $\\frac{1}$ %d {0}", "line\nbreak\ttab\x07", "x" * 400, "_hidden", ""]
)
def test_any_label_can_be_drawn(label: str) -> None:
    cells = [type(CELLS[0])(label, {"world.x": label}), type(CELLS[0])("other", {"world.x": "b"})]
    decoded(plots.curves(summary_of(2, ranks=(label,)), cells, "adopters"))
    decoded(plots.segments(summary_of(2, ranks=(label,)), cells, "adopters"))
    decoded(plots.answer(summary_of(2), cells, "adopters", unit=label))
    rows: list[dict[str, Any]] = [effect(f"world.{label}", label, 0.1, held=label)]
    decoded(plots.effects(pa.Table.from_pylist(rows, schema=EFFECTS), "adopters"))
    options = pa.array([label, "b"]).dictionary_encode()
    decoded(plots.population(pa.table({label: options, "n": [1, 2]}), units={"n": label}))


@pytest.mark.parametrize("value", [0.0, 1e-9, -3.0, 1e15])
def test_values_of_any_size_can_be_drawn(value: float) -> None:
    rows = [
        {"cell": 0, "metric": "m", "segment": "", "tick": 0, "n": 2}
        | {"mean": value, "sd": 0.0, "low": value, "high": value}
    ]
    table = pa.Table.from_pylist(rows, schema=SUMMARY)
    decoded(plots.curves(table, grid(), "m"))
    decoded(plots.answer(table, grid(), "m", kind="share"))
    decoded(plots.population(pa.table({"x": [value] * 5})))


def test_segments_of_a_cell_without_intervals_are_dashed_too() -> None:
    cells = grid(price=[0])
    gaps: list[int] = []
    for incomplete in ((), (0,)):
        summary = summary_of(1, incomplete=incomplete, half_width=0.0, ranks=("chief",))
        columns = np.unique(where(plots.segments(summary, cells, "adopters"), BLUE)[1])
        gaps.append(int((np.diff(columns) > 5).sum()))
    assert gaps[0] <= 1  # between the curve and the legend's line at most
    assert gaps[1] > 10
