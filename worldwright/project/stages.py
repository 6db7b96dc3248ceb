"""The chain of an experiment, one function a stage: each finds its dataset by key or makes it.

Dagster's assets and the command line call the same functions; what one stage made reaches the next as a key.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worldwright.errors import ExperimentError
from worldwright.experiment import (
    AGENTS,
    EVENTS,
    METRICS,
    Experiment,
    Members,
    Outcome,
    Progress,
    Run,
    at_the_end,
    population_dataset,
    quality_dataset,
)
from worldwright.hashing import digest
from worldwright.project.documents import Closure, load_closure
from worldwright.project.locate import Project
from worldwright.store import Dataset

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.executors import Executor
    from worldwright.spec import Population

STAGES = (
    "population_spec",
    "base_population",
    "scenario_spec",
    "population",
    "world_program",
    "simulation_runs",
    "metrics",
    "metric_summary",
    "experiment_report",
)
"""The order of the chain."""
DOCUMENTS = "documents.json"
SPEC_ALGORITHM = 2
"""Raised by hand whenever what is kept of a spec changes; since 2 its digest, so that every change shows."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What a stage left in the store: one dataset, or one per population of the world."""

    stage: str
    datasets: dict[str, Dataset]
    hit: bool
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    quality: dict[str, Dataset] = field(default_factory=dict[str, Dataset])
    """For populations: the quality report of each."""

    @property
    def digest(self) -> str:
        """Identity of what the stage made: its data version."""
        return digest(self.stage, {name: dataset.digest for name, dataset in self.datasets.items()})

    @property
    def only(self) -> Dataset:
        """The dataset of a stage that makes one."""
        (dataset,) = self.datasets.values()
        return dataset

    @property
    def rows(self) -> int:
        """Rows in all tables of the stage."""
        return sum(part.rows or 0 for dataset in self.datasets.values() for part in dataset.parts.values())


@dataclass(frozen=True, slots=True)
class Chain:
    """An experiment ready to be staged: its documents checked and resolved."""

    project: Project
    closure: Closure
    experiment: Experiment

    @property
    def members(self) -> dict[str, Members]:
        """The populations of its world, by the name the world knows them by."""
        return self.experiment.members


def open_chain(project: Project, name: str) -> Chain:
    """Read and check the documents of an experiment.

    Raises:
        DocumentError: with every problem in every file, when any is an error.
    """
    closure = load_closure(project, name)
    return Chain(project, closure, closure.resolved())


def documents(chain: Chain) -> Staged:
    """The text of every document the experiment stands on, scripts included, as it is now."""
    closure = chain.closure

    def write(folder: Path) -> None:
        text = json.dumps(closure.files, sort_keys=True, indent=1, ensure_ascii=False)
        (folder / DOCUMENTS).write_text(text, encoding="utf-8")

    dataset, hit = chain.project.store.get_or_build(
        digest("documents", closure.files),
        stage="experiment_document",
        inputs={"name": closure.name, "files": sorted(closure.files)},
        parents=[],
        write=write,
    )
    return Staged("experiment_document", {"documents": dataset}, hit)


def population_spec(chain: Chain) -> Staged:
    """The base populations as tables of attributes."""
    specs = {name: use.base for name, use in chain.members.items()}
    return _attributes(chain, "population_spec", specs, "base")


def scenario_spec(chain: Chain) -> Staged:
    """What the scenarios add, as tables of attributes."""
    samples = chain.experiment.samples
    specs = {name: use.population for name, use in samples.items() if use.population.scenario}
    return _attributes(chain, "scenario_spec", specs, "scenario")


def base_population(chain: Chain) -> Staged:
    """The populations of replicate 0 without their scenarios, shared by all scenarios."""
    bases = {name: replace(use, population=use.base) for name, use in chain.members.items()}
    return _populations(chain, "base_population", bases)


