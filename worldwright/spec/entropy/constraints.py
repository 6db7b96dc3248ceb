"""Constraints of those files: bounds act in the sampler, conditions are only counted by those projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worldwright.diagnostics import Diagnostic
from worldwright.spec.entropy import codes, translate
from worldwright.spec.entropy.documents import Attribute
from worldwright.spec.entropy.spec_conditions import holds
from worldwright.spec.entropy.translate import Readable, Text
from worldwright.spec.entropy.values import PythonError, Untranslatable
from worldwright.spec.expressions import nodes
from worldwright.spec.tree import Node, ScalarNode, find

_OF_THE_SPEC = ("weights", "options", "probability_true")


def counted(
    attributes: Sequence[Attribute], places: Sequence[Node], scope: Mapping[str, Readable]
) -> list[Diagnostic]:
    """What becomes of each condition; every attribute may be read, since it is judged at the end."""
    found: list[Diagnostic] = []
    unread = 0
    first: Node | None = None
    for attribute, place in zip(attributes, places, strict=True):
        for position, constraint in enumerate(attribute.constraints):
            node = find(place, "constraints", position, "expression")
            if constraint.type == "spec_expression" and isinstance(node, ScalarNode):
                try:
                    is_met = holds(node.text, attribute)
                except Untranslatable:
                    unread += 1
                    first = first or node
                    continue
                if not is_met:
                    message = f"the condition {node.text!r} does not hold of `{attribute.name}`"
                    found.append(codes.FALSE_CONDITION.at(node.span, message))
            elif constraint.type == "spec_expression":
                continue
            elif constraint.type == "expression" and isinstance(node, ScalarNode):
                found += _judged(attribute, node, scope)
            elif constraint.value is None and constraint.type != "expression":
                message = f"the {constraint.type} of `{attribute.name}` has no value"
                own = find(place, "constraints", position) or place
                found.append(codes.IGNORED.at(own.span, message))
    if unread and first is not None:
        which = "condition on the spec itself is" if unread == 1 else "conditions on the spec itself are"
        message = f"{unread} {which} not evaluated: what it says cannot be read"
        found.append(codes.COUNTED.at(first.span, message))
    return found


def _judged(attribute: Attribute, node: ScalarNode, scope: Mapping[str, Readable]) -> list[Diagnostic]:
    text = Text(node.text, node.span, node.places())
    own = scope.get(attribute.name)
    names = scope if own is None else {"value": own, **scope}
    try:
        condition = translate.truth(text, names).node
    except (PythonError, Untranslatable) as error:
        if any(word in node.text for word in _OF_THE_SPEC):
            message = f"the condition {node.text!r} is about the spec and says nothing of agents"
        else:
            message = f"the condition {node.text!r} cannot be evaluated: {error}"
        return [
            codes.BROKEN_CONSTRAINT.at(node.span, message, help="remove it, or make it a spec_expression")
        ]
    if isinstance(condition, nodes.Boolean) and condition.value:
        return []
    message = f"the condition {node.text!r} is not enforced: agents that break it stay as they are"
    help = "in a native spec, `constraints:` redraws what breaks it and `expect:` counts it"
    return [codes.COUNTED.at(node.span, message, help=help)]
