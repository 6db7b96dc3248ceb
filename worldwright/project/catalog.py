"""The catalog: the current versions of all experiments as tables for analysts."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worldwright.errors import StoreError
from worldwright.project.locate import Project
from worldwright.project.tables import TABLES, VIEWS, documented, table_comments
from worldwright.project.view_docs import EXAMPLES, OF_EVENTS, OWN, column_docs
from worldwright.store import Dataset, build_catalog, needs_rebuild, schema_name

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.store import Store, View

Rows = dict[str, list[dict[str, Any]]]
LAYOUT = 2
"""Raised by hand whenever the catalog of equal results changes: tables, views, or what is said of them."""


def refresh_catalog(project: Project) -> Path:
    """Make the catalog say what the store holds now: a no-op when it does already."""
    store = project.store
    versions, damaged = _current_versions(store)
    stamp = {name: version for name, (version, _) in versions.items()} | damaged
    if not needs_rebuild(store.root, stamp):
        return store.root / "catalog.duckdb"
    rows: Rows = defaultdict(list)
    rows["experiments"] = [{"experiment": name, "problem": why} for name, why in damaged.items()]
    summaries: list[pa.Table] = []
    views: dict[str, dict[str, View]] = {}
    for name, (version, record) in sorted(versions.items()):
        try:
            datasets = datasets_of(store, record)
            found, views[name] = (
                rows_of(store, name, version, record, datasets),
                views_of(name, record, datasets),
            )
            summaries.append(summary_of(name, record, datasets))
        except StoreError as error:
            # Damage to one experiment must not take the others' answers away.
            found = {"experiments": [{"experiment": name, "version": version, "problem": str(error)}]}
        for table, more in found.items():
            rows[table] += more
    return build_catalog(
        store.root,
        stamp=stamp,
        tables=filled_tables(rows, summaries),
        views=views,
        comments=table_comments(),
    )


def _current_versions(store: Store) -> tuple[dict[str, tuple[int, dict[str, Any]]], dict[str, str]]:
    """The current version of every experiment, and what is wrong with those that cannot be read."""
    versions: dict[str, tuple[int, dict[str, Any]]] = {}
    damaged: dict[str, str] = {}
    for name in store.experiments():
        try:
            current = store.current(name)
        except StoreError as error:
            damaged[name] = str(error)
        else:
            if current is not None:
                versions[name] = current
    return versions, damaged


def datasets_of(store: Store, record: dict[str, Any]) -> dict[tuple[str, str], Dataset]:
    """The datasets of an experiment's version, by stage and name."""
    return {
        (stage, name): store.get(entry["key"])
        for stage, entries in record["datasets"].items()
        for name, entry in entries.items()
    }


def rows_of(
    store: Store, name: str, version: int, record: dict[str, Any], datasets: dict[tuple[str, str], Dataset]
) -> Rows:
    """The experiment's rows in every table, by table."""
    about = record["experiment"]
    labels = [cell["label"] for cell in about["cells"]]
    runs = datasets["simulation_runs", "runs"].table("runs").to_pylist()
    rows: Rows = {
        "experiments": [
            {
                "version": version,
                "cells": len(labels),
                "outcome": about.get("outcome", {}).get("name", about["metric"]),
                "population": "fixed" if about["fixed_population"] else "per_replicate",
                **{
                    key: about[key]
                    for key in ("question", "world", "metric", "ticks", "seed", "runs", "failed", "digest")
                },
            }
        ],
        "cells": [_cell(index, cell) for index, cell in enumerate(about["cells"])],
        "runs": [{key: row[key] for key in _RUN_KEYS} for row in runs],
        "failures": [_failure(row) for row in runs if row["status"] != "ok"],
    }
    summary = datasets["metric_summary", "summary"]
    # Results from before there were outcomes lack their table, and effects are at the last tick.
    rows["effects"] = [{"outcome": row["metric"], **row} for row in summary.table("effects").to_pylist()]
    if "outcomes.parquet" in summary.parts:
        rows["outcomes"] = [
            {"label": labels[row["cell"]], **row} for row in summary.table("outcomes").to_pylist()
        ]
    if "sensitivity.parquet" in summary.parts:
        rows["sensitivity"] = summary.table("sensitivity").to_pylist()
    rows["population_quality"] = [
        {"population": which, **row}
        for (stage, which), dataset in datasets.items()
        if stage == "population_quality"
        for row in dataset.table("quality").to_pylist()
    ]
    rows["attributes"] = [
        {"population": which, "layer": layer, **row}
        for stage, layer in (("population_spec", "base"), ("scenario_spec", "scenario"))
        for (at, which), dataset in datasets.items()
        if at == stage and which != "none"
        for row in dataset.table("attributes").to_pylist()
    ]
    rows["artifacts"] = [
        {
            "stage": stage,
            "dataset": dataset.key,
            "file": part.name,
            "path": str((dataset.path / part.name).relative_to(store.root)),
            "rows": part.rows,
            "bytes": part.bytes,
            "sha256": part.sha256,
        }
        for (stage, _), dataset in datasets.items()
        for part in dataset.parts.values()
    ]
    rows["lineage"] = _lineage(datasets, runs)
    rows["inputs"] = [{**one, "stages": ", ".join(one["stages"])} for one in record.get("inputs", [])]
    return {table: [{"experiment": name, **row} for row in found] for table, found in rows.items()}