def population(chain: Chain) -> Staged:
    """The populations of replicate 0 with their scenarios."""
    samples = chain.experiment.samples
    staged = _populations(chain, "population", samples)
    reports = {
        name: quality_dataset(chain.project.store, use.population, staged.datasets[name])
        for name, use in samples.items()
    }
    hit = staged.hit and all(found for _, found in reports.values())
    return replace(staged, hit=hit, quality={name: dataset for name, (dataset, _) in reports.items()})


def world_program(chain: Chain) -> Staged:
    """The world with its scripts, compiled and checked."""
    world = chain.experiment.world

    def write(folder: Path) -> dict[str, Any]:
        text = json.dumps(world.to_json(), sort_keys=True, indent=1, ensure_ascii=False)
        (folder / "program.json").write_text(text, encoding="utf-8")
        return {"name": world.name, "scripts": sorted(world.scripts)}

    dataset, hit = chain.project.store.get_or_build(
        world.digest, stage="world_program", inputs={"world": world.name}, parents=[], write=write
    )
    return Staged("world_program", {"world": dataset}, hit, {"scripts": sorted(world.scripts)})


def simulation_runs(
    chain: Chain, executor: Executor, progress: Progress, *, retry_failed: bool = False
) -> Staged:
    """Every cell and replicate, run or found; failed ones are rows, and are run again only if asked for."""
    from worldwright.experiment import run_all, runs_table

    experiment, store = chain.experiment, chain.project.store
    parents = [world_program(chain).only.key, *_spec_keys(chain)]
    with store.lock(f"experiment-{experiment.name}"):
        runs = run_all(
            experiment, store, executor, chain.project.clock, progress, parents, again=retry_failed
        )
    failed = sum(run.status != "ok" for run in runs)
    dataset, hit = store.get_or_build(
        digest("runs", [[run.cell, run.replicate, run.key, run.digest, run.error] for run in runs]),
        stage="simulation_runs",
        inputs={"experiment": experiment.digest, "name": experiment.name},
        parents=[run.key for run in runs if run.digest],
        write=lambda folder: _write(folder, {"runs": runs_table(runs)}, runs=len(runs), failed=failed),
    )
    replicates = len({run.replicate for run in runs})
    return Staged(
        "simulation_runs",
        {"runs": dataset},
        hit,
        {"runs": len(runs), "failed": failed, "cells": len(experiment.cells), "replicates": replicates},
    )


def metrics(chain: Chain, runs_key: str) -> Staged:
    """The metrics of all runs, and the recorded agents and events, as one table each."""
    from worldwright.experiment import SUMMARY_ALGORITHM, combine

    store = chain.project.store
    runs = runs_of(chain, runs_key)

    def write(folder: Path) -> None:
        from worldwright.population import write_parquet

        logged = (EVENTS,) if chain.experiment.record_events else ()
        for part in (METRICS, AGENTS, *logged):
            schema, tables = combine(chain.experiment, store, runs, part)
            write_parquet(tables, folder / f"{part}.parquet", schema=schema)

    key = digest("metrics", {"runs": store.get(runs_key).digest, "algorithm": SUMMARY_ALGORITHM})
    dataset, hit = store.get_or_build(
        key,
        stage="metrics",
        inputs={"runs": runs_key, "name": chain.experiment.name},
        parents=[runs_key],
        write=write,
    )
    return Staged("metrics", {"metrics": dataset}, hit)


