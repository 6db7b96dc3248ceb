"""Correlations, constraints and expectations of the parts, each holding in its part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worldwright.spec.diff import same_meaning
from worldwright.spec.expressions import nodes
from worldwright.spec.merge.parts import NOWHERE, Part, Parts, both, expression_of, written

Names = Mapping[tuple[str, str], str]
"""What an attribute of a part is called, by the part's label and its name, where that is another name."""


def drawn_apart(parts: Parts, split: set[str]) -> set[str]:
    """The attributes that each part needs for itself, since what they are drawn together with differs.

    Attributes that hang together through correlations share one factor; where any of it differs from part to
    part, all of it is kept apart, so that every part has its own.
    """
    pairs = [_pairs(part) for part in parts.parts]
    groups: list[set[str]] = []
    for pair in {pair for own in pairs for pair in own}:
        met = [group for group in groups if group & pair]
        groups = [group for group in groups if group not in met] + [set(pair).union(*met)]
    found = set(split)
    for group in groups:
        inside = [{pair: value for pair, value in own.items() if pair <= group} for own in pairs]
        if group & found or any(own != inside[0] for own in inside):
            found |= group
    return found


def correlations(parts: Parts, names: Names) -> Iterator[list[Any]]:
    """The pairs of all parts; those of common attributes once."""
    seen: set[frozenset[str]] = set()
    for part in parts.parts:
        for first, second, value in part.document.get("correlations", ()):
            pair = [names.get((part.label, name), name) for name in (first, second)]
            if frozenset(pair) not in seen:
                seen.add(frozenset(pair))
                yield [*pair, value]


def constraints(parts: Parts, names: Names) -> Iterator[Any]:
    """The constraints of all parts; one that all parts have on common attributes stays as it is."""
    documents = [part.document.get("constraints", []) for part in parts.parts]
    apart = {name for _, name in names}
    for part, items in zip(parts.parts, documents, strict=True):
        for item, meant in zip(items, part.population.constraints, strict=True):
            in_all = all(any(_same(item, other) for other in others) for others in documents)
            common = not apart & {*nodes.names(meant.condition), *meant.owners, *_named(item)}
            if in_all and common:
                if part is parts.parts[0]:
                    yield item
                continue
            own: dict[str, Any] = dict(item) if isinstance(item, dict) else {"require": item}
            elsewhere = parts.elsewhere(part)
            require = expression_of(own["require"])
            if elsewhere is not None:
                require = nodes.Or(elsewhere, require, NOWHERE)
            redraw = [names.get((part.label, owner), owner) for owner in meant.owners]
            yield own | {"require": written(require), "redraw": redraw}


def expectations(parts: Parts, sources: Mapping[tuple[str, str], str]) -> Iterator[dict[str, Any]]:
    """What is known of each part, as what is known of its agents."""
    for part in parts.parts:
        for item in part.document.get("expect", ()):
            own: dict[str, Any] = dict(item)
            if "source" in own:
                own["source"] = sources.get((part.label, own["source"]), own["source"])
            where = both((parts.belongs([part]), expression_of(own.get("where", True))))
            yield own | {"where": written(where)}


def _pairs(part: Part) -> dict[frozenset[str], float]:
    return {frozenset(item[:2]): float(item[2]) for item in part.document.get("correlations", ())}


def _same(one: Any, other: Any) -> bool:
    return same_meaning(("constraints", 0), one, other)


def _named(item: Any) -> set[str]:
    condition = item["require"] if isinstance(item, dict) else item  # pyright: ignore[reportUnknownVariableType]
    return {*nodes.names(expression_of(condition))}
