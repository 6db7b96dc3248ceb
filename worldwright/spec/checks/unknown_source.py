"""WW0601: a source that is named is listed."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Edit, Fix, Severity, Span
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import BASE
from worldwright.spec.resolve.layers import Layer
from worldwright.spec.suggestions import nearest
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode, find

_SOURCES = "sources:\n  baek24: {title: Medical statistics 2024}\n"
_SCORE = """  score:
    type: float
    source: %s
    distribution: {normal: {mean: 3, sd: 1}}
"""

CODE = Code(
    "WW0601",
    "unknown-source",
    Severity.ERROR,
    "`source:` names an entry of `sources:`, so that a figure can be looked up.",
    bad=BASE + _SCORE % "baek24" + _SCORE.replace("score", "grade") % "baek25" + _SOURCES,
    good=BASE + _SCORE % "baek24" + _SOURCES,
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Every `source:` of attributes, modifiers, known tables and expectations."""
    listed = context.population.sources
    lost = {name for layer in context.layers for name in layer.lost_names("sources")}
    for name, span in named_sources(context):
        if name in listed or name in lost:
            continue
        near = nearest(name, listed)
        fix = Fix(f"write {near}", (Edit(span, near),)) if near else None
        help = f"did you mean `{near}`?" if near else "list it under `sources:` with its title"
        yield CODE.at(span, f"there is no source `{name}`", help=help, fix=fix)


def named_sources(context: Context) -> Iterator[tuple[str, Span]]:
    """Every source that is named, with its place."""
    for layer in context.layers:
        for node in _holders(layer):
            source = find(node, "source")
            if isinstance(source, ScalarNode):
                yield source.text, source.span


def _holders(layer: Layer) -> Iterator[Node]:
    attributes = find(layer.node, "attributes")
    if isinstance(attributes, MappingNode):
        for entry in attributes.entries:
            yield entry.value
            yield from _items(find(entry.value, "modifiers"))
    yield from _items(find(layer.node, "expect"))
    yield from _items(find(layer.node, "marginals", "targets"))
    seed = find(layer.node, "marginals", "seed")
    if seed is not None:
        yield seed
    table = find(layer.node, "table")
    if table is not None:
        yield table


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, SequenceNode) else ()


RULE = Rule(CODE, check)
