"""One spec of a project: a population, or a scenario with the population it extends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from worldwright.diagnostics import Code, Diagnostic, DocumentError, Severity, Span, in_order
from worldwright.errors import UsageError
from worldwright.project.foreign import load_foreign
from worldwright.project.locate import Project, project_of
from worldwright.project.texts import Texts
from worldwright.spec import Population, check_scenario, load_population
from worldwright.spec.heading import expect_kind
from worldwright.spec.tree import MappingNode, ScalarNode

_PLAIN = re.compile(r"[^/\\\0]{1,120}")
UNKNOWN_DOCUMENT = Code(
    "WW0810",
    "document-unknown",
    Severity.ERROR,
    "Nothing can be run on a document that is not there.",
)


@dataclass(frozen=True)
class LoadedSpec:
    """A population, or a scenario on its base, with what was read for it."""

    population: Population
    diagnostics: list[Diagnostic]
    """Warnings and notes."""
    texts: dict[str, str]
    file: str


def loaded_spec(path: Path) -> LoadedSpec:
    """Load a population or scenario document.

    Raises:
        UsageError: when it does not exist or cannot be read.
        DocumentError: when it has errors.
    """
    demand_spec(path)
    project = project_of(path)
    texts = Texts(project)
    population, found = load_spec(project, texts, path)
    if population is None:
        raise DocumentError(found)
    return LoadedSpec(population, found, texts.files, project.show(path))


def demand_spec(path: Path) -> None:
    """Refuse a spec that does not exist.

    Raises:
        UsageError: when there is no file at the path.
    """
    if not path.is_file():
        raise UsageError("no such file", where=str(path), help="name a population or scenario document")


def load_spec(project: Project, texts: Texts, path: Path) -> tuple[Population | None, list[Diagnostic]]:
    """A population, or a scenario resolved on the base it extends, which is looked up in the project."""
    source = texts.read(path)
    node, _ = source.read()
    foreign = load_foreign(texts, source, node, path)
    if foreign is not None:
        return foreign
    heading = expect_kind(node, "scenario")[0] if node is not None else None
    extends = node.get("extends") if heading is not None and isinstance(node, MappingNode) else None
    if heading is None:
        return load_population(source, files=texts.content)
    alone = check_scenario(source)
    if not isinstance(extends, ScalarNode) or not extends.text:
        return None, alone
    if not _PLAIN.fullmatch(extends.text):
        return None, in_order([*alone, unknown_document("population", extends.text, extends.span, project)])
    for candidate in (project.document("population", extends.text), path.with_name(f"{extends.text}.yaml")):
        if candidate.is_file():
            return load_population(texts.read(candidate), source, texts.content)
    return None, in_order([*alone, unknown_document("population", extends.text, extends.span, project)])


def unknown_document(kind: str, name: str, span: Span | None, project: Project) -> Diagnostic:
    """What is said of a document that is named and not there."""
    known = project.names(kind)
    return UNKNOWN_DOCUMENT.at(span, f"there is no {kind} {name!r}", help=offer(name, known))


def offer(name: str, known: list[str]) -> str:
    """The nearest of the names that exist, or all of them."""
    near = get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are: {', '.join(known)}" if known else "there are none yet"
