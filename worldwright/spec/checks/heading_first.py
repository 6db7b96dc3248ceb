"""WW0902: the heading comes first."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.codes.structure import GOOD
from worldwright.spec.heading import KEY
from worldwright.spec.tree import MappingNode, key_span

CODE = Code(
    "WW0902",
    "heading-first",
    Severity.WARNING,
    "Whoever opens a document should see first what it is.",
    bad="name: example\nworldwright: population/1\n" + GOOD.split("\n", 2)[2],
    good=GOOD,
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Documents that begin with another key."""
    for layer in context.layers:
        node = layer.node
        if isinstance(node, MappingNode) and node.entries and node.entries[0].key.text != KEY:
            yield CODE.at(key_span(node, KEY), f"`{KEY}:` is not the first line", help="move it to the top")


RULE = Rule(CODE, check)
