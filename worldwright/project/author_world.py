"""Worlds that a model writes: a document and its scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.architect import Ask, Authored, Client, Lock, lock_path, read_lock
from worldwright.architect.world import DOCUMENT, WorldTask, author_world
from worldwright.diagnostics import Diagnostic, DocumentError
from worldwright.project.author_layer import one_of
from worldwright.project.locate import Project
from worldwright.project.locks import base_of, plain_document, world_scripts
from worldwright.project.texts import Texts

if TYPE_CHECKING:
    from worldwright.spec import Population


@dataclass(frozen=True, slots=True)
class WorldMaking:
    """A world, for a population with or without a scenario over it, or for none."""

    project: Project
    document: Path
    against: Mapping[str, str]

    def check(self, texts: Texts) -> list[Diagnostic]:
        """What is wrong with the world that is there."""
        from worldwright.world import load_world

        return load_world(self.document, texts.text, self.project.show)[1]

    def everything(self, texts: Texts) -> Sequence[str]:
        """The document and every script of it."""
        return [DOCUMENT, *self.scripts(texts)]

    def keep(self, texts: Texts, edits: Sequence[str], lock: Lock | None) -> Mapping[str, str]:
        """The files that were edited; the document as a whole, where anything in it was."""
        scripts = self.scripts(texts) if edits else {}
        kept = {name: scripts[name] for name in edits if name in scripts}
        if any(name not in scripts for name in edits):
            kept[DOCUMENT] = texts.read(self.document).text
        return kept

    def author(self, brief: str, client: Client, ask: Ask, kept: Mapping[str, str]) -> Authored:
        """Have it written."""
        name = self.document.parent.name
        population = self._population(Texts(self.project))
        return author_world(brief, WorldTask(name, population, kept), client, ask=ask)

    def plan(self, authored: Authored) -> None:
        """Nothing is spent by a world."""

    def scripts(self, texts: Texts) -> dict[str, str]:
        """The scripts that its document names, by file name."""
        return world_scripts(texts, self.document)

    def base(self, texts: Texts) -> tuple[str | None, str | None]:
        """The population it was written for, and its digest."""
        named = self._named(texts)
        return named, base_of(self.project, texts, named) if named is not None else None

    def aside(self, name: str, word: str) -> Path:
        """In a folder beside its files: `invalid/world.yaml`."""
        return self.document.parent / word / name

    def _named(self, texts: Texts) -> str | None:
        """`POPULATION` or `POPULATION/SCENARIO`: as asked, as locked, or the only one; None for no people."""
        where = self.project.show(self.document)
        if "population" in self.against or "scenario" in self.against:
            scenario = self.against.get("scenario")
            if scenario is None:
                return one_of(self.project, "population", self.against["population"], where)
            path = self.project.document("scenario", one_of(self.project, "scenario", scenario, where))
            extends = str(plain_document(texts, path).get("extends", ""))
            base = self.against.get("population", extends)
            return f"{one_of(self.project, 'population', base, where)}/{scenario}"
        lock = read_lock(lock_path(self.document))
        if lock is not None:
            return lock.base
        if self.document.is_file():
            entities = plain_document(texts, self.document).get("entities")
            rows = entities if isinstance(entities, list) else []
            if not any(isinstance(row, dict) and "population" in row for row in rows):
                return None
        elif not self.project.names("population"):
            return None
        return one_of(self.project, "population", None, where)

    def _population(self, texts: Texts) -> Population | None:
        from worldwright.project.specs import load_spec

        named = self._named(texts)
        if named is None:
            return None
        base, _, scenario = named.partition("/")
        kind, name = ("scenario", scenario) if scenario else ("population", base)
        population, found = load_spec(self.project, texts, self.project.document(kind, name))
        if population is None:
            raise DocumentError(found)
        return population
