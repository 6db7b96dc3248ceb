"""How single values are spelled in a document: numbers, texts and expressions as YAML scalars.

Takes plain values, gives text that reads back as the same value; quotes stand only where they are needed.
"""

from __future__ import annotations

import math
import re
from typing import Any

from worldwright.spec.expressions.parser import day_number
from worldwright.spec.expressions.spacing import spaced
from worldwright.spec.reader import read
from worldwright.spec.scalars import is_ambiguous, resolve
from worldwright.spec.tree import MappingNode, ScalarNode

_UNWRITTEN = "\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
_BLOCK = re.compile(rf"[^\W_](?:[^{_UNWRITTEN}]*[^\s{_UNWRITTEN}])?|_[^\s{_UNWRITTEN}]*")
"""Texts that may stand plain on a line, where they hold neither `: ` nor ` #`."""
_FLOW = re.compile(rf"[^\W_](?:[^{_UNWRITTEN}:#,\[\]{{}}?]*[^\s{_UNWRITTEN}:#,\[\]{{}}?])?")
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_ .()+*/<>=!-]*[A-Za-z0-9_.)]|[A-Za-z]", re.ASCII)
"""Expressions of which it needs no reader to see that they may stand plain."""
_ZERO = re.compile(r"^(-?)0\.")


def is_compound(text: str) -> bool:
    """Whether an expression is more than a name or a date, so that it wants a line of its own."""
    return not text.isidentifier() and not is_date(text)


def is_date(text: str) -> bool:
    """Whether a text is a date, `2020-01-05`, and no subtraction."""
    return day_number(text) is not None


def scalar(value: Any, *, flow: bool = False) -> str:
    """A value that is no expression; `flow` where it stands in braces or brackets."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return figure(value)
    return _plain_text(value, flow) or quoted(value)


def figure(value: int | float) -> str:
    """A number, so that it reads back as the same: `47`, `.34`, `1e+30`."""
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _ZERO.sub(r"\1.", repr(value))


def expression(text: str) -> str:
    """An expression on a line of its own, in its usual spacing; a date stays as it is."""
    if not is_compound(text):
        return scalar(text)
    text = spaced(text)
    return text if is_plain(text) else quoted(text)


def is_plain(text: str) -> bool:
    """Whether YAML reads a text as it is without quotes, on a block line."""
    if _SIMPLE.fullmatch(text) and isinstance(resolve(text), str):
        return True
    node, found = read(f"x: {text}\n", "")
    value = node.get("x") if isinstance(node, MappingNode) and not found else None
    return isinstance(value, ScalarNode) and not value.quoted and value.value == text


def quoted(text: str) -> str:
    """A text in quotes: single ones where that saves escapes."""
    if '"' in text and "'" not in text and "\\" not in text and _escaped(text) == text.replace('"', '\\"'):
        return f"'{text}'"
    return f'"{_escaped(text)}"'


def _plain_text(text: str, flow: bool) -> str | None:
    if not (_FLOW if flow else _BLOCK).fullmatch(text) or ": " in text or " #" in text or text.endswith(":"):
        return None
    return text if isinstance(resolve(text), str) and not is_ambiguous(text) else None


def _escaped(text: str) -> str:
    return "".join(map(_character, text))


def _character(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char == "\n":
        return "\\n"
    if char < " " or "\x7f" <= char <= "\xa0" or char in "\u2028\u2029\ufeff\ufffe\uffff":
        return f"\\u{ord(char):04x}"
    return char
