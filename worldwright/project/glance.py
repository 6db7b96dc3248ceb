"""A population at a glance: some agents, and each attribute's figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worldwright.project.specs import loaded_spec

OPTIONS = 8


@dataclass(frozen=True)
class Glance:
    """What a sample looks like."""

    name: str
    agents: int
    digest: str
    """Of the spec."""
    attributes: dict[str, dict[str, Any]]
    """By attribute: mean, sd, min, max of numbers, or shares of the commonest options; `missing`: a share."""
    first: list[dict[str, Any]]


def glance(spec: Path, agents: int | None, seed: int, rows: int) -> Glance:
    """Sample some agents into memory and describe them.

    Args:
        spec: A population or scenario.
        agents: How many; the spec's own number where None.
        seed: As `sample` takes it.
        rows: How many of the first to give whole.

    Raises:
        DocumentError: when the spec has errors.
        SamplingError: when an agent cannot be drawn.
    """
    population = loaded_spec(spec).population
    from worldwright.population import plan, sample

    number = population.agents if agents is None else agents
    table = sample(plan(population, seed, number), 0, number)
    name = f"{population.scenario} on {population.name}" if population.scenario else population.name
    columns = [column for column in table.column_names if column != "agent"]
    return Glance(
        name,
        table.num_rows,
        population.digest,
        {column: _figures(table.column(column)) for column in columns},
        table.slice(0, rows).to_pylist(),
    )


def _figures(column: Any) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    compute: Any = pc
    found: dict[str, Any] = {}
    known = column.drop_null()
    if column.null_count:
        found["missing"] = round(column.null_count / max(len(column), 1), 4)
    if not len(known):
        return found
    kind = known.type.value_type if pa.types.is_dictionary(known.type) else known.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        values = known.cast(pa.float64())
        found |= {
            "mean": _short(compute.mean(values).as_py()),
            "sd": _short(compute.stddev(values).as_py()),
            "min": _short(compute.min(values).as_py()),
            "max": _short(compute.max(values).as_py()),
        }
        return found
    plain = known.cast(kind) if pa.types.is_dictionary(known.type) else known
    counted = sorted(compute.value_counts(plain).to_pylist(), key=lambda one: -one["counts"])
    found["shares"] = {str(one["values"]): round(one["counts"] / len(known), 4) for one in counted[:OPTIONS]}
    if len(counted) > OPTIONS:
        found["options"] = len(counted)
    return found


def _short(value: float) -> float:
    return float(f"{value:.6g}")
