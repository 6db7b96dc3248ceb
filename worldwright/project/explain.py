"""Explain one agent of a document's population."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.errors import UsageError
from worldwright.project.specs import loaded_spec

if TYPE_CHECKING:
    from worldwright.population.explanation.record import Explanation


def explain_file(
    spec: Path, agent: int, seed: int, attribute: str | None, *, picture: bool, agents: int | None = None
) -> Explanation:
    """Replay agent number `agent` of a population or scenario.

    Args:
        spec: The document.
        agent: From 0; it may be beyond the spec's own number of agents.
        seed: As `sample` takes it.
        attribute: Keep one attribute; all of them where None.
        picture: Whether to keep what `report.draws` needs.
        agents: How many there are (the spec's own number where None): it matters to `counts: exact` alone.

    Raises:
        UsageError: when the spec or the attribute does not exist.
        DocumentError: when the spec has errors.
        SamplingError: when the agent cannot be drawn.
    """
    population = loaded_spec(spec).population
    if attribute is not None and attribute not in population.columns:
        near = get_close_matches(attribute, population.columns, 1)
        offer = f"do you mean {near[0]}? " if near else ""
        raise UsageError(
            f"no attribute {attribute!r}",
            where=str(spec),
            help=f"{offer}there are {', '.join(population.columns)}",
        )
    from worldwright.population import Explainer, plan

    made = plan(population, seed, population.agents if agents is None else agents)
    explanation = Explainer(made, quantiles=picture).agent(agent)
    if attribute is not None:
        kept = tuple(a for a in explanation.attributes if a.name == attribute)
        explanation = replace(explanation, attributes=kept)
    return explanation
