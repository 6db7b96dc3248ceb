"""The core table of YAML 1.2: what a plain scalar is.

Only `null ~ true false`, decimal, octal (`0o17`) and hexadecimal (`0x1f`) integers, and floats are special;
`no`, `on`, `1:30`, `1_000` and `2024-01-01` are text. PyYAML's own table is that of YAML 1.1.
"""

from __future__ import annotations

import re

from worldwright.spec.tree import Scalar

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **{sign + word: float("inf") for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **{"-" + word: float("-inf") for word in (".inf", ".Inf", ".INF")},
}
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_OCTAL = re.compile(r"0o[0-7]+", re.ASCII)
_HEX = re.compile(r"0x[0-9a-fA-F]+", re.ASCII)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+", re.ASCII)
_LONGEST = 300


def resolve(text: str) -> Scalar:
    """The value of a plain scalar.

    Raises:
        ValueError: for a number with more than 300 digits.
    """
    if text in _WORDS:
        return _WORDS[text]
    if not (text[0] in "+-." or text[0].isdigit()):
        return text
    if _INTEGER.fullmatch(text) or _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        if len(text) > _LONGEST:
            raise ValueError(f"a number of {len(text)} characters")
        return int(text, 10 if _INTEGER.fullmatch(text) else 0)
    if _FLOAT.fullmatch(text):
        if len(text) > _LONGEST:
            raise ValueError(f"a number of {len(text)} characters")
        return float(text)
    return text


def is_ambiguous(text: str) -> bool:
    """Whether it is an integer with a leading zero, which YAML 1.1 reads as octal and 1.2 as decimal."""
    return _LEADING_ZERO.fullmatch(text) is not None
