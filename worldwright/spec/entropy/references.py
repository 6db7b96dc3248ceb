"""WW1022: what a scenario of theirs names in its conditions and roles, against the attributes that there are.

Its events, exposure and spread are not read for sampling; a name that is not there is told all the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from worldwright.diagnostics import Diagnostic
from worldwright.spec.entropy import codes
from worldwright.spec.entropy.python import parsed
from worldwright.spec.entropy.translate import Readable
from worldwright.spec.suggestions import listed, nearest
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode, find

Scope = Mapping[str, Readable]
_OF_EDGES = frozenset({"edge_type", "edge_weight", "true", "false"})
"""What their conditions may read beside attributes."""
_VALUES = {
    "partnered_values": "attr",
    "single_values": "attr",
    "school_age_values": "dependents_attr",
    "secular_values": "religion_attr",
}
"""Lists of values in roles, with the key of the attribute whose values they are."""
_LONGEST = 4000


def lost_references(node: Node, scope: Scope) -> list[Diagnostic]:
    """Every name and value in a scenario that none of its attributes has."""
    found: list[Diagnostic] = []
    for condition in _conditions(node):
        found += _in_condition(condition, scope)
    roles = find(node, "sampling_semantic_roles")
    for entry in roles.entries if isinstance(roles, MappingNode) else ():
        found += _in_roles(entry.key.text, entry.value, scope)
    relevant = find(node, "outcomes", "decision_relevant_attributes")
    for item in _items(relevant):
        found += _named(item, scope)
    return found


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, SequenceNode) else ()


def _conditions(node: Node) -> Iterator[ScalarNode]:
    """The conditions on agents: of exposure, of the timeline's exposure, and of sharing."""
    rules = [*_items(find(node, "seed_exposure", "rules")), *_items(find(node, "spread", "share_modifiers"))]
    for event in _items(find(node, "timeline")):
        rules += _items(find(event, "exposure_rules"))
    for rule in rules:
        when = find(rule, "when")
        if isinstance(when, ScalarNode) and when.value is not None:
            yield when


def _in_condition(node: ScalarNode, scope: Scope) -> Iterator[Diagnostic]:
    if len(node.text) > _LONGEST:
        return
    try:
        tree = parsed(node.text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield codes.UNKNOWN_REFERENCE.at(node.span, "a condition of the scenario is not an expression")
        return
    names = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
    functions = {
        part.func.id
        for part in ast.walk(tree)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
    }
    for name in sorted(names - functions - _OF_EDGES - scope.keys()):
        yield _unknown(node, name, scope)
    for part in ast.walk(tree):
        if isinstance(part, ast.Compare) and len(part.ops) == 1 and isinstance(part.left, ast.Name):
            readable = scope.get(part.left.id)
            for label in _labels(part.comparators[0]) if readable is not None and readable.options else ():
                if readable is not None and label not in readable.options:
                    yield _no_option(node, part.left.id, label, readable)


def _labels(node: ast.expr) -> list[str]:
    parts = node.elts if isinstance(node, (ast.List, ast.Tuple, ast.Set)) else [node]
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def _in_roles(role: str, node: Node, scope: Scope) -> Iterator[Diagnostic]:
    if not isinstance(node, MappingNode):
        return
    for entry in node.entries:
        key, value = entry.key.text, entry.value
        if role == "partner_correlation_roles":
            yield from _named(entry.key, scope)
        elif key.endswith("attr"):
            yield from _named(value, scope)
        elif key in _VALUES:
            owner = find(node, _VALUES[key])
            readable = scope.get(owner.text) if isinstance(owner, ScalarNode) else None
            if readable is None or not readable.options or not isinstance(owner, ScalarNode):
                continue
            for item in _items(value):
                if isinstance(item, ScalarNode) and item.text not in readable.options:
                    yield _no_option(item, owner.text, item.text, readable)


def _named(node: Node, scope: Scope) -> Iterator[Diagnostic]:
    if isinstance(node, ScalarNode) and node.value is not None and node.text not in scope:
        yield _unknown(node, node.text, scope)


def _unknown(node: ScalarNode, name: str, scope: Scope) -> Diagnostic:
    near = nearest(name, list(scope))
    help = f"did you mean `{near}`?" if near else None
    return codes.UNKNOWN_REFERENCE.at(node.span, f"there is no attribute {name[:60]!r}", help=help)


def _no_option(node: ScalarNode, name: str, label: str, readable: Readable) -> Diagnostic:
    message = f"{label[:60]!r} is not among the options of `{name}`"
    return codes.UNKNOWN_REFERENCE.at(node.span, message, help=listed(readable.options))
