"""WW1018: what an attribute says that it depends on, against what it reads and how it is drawn."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from worldwright.diagnostics import Diagnostic
from worldwright.spec.entropy import codes
from worldwright.spec.entropy.documents import Attribute
from worldwright.spec.entropy.python import parsed
from worldwright.spec.resolve.order import ordered
from worldwright.spec.tree import Node, find

_FORMULAS = ("mean_formula", "std_formula", "min_formula", "max_formula")
_LONGEST = 4000


def needs(attributes: Sequence[Attribute], places: Sequence[Node], known: Sequence[str]) -> list[Diagnostic]:
    """What is read and not listed, listed and of no use, or reached again on the way.

    Args:
        attributes: Of one file.
        places: Where they stand.
        known: The names of all attributes that there are.
    """
    found: list[Diagnostic] = []
    names = frozenset(known)
    edges: dict[str, set[str]] = {}
    for attribute, place in zip(attributes, places, strict=True):
        listed = attribute.sampling.depends_on
        edges.setdefault(attribute.name, set()).update(listed)
        told: set[str] = set()
        for path, text in _expressions(attribute):
            read = _names(text) & names
            edges[attribute.name] |= read
            for name in sorted(read - told - {*listed, attribute.name}):
                told.add(name)
                message = f"`{attribute.name}` reads `{name}`, and its depends_on does not list it"
                node = find(place, "sampling", *path) or place
                found.append(codes.DEPENDENCIES.at(node.span, message, help=f"add {name} to its depends_on"))
        if not told:  # who reads what is not listed has had it told
            found += _against_strategy(attribute, place)
    own = dict.fromkeys(attribute.name for attribute in attributes)
    node_of = {attribute.name: place for attribute, place in zip(attributes, places, strict=True)}
    for cycle in ordered(tuple(own), edges).cycles:
        message = f"attributes depend on each other: {' -> '.join((*cycle, cycle[0]))}"
        first = node_of[cycle[0]]
        found.append(codes.ORDER.at((find(first, "sampling", "depends_on") or first).span, message))
    return found


def _expressions(attribute: Attribute) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Everything that is read of an attribute by its strategy, with its path below `sampling`."""
    sampling = attribute.sampling
    if sampling.strategy == "derived":
        if sampling.formula is not None:
            yield ("formula",), sampling.formula
        return
    for key in _FORMULAS if sampling.distribution is not None else ():
        text: str | None = getattr(sampling.distribution, key)
        if text is not None:
            yield ("distribution", key), text
    if sampling.strategy == "conditional":
        for position, modifier in enumerate(sampling.modifiers):
            yield ("modifiers", position, "when"), modifier.when


def _names(text: str) -> frozenset[str]:
    if len(text) > _LONGEST:
        return frozenset()
    try:
        tree = parsed(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _against_strategy(attribute: Attribute, place: Node) -> Iterator[Diagnostic]:
    sampling = attribute.sampling
    if sampling.strategy == "independent" and sampling.depends_on:
        message = f"`{attribute.name}` is independent and lists what it depends on"
        node = find(place, "sampling", "depends_on") or place
        yield codes.DEPENDENCIES.at(node.span, message, help="make it conditional, or empty the list")
    elif sampling.strategy != "independent" and not sampling.depends_on:
        message = f"`{attribute.name}` is {sampling.strategy} and lists nothing that it depends on"
        node = find(place, "sampling", "strategy") or place
        yield codes.DEPENDENCIES.at(node.span, message, help="make it independent, or list what it reads")