def filled_tables(rows: Rows, summaries: list[pa.Table]) -> dict[str, pa.Table]:
    """Every table of the catalog by name: of rows, and `metric_summary` of whole tables."""
    filled = {doc.name: doc.filled(rows.get(doc.name, [])) for doc in TABLES if doc.name != "metric_summary"}
    return {doc.name: filled[doc.name] if doc.name in filled else doc.joined(summaries) for doc in TABLES}


def summary_of(name: str, record: dict[str, Any], datasets: dict[tuple[str, str], Dataset]) -> pa.Table:
    """The experiment's rows in `metric_summary`; there may be millions, so they are never Python objects."""
    import pyarrow as pa

    table = datasets["metric_summary", "summary"].table("summary")
    labels = pa.array([cell["label"] for cell in record["experiment"]["cells"]], pa.string())
    return table.append_column("label", labels.take(table.column("cell").combine_chunks())).append_column(
        "experiment", pa.repeat(name, table.num_rows)
    )


_RUN_KEYS = ("cell", "replicate", "status", "final_tick", "messages", "run", "digest")


def _cell(index: int, cell: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell": index,
        "label": cell["label"],
        "settings": json.dumps(cell["settings"], sort_keys=True),
        "status": "incomplete" if cell["failed"] else "complete",
        "runs": cell["runs"],
        "failed": cell["failed"],
    }


def _failure(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell": row["cell"],
        "replicate": row["replicate"],
        "tick": row["error_tick"],
        "entity": row["error_entity"],
        "script": row["error_script"],
        "line": row["error_line"],
        "message": row["error"],
    }


def _lineage(datasets: dict[tuple[str, str], Dataset], runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    edges = [
        {"stage": stage, "dataset": dataset.key, "digest": dataset.digest, "parent": parent}
        for (stage, _), dataset in datasets.items()
        for parent in dataset.parents or (None,)
    ]
    world = datasets["world_program", "world"].key
    specs = [
        dataset.key
        for (stage, which), dataset in datasets.items()
        if stage in ("population_spec", "scenario_spec") and which != "none"
    ]
    edges += [
        {"stage": "run", "dataset": run["run"], "digest": run["digest"], "parent": parent}
        for run in runs
        for parent in (world, *specs)
    ]
    return edges


def views_of(name: str, record: dict[str, Any], datasets: dict[tuple[str, str], Dataset]) -> dict[str, View]:
    """What the experiment's own schema shows, with the meaning of every column."""
    from worldwright.store import View

    metrics = datasets["metrics", "metrics"]
    views = {part: _view(metrics, part) for part in ("metrics", "agents")}
    if "events.parquet" in metrics.parts:
        views["events"] = _view(metrics, "events")
    summary = datasets["metric_summary", "summary"]
    if "values.parquet" in summary.parts:
        views["outcomes"] = _view(summary, "values")
    populations = {
        which: dataset
        for (stage, which), dataset in datasets.items()
        if stage == "population" and which != "none"
    }
    for which, dataset in populations.items():
        view = "population" if len(populations) == 1 else f"population_{which}"
        views[view] = _population(_view(dataset, "agents"))
    views["cells"] = View(rows=_typed_cells(record["experiment"]))
    return {view: _documented(view, views, name, record, datasets) for view in views}


def _documented(
    view: str,
    views: dict[str, View],
    name: str,
    record: dict[str, Any],
    datasets: dict[tuple[str, str], Dataset],
) -> View:
    """A view with the meaning of its columns and a query that shows its use."""
    from worldwright.experiment.summary import columns_of

    one = views[view]
    kind = "population" if view.startswith("population") else view
    schema = one.schema if one.schema is not None else one.rows.schema if one.rows is not None else None
    names = schema.names if schema is not None else []
    own = [column for column in names if column in OWN or (view == "events" and column in OF_EVENTS)]
    factors = {column: factor for factor, column in columns_of(record["experiment"]["factors"], own).items()}
    whole = next((which for which in views if which.startswith("population")), "population")
    example = EXAMPLES[kind].format(
        schema=schema_name(name), population=view if kind == "population" else whole
    )
    comment = documented(VIEWS[kind], example)
    return replace(one, comment=comment, columns=column_docs(names, factors, datasets, view))


def _population(view: View) -> View:
    """The agents with their replicate, so that joining recorded agents on both finds no other replicate's."""
    import pyarrow as pa

    if view.schema is None or "replicate" in view.schema.names:
        return view
    fields = [pa.field("replicate", pa.int32()), *view.schema]
    return replace(view, schema=pa.schema(fields), constants={"replicate": 0})


def _view(dataset: Dataset, table: str) -> View:
    from worldwright.store import View

    files = tuple(dataset.path / part.name for part in dataset.parts_of(table))
    return View(files=files, schema=dataset.schema(table))


def _typed_cells(about: dict[str, Any]) -> pa.Table:
    """One row per cell with a typed column per factor."""
    import pyarrow as pa

    from worldwright.experiment.summary import column_type, columns_of

    columns: dict[str, pa.Array] = {
        "cell": pa.array(range(len(about["cells"])), pa.int32()),
        "label": pa.array([cell["label"] for cell in about["cells"]]),
    }
    for factor, name in columns_of(about["factors"], columns).items():
        values = [cell["settings"][factor] for cell in about["cells"]]
        columns[name] = pa.array(values, column_type(values))
    return pa.table(columns)
