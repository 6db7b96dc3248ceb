"""Small files of those projects, for what the real ones do not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from worldwright.diagnostics import Diagnostic
from worldwright.population import plan, sample
from worldwright.spec import Population, Source
from worldwright.spec.entropy import load_entropy


def attribute(name: str, kind: str, strategy: str = "independent", **parts: Any) -> dict[str, Any]:
    """An attribute; `law`, `formula`, `modifiers` and `depends_on` go into its sampling."""
    sampling = {
        "strategy": strategy,
        "distribution": parts.pop("law", None),
        "formula": parts.pop("formula", None),
        "depends_on": parts.pop("depends_on", []),
        "modifiers": parts.pop("modifiers", []),
    }
    grounding = {"level": "low", "method": "estimated", "source": None, "note": None}
    return {
        "name": name,
        "type": kind,
        "category": "universal",
        "description": f"{name}.",
        "sampling": sampling,
        "grounding": grounding,
        "constraints": [],
        **parts,
    }


AGE = attribute("age", "int", law={"type": "normal", "mean": 40.0, "std": 12.0, "min": 18.0, "max": 70.0})
ROLE = attribute(
    "role",
    "categorical",
    law={
        "type": "categorical",
        "options": ["Chief (Chefarzt)", "senior", "junior"],
        "weights": [0.2, 0.3, 0.5],
    },
)
FLAG = attribute("flag", "boolean", law={"type": "boolean", "probability_true": 0.4})
INCOME = attribute("income", "float", law={"type": "lognormal", "mean": 50.0, "std": 20.0})


def document(
    attributes: Sequence[Mapping[str, Any]],
    order: Sequence[str] | None = None,
    created_at: str = "2026-01-10T12:00:00",
    **extra: Any,
) -> str:
    """The text of a population spec as those projects write it."""
    meta = {"description": "people", "geography": None, "created_at": created_at, "version": "1.0"}
    names = [part["name"] for part in attributes]
    grounding = {"overall": "low", "sources_count": 0, "strong_count": 0, "medium_count": 0}
    whole = {
        "meta": {**meta, **extra.pop("meta", {})},
        "grounding": {**grounding, "low_count": len(names), "sources": []},
        "attributes": [*attributes],
        "sampling_order": names if order is None else [*order],
        **extra,
    }
    # A round trip through text without sharing, since their writer makes no anchors.
    return yaml.dump(whole, sort_keys=False, allow_unicode=True, Dumper=_Plain)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def load(text: str, scenario: str | None = None) -> tuple[Population | None, list[Diagnostic]]:
    """A file as a population."""
    over = None if scenario is None else Source("scenario.yaml", scenario)
    return load_entropy(Source("people.yaml", text), over)


def population(text: str, scenario: str | None = None) -> Population:
    """A file that has no errors."""
    found, diagnostics = load(text, scenario)
    assert found is not None, [d.message for d in diagnostics if d.is_error]
    return found


def agents(text: str, count: int, seed: int = 1, scenario: str | None = None) -> list[dict[str, Any]]:
    """Agents sampled from a file."""
    return sample(plan(population(text, scenario), seed), 0, count).to_pylist()


def codes(diagnostics: Sequence[Diagnostic]) -> set[str]:
    """Which rules have spoken."""
    return {diagnostic.code for diagnostic in diagnostics}
