"""Files of Entropy and Extropy told by their keys, before anything else of them is read."""

from __future__ import annotations

from worldwright.diagnostics import Diagnostic
from worldwright.spec.entropy import codes
from worldwright.spec.heading import KEY
from worldwright.spec.tree import MappingNode, Node, ScalarNode, find

_OTHERS = (
    ("persona", {"intro_template", "treatments", "phrasings"}, "says how an agent speaks of itself"),
    (
        "network configuration",
        {"avg_degree", "rewire_prob", "similarity_threshold", "similarity_steepness"},
        "says how agents are linked; a world of ours declares its `network:` itself",
    ),
)
"""Their other kinds of files, with keys of which two tell them, and what they are for."""


def is_population(node: Node | None) -> bool:
    """Whether a document is a population spec of those projects, by its keys."""
    if not isinstance(node, MappingNode) or node.entry(KEY) is not None:
        return False
    keys = set(node.keys())
    return {"meta", "attributes"} <= keys and bool(keys & {"grounding", "sampling_order"})


def is_scenario(node: Node | None) -> bool:
    """Whether a document is a scenario of Extropy, by its keys."""
    if not isinstance(node, MappingNode) or node.entry(KEY) is not None:
        return False
    keys = set(node.keys())
    return "meta" in keys and ("extended_attributes" in keys or {"event", "seed_exposure", "spread"} <= keys)


def base_of(node: Node | None) -> str | None:
    """What a scenario names as its base: `population.v2`, or the path of a spec."""
    for key in ("base_population", "population_spec"):
        found = find(node, "meta", key)
        if isinstance(found, ScalarNode) and found.value is not None and found.text:
            return found.text
    return None


def other_file(node: Node | None) -> Diagnostic | None:
    """What to say of a file of those projects that holds no attributes; None for any other document."""
    if not isinstance(node, MappingNode) or node.entry(KEY) is not None or not node.entries:
        return None
    keys = set(node.keys())
    for kind, marks, purpose in _OTHERS:
        if len(marks & keys) >= 2:
            message = f"this is a {kind} file of Extropy: it {purpose}, and nothing is sampled from it"
            help = "check and sample the population spec or the scenario beside it"
            return codes.OTHER_FILE.at(node.entries[0].key.span, message, help=help)
    return None
