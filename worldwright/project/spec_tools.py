"""Operations on specs, as the front doors call them: load, operate, and write where a file is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from worldwright.diagnostics import Diagnostic, DocumentError
from worldwright.errors import UsageError
from worldwright.project.check import project_of
from worldwright.project.documents import load_spec
from worldwright.project.texts import Texts
from worldwright.spec import Population
from worldwright.spec.plan import SpecPlan, plan_of


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
    if not path.is_file():
        raise UsageError("no such file", where=str(path), help="name a population or scenario document")
    project = project_of(path)
    texts = Texts(project)
    population, found = load_spec(project, texts, path)
    if population is None:
        raise DocumentError(found)
    return LoadedSpec(population, found, texts.files, project.show(path))


def plan_spec(path: Path) -> SpecPlan:
    """The order, dependencies, strategies and costs of a spec's attributes."""
    return plan_of(loaded_spec(path).population)
