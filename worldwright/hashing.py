"""Identity: a canonical form of plain data and tagged digests that can be verified again.

Takes JSON-like values and files. Reads the files it is given, writes nothing.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

_BLOCK = 1 << 20


def canonical(value: Any) -> bytes:
    """The one byte form of a JSON-like value: sorted keys, no spaces, UTF-8, integers kept apart from floats.

    Raises:
        ValueError: for NaN and infinities, which JSON cannot hold.
        TypeError: for anything that is not JSON-like.
    """
    _check(value)
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest(tag: str, value: Any) -> str:
    """A digest of a value under a tag, such as `spec:3f9a…` (SHA-256, 32 hex digits kept).

    The tag is part of what is hashed, so that equal content in two roles has two identities.
    """
    content = hashlib.sha256(tag.encode() + b"\n" + canonical(value))
    return f"{tag}:{content.hexdigest()[:32]}"


def bytes_digest(content: bytes) -> str:
    """The full SHA-256 of some bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def file_digest(path: Path) -> str:
    """The full SHA-256 of a file, in hex."""
    state = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            state.update(block)
    return state.hexdigest()


_LEAVES = frozenset({str, int, float, bool, type(None)})


def _check(value: Any) -> None:
    """That JSON holds a value as it is: it takes numbers for keys, and gives them back as text."""
    if type(value) in _LEAVES or isinstance(value, (str, int, float)):
        return
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("only text can be a key of canonical data")
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        raise TypeError(f"{type(value).__name__} has no canonical form")
    for item in value:
        if type(item) not in _LEAVES:
            _check(item)
