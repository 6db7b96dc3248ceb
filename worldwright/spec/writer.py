"""Writing a document: plain data becomes YAML in the form that `fmt` gives, for a person to read.

Takes dictionaries, lists and values as `tree.plain` gives them; what is written reads back as the same data.
Comments belong to texts and are not known here: who changes a document of a person's edits its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worldwright.spec import spelling
from worldwright.spec.expressions.spacing import spaced
from worldwright.spec.heading import KEY
from worldwright.spec.places import IsExpression, Path, expressions_of

WIDTH = 110
"""What is longer than this is written over several lines; tables of numbers and sources never are."""
KEPT_WIDTH = 120
"""How long a line may be that holds an expression in braces; `fmt` keeps those that are no longer."""
STEP = 2

_SECTIONS = frozenset({"attributes", "sources", "correlations", "constraints", "expect", "marginals"})


def write(document: Mapping[str, Any], *, compact: bool = False) -> str:
    """The text of a document of any kind.

    The heading comes first, and a blank line stands before each section; other keys keep their order.

    Args:
        document: Plain data.
        compact: Whether what holds expressions stays on one line where it has room, with these in quotes.
    """
    kind = str(document.get(KEY, "")).split("/")[0]
    return "\n".join(_Writer(expressions_of(kind), compact).document(document)) + "\n"


class _Writer:
    def __init__(self, is_expression: IsExpression, compact: bool) -> None:
        self._is_expression = is_expression
        self._compact = compact

    def document(self, document: Mapping[str, Any]) -> Iterator[str]:
        """The lines of a document."""
        keys = sorted(document, key=lambda key: key != KEY)
        for key in keys:
            lines = list(self._entry(key, document[key], (key,)))
            if len(lines) > 1 and key != keys[0]:
                yield ""
            yield from lines

    def _entry(self, key: str, value: Any, path: Path) -> Iterator[str]:
        """A key with its value, from the first column on."""
        head = f"{spelling.scalar(key)}:"
        if not isinstance(value, (dict, list)):
            yield f"{head} {self._value(value, path)}"
        elif self._stays_on_one_line(value, path, len(head)):
            yield f"{head} {self._flow(value, path)}"
        elif self._compact and len(path) == 2 and path[0] == "attributes" and isinstance(value, dict):
            yield from self._attribute_in_braces(head, value, path)
        else:
            yield head
            yield from (" " * STEP + line for line in self._block(value, path))

    def _attribute_in_braces(self, head: str, declared: Any, path: Path) -> Iterator[str]:
        """An attribute in braces: as many parts on a line as have room, and each modifier on its own."""
        parts = [(k, v) for k, v in _items(declared) if k != "modifiers"]
        modifiers = _list(declared.get("modifiers", []))
        line, empty = f"{head} {{", True
        for number, (key, value) in enumerate(parts, 1):
            closing = ", " if number < len(parts) else ", modifiers: [" if modifiers else "}"
            part = f"{spelling.scalar(key, flow=True)}: {self._flow(value, (*path, key))}{closing}"
            if STEP + len(line + part) > KEPT_WIDTH and not empty:
                yield line.rstrip()
                line = " " * STEP
            line, empty = line + part, False
        yield line if parts or not modifiers else f"{line}modifiers: ["
        for position, item in enumerate(modifiers, 1):
            closing = "," if position < len(modifiers) else "]}"
            yield f"{' ' * 2 * STEP}{self._flow(item, (*path, 'modifiers', position - 1))}{closing}"

    def _block(self, value: Any, path: Path) -> Iterator[str]:
        if isinstance(value, dict):
            for key, part in _items(value):
                yield from self._entry(key, part, (*path, key))
            return
        for position, item in enumerate(value):
            yield from self._item(item, (*path, position))

    def _item(self, item: Any, path: Path) -> Iterator[str]:
        if not isinstance(item, (dict, list)):
            yield f"- {self._value(item, path)}"
        elif self._stays_on_one_line(item, path, 1):
            yield f"- {self._flow(item, path)}"
        else:
            first, *rest = self._block(item, path)
            yield f"- {first}"
            yield from (" " * STEP + line for line in rest)

    def _value(self, value: Any, path: Path) -> str:
        if isinstance(value, str) and self._is_expression(path):
            return spelling.expression(value)
        return spelling.scalar(value)

    def _stays_on_one_line(self, value: Any, path: Path, before: int) -> bool:
        """Whether a mapping or list is written in braces or brackets; sections and expressions never are."""
        if not value:
            return True
        if len(path) == 1 and path[0] in _SECTIONS:
            return False
        if not self._compact and (path[-1] == "modifiers" or self._holds_compound(value, path)):
            return False
        if _is_table(value) or (path[0] == "sources" and len(path) == 2):
            return True
        if not self._compact:
            return len(path) * STEP + before + len(self._flow(value, path)) < WIDTH
        return (len(path) - 1) * STEP + before + 1 + len(self._flow(value, path)) <= KEPT_WIDTH

    def _holds_compound(self, value: Any, path: Path) -> bool:
        """Whether there is an expression in it that wants a line of its own, or a list of modifiers."""
        match value:
            case dict():
                items = _items(value)
                return any(k == "modifiers" or self._holds_compound(v, (*path, k)) for k, v in items)
            case list():
                return any(self._holds_compound(item, (*path, i)) for i, item in enumerate(_list(value)))
            case str():
                return self._is_expression(path) and spelling.is_compound(value)
            case _:
                return False

    def _flow(self, value: Any, path: Path) -> str:
        if isinstance(value, dict):
            pairs = ((k, self._flow(v, (*path, k))) for k, v in _items(value))
            return "{" + ", ".join(f"{spelling.scalar(k, flow=True)}: {v}" for k, v in pairs) + "}"
        if isinstance(value, list):
            return f"[{', '.join(self._flow(item, (*path, i)) for i, item in enumerate(_list(value)))}]"
        if isinstance(value, str) and self._is_expression(path) and spelling.is_compound(value):
            return spelling.quoted(spaced(value))
        return spelling.scalar(value, flow=True)


def _is_table(value: Any) -> bool:
    """Whether it is numbers by name, or such a table under one name."""
    if not isinstance(value, dict):
        return False
    parts = [part for _, part in _items(value)]
    if len(parts) == 1 and isinstance(parts[0], dict):
        return _is_table(parts[0])
    return all(isinstance(part, (int, float)) for part in parts)


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items())


def _list(value: Any) -> list[Any]:
    return value
