"""The lock of a brief: `NAME.lock.yaml` beside a document says what the document was generated from.

It tells whether the brief or the base has changed since, and which attributes were edited by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from worldwright.architect.assembly import SECTIONS
from worldwright.architect.research import Cited
from worldwright.hashing import digest

HAND = "hand"
"""The author of a document that a person wrote."""

VERSION = "lock/1"


@dataclass(frozen=True, slots=True)
class Cost:
    """What authoring used.

    Args:
        calls: Requests sent.
        tokens_in: Tokens of requests.
        tokens_out: Tokens of answers.
        searches: Searches of the web.
        money: What that cost; None where no prices were configured.
        currency: Of the money.
    """

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    searches: int = 0
    money: float | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a document came about, beside what it was generated from.

    Args:
        author: `hand`, or the name of the model.
        made: When, with a time zone.
        cost: What it used.
        cassettes: The recordings of the requests.
        citations: The pages its figures rest on.
        assumptions: What was assumed because the brief does not say it.
        answers: What a person answered to the model's questions, by id.
    """

    author: str
    made: datetime
    cost: Cost = Cost()
    cassettes: tuple[str, ...] = ()
    citations: tuple[Cited, ...] = ()
    assumptions: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if self.made.tzinfo is None:
            raise ValueError("a lock's time needs a time zone")


@dataclass(frozen=True, slots=True)
class Lock:
    """What a document was generated from.

    Args:
        brief: The brief's file, relative to the project, with forward slashes.
        brief_digest: Identity of the brief's text.
        language: Kind and version of the language, such as `population/1`.
        attributes: The digest of each attribute as generated, by name.
        provenance: How it came about.
        sections: The digests of other sections that may be edited by hand, by name; None in locks of before
            there were any, of which nobody can say.
        files: The digests of scripts, by name.
        base: What it was authored against: the population of a scenario, `POPULATION/SCENARIO` of a world.
        base_digest: The digest of that population.
    """

    brief: str
    brief_digest: str
    language: str
    attributes: dict[str, str]
    provenance: Provenance
    sections: dict[str, str] | None = None
    files: dict[str, str] = field(default_factory=dict[str, str])
    base: str | None = None
    base_digest: str | None = None

    @property
    def author(self) -> str:
        """`hand`, or the name of the model."""
        return self.provenance.author


@dataclass(frozen=True, slots=True)
class Edits:
    """What a person has changed since a document was generated.

    Args:
        attributes: Attributes that differ from what was generated, or were added.
        removed: Attributes that were generated and are gone.
        sections: Other sections that differ, were added or are gone.
        files: Scripts that differ or were added.
    """

    attributes: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there are some."""
        return bool(self.attributes or self.removed or self.sections or self.files)

    def named(self) -> list[str]:
        """All of them by name."""
        return [*self.attributes, *self.removed, *self.sections, *self.files]


@dataclass(frozen=True, slots=True)
class Fresh:
    """Brief and base are those of the lock; or there is no brief, and nothing to lock. Edits are kept."""

    edits: Edits = Edits()


@dataclass(frozen=True, slots=True)
class Stale:
    """Brief or base has changed since; `reasons` are sentences."""

    reasons: tuple[str, ...]
    edits: Edits = Edits()


@dataclass(frozen=True, slots=True)
class Missing:
    """There is a brief and no lock: nobody has said which brief the document answers."""


def lock_path(document: Path) -> Path:
    """The lock beside a document: `NAME.yaml` has `NAME.lock.yaml`."""
    return document.with_name(f"{document.stem}.lock.yaml")


def brief_path(document: Path) -> Path:
    """The brief of a document, by name: `specs/populations/NAME.yaml` has `specs/briefs/NAME.md`.

    So has `specs/worlds/NAME/world.yaml`.
    """
    if document.name == "world.yaml":
        return document.parent.parent.parent / "briefs" / f"{document.parent.name}.md"
    return document.parent.parent / "briefs" / f"{document.stem}.md"


def make_lock(
    document: Mapping[str, Any],
    provenance: Provenance,
    *,
    brief: PurePosixPath,
    brief_text: str,
    scripts: Mapping[str, str] | None = None,
    base: str | None = None,
    base_digest: str | None = None,
) -> Lock:
    """The lock of a document as it is now.

    Args:
        document: Its plain data.
        provenance: How it came about.
        brief: The brief's file, relative to the project.
        brief_text: The brief.
        scripts: Of a world its scripts, by file name.
        base: What it was authored against.
        base_digest: The digest of that population.
    """
    return Lock(
        brief=brief.as_posix(),
        brief_digest=brief_digest(brief_text),
        language=str(document.get("worldwright", "")),
        attributes=_attribute_digests(document),
        provenance=provenance,
        sections=_section_digests(document),
        files=_file_digests(scripts or {}),
        base=base,
        base_digest=base_digest,
    )


def status(
    document: Mapping[str, Any],
    brief_text: str | None,
    base_digest: str | None,
    lock: Lock | None,
    scripts: Mapping[str, str] | None = None,
) -> Fresh | Stale | Missing:
    """How a document stands to its brief.

    Args:
        document: The document's plain data.
        brief_text: The brief; None where there is none.
        base_digest: For a scenario or world: the digest of its population now.
        lock: Its lock; None where there is none.
        scripts: Of a world its scripts, by file name.
    """
    if lock is None:
        return Fresh() if brief_text is None else Missing()
    reasons: list[str] = []
    if brief_text is None:
        reasons.append(f"the brief {lock.brief} is gone")
    elif brief_digest(brief_text) != lock.brief_digest:
        reasons.append(f"the brief {lock.brief} has changed")
    if base_digest != lock.base_digest:
        is_world = lock.language.startswith("world")
        reasons.append(f"the population it {'was written for' if is_world else 'extends'} has changed")
    edits = _edits(document, scripts or {}, lock)
    return Stale(tuple(reasons), edits) if reasons else Fresh(edits)


def _edits(document: Mapping[str, Any], scripts: Mapping[str, str], lock: Lock) -> Edits:
    attributes, sections, files = (
        _attribute_digests(document),
        _section_digests(document),
        _file_digests(scripts),
    )
    generated = sections if lock.sections is None else lock.sections
    return Edits(
        tuple(name for name, value in attributes.items() if lock.attributes.get(name) != value),
        tuple(name for name in lock.attributes if name not in attributes),
        tuple(n for n in {**generated, **sections} if generated.get(n) != sections.get(n)),
        tuple(name for name, value in files.items() if lock.files.get(name) != value),
    )


def brief_digest(text: str) -> str:
    """Identity of a brief; line ends and white space at the ends of lines do not matter."""
    return digest("brief", "\n".join(line.rstrip() for line in text.strip().splitlines()))


def _attribute_digests(document: Mapping[str, Any]) -> dict[str, str]:
    attributes = document.get("attributes")
    if not isinstance(attributes, dict):
        return {}
    return {name: digest("attribute", data) for name, data in attributes.items()}


def _section_digests(document: Mapping[str, Any]) -> dict[str, str]:
    """Of an experiment or world every key but its head; of a population those beside its attributes."""
    is_layer = "attributes" in document
    names = SECTIONS if is_layer else [key for key in document if key not in ("worldwright", "name")]
    return {name: digest("section", document[name]) for name in names if name in document}


def _file_digests(scripts: Mapping[str, str]) -> dict[str, str]:
    return {name: digest("script", text) for name, text in scripts.items()}
