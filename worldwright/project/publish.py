"""The last stage: the report, and the experiment's new current version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worldwright.errors import ExperimentError
from worldwright.experiment.versions import versions
from worldwright.hashing import digest
from worldwright.project import stages
from worldwright.project.inputs import inputs_of
from worldwright.project.locate import Project
from worldwright.project.report_data import PAGE, draw
from worldwright.project.stages import Chain, Staged, keys_of, main_metric, main_outcome
from worldwright.version import VERSION

if TYPE_CHECKING:
    from worldwright.store import Dataset

ALGORITHM = 2
"""Raised by hand whenever a report's bytes change."""


def unmet_expectations(chain: Chain, population: Staged) -> None:
    """Refuse a population that misses a figure its spec states as known.

    Raises:
        ExperimentError: listing every unmet expectation.
    """
    unmet = [
        f"{name}: {row['text']}"
        for name, dataset in population.quality.items()
        for row in dataset.table("quality").to_pylist()
        if row.get("verdict") == "fail"
    ]
    if unmet:
        raise ExperimentError(
            f"the population misses {len(unmet)} of its expectations: " + "; ".join(unmet),
            where=chain.experiment.name,
            why="`expect:` states known figures; results on a population that misses them would mislead",
            help="correct the distributions or the expectation in the population's document",
        )


def experiment_report(chain: Chain, runs_key: str, metrics_key: str, summary_key: str) -> Staged:
    """Draw the report and publish the current version; the same content publishes nothing new."""
    store, experiment = chain.project.store, chain.experiment
    stages.runs_of(chain, runs_key)  # refuses runs of other documents
    earlier = [
        stages.population_spec(chain),
        stages.base_population(chain),
        stages.scenario_spec(chain),
        stages.population(chain),
        stages.world_program(chain),
    ]
    documents = stages.documents(chain)
    runs, metrics, summary = (store.get(key) for key in (runs_key, metrics_key, summary_key))
    outcomes = [[outcome.identity(), outcome.description] for outcome in experiment.outcomes]
    key = digest(
        "report",
        {
            **({"outcomes": outcomes} if outcomes else {}),
            "experiment": experiment.digest,
            "question": [experiment.question, experiment.description, main_metric(experiment)],
            "summary": summary.digest,
            "runs": runs.digest,
            "population": earlier[3].digest,
            "algorithm": ALGORITHM,
            "version": VERSION,
        },
    )

    def write(folder: Path) -> dict[str, Any]:
        return draw(chain, earlier, runs, metrics, summary, folder)

    dataset, hit = store.get_or_build(
        key,
        stage="experiment_report",
        inputs={"experiment": experiment.digest, "name": experiment.name},
        parents=[
            summary_key,
            runs_key,
            metrics_key,
            *(d.key for s in (*earlier, documents) for d in s.datasets.values()),
        ],
        about={"versions": versions()},
        write=write,
    )
    staged = Staged("experiment_report", {"report": dataset}, hit)
    record = {
        "experiment": describe(chain, runs.table("runs")),
        "datasets": keys_of(
            [
                *earlier,
                Staged("simulation_runs", {"runs": runs}, True),
                Staged("metrics", {"metrics": metrics}, True),
                Staged("metric_summary", {"summary": summary}, True),
                staged,
                documents,
            ]
        ),
        "inputs": [one.plain() for one in inputs_of(chain)],
        "closure": chain.closure.digest,
    }
    version = store.publish_version(experiment.name, record)
    show_report(chain.project, experiment.name)
    return Staged("experiment_report", {"report": dataset}, hit, {"version": version})


def report_path(project: Project, name: str) -> Path:
    """Where a person finds the current report of an experiment: a link to the page in the store."""
    return project.data / "reports" / f"{name}.html"


def show_report(project: Project, name: str) -> None:
    """Let the link that a person opens lead to the report of the current version."""
    report = _current_report(project, name)
    if report is not None:
        _point(report_path(project, name), report.path / PAGE)


def pictures_of(project: Project, name: str) -> dict[str, Path]:
    """The pictures of an experiment's current report, by name; empty where it has no results."""
    report = _current_report(project, name)
    if report is None:
        return {}
    return {
        part.removesuffix(".png"): report.file(part) for part in sorted(report.parts) if part.endswith(".png")
    }


def _current_report(project: Project, name: str) -> Dataset | None:
    current = project.store.current(name)
    if current is None:
        return None
    return project.store.get(current[1]["datasets"]["experiment_report"]["report"]["key"])


def _point(link: Path, target: Path) -> None:
    """Let a link name a file, whatever it named before; a reader finds the old page or the new one."""
    link.parent.mkdir(exist_ok=True)
    relative = os.path.relpath(target, link.parent)
    if link.is_symlink() and str(link.readlink()) == relative:
        return
    draft = link.with_name(f".{link.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(relative)
    draft.replace(link)


def describe(chain: Chain, runs: Any) -> dict[str, Any]:
    """What an experiment's version says about it: enough for the catalog and the answer."""
    experiment = chain.experiment
    main = main_outcome(experiment)
    status = runs.column("status").to_pylist()
    by_cell = runs.column("cell").to_pylist()
    failed = dict.fromkeys(range(len(experiment.cells)), 0)
    total = dict(failed)
    for cell, state in zip(by_cell, status, strict=True):
        total[cell] += 1
        failed[cell] += state != "ok"
    return {
        "name": experiment.name,
        "question": experiment.question,
        "description": experiment.description,
        "digest": experiment.digest,
        "world": experiment.world.name,
        "ticks": experiment.ticks,
        "seed": experiment.seed,
        "factors": list(experiment.factors),
        "metric": main.metric,
        "outcome": {"name": main.name, "words": main.words, "in_ticks": main.in_ticks},
        "kinds": {name: metric.how for name, metric in experiment.world.metrics.items()},
        "fixed_population": experiment.fixed_population,
        "populations": {
            name: {
                "population": use.base.name,
                "scenario": use.population.scenario,
                "agents": use.agents,
                "digest": use.population.digest,
            }
            for name, use in experiment.samples.items()
        },
        "cells": [
            {
                "label": cell.label,
                "settings": cell.settings,
                "runs": total[cell.index],
                "failed": failed[cell.index],
            }
            for cell in experiment.cells
        ],
        "runs": len(status),
        "failed": sum(failed.values()),
    }
