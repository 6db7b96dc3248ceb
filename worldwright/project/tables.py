"""The analyst's tables: every column with its type and meaning. The catalog is built from this page.

A table's rows come from the current versions of all experiments; `experiment` names which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its Arrow type by name, and what it holds."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class TableDoc:
    """A table: what a row is, its columns, and a query that shows its use."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    example: str

    def empty(self) -> pa.Table:
        """The table without rows."""
        import pyarrow as pa

        return pa.schema(
            [(column.name, pa.type_for_alias(column.type)) for column in self.columns]
        ).empty_table()

    def filled(self, rows: list[dict[str, object]]) -> pa.Table:
        """The table with rows; a column a row lacks is null."""
        import pyarrow as pa

        return pa.Table.from_pylist(rows, schema=self.empty().schema)

    def joined(self, tables: list[pa.Table]) -> pa.Table:
        """The rows of tables that have all its columns, in any order."""
        import pyarrow as pa

        empty = self.empty()
        kept = [table.select(empty.column_names).cast(empty.schema) for table in tables]
        return pa.concat_tables([empty, *kept])


_EXPERIMENT = Column("experiment", "string", "the experiment's name")
_CELL = Column("cell", "int32", "the cell's number, from 0, in the order of the design")
_REPLICATE = Column(
    "replicate", "int32", "the replicate's number, from 0; the same number is the same population"
)
_LABEL = Column("label", "string", "the cell's settings in words")
_METRIC = Column("metric", "string", "the metric's name in the world")
_OUTCOME = Column(
    "outcome", "string", "the outcome's name; a metric's own name is that metric at the last tick"
)
_SEGMENT = Column(
    "segment",
    "string",
    "empty for everybody, else such as rank=chief,age_band=under 40; one part of it is "
    "regexp_extract(segment, 'age_band=([^,]*)', 1)",
)
_TICK = Column("tick", "int64", "the tick, from 1; 0 is the state before the first")
_LOW = Column(
    "low", "double", "lower end of the 95 % Student interval over replicates; null in an incomplete cell"
)
_HIGH = Column("high", "double", "upper end of the same interval")

