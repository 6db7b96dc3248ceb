"""Files of Entropy and Extropy told by their keys, before anything else of them is read."""

from __future__ import annotations

from worldwright.spec.heading import KEY
from worldwright.spec.tree import MappingNode, Node, ScalarNode, find


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
