"""Apply the fixes that checks offer to the documents they were found in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from worldwright.diagnostics import Applicability, Diagnostic
from worldwright.project.check import Checked, check_files
from worldwright.project.locate import project_of
from worldwright.project.rewrite import rewrite
from worldwright.spec.edits import applied, compatible

_ROUNDS = 10
"""How often a document is looked at again: one fix may bring to light what the next is for."""


@dataclass(frozen=True)
class Mended:
    """What was fixed, file by file, and what a check says afterwards."""

    fixed: list[Diagnostic]
    """The diagnostics whose fixes were applied, in the order of their application."""
    before: dict[str, str]
    """The texts of the changed files as they were, by the name they are shown under."""
    after: dict[str, str]
    """The texts of the changed files as they are now."""
    left: Checked
    """A check of what is there now."""
    offered: int
    """How many fixes are left that were not asked for: suggested ones, or those of files not named."""


def mend_files(paths: Sequence[Path], *, suggested: bool = False) -> Mended:
    """Apply the safe fixes, and the suggested ones where asked, to the named documents.

    Only the characters a fix names change; comments and layout stay. A document that another refers to is
    left alone unless it is named too.

    Raises:
        UsageError: for a path that does not exist, cannot be read or cannot be written.
    """
    places = {shown: path for path in paths for shown, path in _named(path)}
    fixed: list[Diagnostic] = []
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    checked = check_files(paths)
    for _ in range(_ROUNDS):
        chosen = compatible(d for d in checked.diagnostics if _asked(d, places, suggested))
        if not chosen:
            break
        for file in dict.fromkeys(edit.span.file for d in chosen if d.fix for edit in d.fix.edits):
            edits = [e for d in chosen if d.fix for e in d.fix.edits if e.span.file == file]
            before.setdefault(file, checked.texts[file])
            after[file] = applied(checked.texts[file], edits)
            rewrite(places[file], after[file])
        fixed += chosen
        checked = check_files(paths)
    offered = sum(d.fix is not None and bool(d.fix.edits) for d in checked.diagnostics)
    return Mended(fixed, before, after, checked, offered)


def _asked(diagnostic: Diagnostic, places: dict[str, Path], suggested: bool) -> bool:
    fix = diagnostic.fix
    if fix is None or not (suggested or fix.applicability is Applicability.SAFE):
        return False
    return all(edit.span.file in places for edit in fix.edits)


def _named(path: Path) -> list[tuple[str, Path]]:
    """The files that a path on the command line stands for, each with the name that is shown."""
    project = project_of(path)
    files = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
    return [(project.show(file), file) for file in files]
