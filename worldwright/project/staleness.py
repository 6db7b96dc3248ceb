"""Which results are out of date: the documents as they are now against what the current versions stand on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from worldwright.diagnostics import DocumentError
from worldwright.errors import UsageError, WorldwrightError
from worldwright.project.inputs import UPSTREAM, Changed, changes, inputs_in, inputs_of, reached
from worldwright.project.stages import DOCUMENTS, Chain, open_chain

if TYPE_CHECKING:
    from worldwright.project.locate import Project
    from worldwright.store import Store

State = Literal["up to date", "wording", "out of date", "never run", "invalid", "unknown"]


@dataclass(frozen=True, slots=True)
class Staleness:
    """How an experiment's current results stand to its documents.

    Attributes:
        experiment: Its name.
        version: The current version; None where there is none.
        state: `wording` is a change of comments, descriptions or layout, which no number depends on;
            `invalid` where a document cannot be used, `unknown` where the version was published before
            inputs were recorded.
        changed: The inputs that are not what they were.
        stages: The stages that are out of date, in order, each with what makes it so.
        wording: The files whose text alone changed.
        to_run: How many of the runs that the first round needs are not in the store.
        needed: How many those are.
        problem: What is wrong with the documents.
    """

    experiment: str
    version: int | None
    state: State
    changed: tuple[Changed, ...] = ()
    stages: dict[str, tuple[str, ...]] | None = None
    wording: tuple[str, ...] = ()
    to_run: int = 0
    needed: int = 0
    problem: str = ""

    @property
    def current(self) -> tuple[str, ...]:
        """The stages whose results are up to date."""
        return tuple(stage for stage in UPSTREAM if stage not in (self.stages or {}))


def stale(project: Project, name: str | None = None) -> list[Staleness]:
    """The state of one experiment, or of all that have a document or results, by name.

    Raises:
        UsageError: when there is no such experiment.
    """
    known = sorted({*project.names("experiment"), *project.store.experiments()})
    if name is not None and name not in known:
        raise UsageError(f"no experiment {name!r}", help=f"there are: {', '.join(known) or 'none'}")
    return [_state(project, one) for one in ([name] if name is not None else known)]


def texts_of(store: Store, record: dict[str, Any]) -> dict[str, str] | None:
    """The documents a version stands on, by file; None where it was published before they were kept."""
    entry = record["datasets"].get("experiment_document")
    if entry is None:
        return None
    dataset = store.get(entry["documents"]["key"])
    return json.loads(dataset.file(DOCUMENTS).read_text(encoding="utf-8"))


def _state(project: Project, name: str) -> Staleness:
    current = project.store.current(name)
    version = current[0] if current else None
    try:
        chain = open_chain(project, name)
    except (DocumentError, WorldwrightError) as error:
        return Staleness(name, version, "invalid", problem=str(error))
    to_run, needed = _runs(chain)
    if current is None:
        return Staleness(name, None, "never run", to_run=to_run, needed=needed)
    record = current[1]
    if record["closure"] == chain.closure.digest and "inputs" not in record:
        return Staleness(name, version, "up to date", needed=needed)
    if "inputs" not in record:
        return Staleness(name, version, "unknown", to_run=to_run, needed=needed)
    changed = changes(inputs_in(record), inputs_of(chain))
    wording = _reworded(project, record, chain, changed)
    state: State = "out of date" if changed else "wording" if wording else "up to date"
    return Staleness(name, version, state, changed, reached(changed), wording, to_run, needed)


def _runs(chain: Chain) -> tuple[int, int]:
    """Of the runs of the first round, how many are to be made, and how many there are."""
    from worldwright.experiment import run_key

    experiment, store = chain.experiment, chain.project.store
    keys = [
        run_key(experiment, cell, replicate)
        for cell in experiment.cells
        for replicate in range(experiment.minimum)
    ]
    return sum(not store.folder(key).is_dir() for key in keys), len(keys)


def _reworded(
    project: Project, record: dict[str, Any], chain: Chain, changed: tuple[Changed, ...]
) -> tuple[str, ...]:
    """Files whose text changed and none of whose inputs did."""
    if record["closure"] == chain.closure.digest:
        return ()
    was, now = texts_of(project.store, record) or {}, chain.closure.files
    files = {one.one.file for one in changed}
    return tuple(
        file for file in sorted({*was, *now}) if was.get(file) != now.get(file) and file not in files
    )
