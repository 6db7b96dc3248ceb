"""What a world wants of its populations: the columns that its scripts read and its metrics split by.

Takes a world program, gives names with their places. Runs nothing and touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from worldwright.diagnostics import Code, Severity, Span
from worldwright.world.agent_reads import columns_read
from worldwright.world.program import WorldProgram
from worldwright.world.script_text import ScriptText

COLUMN_MISSING = Code(
    "WW0814",
    "column-missing",
    Severity.ERROR,
    "A script that reads a column its population does not have fails in every run, after all was sampled.",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column that a world wants of a population."""

    population: str
    """By the name the world knows it by."""
    column: str
    kind: str
    """The kind of entities it is wanted for."""
    metric: str | None
    """The metric that is split by it; None where a script reads it."""
    span: Span | None
    """Where in the script, whose file is named as in the world document."""


def wanted_columns(world: WorldProgram) -> Iterator[Wanted]:
    """Every column that is sure to be wanted, each once for each script and metric.

    A script that hands `self.agent` on, or computes names, may read more; that shows when it runs.
    """
    populations = {
        entity.name: entity.population for entity in world.entities if entity.population is not None
    }
    for entity in world.entities:
        if entity.population is None:
            continue
        script = world.scripts[entity.script]
        text = ScriptText(script.source, script.file)
        for column, node in columns_read(script.source).items():
            yield Wanted(entity.population, column, entity.name, None, text.span(node))
    for name, metric in world.metrics.items():
        if metric.of in populations:
            for column in metric.by:
                yield Wanted(populations[metric.of], column, metric.of, name, None)
