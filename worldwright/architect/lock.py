"""The lock of a brief: `NAME.lock.yaml` beside a document says what the document was generated from.

It tells whether the brief or the base has changed since, and which attributes were edited by hand.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict

from worldwright.diagnostics import DocumentError
from worldwright.errors import ArchitectError
from worldwright.hashing import digest
from worldwright.spec.binding import bind
from worldwright.spec.reader import read
from worldwright.spec.tree import MappingNode, find

HAND = "hand"
"""The author of a document that a person wrote."""

VERSION = "lock/1"


@dataclass(frozen=True, slots=True)
class Lock:
    """What a document was generated from.

    Args:
        brief: The brief's file, relative to the project, with forward slashes.
        brief_digest: Identity of the brief's text.
        language: Kind and version of the language, such as `population/1`.
        attributes: The digest of each attribute as generated, by name.
        author: `hand`, or the name of the model.
        made: When, with a time zone.
        base_digest: For a scenario: the digest of the population it was authored against.
    """

    brief: str
    brief_digest: str
    language: str
    attributes: dict[str, str]
    author: str
    made: datetime
    base_digest: str | None = None

    def __post_init__(self) -> None:
        if self.made.tzinfo is None:
            raise ValueError("a lock's time needs a time zone")


@dataclass(frozen=True, slots=True)
class Fresh:
    """Brief and base are those of the lock; or there is no brief, and nothing to lock.

    Args:
        edited_by_hand: Attributes that differ from what was generated, or were added; they are kept.
        removed_by_hand: Attributes that were generated and are gone.
    """

    edited_by_hand: tuple[str, ...] = ()
    removed_by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stale:
    """Brief or base has changed since; `reasons` are sentences. The rest is as in `Fresh`."""

    reasons: tuple[str, ...]
    edited_by_hand: tuple[str, ...] = ()
    removed_by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """There is a brief and no lock: nobody has said which brief the document answers."""


def lock_path(document: Path) -> Path:
    """The lock beside a document: `NAME.yaml` has `NAME.lock.yaml`."""
    return document.with_name(f"{document.stem}.lock.yaml")


def brief_path(document: Path) -> Path:
    """The brief of a document, by name: `specs/populations/NAME.yaml` has `specs/briefs/NAME.md`."""
    return document.parent.parent / "briefs" / f"{document.stem}.md"


def make_lock(
    document: dict[str, Any],
    *,
    brief: PurePosixPath,
    brief_text: str,
    author: str,
    made: datetime,
    base_digest: str | None = None,
) -> Lock:
    """The lock of a document as it is now.

    Args:
        document: Its plain data.
        brief: The brief's file, relative to the project.
        brief_text: The brief.
        author: `hand`, or the name of the model that wrote it.
        made: Now, with a time zone.
        base_digest: For a scenario: the digest of its population.
    """
    return Lock(
        brief=brief.as_posix(),
        brief_digest=brief_digest(brief_text),
        language=str(document.get("worldwright", "")),
        attributes=_attribute_digests(document),
        author=author,
        made=made,
        base_digest=base_digest,
    )


def status(
    document: dict[str, Any], brief_text: str | None, base_digest: str | None, lock: Lock | None
) -> Fresh | Stale | Missing:
    """How a document stands to its brief.

    Args:
        document: The document's plain data.
        brief_text: The brief; None where there is none.
        base_digest: For a scenario: the digest of its population now.
        lock: Its lock; None where there is none.
    """
    if lock is None:
        return Fresh() if brief_text is None else Missing()
    reasons: list[str] = []
    if brief_text is None:
        reasons.append(f"the brief {lock.brief} is gone")
    elif brief_digest(brief_text) != lock.brief_digest:
        reasons.append(f"the brief {lock.brief} has changed")
    if base_digest != lock.base_digest:
        reasons.append("the population it extends has changed")
    now = _attribute_digests(document)
    edited = tuple(name for name, value in now.items() if lock.attributes.get(name) != value)
    removed = tuple(name for name in lock.attributes if name not in now)
    return Stale(tuple(reasons), edited, removed) if reasons else Fresh(edited, removed)


def brief_digest(text: str) -> str:
    """Identity of a brief; line ends and white space at the ends of lines do not matter."""
    return digest("brief", "\n".join(line.rstrip() for line in text.strip().splitlines()))


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
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(_as_yaml(lock))
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


_RENEW = "author the document again to renew its lock"
_PLAIN = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_./+-]|:(?=[A-Za-z0-9_]))*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class _LockModel(BaseModel):
    """A lock as it is written."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    worldwright: str
    brief: str
    brief_digest: str
    base_digest: str | None = None
    language: str
    author: str
    made: str
    attributes: dict[str, str]

    def lock(self, where: str) -> Lock:
        try:
            made = datetime.fromisoformat(self.made)
        except ValueError:
            made = None
        if made is None or made.tzinfo is None:
            what = f"made: {self.made!r} is no time with a time zone"
            raise ArchitectError(what, where=where, help="write it like 2026-11-20T12:00:00+00:00")
        return Lock(
            brief=self.brief,
            brief_digest=self.brief_digest,
            language=self.language,
            attributes=self.attributes,
            author=self.author,
            made=made,
            base_digest=self.base_digest,
        )


def _attribute_digests(document: dict[str, Any]) -> dict[str, str]:
    attributes = document.get("attributes")
    if not isinstance(attributes, dict):
        return {}
    return {name: digest("attribute", data) for name, data in attributes.items()}


def _as_yaml(lock: Lock) -> str:
    made = lock.made.astimezone(UTC).isoformat(timespec="seconds")
    base = [f"base_digest: {_scalar(lock.base_digest)}"] if lock.base_digest is not None else []
    head = [
        "# What this document was generated from, and each attribute as generated. Written by the architect.",
        f"worldwright: {VERSION}",
        f"brief: {_scalar(lock.brief)}",
        f"brief_digest: {_scalar(lock.brief_digest)}",
        *base,
        f"language: {_scalar(lock.language)}",
        f"author: {_scalar(lock.author)}",
        f'made: "{made}"',
    ]
    rows = [f"  {_scalar(name)}: {_scalar(value)}" for name, value in lock.attributes.items()]
    return "\n".join([*head, "attributes:" if rows else "attributes: {}", *rows]) + "\n"


def _scalar(text: str) -> str:
    """Plain where that is surely text to every reader, else in double quotes as JSON writes them."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)
