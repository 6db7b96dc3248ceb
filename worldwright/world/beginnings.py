"""Whether anything in a world of `order: event` can ever begin.

Takes scripts, gives a diagnostic. Runs nothing and touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from worldwright.diagnostics import Diagnostic, Span
from worldwright.world import codes
from worldwright.world.syntax import parse


def never_begins(sources: Iterable[str], span: Span) -> list[Diagnostic]:
    """A warning where no script calls anything at its top level: nothing is ever due."""
    if any(_calls(parse(source).root_node) for source in sources):
        return []
    message = "nobody ever runs: no script sets a timer or sends a message while it loads"
    help = "write `self.wake(1)` at the top level of the script that begins"
    return [codes.NEVER_BEGINS.at(span, message, help=help)]


def _calls(root: Node) -> bool:
    """Whether something is called outside of functions."""
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type == "function_call":
            return True
        if node.type not in ("function_declaration", "function_definition"):
            pending += node.children
    return False
