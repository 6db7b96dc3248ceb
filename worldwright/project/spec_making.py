"""Making specs from specs, as the front doors do it: load, operate, check, and write where asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from worldwright.diagnostics import DocumentError
from worldwright.errors import UsageError
from worldwright.project.locate import project_of
from worldwright.project.rewrite import rewrite
from worldwright.project.spec_tools import kind_of, tree_of
from worldwright.project.specs import load_spec, loaded_spec
from worldwright.project.texts import Texts
from worldwright.spec import Population, Source, plain
from worldwright.spec.interpolate import interpolated
from worldwright.spec.merge import Part, merged, shares_of
from worldwright.spec.patch import changes_from, patched
from worldwright.spec.perturb import Perturbation, perturbed
from worldwright.spec.simplify import Suggestion, simplified
from worldwright.spec.writer import write

_TOLERANCE = 1e-9
"""How far the shares of a mixture may be from 1."""


def perturb_spec(path: Path, changes: Sequence[Perturbation], out: Path | None) -> str:
    """A spec with figures moved; written to `out`, and named as that file, where one is given.

    Raises:
        UsageError: for what does not exist or cannot be moved so, a result with errors, a file that exists.
        DocumentError: when the document has errors.
    """
    spec = loaded_spec(path)
    if out is not None and out.exists():
        raise UsageError("the file exists already", where=str(out), help="choose another name")
    source = Source(spec.file, spec.texts[spec.file])
    text = perturbed(source, changes, out.stem if out is not None else None)
    return _finished(text, path, out)


def apply_changes(path: Path, changes: Path, out: Path | None) -> str:
    """A spec with the changes of a comparison carried out; written to `out` where one is given.

    Args:
        path: The first document of the comparison, or one that says the same where something changed.
        changes: A file with what `spec diff --json` printed.
        out: The new document.

    Raises:
        UsageError: when the changes cannot be read or were made from another document, or `out` exists.
        DocumentError: when the document has errors.
    """
    spec = loaded_spec(path)
    try:
        data = json.loads(changes.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(changes)) from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise UsageError(
            "this is no JSON", where=str(changes), help="give what `spec diff --json` prints"
        ) from None
    return _finished(patched(Source(spec.file, spec.texts[spec.file]), changes_from(data)), path, out)


def interpolate_specs(first: Path, second: Path, at: float, out: Path | None) -> str:
    """The document at a place between two, 0 being the first and 1 the second; written to `out` where given.

    Raises:
        UsageError: for a place outside, two kinds, or a file that exists already.
        DocumentError: when one has errors, or the two do not line up.
    """
    if not 0 <= at <= 1:
        raise UsageError(f"{at:g} does not lie between the two", help="0 is the first document, 1 the second")
    specs = [loaded_spec(path) for path in (first, second)]
    trees = [tree_of(spec) for spec in specs]
    if kind_of(plain(trees[0])) != kind_of(plain(trees[1])):
        raise UsageError("between a population and a scenario there is nothing", where=f"{first}, {second}")
    document, found = interpolated(trees[0], trees[1], at, out.stem if out is not None else None)
    if document is None:
        raise DocumentError(found)
    return _finished(write(document), first, out)


def simplify_spec(path: Path, out: Path | None, *, write: bool = False) -> tuple[str, list[Suggestion]]:
    """What could be simpler in a spec without changing a drawn value, and the spec with all of it done.

    Args:
        path: A population or scenario.
        out: The new document, where one is wanted.
        write: Whether to replace the document itself.

    Raises:
        UsageError: when it does not exist or cannot be written, or `out` exists.
        DocumentError: when the document has errors.
    """
    spec = loaded_spec(path)
    project = project_of(path)

    def load(text: str) -> Population | None:
        return load_spec(project, Texts(project, {spec.file: Source(spec.file, text)}), path)[0]

    text, found = simplified(Source(spec.file, spec.texts[spec.file]), load)
    if out is not None:
        return _finished(text, path, out), found
    if write and found:
        rewrite(path, text)
    return text, found


def merge_specs(paths: Sequence[Path], shares: Sequence[float], component: str, out: Path | None) -> str:
    """One population of several, each with its share; written to `out` where given.

    Args:
        paths: At least two populations.
        shares: A share for each, or for each but the last, which then has the rest.
        component: The attribute that says which of them an agent belongs to.
        out: The new document.

    Raises:
        UsageError: for shares that do not fit, scenarios, or a file that exists already.
        DocumentError: when one has errors, or they cannot be merged.
    """
    if len(paths) < 2:
        raise UsageError("nothing is to be merged", help="name two populations or more")
    if len(shares) not in (len(paths) - 1, len(paths)):
        raise UsageError(
            f"{len(shares)} shares are given for {len(paths)} populations",
            help="give one --share for each population, or for each but the last",
        )
    found = shares_of(shares, len(paths))
    if min(found) < 0 or abs(sum(found) - 1) > _TOLERANCE:
        raise UsageError("the shares do not sum to 1", help="a share is a number from 0 to 1")
    specs = [loaded_spec(path) for path in paths]
    trees = [tree_of(spec) for spec in specs]
    for path, tree in zip(paths, trees, strict=True):
        if kind_of(plain(tree)) != "population":
            raise UsageError("only populations can be merged", where=str(path), help="merge what it extends")
    labels = [spec.population.name for spec in specs]
    labels = [f"{label}-{i}" if labels.count(label) > 1 else label for i, label in enumerate(labels, 1)]
    parts = [Part(*each) for each in zip(labels, found, trees, (s.population for s in specs), strict=True)]
    document, clashes = merged(parts, component, out.stem if out is not None else None)
    if document is None:
        raise DocumentError(clashes)
    return _finished(write(document), paths[0], out)


def _finished(text: str, beside: Path, out: Path | None) -> str:
    """A document that an operation made, checked where its origin lies; written to `out` where given."""
    if out is not None and out.exists():
        raise UsageError("the file exists already", where=str(out), help="choose another name")
    project = project_of(beside)
    name = project.show(beside)
    population, found = load_spec(project, Texts(project, {name: Source(name, text)}), beside)
    if population is None:
        # Places in it are not places in a file, so the first problem is told in words.
        first = next(diagnostic for diagnostic in found if diagnostic.is_error)
        raise UsageError(
            f"the result would not be valid: {first.message}", where=str(beside), help=first.help
        )
    if out is not None:
        rewrite(out, text)
    return text
