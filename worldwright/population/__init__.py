"""Populations: a resolved spec and a seed become tables of agents, exactly reproducibly.

Takes a `spec.Population`, gives Arrow tables and quality reports; agent i is a function of (spec, seed, i).
Touches no disk, except that `write_parquet` and `write_parts` write what they are told to, and compiled
kernels are cached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worldwright.population.algorithms import ALGORITHM, LAYOUT, QUALITY_ALGORITHM
    from worldwright.population.backends import Backend
    from worldwright.population.backends.memory import batches, sample
    from worldwright.population.backends.processes import Processes, Ray
    from worldwright.population.columns import schema_of
    from worldwright.population.explanation.explain import Explainer, explain
    from worldwright.population.inspection.quality import quality
    from worldwright.population.parquet import PART, write_parquet, write_parts
    from worldwright.population.planning import Plan, plan
    from worldwright.population.raking import Raked, raked_weights

__all__ = [
    "ALGORITHM",
    "LAYOUT",
    "PART",
    "QUALITY_ALGORITHM",
    "Backend",
    "Explainer",
    "Plan",
    "Processes",
    "Raked",
    "Ray",
    "batches",
    "explain",
    "plan",
    "quality",
    "raked_weights",
    "sample",
    "schema_of",
    "write_parquet",
    "write_parts",
]

_HOMES = {
    "ALGORITHM": "algorithms",
    "LAYOUT": "algorithms",
    "PART": "parquet",
    "QUALITY_ALGORITHM": "algorithms",
    "Backend": "backends",
    "Explainer": "explanation.explain",
    "Plan": "planning",
    "Processes": "backends.processes",
    "Ray": "backends.processes",
    "batches": "backends.memory",
    "explain": "explanation.explain",
    "plan": "planning",
    "Raked": "raking",
    "quality": "inspection.quality",
    "raked_weights": "raking",
    "sample": "backends.memory",
    "schema_of": "columns",
    "write_parquet": "parquet",
    "write_parts": "parquet",
}


def __getattr__(name: str) -> Any:
    # Numba and pyarrow are loaded when something is sampled, not when the package is named.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