def metric_summary(chain: Chain, runs_key: str, metrics_key: str) -> Staged:
    """Means with intervals by tick and of every outcome, and paired effects of the factors."""
    import pyarrow as pa

    from worldwright.experiment import (
        METRIC_COLUMNS,
        SUMMARY_ALGORITHM,
        SUMMARY_COLUMNS,
        VALUE_COLUMNS,
        all_outcomes,
        by_cell,
        effects,
        in_order,
        label_outcomes,
        outcome_values,
        sensitivity,
        summarise,
        summarise_outcomes,
    )

    store, experiment = chain.project.store, chain.experiment

    def write(folder: Path) -> dict[str, Any]:
        metrics, runs = store.get(metrics_key), runs_of(chain, runs_key)
        shares = {name for name, metric in experiment.world.metrics.items() if metric.how == "share"}
        outcomes = all_outcomes(experiment, metrics.batches(METRICS, ["metric"]))
        summaries, found = [SUMMARY_COLUMNS.empty_table()], [VALUE_COLUMNS.empty_table()]
        for table in by_cell(metrics.batches(METRICS, METRIC_COLUMNS)):
            summaries.append(summarise(table, runs, shares))
            found.append(outcome_values(outcomes, table, runs))
        values = in_order(outcomes, pa.concat_tables(found))
        tables = {
            "summary": pa.concat_tables(summaries),
            "effects": effects(experiment, values),
            "outcomes": summarise_outcomes(outcomes, values, runs, shares),
            "values": label_outcomes(experiment, values),
            "sensitivity": sensitivity(experiment, values),
        }
        return _write(folder, tables)

    key = digest(
        "summary",
        {
            "metrics": store.get(metrics_key).digest,
            "runs": store.get(runs_key).digest,
            "outcomes": [outcome.identity() for outcome in experiment.outcomes],
            "design": experiment.design.model_dump(exclude_none=True) if experiment.design.sampled else None,
            "algorithm": SUMMARY_ALGORITHM,
        },
    )
    dataset, hit = store.get_or_build(
        key,
        stage="metric_summary",
        inputs={"metrics": metrics_key, "runs": runs_key, "name": chain.experiment.name},
        parents=[metrics_key, runs_key],
        write=write,
    )
    return Staged("metric_summary", {"summary": dataset}, hit)


def runs_of(chain: Chain, runs_key: str) -> list[Run]:
    """The runs that a runs dataset lists.

    Raises:
        ExperimentError: when they are not those of the experiment's documents as they are now.
    """
    table: pa.Table = chain.project.store.get(runs_key).table("runs")
    rows = [{**row, "key": row["run"]} for row in table.to_pylist()]
    for row in rows:
        del row["run"]
    runs = [Run(**row) for row in rows]
    _refuse_runs_of_others(chain.experiment, runs)
    return runs


def _refuse_runs_of_others(experiment: Experiment, runs: Sequence[Run]) -> None:
    """Summarised under today's documents, runs of yesterday's would carry the wrong labels."""
    from worldwright.experiment import run_key

    cells = dict(enumerate(experiment.cells))
    own = all(
        run.cell in cells and run.key == run_key(experiment, cells[run.cell], run.replicate) for run in runs
    )
    if not own or {run.cell for run in runs} != set(cells):
        raise ExperimentError(
            "its runs were made from other documents than it has now",
            where=experiment.name,
            help="make the stage simulation_runs again first, or all of the experiment",
        )


def main_outcome(experiment: Experiment) -> Outcome:
    """What an experiment is about: its first outcome, or a metric at the last tick.

    That metric is the one it names, or stops by, or the first its world declares.

    Raises:
        ExperimentError: when its world declares none and nothing names one.
    """
    for outcome in experiment.outcomes:
        return outcome
    if experiment.metric is not None:
        return at_the_end(experiment.metric)
    if experiment.stopping is not None:
        return experiment.stopping
    for name in experiment.world.metrics:
        return at_the_end(name)
    raise ExperimentError(
        "nothing says which metric this experiment is about",
        where=experiment.name,
        help="declare `metrics:` in its world, or name one as `metric:` in the experiment",
    )


def main_metric(experiment: Experiment) -> str:
    """The metric of the main outcome."""
    return main_outcome(experiment).metric


