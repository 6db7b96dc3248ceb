"""Looking at specs, as the front doors do it: load them, plan, draw and compare them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from worldwright.errors import UsageError
from worldwright.project.specs import LoadedSpec, loaded_spec
from worldwright.spec import Population, plain, read
from worldwright.spec.diff import Change, attributes_of, diff, enters_the_digest
from worldwright.spec.expressions.nodes import names
from worldwright.spec.plan import SpecPlan, members_of, plan_of
from worldwright.spec.tree import MappingNode


def write_reference(out: Path | None) -> str:
    """The reference of the language in Markdown; written to `out` where one is given.

    Raises:
        UsageError: when that cannot be written.
    """
    from worldwright.spec.reference.page import page

    text = page()
    if out is not None:
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", where=str(out)) from None
    return text


def tree_of(spec: LoadedSpec) -> MappingNode:
    """The tree of a spec's own document."""
    node, _ = read(spec.texts[spec.file], spec.file)
    assert isinstance(node, MappingNode)
    return node


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
    shown, reached = spec_pictures(path, theme, vector=out.suffix == ".svg")
    out.write_bytes(shown)
    if reached is None:
        return [out]
    reach = out.with_stem(f"{out.stem}-modifiers")
    reach.write_bytes(reached)
    return [out, reach]


def spec_pictures(
    path: Path, theme: Literal["light", "dark"] = "light", *, vector: bool = False
) -> tuple[bytes, bytes | None]:
    """The distributions of a spec, and what its modifiers reach where it has any, as PNG or SVG.

    Raises:
        UsageError: when the spec does not exist.
        DocumentError: when it has errors.
    """
    population = loaded_spec(path).population
    from worldwright.population.inspection.preview import preview
    from worldwright.report import spec_plots

    items = preview(population)
    name = f"{population.scenario} on {population.name}" if population.scenario else population.name
    heading = f"{name}: {len(population.columns)} attributes"
    shown = spec_plots.distributions(items, heading, theme=theme, vector=vector)
    if not any(item.branches for item in items):
        return shown, None
    return shown, spec_plots.modifiers(items, f"{name}: modifiers", theme=theme, vector=vector)


@dataclass(frozen=True)
class SpecDiff:
    """What changed from one spec to another."""

    old: str
    new: str
    changes: tuple[Change, ...]
    changed: tuple[str, ...]
    """The attributes that are themselves declared otherwise, or gone, or new."""
    affected: tuple[str, ...]
    """The attributes of the new spec whose values may differ only since something they depend on does."""


def diff_specs(old: Path, new: Path) -> SpecDiff:
    """Compare two populations or two scenarios by meaning.

    Raises:
        UsageError: when one does not exist, or they are of two kinds.
        DocumentError: when one has errors.
    """
    first, second = loaded_spec(old), loaded_spec(new)
    before, after = (_plain(item) for item in (first, second))
    if kind_of(before) != kind_of(after):
        raise UsageError("a population cannot be compared with a scenario", where=f"{old}, {new}")
    changes = diff(before, after)
    changed = attributes_of(changes)
    return SpecDiff(first.file, second.file, changes, changed, _affected(changes, second.population, changed))


def _plain(spec: LoadedSpec) -> dict[str, Any]:
    return plain(tree_of(spec))


def kind_of(document: dict[str, Any]) -> str:
    """What kind of document it is."""
    return str(document["worldwright"]).split("/")[0]


def _affected(changes: Sequence[Change], new: Population, changed: Sequence[str]) -> tuple[str, ...]:
    """What reads a changed attribute, or is drawn or redrawn together with one, directly or not."""
    reached = set(changed)
    parts = ("correlations", "constraints", "marginals")
    relations = any(change.path[0] in parts and enters_the_digest(change) for change in changes)
    groups = [{item.first, item.second} for item in new.correlations]
    groups += [{*item.owners, *names(item.condition)} for item in new.constraints]
    attributes = {item.name: item for item in new.attributes}
    groups += [set(group) for item in new.marginals for group in members_of(item, attributes)]
    if relations:
        reached |= set().union(*groups)
    before = -1
    while len(reached) > before:
        before = len(reached)
        reached |= {item.name for item in new.attributes if reached & set(item.reads)}
        reached |= set().union(*(group for group in groups if group & reached))
    return tuple(name for name in new.columns if name in reached and name not in changed)
