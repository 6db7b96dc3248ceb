"""The lock's file: read with diagnostics, and written so that a reader never sees a part of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from worldwright.architect.files import write_whole
from worldwright.architect.lock import VERSION, Cost, Lock, Provenance
from worldwright.architect.research import Cited
from worldwright.diagnostics import DocumentError
from worldwright.errors import ArchitectError
from worldwright.spec.binding import bind
from worldwright.spec.reader import read
from worldwright.spec.tree import MappingNode, find

_RENEW = "author the document again to renew its lock"
_PLAIN = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_./+-]|:(?=[A-Za-z0-9_]))*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def read_lock(path: Path) -> Lock | None:
    """The lock in a file; None where there is no file.

    Raises:
        DocumentError: for a damaged lock, with diagnostics.
        ArchitectError: for a lock of a newer version, or a file that is no text.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ArchitectError("the lock is no UTF-8 text", where=str(path), help=_RENEW) from None
    node, found = read(text, str(path))
    version = find(node, "worldwright") if isinstance(node, MappingNode) else None
    if node is None or any(diagnostic.is_error for diagnostic in found):
        raise DocumentError(found, where=str(path))
    if (stated := getattr(version, "text", None)) != VERSION:
        what = f"the lock says it is {stated or 'nothing'}; this version reads {VERSION}"
        raise ArchitectError(what, where=str(path), help=f"upgrade worldwright, or {_RENEW}")
    model, found = bind(_LockModel, node)
    if model is None:
        raise DocumentError(found, where=str(path))
    return model.lock(str(path))


def write_lock(path: Path, lock: Lock) -> None:
    """Write a lock; a reader sees the old one or the new one, never a part."""
    write_whole(path, _as_yaml(lock))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _CostModel(_Part):
    calls: int
    tokens_in: int
    tokens_out: int
    searches: int = 0
    money: float | int | None = None
    currency: str | None = None


class _CitedModel(_Part):
    id: str
    url: str
    title: str
    quote: str
    accessed: str


class _LockModel(_Part):
    """A lock as it is written."""

    worldwright: str
    brief: str
    brief_digest: str
    base: str | None = None
    base_digest: str | None = None
    language: str
    author: str
    made: str
    cost: _CostModel = _CostModel(calls=0, tokens_in=0, tokens_out=0)
    cassettes: list[str] = Field(default_factory=list[str])
    citations: list[_CitedModel] = Field(default_factory=list[_CitedModel])
    assumptions: list[str] = Field(default_factory=list[str])
    answers: dict[str, str] = Field(default_factory=dict[str, str])
    attributes: dict[str, str] = Field(default_factory=dict[str, str])
    sections: dict[str, str] | None = None
    files: dict[str, str] = Field(default_factory=dict[str, str])

    def lock(self, where: str) -> Lock:
        try:
            made = datetime.fromisoformat(self.made)
        except ValueError:
            made = None
        if made is None or made.tzinfo is None:
            what = f"made: {self.made!r} is no time with a time zone"
            raise ArchitectError(what, where=where, help="write it like 2026-11-20T12:00:00+00:00")
        provenance = Provenance(
            self.author,
            made,
            Cost(**self.cost.model_dump()),
            tuple(self.cassettes),
            tuple(Cited(**cited.model_dump()) for cited in self.citations),
            tuple(self.assumptions),
            self.answers,
        )
        return Lock(
            brief=self.brief,
            brief_digest=self.brief_digest,
            language=self.language,
            attributes=self.attributes,
            provenance=provenance,
            sections=self.sections,
            files=self.files,
            base=self.base,
            base_digest=self.base_digest,
        )


def _as_yaml(lock: Lock) -> str:
    by = lock.provenance
    made = by.made.astimezone(UTC).isoformat(timespec="seconds")
    optional = {"base": lock.base, "base_digest": lock.base_digest}
    cost = {key: value for key, value in asdict(by.cost).items() if value is not None}
    lines = [
        "# What this document was generated from, and each attribute as generated. Written by the architect.",
        f"worldwright: {VERSION}",
        f"brief: {_scalar(lock.brief)}",
        f"brief_digest: {_scalar(lock.brief_digest)}",
        *(f"{key}: {_scalar(value)}" for key, value in optional.items() if value is not None),
        f"language: {_scalar(lock.language)}",
        f"author: {_scalar(by.author)}",
        f'made: "{made}"',
        *([f"cost: {json.dumps(cost)}"] if by.cost.calls else []),
        *_listed("cassettes", [_scalar(name) for name in by.cassettes]),
        *_listed("citations", [json.dumps(asdict(one), ensure_ascii=False) for one in by.citations]),
        *_listed("assumptions", [json.dumps(one, ensure_ascii=False) for one in by.assumptions]),
    ]
    if by.answers:
        lines += _table("answers", by.answers)
    if lock.attributes or not lock.files:
        lines += _table("attributes", lock.attributes)
    if lock.sections is not None:
        lines += _table("sections", lock.sections)
    if lock.files:
        lines += _table("files", lock.files)
    return "\n".join(lines) + "\n"


def _listed(key: str, items: Sequence[str]) -> list[str]:
    return [f"{key}:", *(f"  - {item}" for item in items)] if items else []


def _table(key: str, rows: Mapping[str, str]) -> list[str]:
    if not rows:
        return [f"{key}: {{}}"]
    return [f"{key}:", *(f"  {_scalar(name)}: {_scalar(value)}" for name, value in rows.items())]


def _scalar(text: str) -> str:
    """Plain where that is surely text to every reader, else in double quotes as JSON writes them."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)
