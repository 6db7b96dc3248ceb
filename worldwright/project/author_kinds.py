"""What differs between the kinds of documents that can be authored: where they lie, what they stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from worldwright.architect import Ask, Authored, Client, Lock
from worldwright.diagnostics import Diagnostic
from worldwright.errors import UsageError
from worldwright.project.locate import Project
from worldwright.project.texts import Texts

KINDS = ("population", "scenario", "world", "experiment")


class Making(Protocol):
    """One document that is to be authored."""

    @property
    def document(self) -> Path:
        """Its file."""
        ...

    def check(self, texts: Texts) -> list[Diagnostic]:
        """What is wrong with the document that is there."""
        ...

    def keep(self, texts: Texts, edits: Sequence[str], lock: Lock | None) -> Any:
        """What of the document that is there stays, of the names that were edited by hand."""
        ...

    def everything(self, texts: Texts) -> Sequence[str]:
        """The names of all that would stay if all of it were written by hand."""
        ...

    def author(self, brief: str, client: Client, ask: Ask, kept: Any) -> Authored:
        """Have it written."""
        ...

    def plan(self, authored: Authored) -> tuple[str, tuple[tuple[str, str], ...]] | None:
        """What a person should see before it is written; None where nothing is spent by it."""
        ...

    def scripts(self, texts: Texts) -> dict[str, str]:
        """Its scripts, by file name."""
        ...

    def base(self, texts: Texts) -> tuple[str | None, str | None]:
        """What it stands on and the digest of that."""
        ...

    def aside(self, name: str, word: str) -> Path:
        """Where a file of it goes that is not to replace it: `invalid`, `before` or `declined`."""
        ...


def making_of(project: Project, document: Path, against: Mapping[str, str]) -> Making:
    """How a document is made, by the folder it lies in.

    Raises:
        UsageError: for a place that says nothing about its kind.
    """
    path = document / "world.yaml" if document.parent.name == "worlds" else document
    folder = path.parent.parent.name if path.name == "world.yaml" else path.parent.name
    kind = next((kind for kind in KINDS if folder == f"{kind}s"), None)
    if kind is None or path.suffix != ".yaml":
        places = ", ".join(f"specs/{kind}s/" for kind in KINDS)
        raise UsageError(
            "its folder does not say what is to be written",
            where=project.show(document),
            help=f"name a document in one of {places}",
        )
    if kind in ("population", "scenario"):
        from worldwright.project.author_layer import LayerMaking

        return LayerMaking(project, kind, path, against)
    if kind == "world":
        from worldwright.project.author_world import WorldMaking

        return WorldMaking(project, path, against)
    from worldwright.project.author_experiment import ExperimentMaking

    return ExperimentMaking(project, path, against)
