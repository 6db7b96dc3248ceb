"""Populations and scenarios that a model writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worldwright.architect import Ask, Authored, Client, Kept, Layer, Lock, author_layer
from worldwright.architect.assembly import SECTIONS, attribute_blocks, canonical, section_blocks
from worldwright.diagnostics import Diagnostic, DocumentError
from worldwright.errors import UsageError
from worldwright.project.locate import Project
from worldwright.project.locks import plain_document
from worldwright.project.specs import load_spec
from worldwright.project.texts import Texts


@dataclass(frozen=True, slots=True)
class LayerMaking:
    """A population, or a scenario over one."""

    project: Project
    kind: str
    document: Path
    against: Mapping[str, str]

    def check(self, texts: Texts) -> list[Diagnostic]:
        """What is wrong with the document that is there."""
        return load_spec(self.project, texts, self.document)[1]

    def everything(self, texts: Texts) -> Sequence[str]:
        """Every attribute and section of the document that is there."""
        data = plain_document(texts, self.document)
        attributes = data.get("attributes")
        names = list(attributes) if isinstance(attributes, dict) else []
        return [*names, *(name for name in SECTIONS if name in data)]

    def keep(self, texts: Texts, edits: Sequence[str], lock: Lock | None) -> Kept:
        """The blocks of what was edited, and the sources they may name."""
        if not edits:
            return Kept()
        text = canonical(texts.read(self.document).text, self.project.show(self.document))
        attributes, sections = attribute_blocks(text), section_blocks(text)
        if not attributes:
            raise UsageError(
                "its attributes cannot be told apart, so hand edits cannot be kept",
                where=self.project.show(self.document),
                help="run `worldwright fmt` on it; or add --theirs to have it written anew",
            )
        sources = plain_document(texts, self.document).get("sources")
        generated = lock.attributes if lock is not None else {}
        return Kept(
            {name: attributes[name] for name in edits if name in attributes},
            tuple(name for name in edits if name in generated and name not in attributes),
            {name: sections.get(name, "") for name in edits if name in SECTIONS},
            sources if isinstance(sources, dict) else {},
        )

    def author(self, brief: str, client: Client, ask: Ask, kept: Kept) -> Authored:
        """Have it written."""
        if self.kind == "population":
            return author_layer(brief, Layer("population", self.document.stem, kept=kept), client, ask=ask)
        texts = Texts(self.project)
        base = self._base_name(texts)
        path = self.project.document("population", base)
        source = texts.read(path)

        def content(_: str, name: str) -> bytes:
            return texts.content(source.file, name)

        layer = Layer("scenario", self.document.stem, base, source.text, content, kept)
        return author_layer(brief, layer, client, ask=ask)

    def plan(self, authored: Authored) -> None:
        """Nothing is spent by a population."""

    def scripts(self, texts: Texts) -> dict[str, str]:
        """It has none."""
        return {}

    def base(self, texts: Texts) -> tuple[str | None, str | None]:
        """Of a scenario the population it extends."""
        if self.kind == "population":
            return None, None
        population, found = load_spec(self.project, texts, self.document)
        if population is None:
            raise DocumentError(found)
        return population.name, population.base_digest

    def aside(self, name: str, word: str) -> Path:
        """Beside it: `NAME.invalid.yaml`."""
        return self.document.with_name(f"{self.document.stem}.{word}{Path(name).suffix}")

    def _base_name(self, texts: Texts) -> str:
        if (asked := self.against.get("population")) is not None:
            named = asked
        else:
            stated = plain_document(texts, self.document).get("extends") if self.document.is_file() else None
            named = stated if isinstance(stated, str) else None
        return one_of(self.project, "population", named, self.project.show(self.document))


def one_of(project: Project, kind: str, named: str | None, where: str) -> str:
    """The document of a kind that something stands on: the one that is named, or the only one there is.

    Raises:
        UsageError: when there is none of that name, or nothing says which.
    """
    known = project.names(kind)
    if named is not None:
        if named not in known:
            raise UsageError(
                f"there is no {kind} {named!r}", where=where, help=f"there are: {', '.join(known)}"
            )
        return named
    if len(known) == 1:
        return known[0]
    raise UsageError(
        f"nothing says which {kind} it stands on",
        where=where,
        help=f"add --{kind} NAME, one of: {', '.join(known) or 'none yet'}",
    )
