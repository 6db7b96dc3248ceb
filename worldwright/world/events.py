"""The event log as a table: what was sent, born, ended, linked and went wrong.

Takes a worker's answer, gives an Arrow table; nothing it says about itself is believed unchecked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from worldwright.world.columns import texts_of

EVENTS = ("message", "undelivered", "spawn", "death", "link", "unlink", "error")
EVENTS_SCHEMA = pa.schema(
    [
        ("tick", pa.int64()),
        ("event", pa.string()),
        ("entity_id", pa.string()),
        ("other_id", pa.string()),
        ("kind", pa.string()),
        ("due", pa.int64()),
        ("line", pa.int64()),
        ("text", pa.string()),
    ]
)
"""entity_id: the sender, the newborn, the dead, one end of a link, or whose error it is. other_id: the
receiver, who spawned or ended it, or the other end. kind: of the message or the entity, or the script of an
error. due: the tick a message arrives in. line: of an error. text: a message's content as JSON (at most 1000
characters), or the error."""
_LINE = EVENTS.index("error") + 1


def events_table(head: Any, buffers: list[bytes]) -> pa.Table:
    """The log of one run.

    Raises:
        ValueError: where it is not what a worker sends; also KeyError, TypeError and IndexError.
    """
    n = int(head["n"])
    names = texts_of(buffers[head["name_lengths"]], buffers[head["names"]], int(head["name_n"])).to_pylist()
    event = _array(buffers[head["event"]], "u1", n)
    number = _array(buffers[head["number"]], "<f8", n).astype(np.int64)
    is_error, absent = event == _LINE, number < 0
    text = texts_of(buffers[head["lengths"]], buffers[head["text"]], n)
    empty = _array(buffers[head["lengths"]], "<i4", n) == 0
    return pa.table(
        {
            "tick": _array(buffers[head["tick"]], "<f8", n).astype(np.int64),
            "event": _named(event.astype(np.int32) - 1, list(EVENTS)),
            "entity_id": _named(_array(buffers[head["entity"]], "<i4", n), names),
            "other_id": _named(_array(buffers[head["other"]], "<i4", n), names),
            "kind": _named(_array(buffers[head["kind"]], "<i4", n), names),
            "due": pa.array(number, mask=absent | is_error),
            "line": pa.array(number, mask=absent | ~is_error),
            "text": pa.compute.if_else(pa.array(empty), None, text),  # type: ignore[attr-defined]
        },
        schema=EVENTS_SCHEMA,
    )


def _array(content: bytes, kind: str, n: int) -> Any:
    array = np.frombuffer(content, dtype=kind)
    if len(array) != n:
        raise ValueError("an array of another length than announced")
    return array


def _named(numbers: Any, names: list[str]) -> Any:
    if len(numbers) and int(numbers.max()) >= len(names):
        raise ValueError("a number that stands for no text")
    indices = pa.array(numbers, type=pa.int32(), mask=numbers < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, type=pa.string())).cast(pa.string())
