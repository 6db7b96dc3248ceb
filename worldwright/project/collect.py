"""Removing what no kept version of an experiment stands on."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from worldwright.errors import UsageError
from worldwright.project.locate import Project

if TYPE_CHECKING:
    from worldwright.store import Collection

_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def collect_garbage(project: Project, keep: int, grace: timedelta, dry_run: bool) -> Collection:
    """Remove the datasets that the last `keep` versions of no experiment stand on, older than `grace`.

    Args:
        project: Whose store it is.
        keep: Versions of each experiment, at least 1.
        grace: Younger datasets stay: a run that was stopped, or goes on, finds them.
        dry_run: Only tell.

    Raises:
        UsageError: for less than one version.
        StoreError: when the store is in use, a version to be kept cannot be read, or the disk refuses.
    """
    from worldwright.store import collect, find_garbage

    before = project.clock() - grace
    if dry_run:
        return find_garbage(project.store.root, keep, before)
    return collect(project.store, keep, before)


def span_of(text: str) -> timedelta:
    """A length of time such as `7d`, `12h`, `30m` or `2w`.

    Raises:
        UsageError: for anything else.
    """
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no length of time", help="write a number and m, h, d or w, such as 7d")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})
