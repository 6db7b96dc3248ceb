"""Operations on specs, as the front doors call them: load, operate, and write where a file is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

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


def plot_spec(path: Path, out: Path, theme: Literal["light", "dark"] = "light") -> list[Path]:
    """Draw every distribution of a spec, and what its modifiers reach, into two files beside each other.

    Args:
        path: A population or scenario.
        out: A file whose name ends in `.png` or `.svg`; the modifiers' has `-modifiers` before the ending.
        theme: "light" or "dark".

    Returns:
        The files written; one only where the spec has no modifiers.

    Raises:
        UsageError: for another ending, or a folder that does not exist.
    """
    if out.suffix not in (".png", ".svg"):
        raise UsageError("a picture's name ends in .png or .svg", where=str(out))
    if not out.parent.is_dir():
        raise UsageError(f"the folder {out.parent} does not exist", where=str(out), help="make it first")
    population = loaded_spec(path).population
    from worldwright.population.inspection.preview import preview
    from worldwright.report import spec_plots

    items, vector = preview(population), out.suffix == ".svg"
    name = f"{population.scenario} on {population.name}" if population.scenario else population.name
    heading = f"{name}: {len(population.columns)} attributes"
    out.write_bytes(spec_plots.distributions(items, heading, theme=theme, vector=vector))
    written = [out]
    if any(item.branches for item in items):
        reach = out.with_stem(f"{out.stem}-modifiers")
        reach.write_bytes(spec_plots.modifiers(items, f"{name}: modifiers", theme=theme, vector=vector))
        written.append(reach)
    return written
