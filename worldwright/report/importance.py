"""How much each factor matters over its whole range: the section and its picture."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from worldwright.experiment.factors import short
from worldwright.report.axes import heading_above, nothing
from worldwright.report.data import ReportData
from worldwright.report.elements import Section, figure
from worldwright.report.markup import Child, table
from worldwright.report.numbers import percent
from worldwright.report.style import MARKERS, Theme, ThemeName, picture, wrapped

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.figure import Figure

_WORDS = {
    "S1": "alone (S1)",
    "ST": "with all it takes part in (ST)",
    "mu_star": "mean absolute change (mu*)",
    "sigma": "spread of the change (sigma)",
}
"""What is drawn and listed of each method, in words."""


def sensitivity(data: ReportData) -> Section | None:
    """Which factors matter over their whole ranges."""
    found = _rows(data.sensitivity, data.asked)
    if not found:
        return None
    indices = found[0]["method"] == "sobol_indices"
    rows: list[list[Child]] = [
        [short(r["factor"]), _WORDS[r["measure"]], f"{r['value']:.3g}", f"{r['low']:.3g} to {r['high']:.3g}"]
        for r in found
    ]
    told = (
        "Shares of the variance of the answer that a factor explains alone, and together with the others."
        if indices
        else "What a factor changes from one end of its range to the other. A spread as large as the mean "
        "says that the change depends on the other factors, or on where in the range it happens."
    )
    interval = f"{percent(data.confidence)} interval"
    caption = (
        f"{told} Bootstrap over {found[0]['points']:,} points and {found[0]['replicates']:,} replicates."
    )
    return Section(
        "sensitivity",
        "What matters most",
        (
            figure(
                partial(ranking, data.sensitivity, data.asked),
                alt=f"How much each factor matters for {data.asked}, with intervals. "
                "The table has the same numbers.",
                caption=told,
            ),
            table(caption, ["factor", "measure", "value", interval], rows, heads=2, numeric=(2, 3)),
        ),
    )


def ranking(sensitivity: pa.Table | None, outcome: str, *, theme: ThemeName = "light") -> bytes:
    """Every factor's measures with their intervals, the most important factor first."""
    found = _rows(sensitivity, outcome)
    if not found:
        return nothing(f"{outcome}: the design measures no sensitivity", theme)
    factors = list(dict.fromkeys(row["factor"] for row in found))
    measures = list(dict.fromkeys(row["measure"] for row in found))

    def draw(figure: Figure, theme: Theme) -> None:
        ax = figure.subplots()
        ax.axvline(0, color=theme.muted, linewidth=1.2)
        for number, measure in enumerate(measures):
            own = [row for row in found if row["measure"] == measure]
            places = [factors.index(row["factor"]) + 0.26 * (number - (len(measures) - 1) / 2) for row in own]
            colour = theme.lines[number % len(theme.lines)]
            lows, highs = [row["low"] for row in own], [row["high"] for row in own]
            ax.hlines(places, lows, highs, color=colour, linewidth=1.8)
            ax.plot(
                [row["value"] for row in own],
                places,
                MARKERS[number % len(MARKERS)],
                color=colour,
                markersize=5.5,
                label=_WORDS[measure],
            )
        ax.set_yticks(range(len(factors)), [wrapped(short(factor), 27) for factor in factors])
        ax.set_ylim(len(factors) - 0.4, -0.6)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.grid(visible=False, axis="y")
        ax.set_xlabel("share of the variance" if "ST" in measures else "change over the whole range")
        heading_above(figure, f"What matters most for {outcome}")
        figure.legend(loc="outside lower left", ncols=2)

    return picture(draw, 1.5 + 0.45 * len(factors), theme)


def _rows(sensitivity: pa.Table | None, outcome: str) -> list[dict[str, Any]]:
    """The rows of an outcome that are shown, the factors by their total importance."""
    if sensitivity is None:
        return []
    rows = [r for r in sensitivity.to_pylist() if r["outcome"] == outcome and r["measure"] in _WORDS]
    weight = {r["factor"]: -r["value"] for r in rows if r["measure"] in ("ST", "mu_star")}
    order = list(_WORDS)
    return sorted(rows, key=lambda r: (weight.get(r["factor"], 0.0), r["factor"], order.index(r["measure"])))