def _populations(chain: Chain, stage: str, samples: dict[str, Members]) -> Staged:
    store, seed = chain.project.store, chain.experiment.population_seed(0)
    made = {
        name: population_dataset(store, use.population, seed, use.agents, _spec_keys(chain))
        for name, use in samples.items()
    }
    if not made:
        made["none"] = store.get_or_build(
            digest("population", {"none": True}),
            stage="population",
            inputs={},
            parents=[],
            write=lambda folder: _write(folder, {"agents": _no_rows()}, agents=0),
        )
    return Staged(
        stage, {name: dataset for name, (dataset, _) in made.items()}, all(h for _, h in made.values())
    )


def _spec_keys(chain: Chain) -> list[str]:
    stages = (population_spec(chain), scenario_spec(chain))
    return [dataset.key for stage in stages for dataset in stage.datasets.values()]


def _attributes(chain: Chain, stage: str, specs: dict[str, Population], origin: str) -> Staged:
    store = chain.project.store
    made: dict[str, tuple[Dataset, bool]] = {}
    for name, spec in specs.items() or {"none": None}.items():
        table = attribute_table(spec, origin)
        made[name] = store.get_or_build(
            digest(
                stage,
                {
                    "spec": layer_digest(spec, origin) if spec else None,
                    "table": table.to_pylist(),
                    "algorithm": SPEC_ALGORITHM,
                },
            ),
            stage=stage,
            inputs={"name": (spec.scenario if origin == "scenario" else spec.name) if spec else None},
            parents=[],
            write=lambda folder, table=table, spec=spec: _write(
                folder, {"attributes": table}, spec=layer_digest(spec, origin) if spec else None
            ),
        )
    datasets = {name: dataset for name, (dataset, _) in made.items()}
    return Staged(stage, datasets, all(hit for _, hit in made.values()))


def layer_digest(spec: Population, origin: str) -> str:
    """The digest of a layer by itself: of a base, or of what a scenario adds, whatever it is laid over."""
    from worldwright.spec.resolve.identity import digest_of

    if origin == "base":
        return spec.base_digest
    added = tuple(one for one in spec.attributes if str(one.origin) == origin)
    names = {one.name for one in added}
    return digest_of(
        added,
        tuple(name for name in spec.columns if name in names),
        tuple(pair for pair in spec.correlations if names & {pair.first, pair.second}),
        tuple(one for one in spec.constraints if names & set(one.owners)),
    )


def attribute_table(spec: Population | None, origin: str) -> pa.Table:
    """One row per attribute of a layer: what it is, where its figures come from, what it reads."""
    import pyarrow as pa

    names = ("attribute", "type", "unit", "strategy", "family", "reads", "source", "description")
    schema = pa.schema([(name, pa.string()) for name in names])
    rows = [
        {
            "attribute": attribute.name,
            "type": str(attribute.type),
            "unit": attribute.unit,
            "strategy": str(attribute.strategy),
            "family": attribute.distribution.family if attribute.distribution else None,
            "reads": ", ".join(attribute.reads),
            "source": attribute.source,
            "description": attribute.description,
        }
        for attribute in ([spec.attribute(name) for name in spec.columns] if spec else [])
        if str(attribute.origin) == origin
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def _no_rows() -> pa.Table:
    import pyarrow as pa

    return pa.table({"none": pa.array([], pa.int64())})


def _write(folder: Path, tables: dict[str, pa.Table], **facts: Any) -> dict[str, Any]:
    from worldwright.population import write_parquet

    for name, table in tables.items():
        write_parquet([table], folder / f"{name}.parquet")
    return facts


def keys_of(staged: Sequence[Staged]) -> dict[str, dict[str, dict[str, str]]]:
    """Keys and digests by stage and dataset, for a version's record."""
    stages = {item.stage: item.datasets for item in staged}
    stages["population_quality"] = {name: found for item in staged for name, found in item.quality.items()}
    return {
        stage: {name: {"key": found.key, "digest": found.digest} for name, found in datasets.items()}
        for stage, datasets in stages.items()
    }
