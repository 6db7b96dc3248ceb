"""What files of Entropy and Extropy look like, legacy keys included; other keys are told, not refused.

Field names are those of the files. Sources: the data models of both projects from November 2025 to
February 2026 and the population specs in their history.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from worldwright.spec.tree import MappingNode, Node, SequenceNode


def _text(value: Any) -> Any:
    """Scalars as text: labels and formulas such as `3` are written without quotes."""
    if isinstance(value, bool):
        return "True" if value else "False"
    return str(value) if isinstance(value, (int, float)) else value


def _listed(value: Any) -> Any:
    return [] if value is None else value


Text = Annotated[str, BeforeValidator(_text)]


class Foreign(BaseModel):
    """Keys that are not known are passed over; `unknown_keys` lists them."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False, defer_build=True)


class Distribution(Foreign):
    """A distribution with the parameters of every family; which of them count depends on the family."""

    type: Literal["normal", "lognormal", "uniform", "beta", "categorical", "boolean"]
    mean: float | None = None
    std: float | None = None
    min: float | None = None
    max: float | None = None
    mean_formula: Text | None = None
    std_formula: Text | None = None
    min_formula: Text | None = None
    max_formula: Text | None = None
    alpha: float | None = None
    beta: float | None = None
    options: list[Text] | None = None
    weights: list[float] | None = None
    probability_true: float | None = None


class Modifier(Foreign):
    """A change where a condition holds."""

    when: Text
    multiply: float | None = None
    add: float | None = None
    weight_overrides: dict[Text, float] | None = None
    probability_override: float | None = None


class Sampling(Foreign):
    """How an attribute comes about."""

    strategy: Literal["independent", "derived", "conditional"]
    distribution: Distribution | None = None
    formula: Text | None = None
    depends_on: Annotated[list[str], BeforeValidator(_listed)] = Field(default_factory=list[str])
    modifiers: Annotated[list[Modifier], BeforeValidator(_listed)] = Field(default_factory=list[Modifier])


class Constraint(Foreign):
    """A bound, or a condition that is counted."""

    type: Literal["hard_min", "hard_max", "expression", "spec_expression", "min", "max"]
    value: float | None = None
    expression: Text | None = None
    reason: str | None = None


class Grounding(Foreign):
    """Where an attribute's figures come from."""

    level: str | None = None
    method: str | None = None
    source: str | None = None
    note: str | None = None


class Attribute(Foreign):
    """One attribute."""

    name: str
    type: Literal["int", "float", "categorical", "boolean"]
    category: str | None = None
    description: str | None = None
    scope: str | None = None
    semantic_type: str | None = None
    identity_type: str | None = None
    display_format: str | None = None
    correlation_rate: float | None = None
    sampling: Sampling
    grounding: Grounding | None = None
    constraints: Annotated[list[Constraint], BeforeValidator(_listed)] = Field(
        default_factory=list[Constraint]
    )


class Meta(Foreign):
    """What a file says of itself; a scenario's head has keys of its own."""

    description: str | None = None
    geography: str | None = None
    created_at: Text | None = None
    version: Text | None = None
    persona_template: str | None = None
    scenario_description: str | None = None
    size: int | None = None
    agent_focus: Any = None
    household_config: Any = None
    name_config: Any = None
    name: str | None = None
    base_population: str | None = None
    population_spec: str | None = None
    study_db: Any = None
    population_id: Any = None
    network_id: Any = None
    agents_file: Any = None
    network_file: Any = None


class Semantics(Foreign):
    """How a file asks to be read; without it, the date decides."""

    modifiers: Literal["last_wins", "ranked"] | None = None
    lognormal: Literal["variable", "log"] | None = None


class PopulationFile(Foreign):
    """A population spec of Entropy or Extropy."""

    meta: Meta
    attributes: list[Attribute]
    sampling_order: Annotated[list[str], BeforeValidator(_listed)] = Field(default_factory=list[str])
    grounding: Any = None
    semantics: Semantics | None = None


class ScenarioFile(Foreign):
    """A scenario of Extropy: of it, only what it adds to a population is read."""

    meta: Meta
    extended_attributes: Annotated[list[Attribute], BeforeValidator(_listed)] = Field(
        default_factory=list[Attribute]
    )
    household_config: Any = None
    semantics: Semantics | None = None


_SCENARIO_PARTS = {
    "event",
    "timeline",
    "seed_exposure",
    "interaction",
    "spread",
    "outcomes",
    "simulation",
    "background_context",
    "relationship_weights",
    "agent_focus_mode",
    "identity_dimensions",
    "sampling_semantic_roles",
}
_PARTS: dict[type[BaseModel], dict[str, type[BaseModel]]] = {
    PopulationFile: {"meta": Meta, "attributes": Attribute, "semantics": Semantics},
    ScenarioFile: {"meta": Meta, "extended_attributes": Attribute, "semantics": Semantics},
    Attribute: {"sampling": Sampling, "grounding": Grounding, "constraints": Constraint},
    Sampling: {"distribution": Distribution, "modifiers": Modifier},
}


def unknown_keys(model: type[BaseModel], node: Node) -> dict[str, Node]:
    """The keys below a node that no model knows, each with the first place it has."""
    found: dict[str, Node] = {}
    if isinstance(node, SequenceNode):
        for item in node.items:
            for key, place in unknown_keys(model, item).items():
                found.setdefault(key, place)
    if isinstance(node, MappingNode):
        known = model.model_fields.keys() | (_SCENARIO_PARTS if model is ScenarioFile else set[str]())
        for entry in node.entries:
            part = _PARTS.get(model, {}).get(entry.key.text)
            if entry.key.text not in known:
                found.setdefault(entry.key.text, entry.key)
            elif part is not None:
                for key, place in unknown_keys(part, entry.value).items():
                    found.setdefault(key, place)
    return found
