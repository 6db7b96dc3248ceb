"""Attributes of several parts under one name.

What the parts say alike stays as it is. Where only figures differ, the part decides which applies; where more
does, each part keeps its own attribute on the same stream, and the common name reads the one that applies.
Either way an agent of a part has the values it would have in that part alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from worldwright.spec.diff import same_meaning
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.merge.parts import NOWHERE, Part, Parts, both, either, expression_of, written
from worldwright.spec.population import Attribute, AttributeType

_WORDS = ("description", "source", "assumption")
_NUMBERS = (
    "normal",
    "lognormal",
    "uniform",
    "beta",
    "gamma",
    "exponential",
    "triangular",
    "poisson",
    "binomial",
)
_FIGURES = frozenset({*_NUMBERS, "categorical", "boolean"})
"""Families whose parameters may all be expressions."""
Declared = dict[str, Any]


class Joining:
    """Makes the declarations of one name."""

    def __init__(self, parts: Parts, name: str, holders: Sequence[Part]) -> None:
        self._parts = parts
        self._name = name
        self._holders = tuple(holders)
        self._own: list[Declared] = [dict(part.document["attributes"][name]) for part in holders]
        self.attributes: list[Attribute] = [part.population.attribute(name) for part in holders]
        self._type = self.attributes[0].type

    def differ(self) -> bool:
        """Whether the parts say different things."""
        return not all(self._same(key) for key in self._keys())

    def splits(self, correlated: bool) -> bool:
        """Whether more differs than figures, so that each part needs an attribute of its own.

        A correlation with whole numbers or options is fitted to one base law, so such ones split too.
        """
        if not self.differ():
            return False
        own = self._own
        if correlated and self._type is not AttributeType.FLOAT and not self._same("distribution"):
            return True
        if not all(self._same(key) for key in ("clip", "template")):
            return True
        if any(item.stream != self.attributes[0].stream for item in self.attributes):
            return True
        laws: list[Declared] = [declared.get("distribution", {}) for declared in own]
        if not any(laws):
            return False
        if any(law.keys() != laws[0].keys() or not law.keys() <= _FIGURES for law in laws):
            return True
        (family,) = laws[0]
        tables = [law[family] for law in laws]
        if family in ("categorical", "boolean"):
            return False
        if any(table.keys() != tables[0].keys() for table in tables):
            return True
        return any(table.get("clamp", False) != tables[0].get("clamp", False) for table in tables)

    def joined(self, words: Declared) -> Declared:
        """One attribute, whose figures depend on the part where they differ."""
        found: Declared = {"type": str(self._type)}
        found |= {
            key: self._own[0][key] for key in ("ordered", "options", "unit", "stream") if key in self._own[0]
        }
        found |= self._condition()
        if not self.differ():
            kept = {k: v for k, v in self._own[0].items() if k not in (*found, *_WORDS, "only_if", "type")}
            return found | kept | words
        if "formula" in self._own[0]:
            found["formula"] = self._chosen([declared["formula"] for declared in self._own])
        elif "distribution" in self._own[0]:
            found |= self._law()
        if "clip" in self._own[0]:
            found["clip"] = self._own[0]["clip"]
        return found | words

    def own(self, part: Part, name: str, words: Declared) -> Declared:
        """The attribute that one part alone has under another name, where the parts differ in more."""
        position = self._holders.index(part)
        declared = {k: v for k, v in self._own[position].items() if k not in (*_WORDS, "only_if", "type")}
        stream = {"stream": self.attributes[position].stream} if "distribution" in declared else {}
        condition = self._parts.belongs([part])
        guard = {} if condition is None else {"only_if": written(condition)}
        return {"type": str(self._type)} | guard | declared | stream | words

    def read(self, names: dict[str, str]) -> Declared:
        """The common name over the parts' own attributes, given their names by label."""
        found: Declared = {"type": str(self._type)}
        if self.attributes[0].ordered:
            found["ordered"] = True
        if self._type is AttributeType.CATEGORICAL:
            found["options"] = list(self.attributes[0].options)
        if self.attributes[0].unit is not None:
            found["unit"] = self.attributes[0].unit
        values: list[tuple[Part, Expression]] = [
            (part, nodes.Name(names[part.label], NOWHERE)) for part in self._holders
        ]
        return found | self._condition() | {"formula": written(self._parts.chosen(values))}

    def _keys(self) -> set[str]:
        return {key for declared in self._own for key in declared if key not in (*_WORDS, "type")}

    def _same(self, key: str) -> bool:
        path = ("attributes", self._name, key)
        values = [declared.get(key) for declared in self._own]
        return all(same_meaning(path, value, values[0]) for value in values)

    def _chosen(self, values: Sequence[Any]) -> float | str | bool:
        date = self._type is AttributeType.DATE
        trees = [expression_of(value, date=date) for value in values]
        return written(self._parts.chosen(list(zip(self._holders, trees, strict=True))))

    def _condition(self) -> Declared:
        """The `only_if` of the common name: where its part has it, and under that part's own condition."""
        if self._same("only_if") and "only_if" in self._own[0]:
            condition = both((self._parts.belongs(self._holders), expression_of(self._own[0]["only_if"])))
        elif all("only_if" not in declared for declared in self._own):
            condition = both((self._parts.belongs(self._holders),))
        else:
            condition = either(
                both((self._parts.belongs([part]), expression_of(declared.get("only_if", True))))
                for part, declared in zip(self._holders, self._own, strict=True)
            )
        if isinstance(condition, nodes.Boolean) and condition.value:
            return {}
        return {"only_if": written(condition)}

    def _law(self) -> Declared:
        laws = [declared["distribution"] for declared in self._own]
        (family,) = laws[0]
        tables = [law[family] for law in laws]
        if self._same("distribution"):
            return {"distribution": laws[0]} | self._modifiers([])
        if family == "boolean":
            return {"distribution": {family: self._chosen(tables)}} | self._modifiers([])
        if family == "categorical" and self._replaceable(tables):
            # Constant tables stay constant: the first is everybody's, and the others' replace it.
            pairs = zip(self._holders[1:], tables[1:], strict=True)
            first = [{"when": self._where(part), "weights": table} for part, table in pairs]
            return {"distribution": laws[0]} | self._modifiers(first)
        keys = [key for key in tables[0] if key != "clamp"]
        table: Declared = {key: self._chosen([item[key] for item in tables]) for key in keys}
        clamp = {"clamp": True} if tables[0].get("clamp") else {}
        return {"distribution": {family: table | clamp}} | self._modifiers([])

    def _replaceable(self, tables: Sequence[Declared]) -> bool:
        modifiers = [modifier for declared in self._own for modifier in declared.get("modifiers", ())]
        constant = all(isinstance(weight, (int, float)) for table in tables for weight in table.values())
        return constant and not any("weights" in modifier for modifier in modifiers)

    def _modifiers(self, first: list[Declared]) -> Declared:
        """The modifiers of all parts in their orders; what stands in one place of all is written once."""
        lists: list[list[Declared]] = [declared.get("modifiers", []) for declared in self._own]
        if len({len(items) for items in lists}) == 1:
            found = [change for position in range(len(lists[0])) for change in self._at(position, lists)]
        else:
            found = [
                self._of(part, item)
                for part, items in zip(self._holders, lists, strict=True)
                for item in items
            ]
        return {"modifiers": first + found} if first or found else {}

    def _at(self, position: int, lists: Sequence[list[Declared]]) -> list[Declared]:
        items = [items[position] for items in lists]
        path = ("attributes", self._name, "modifiers", position)
        if all(same_meaning(path, item, items[0]) for item in items):
            return items[:1]
        return [self._of(part, item) for part, item in zip(self._holders, items, strict=True)]

    def _of(self, part: Part, modifier: Declared) -> Declared:
        return {**modifier, "when": self._where(part, modifier["when"])}

    def _where(self, part: Part, when: Any = True) -> float | str | bool:
        return written(both((self._parts.belongs([part]), expression_of(when))))
