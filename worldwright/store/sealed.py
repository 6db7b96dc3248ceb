"""Small JSON files that carry their own checksum, so that a changed bit is never read as a fact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from worldwright.errors import StoreError
from worldwright.hashing import bytes_digest, canonical

FORMAT = 1
"""The version of every JSON file in the store; raised when an older reader would misread a newer file."""


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
    return _render({**plain, "format": FORMAT, "seal": bytes_digest(_render({**plain, "format": FORMAT}))})


def unseal(path: Path) -> dict[str, Any]:
    """Read a sealed file.

    Raises:
        FileNotFoundError: if there is none.
        StoreError: if a single bit of it was changed, or a newer version of the store wrote it.
    """
    content = path.read_bytes()
    try:
        body: dict[str, Any] = json.loads(content)
        if body["format"] != FORMAT and isinstance(body["format"], int) and body["format"] > FORMAT:
            raise StoreError(
                "this file was written by a newer version",
                where=str(path),
                help="update worldwright to read it",
            )
        expected = body.pop("seal")
        intact = bytes_digest(_render(body)) == expected and _render({**body, "seal": expected}) == content
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        intact, body = False, {}
    if not intact:
        raise StoreError("the file is damaged", where=str(path), why="it does not match its own checksum")
    return body


def _render(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"
