"""Long answers in pieces: as many items as fit, and a cursor that leads to the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field

from worldwright.errors import UsageError

MOST_CHARACTERS = 2_800
"""Of the items of one answer: about 1,000 tokens of figures and names, with what stands around them."""

Cursor = Annotated[str, Field(description="from the last answer, for more")]
T = TypeVar("T")


class Paged(BaseModel):
    """An answer that may go on: `cursor` leads there."""

    truncated: bool = False
    cursor: str | None = None


def start_of(cursor: str) -> int:
    """Where a cursor leads.

    Raises:
        UsageError: for what is no cursor of ours.
    """
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 12):
        raise UsageError(f"{cursor[:40]!r} is no cursor", help="give back that of the last answer as it is")
    return int(cursor)


def fitting(items: Sequence[T], begin: int, most: int = MOST_CHARACTERS) -> tuple[list[T], str | None]:
    """The items from a place on that fit, at least one, and the cursor to the next."""
    kept: list[T] = []
    left = most
    for item in items[begin:]:
        left -= len(json.dumps(_plain(item), ensure_ascii=False, default=str)) + 2
        if kept and left < 0:
            break
        kept.append(item)
    end = begin + len(kept)
    return kept, str(end) if end < len(items) else None


def cut(text: str, most: int = MOST_CHARACTERS) -> tuple[str, bool]:
    """The lines of a text that fit."""
    if len(text) <= most:
        return text, False
    return text[: text.rfind("\n", 0, most) if "\n" in text[:most] else most], True


def _plain(item: Any) -> Any:
    return item.model_dump(mode="json") if isinstance(item, BaseModel) else item
