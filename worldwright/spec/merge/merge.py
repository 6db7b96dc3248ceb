"""The document of a merged population."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worldwright.diagnostics import Diagnostic, Span
from worldwright.spec.codes.operations import NOT_MERGEABLE
from worldwright.spec.merge.attributes import Joining
from worldwright.spec.merge.parts import Part, Parts
from worldwright.spec.merge.relations import constraints, correlations, drawn_apart, expectations
from worldwright.spec.population import Attribute, AttributeType
from worldwright.spec.spelling import figure
from worldwright.spec.tree import key_span

_DIGITS = 12
Document = dict[str, Any]
_OF_A_WHOLE = {"marginals": "marginals", "table": "rows of the table"}


def merged(
    parts: Sequence[Part], component: str = "component", name: str | None = None
) -> tuple[Document | None, list[Diagnostic]]:
    """The population whose agents belong to the parts by their shares.

    An attribute that some parts lack is null for their agents. An agent has the values that it would have,
    under its number and the same seed, in its part alone. Parts with share 0 are left out; one part alone is
    itself.

    Args:
        parts: At least one, with labels that differ; the shares sum to 1.
        component: The name of the attribute that says which part an agent belongs to.
        name: The name of the new document.

    Returns:
        The document, or None and what keeps the parts from being merged, each with the positions.
    """
    present = [part for part in parts if part.share > 0]
    if len(present) == 1:
        document = present[0].document
        return document | ({"name": name} if name is not None else {}), []
    merging = _Merging(Parts(present, component))
    found = list(merging.clashes())
    if found:
        return None, found
    return merging.document(name), []


class _Merging:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._holders: dict[str, list[Part]] = {}
        for part in parts.parts:
            for attribute in part.document["attributes"]:
                self._holders.setdefault(attribute, []).append(part)
        self._joinings = {
            attribute: Joining(parts, attribute, holders) for attribute, holders in self._holders.items()
        }
        self._sources, self._listed = _sources(parts)

    def clashes(self) -> Iterator[Diagnostic]:
        """Everything that keeps the parts from being one population."""
        for part in self._parts.parts:
            for key, what in _OF_A_WHOLE.items():
                if key in part.document:
                    message = f"the {what} of {part.label} are those of a whole population, not of a part"
                    help = "sample both, or write its shares as distributions"
                    yield NOT_MERGEABLE.at(key_span(part.node, key), message, help=help)
        if self._parts.component in self._holders:
            part = self._holders[self._parts.component][0]
            message = f"{part.label} has an attribute `{self._parts.component}` already"
            help = "give the attribute that names the part another name: --component NAME"
            yield NOT_MERGEABLE.at(_place(part, self._parts.component), message, help=help)
        for name, holders in self._holders.items():
            yield from self._of_one_sort(name, holders)

    def document(self, name: str | None) -> Document:
        """The merged document."""
        parts, holders = self._parts.parts, self._holders
        correlated = {n for part in parts for item in part.document.get("correlations", ()) for n in item[:2]}
        split = {n for n, j in self._joinings.items() if len(holders[n]) > 1 and j.splits(n in correlated)}
        split = {n for n in drawn_apart(self._parts, split) if len(holders[n]) > 1}
        names = {(part.label, n): self._own_name(n, part) for n in split for part in holders[n]}
        component = {
            "type": "categorical",
            "assumption": "the shares that the parts were given",
            "distribution": {"categorical": {part.label: part.share for part in parts}},
        }
        attributes: Document = {self._parts.component: component}
        for attribute in holders:
            attributes |= self._declared(attribute, attribute in split, names)
        relations = {
            "correlations": list(correlations(self._parts, names)),
            "constraints": list(constraints(self._parts, names)),
            "expect": list(expectations(self._parts, self._sources)),
        }
        shares = [f"{part.label} ({figure(float(f'{100 * part.share:.6g}'))} %)" for part in parts]
        head: Document = {
            "worldwright": parts[0].document["worldwright"],
            "name": name or "-and-".join(part.label for part in parts),
            "description": " and ".join(shares),
            "agents": max(part.population.agents for part in parts),
        }
        if self._listed:
            head["sources"] = self._listed
        return head | {"attributes": attributes} | {key: items for key, items in relations.items() if items}

    def _declared(self, name: str, split: bool, names: Mapping[tuple[str, str], str]) -> Document:
        joining, holders = self._joinings[name], self._holders[name]
        if not split:
            return {name: joining.joined(self._words(name, holders))}
        own = {part.label: names[part.label, name] for part in holders}
        return {
            **{
                own[part.label]: joining.own(part, own[part.label], self._words(name, [part]))
                for part in holders
            },
            name: joining.read(own),
        }

    def _own_name(self, name: str, part: Part) -> str:
        wanted = f"{name}_in_{part.word}"[:60]
        taken = {*self._holders, self._parts.component}
        while wanted in taken:
            wanted += "_"
        return wanted

    def _words(self, name: str, holders: Sequence[Part]) -> Document:
        """What is said of the figures; two sources are told apart in words."""
        said = [part.document["attributes"][name] for part in holders]
        found: Document = {}
        if "description" in said[0]:
            found["description"] = said[0]["description"]
        keys = [
            self._sources.get((part.label, item["source"]), item["source"]) if "source" in item else None
            for part, item in zip(holders, said, strict=True)
        ]
        if keys[0] is not None and all(key == keys[0] for key in keys):
            found["source"] = keys[0]
        texts = [
            str(self._listed[key]["title"])
            if key in self._listed and "source" not in found
            else item.get("assumption")
            for key, item in zip(keys, said, strict=True)
        ]
        given = list(dict.fromkeys(text for text in texts if isinstance(text, str)))
        if len(given) == 1 and len(holders) == sum(text == given[0] for text in texts):
            found["assumption"] = given[0]
        elif given:
            pairs = zip(holders, texts, strict=True)
            found["assumption"] = "; ".join(
                f"{part.label}: {text}" for part, text in pairs if isinstance(text, str)
            )
        elif True in texts:
            found["assumption"] = True
        return found

    def _of_one_sort(self, name: str, holders: Sequence[Part]) -> Iterator[Diagnostic]:
        first, *others = holders
        mine = first.population.attribute(name)
        for other in others:
            theirs = other.population.attribute(name)
            what = _difference(mine, theirs)
            if what is not None:
                message = f"`{name}` {what[0]} in {first.label} and {what[1]} in {other.label}"
                help = "rename one of them, or bring both to one form"
                related = ((_place(other, name), f"`{name}` of {other.label} is declared here"),)
                yield NOT_MERGEABLE.at(_place(first, name), message, help=help, related=related)


def _difference(mine: Attribute, theirs: Attribute) -> tuple[str, str] | None:
    """What makes two attributes of one name two different things."""
    if mine.type is not theirs.type:
        return f"is {mine.type}", f"{theirs.type}"
    if mine.options != theirs.options:
        return f"has the options {', '.join(mine.options)}", f"{', '.join(theirs.options)}"
    if mine.ordered is not theirs.ordered:
        return ("is ordered", "not ordered") if mine.ordered else ("is not ordered", "ordered")
    if mine.unit != theirs.unit:
        return f"is in {mine.unit or 'no unit'}", f"{theirs.unit or 'no unit'}"
    if mine.type is AttributeType.TEXT and mine.template != theirs.template:
        return f"is {mine.template!r}", f"{theirs.template!r}"
    return None


def _place(part: Part, name: str) -> Span:
    return key_span(part.node, "attributes", name) or part.node.span


def _sources(parts: Parts) -> tuple[dict[tuple[str, str], str], Document]:
    """New keys of sources by part and old key, and all sources; one title that all know keeps its key."""
    listed: Document = {}
    keys: dict[tuple[str, str], str] = {}
    for part in parts.parts:
        for key, source in part.document.get("sources", {}).items():
            new = key
            while new in listed and listed[new] != source:
                new = f"{new}_{part.word}"
            listed[new] = source
            keys[part.label, key] = new
    return keys, listed


def shares_of(given: Sequence[float], count: int) -> list[float]:
    """A share for each of `count` parts, the last one being what the others leave."""
    rest = 1 - math.fsum(given)
    found = [*given, float(f"{rest:.{_DIGITS}g}")] if len(given) == count - 1 else list(given)
    return [0.0 if abs(share) < 1e-12 else share for share in found]
