"""Identity: a canonical form of plain data and tagged digests that can be verified again.

Takes JSON-like values and files. Reads the files it is given, writes nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

_BLOCK = 1 << 20


def canonical(value: Any) -> bytes:
    """The one byte form of a JSON-like value: sorted keys, no spaces, UTF-8, integers kept apart from floats.

    Raises:
        ValueError: for NaN and infinities, which JSON cannot hold.
        TypeError: for anything that is not JSON-like.
    """
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
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


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("only text can be a key of canonical data")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value!r} has no canonical form")
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form")
