"""What the columns of an experiment's own views hold, with their units: from its world and its specs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worldwright.store import Dataset

EXAMPLES = {
    "metrics": "select cell, avg(value) from {schema}.metrics where segment = '' group by cell, metric",
    "outcomes": "select outcome, cell, avg(value) from {schema}.outcomes where segment = '' group by all",
    "agents": "select tick, count(*) as entities from {schema}.agents join {schema}.{population} "
    "using (replicate, agent) group by tick",
    "events": "select event, kind, count(*) as events from {schema}.events group by all",
    "population": "select count(*) as agents from {schema}.{population}",
    "cells": "select * from {schema}.cells order by cell",
}
"""A query for each view; `{schema}` is the experiment's schema, `{population}` a view of a population."""

OWN = {
    "cell": "the cell's number, from 0, in the order of the design",
    "label": "the cell's settings in words",
    "replicate": "the replicate's number, from 0; the same number is the same population",
    "tick": "the tick, from 1; 0 is the state before the first",
    "metric": "the metric's name in the world",
    "segment": "empty for everybody, else such as rank=chief or rank=chief,age_band=under 40",
    "value": "the value, in the metric's unit; a share is from 0 to 1",
    "outcome": "the outcome's name; a metric's own name is that metric at the last tick",
    "entity_id": "the entity's name in its world",
    "script": "the kind of entity: the name of its script",
    "agent": "the agent's number in its replicate's population, from 0",
}
"""Columns of our own, whatever the experiment."""

OF_EVENTS = {
    "tick": "the tick it happened in",
    "event": "message, undelivered, spawn, death, link, unlink, error; lost: the log of the run was full",
    "entity_id": "who sent, was born or died, one end of a link, or whose error it is",
    "other_id": "the receiver, who wanted the birth or death, or the other end of a link",
    "kind": "of the message or the entity; of an error, its script",
    "due": "the tick in which a message arrives",
    "line": "the line of an error in its script",
    "text": "a message's content as JSON, its first 1000 characters; or the error in words",
}
"""Columns of the event log."""


def column_docs(
    names: Iterable[str], factors: Mapping[str, str], datasets: Mapping[tuple[str, str], Dataset], view: str
) -> dict[str, str]:
    """The meaning of the columns of a view, by name.

    Args:
        names: Its columns.
        factors: The factor of each column that is one.
        datasets: The datasets of the experiment's version, by stage and name.
        view: Which view it is.
    """
    parameters = _parameters(datasets["world_program", "world"])
    attributes = _attributes(datasets)
    found: dict[str, str] = {}
    for name in names:
        if view == "events" and name in OF_EVENTS:
            found[name] = OF_EVENTS[name]
        elif name in OWN and not (view.startswith("population") and name in attributes):
            found[name] = OWN[name]
        elif name in factors:
            found[name] = _factor(factors[name], parameters, attributes)
        elif view.startswith("population") and name in attributes:
            found[name] = attributes[name]
        elif view == "agents":
            found[name] = f"the state `{name}` of the entity, as its script keeps it"
    return found


def _factor(factor: str, parameters: Mapping[str, str], attributes: Mapping[str, str]) -> str:
    kind, _, name = factor.partition(".")
    if kind == "world" and name in parameters:
        return f"factor {factor}: {parameters[name]}"
    if kind == "population":
        attribute, _, change = name.rpartition(".")
        about = attributes.get(attribute.rpartition(".")[2], attribute)
        return f"factor {factor}: {change} of {attribute} ({about})"
    return f"factor {factor}: the scenario over the population"


def _parameters(world: Dataset) -> dict[str, str]:
    program = json.loads(world.file("program.json").read_text(encoding="utf-8"))
    return {name: _words(name, one) for name, one in program["parameters"].items()}


def _attributes(datasets: Mapping[tuple[str, str], Dataset]) -> dict[str, str]:
    return {
        row["attribute"]: _words(row["attribute"], row)
        for (stage, which), dataset in datasets.items()
        if stage in ("population_spec", "scenario_spec") and which != "none"
        for row in dataset.table("attributes").to_pylist()
    }


def _words(name: str, about: Mapping[str, Any]) -> str:
    """What is known of a parameter or attribute, with its unit in brackets."""
    what = about.get("description") or name.replace("_", " ")
    unit = about.get("unit")
    return f"{what} [{unit}]" if unit else str(what)