TABLES = (
    TableDoc(
        "experiments",
        "one row per experiment: what was asked, and of what",
        (
            _EXPERIMENT,
            Column("version", "int32", "number of the current version of its results, from 1"),
            Column("question", "string", "the question it answers"),
            Column("world", "string", "the world it runs"),
            Column("metric", "string", "the metric it is about"),
            Column("outcome", "string", "the outcome it is about: the first in the document"),
            Column("ticks", "int64", "ticks of every run"),
            Column("seed", "int64", "the seed everything random is keyed by"),
            Column("cells", "int32", "number of cells"),
            Column("runs", "int32", "number of runs, failed ones included"),
            Column("failed", "int32", "number of failed runs"),
            Column("population", "string", "per_replicate, or fixed: intervals then ignore sampling"),
            Column("digest", "string", "identity of the question asked"),
            Column("problem", "string", "why its results cannot be read; null where they can"),
        ),
        "select experiment, question, runs, failed from experiments",
    ),
    TableDoc(
        "cells",
        "one row per cell: one setting of the factors",
        (
            _EXPERIMENT,
            _CELL,
            _LABEL,
            Column("settings", "string", "the settings as JSON, by factor"),
            Column("status", "string", "complete, or incomplete where a run failed"),
            Column("runs", "int32", "number of runs"),
            Column("failed", "int32", "number of failed runs"),
        ),
        "select cell, label, status from cells order by experiment, cell",
    ),
    TableDoc(
        "runs",
        "one row per run: one replicate of one cell",
        (
            _EXPERIMENT,
            _CELL,
            _REPLICATE,
            Column("status", "string", "ok or failed"),
            Column("final_tick", "int64", "the tick it ended at"),
            Column("messages", "int64", "messages delivered"),
            Column("run", "string", "the key of its dataset, for `worldwright lineage`"),
            Column("digest", "string", "the digest of its dataset; null for a run that was killed"),
        ),
        "select experiment, status, count(*) as runs from runs group by all",
    ),
    TableDoc(
        "metric_summary",
        "means over replicates with intervals, by cell, metric, segment and tick",
        (
            _EXPERIMENT,
            _CELL,
            _LABEL,
            _METRIC,
            _SEGMENT,
            _TICK,
            Column("n", "int32", "number of replicates"),
            Column("mean", "double", "mean over replicates, in the metric's unit; a share is from 0 to 1"),
            Column("sd", "double", "standard deviation over replicates"),
            _LOW,
            _HIGH,
        ),
        "select label, tick, mean, low, high from metric_summary where segment = '' order by all limit 20",
    ),
    TableDoc(
        "outcomes",
        "what runs come to: every outcome's mean over replicates with its interval, by cell and segment",
        (
            _EXPERIMENT,
            _CELL,
            _LABEL,
            _OUTCOME,
            _METRIC,
            Column("how", "string", "when or how the metric is read, such as: mean over ticks 301 to 400"),
            _SEGMENT,
            Column("n", "int32", "number of replicates that have the value"),
            Column("missing", "int32", "number that have none; there is no interval where it is not 0"),
            Column("mean", "double", "mean over the n replicates; of a first tick, in ticks"),
            Column("sd", "double", "standard deviation over the n replicates"),
            _LOW,
            _HIGH,
        ),
        "select label, outcome, how, mean, low, high from outcomes where segment = '' order by all",
    ),
    TableDoc(
        "effects",
        "what a factor changes in an outcome: its values against its first, paired by replicate",
        (
            _EXPERIMENT,
            _OUTCOME,
            _METRIC,
            _SEGMENT,
            Column("factor", "string", "the factor"),
            Column("from_value", "string", "its first value"),
            Column("to_value", "string", "the value compared with it"),
            Column("held", "string", "the other factors' settings, or that they are averaged over"),
            Column("n", "int32", "number of pairs"),
            Column("difference", "double", "mean difference, in the metric's unit"),
            _LOW,
            _HIGH,
        ),
        "select outcome, factor, from_value, to_value, difference, low, high from effects where segment = ''",
    ),
    TableDoc(
        "sensitivity",
        "how much each factor matters over its whole range, in designs made for it: morris, sobol_indices",
        (
            _EXPERIMENT,
            _OUTCOME,
            _METRIC,
            Column("method", "string", "morris or sobol_indices"),
            Column("factor", "string", "the factor"),
            Column(
                "measure",
                "string",
                "S1, ST: shares of the variance; mu_star, mu, sigma: of the changes per whole range",
            ),
            Column("value", "double", "the measure on means over replicates"),
            Column("low", "double", "lower end of the 95 % bootstrap interval over points and replicates"),
            _HIGH,
            Column("points", "int32", "number of points or trajectories"),
            Column("replicates", "int32", "number of replicates of each cell"),
        ),
        "select factor, measure, value, low, high from sensitivity order by measure, value desc",
    ),
    TableDoc(
        "population_quality",
        "how the sampled populations of replicate 0 meet their specs",
        (
            _EXPERIMENT,
            Column("population", "string", "the population's name in the world"),
            Column("kind", "string", "branch, expectation, modifier, correlation, clip or constraint"),
            Column("attribute", "string", "the attribute"),
            Column("branch", "string", "the condition the row is about; empty for all agents"),
            Column("declared", "double", "the declared figure"),
            Column("achieved", "double", "the figure in the sample"),
            Column("verdict", "string", "pass, warn or fail"),
            Column("n", "int64", "agents it was computed on"),
            Column("text", "string", "the finding in words"),
        ),
        "select attribute, text from population_quality where verdict <> 'pass'",
    ),
    TableDoc(
        "attributes",
        "one row per attribute of the populations",
        (
            _EXPERIMENT,
            Column("population", "string", "the population's name in the world"),
            Column("layer", "string", "base or scenario"),
            Column("attribute", "string", "the attribute's name"),
            Column("type", "string", "int, float, categorical, boolean, date or text"),
            Column("unit", "string", "its unit"),
            Column("strategy", "string", "independent, conditional or derived"),
            Column("family", "string", "its distribution"),
            Column("reads", "string", "the attributes it depends on"),
            Column("source", "string", "where its figures come from; null for an assumption"),
            Column("description", "string", "what it is"),
        ),
        "select attribute, unit, source from attributes where layer = 'base'",
    ),
    TableDoc(
        "artifacts",
        "one row per stored file of an experiment's chain",
        (
            _EXPERIMENT,
            Column("stage", "string", "the stage that made it"),
            Column("dataset", "string", "the key of its dataset"),
            Column("file", "string", "the file's name"),
            Column("path", "string", "where it is, from the data folder"),
            Column("rows", "int64", "rows of a table"),
            Column("bytes", "int64", "its size"),
            Column("sha256", "string", "its checksum"),
        ),
        "select stage, file, rows, bytes from artifacts order by bytes desc limit 10",
    ),
    TableDoc(
        "lineage",
        "one row per edge: a dataset and one it was made from",
        (
            _EXPERIMENT,
            Column("stage", "string", "the stage that made the dataset"),
            Column("dataset", "string", "the key of the dataset"),
            Column("digest", "string", "its digest"),
            Column("parent", "string", "the key of one of its parents; null for a beginning"),
        ),
        "select stage, count(*) as parents from lineage where parent is not null group by all",
    ),
    TableDoc(
        "inputs",
        "one row per input: a document, script, setting or algorithm that the results depend on",
        (
            _EXPERIMENT,
            Column("kind", "string", "population, scenario, world, script, data, setting or algorithm"),
            Column("name", "string", "the document's name, the script's file, the setting or the algorithm"),
            Column(
                "value", "string", "the digest of its meaning, the algorithm's number or the setting as JSON"
            ),
            Column(
                "file",
                "string",
                "the file it is written in, from the project's folder; null for an algorithm",
            ),
            Column("stages", "string", "the stages that read it themselves, in order"),
        ),
        "select kind, name, value from inputs where stages like '%simulation_runs%'",
    ),
    TableDoc(
        "failures",
        "one row per failed run: what happened, and where in which script",
        (
            _EXPERIMENT,
            _CELL,
            _REPLICATE,
            Column("tick", "int64", "the tick it failed at"),
            Column("entity", "string", "the entity"),
            Column("script", "string", "the script's file"),
            Column("line", "int64", "the line in it"),
            Column("message", "string", "what went wrong"),
        ),
        "select script, line, message, count(*) as runs from failures group by all",
    ),
)
"""The tables of every catalog, in the order they are listed."""

VIEWS = {
    "metrics": "every metric of every run, by cell, its factors, replicate and tick",
    "outcomes": "every outcome of every run, by cell, its factors and replicate; null where a run has none",
    "agents": "recorded states of entities, one row per entity, tick and run; those of replicate 0 are the "
    "agents in `population`: join using (replicate, agent)",
    "events": "what happened in the recorded replicates, one row per message, birth, death, link and error",
    "population": "the population of replicate 0, one row per agent, by `agent` from 0",
    "cells": "the cells with one typed column per factor",
}
"""What each experiment's own schema holds."""


def documented(comment: str, example: str) -> str:
    """What the catalog says of a table: what a row is and, in a line of its own, a query to begin with."""
    return f"{comment}\n{example}"


def table_comments() -> dict[str, tuple[str, dict[str, str]]]:
    """What the catalog says of its tables and of their columns, by table."""
    return {
        doc.name: (documented(doc.comment, doc.example), {c.name: c.comment for c in doc.columns})
        for doc in TABLES
    }
