"""What a report shows, gathered from an experiment's datasets and written as a page with its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from worldwright.project.inputs import inputs_of
from worldwright.project.locate import DATA
from worldwright.project.stages import Chain, Staged, main_outcome
from worldwright.version import VERSION

if TYPE_CHECKING:
    from worldwright.report import ReportData
    from worldwright.store import Dataset

PAGE = "report.html"
_DRAWN = 20_000
_PICTURES = {
    "answer": "answer",
    "curves": "over-time",
    "effects": "effects",
    "sensitivity": "sensitivity",
    "segments": "segments",
    "population": "population",
}
"""Names of pictures, with the sections of the page that they lead."""
_SHOWN = ("scenario", "script", "data", "algorithm")
"""Inputs that the provenance lists beside the datasets; the catalog's table `inputs` has all."""


def draw(
    chain: Chain, earlier: Sequence[Staged], runs: Dataset, metrics: Dataset, summary: Dataset, folder: Path
) -> dict[str, Any]:
    """Write the page, and the first picture of each section by itself; the facts name the pictures."""
    from worldwright.report import answer, answer_table, curves, first_pictures, kind_and_unit, render

    data = report_data(chain, earlier, runs, metrics, summary)
    page = render(data)
    (folder / PAGE).write_text(page, encoding="utf-8")
    drawn = first_pictures(page)
    pictures = {name: drawn[anchor] for name, anchor in _PICTURES.items() if anchor in drawn}
    if "answer" not in pictures:  # a page says the answer of a single cell in words alone
        told = kind_and_unit(data, data.asked)[0]
        pictures["answer"] = answer(answer_table(data), data.cells, data.asked, kind=told, when=data.when)
    if "curves" not in pictures:
        kind = data.kinds.get(data.main_metric)
        pictures["curves"] = curves(data.summary, data.cells, data.main_metric, kind=kind)
    for name, picture in pictures.items():
        (folder / f"{name}.png").write_bytes(picture)
    return {"pictures": sorted(pictures)}


def report_data(
    chain: Chain, earlier: Sequence[Staged], runs: Dataset, metrics: Dataset, summary: Dataset
) -> ReportData:
    """All that a report shows; for a world of several populations, the first is drawn."""
    from worldwright.report import ReportData, ReportOutcome

    experiment = chain.experiment
    main = main_outcome(experiment)
    staged = {item.stage: item for item in earlier}
    first = next(iter(experiment.samples), None)
    dataset = staged["population"].datasets[first] if first else None
    parameters = experiment.world.parameters
    units = {name: parameter.unit for name, parameter in parameters.items() if parameter.unit}
    for use in experiment.samples.values():
        units |= {a.name: a.unit for a in use.population.attributes if a.unit}
    return ReportData(
        name=experiment.name,
        question=experiment.question,
        description=experiment.description,
        ticks=experiment.ticks,
        cells=experiment.cells,
        main_metric=main.metric,
        outcome=None
        if main.name == main.metric
        else ReportOutcome(main.name, main.words, main.in_ticks, summary.table("outcomes")),
        summary=summary.table("summary"),
        effects=summary.table("effects"),
        sensitivity=summary.table("sensitivity"),
        runs=runs.table("runs"),
        quality=staged["population"].quality[first].table("quality") if first else pa.table({}),
        population=dataset.head("agents", _DRAWN).drop(["agent"]) if dataset else pa.table({}),
        units=units,
        kinds={name: metric.how for name, metric in experiment.world.metrics.items()},
        provenance=_provenance(chain, staged, runs, metrics, summary),
        fixed_population=experiment.fixed_population,
        catalog=f"{DATA}/catalog.duckdb",
    )


def _provenance(
    chain: Chain, staged: dict[str, Staged], runs: Dataset, metrics: Dataset, summary: Dataset
) -> tuple[tuple[str, str], ...]:
    experiment = chain.experiment
    rows = [("experiment", experiment.digest), ("seed", str(experiment.seed))]
    for name, use in experiment.samples.items():
        scenario = f" with {use.population.scenario}" if use.population.scenario else ""
        rows.append((f"population {name}", f"{use.base.name}{scenario}, {use.agents:,} agents"))
        rows.append((f"spec of {name}", use.population.digest))
        rows.append((f"sample of {name}", staged["population"].datasets[name].digest))
    rows += [
        ("world", experiment.world.digest),
        ("runs", runs.digest),
        ("metrics", metrics.digest),
        ("summary", summary.digest),
        *((f"{one.kind} {one.name}", one.value) for one in inputs_of(chain) if one.kind in _SHOWN),
        ("worldwright", VERSION),
    ]
    return tuple(rows)
