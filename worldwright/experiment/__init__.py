"""Experiments: cells of parameters × replicates, run, stopped, summarised.

Takes an experiment document with its closure, gives runs, metrics and summaries as tables.
Touches the store and the executor it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worldwright.experiment.design import Cell, Experiment, Members, resolve
from worldwright.experiment.documents import ExperimentDocument
from worldwright.experiment.outcomes import Outcome, at_the_end
from worldwright.experiment.reading import read_experiment

if TYPE_CHECKING:
    from worldwright.experiment.contrasts import effects
    from worldwright.experiment.indices import sensitivity
    from worldwright.experiment.populations import population_dataset, quality_dataset
    from worldwright.experiment.results import (
        VALUE_COLUMNS,
        all_outcomes,
        in_order,
        outcome_values,
        summarise_outcomes,
    )
    from worldwright.experiment.runner import (
        AGENTS,
        EVENTS,
        METRICS,
        Progress,
        Progressed,
        Run,
        run_again,
        run_all,
        run_key,
    )
    from worldwright.experiment.summary import (
        ALGORITHM as SUMMARY_ALGORITHM,
    )
    from worldwright.experiment.summary import (
        METRIC_COLUMNS,
        SUMMARY_COLUMNS,
        by_cell,
        combine,
        factor_columns,
        label_outcomes,
        runs_table,
        summarise,
    )

__all__ = [
    "AGENTS",
    "EVENTS",
    "METRICS",
    "METRIC_COLUMNS",
    "SUMMARY_ALGORITHM",
    "SUMMARY_COLUMNS",
    "VALUE_COLUMNS",
    "Cell",
    "Experiment",
    "ExperimentDocument",
    "Members",
    "Outcome",
    "Progress",
    "Progressed",
    "Run",
    "all_outcomes",
    "at_the_end",
    "by_cell",
    "combine",
    "effects",
    "factor_columns",
    "in_order",
    "label_outcomes",
    "outcome_values",
    "population_dataset",
    "quality_dataset",
    "read_experiment",
    "resolve",
    "run_again",
    "run_all",
    "run_key",
    "runs_table",
    "sensitivity",
    "summarise",
    "summarise_outcomes",
]

_HOMES = {
    "effects": "contrasts",
    "sensitivity": "indices",
    **dict.fromkeys(("population_dataset", "quality_dataset"), "populations"),
    **dict.fromkeys(
        ("VALUE_COLUMNS", "all_outcomes", "in_order", "outcome_values", "summarise_outcomes"), "results"
    ),
    **dict.fromkeys(
        ("AGENTS", "EVENTS", "METRICS", "Progress", "Progressed", "Run", "run_again", "run_all", "run_key"),
        "runner",
    ),
    **dict.fromkeys(
        (
            "METRIC_COLUMNS",
            "SUMMARY_COLUMNS",
            "by_cell",
            "combine",
            "factor_columns",
            "label_outcomes",
            "runs_table",
            "summarise",
        ),
        "summary",
    ),
}


def __getattr__(name: str) -> Any:
    """Load what needs pyarrow only when it is asked for: checking a document does not."""
    from importlib import import_module

    if name == "SUMMARY_ALGORITHM":
        return import_module("worldwright.experiment.summary").ALGORITHM
    if name in _HOMES:
        return getattr(import_module(f"worldwright.experiment.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
