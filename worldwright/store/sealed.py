"""Small JSON files that carry their own checksum, so that a changed bit is never read as a fact."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from worldwright.errors import StoreError
from worldwright.hashing import bytes_digest, canonical

FORMAT = 1
"""The version of every JSON file in the store; raised when an older reader would misread a newer file."""
_LINE = re.compile(rb'(\n "seal": ")[0-9a-f]{64}(")(,?)\n')
"""Only a key of the record itself is indented by one space, and a text holds no line break."""


def seal(body: dict[str, Any]) -> bytes:
    """The one byte form of a record: sorted, readable, ending with the checksum of the rest.

    Raises:
        StoreError: if the record holds anything that is not JSON-like, or a number that is not finite.
    """
    try:
        plain = json.loads(canonical(body))
    except (TypeError, ValueError) as error:
        raise StoreError(
            "a record cannot be stored", why=str(error), help="use plain JSON-like values"
        ) from error
    rendered = _render({**plain, "format": FORMAT, "seal": "0" * 64})
    return _LINE.sub(_line_with(bytes_digest(_without_seal(rendered))), rendered, count=1)


def unseal(path: Path) -> dict[str, Any]:
    """Read a sealed file.

    Raises:
        FileNotFoundError: if there is none.
        StoreError: if a single bit of it was changed, or a newer version of the store wrote it.
    """
    return unseal_bytes(path.read_bytes(), str(path))


def unseal_bytes(content: bytes, where: str) -> dict[str, Any]:
    """Read the content of a sealed file, from wherever it came.

    Args:
        content: The file's bytes.
        where: Its name, for the error.

    Raises:
        StoreError: if a single bit of it was changed, or a newer version of the store wrote it.
    """
    try:
        body: dict[str, Any] = json.loads(content)
        if body["format"] != FORMAT and isinstance(body["format"], int) and body["format"] > FORMAT:
            raise StoreError(
                "this file was written by a newer version",
                where=where,
                help="update worldwright to read it",
            )
        expected = body.pop("seal")
        intact = bytes_digest(_without_seal(content)) == expected
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        intact, body = False, {}
    if not intact:
        raise StoreError("the file is damaged", where=where, why="it does not match its own checksum")
    return body


def _without_seal(content: bytes) -> bytes:
    """The bytes that a seal is the checksum of: all but its own line, which has one spelling.

    Raises:
        ValueError: if there is no such line.
    """
    found = _LINE.search(content)
    if found is None:
        raise ValueError
    # its comma is after it, or, where it is the last line, before it
    start = found.start() if found[3] else found.start() - 1
    return content[:start] + content[found.end() - 1 :]


def _line_with(seal: str) -> Callable[[re.Match[bytes]], bytes]:
    return lambda found: found[1] + seal.encode() + found[2] + found[3] + b"\n"


def _render(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"
