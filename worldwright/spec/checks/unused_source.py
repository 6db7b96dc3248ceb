"""WW0605: a source that is listed is named somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import BASE
from worldwright.spec.checks.unknown_source import named_sources
from worldwright.spec.suggestions import nearest
from worldwright.spec.tree import find, key_span

_SCORE = "  score: {type: float, source: %s, assumption: true, distribution: {normal: {mean: 3, sd: 1}}}\n"
_SOURCES = "sources:\n  baek24: {title: Medical statistics 2024}\n"

CODE = Code(
    "WW0605",
    "unused-source",
    Severity.NOTE,
    "A source that no figure names tells a reader nothing.",
    bad=BASE + _SOURCES,
    good=BASE + _SCORE % "baek24" + _SOURCES,
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Entries of `sources:` that nothing names."""
    named = {name for name, _ in named_sources(context)}
    listed = context.population.sources
    named |= {near for name in named - listed.keys() if (near := nearest(name, listed))}  # misspelled
    for layer in context.layers:
        for name in layer.document.sources:
            if name not in named:
                span = key_span(find(layer.node, "sources"), name)
                yield CODE.at(span, f"no figure names the source `{name}`")


RULE = Rule(CODE, check)
