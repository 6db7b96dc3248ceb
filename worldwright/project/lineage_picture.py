"""The lineage of an experiment or a dataset as a picture: documents left, what is asked for right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from worldwright.errors import UsageError
from worldwright.project.answer import current_record
from worldwright.project.inputs import UPSTREAM, Input, inputs_in
from worldwright.project.lineage import lineage
from worldwright.project.locate import Project
from worldwright.project.staleness import Staleness, stale

if TYPE_CHECKING:
    from worldwright.report.flow import Box
    from worldwright.store import Ancestor

_MOST = 3
_FILES = ("population", "scenario", "data", "world", "script")


def draw_lineage(project: Project, name: str, out: Path) -> None:
    """Draw where an experiment's report, or a dataset, comes from; what is out of date is marked.

    Args:
        project: The project.
        name: An experiment, or the key of a dataset.
        out: A file whose name ends in `.png` or `.svg`.

    Raises:
        UsageError: for another ending, a folder that does not exist, or what is not known.
    """
    if out.suffix not in (".png", ".svg"):
        raise UsageError("a picture's name ends in .png or .svg", where=str(out))
    if not out.parent.is_dir():
        raise UsageError(f"the folder {out.parent} does not exist", where=str(out), help="make it first")
    from worldwright.report.flow import flow

    made = _of_dataset(project, name) if ":" in name else _of_experiment(project, name)
    boxes, arrows, heading, note = made
    out.write_bytes(flow(boxes, arrows, heading, note, vector=out.suffix == ".svg"))


Drawn = tuple["dict[str, Box]", list[tuple[str, str]], str, str]


def _of_experiment(project: Project, name: str) -> Drawn:
    """The stages of the current version and the files they read."""
    from worldwright.report.flow import Box

    version, record = current_record(project, name)
    (state,) = stale(project, name)
    changed = {one.one.place for one in state.changed}
    out_of_date = state.stages or {}
    boxes: dict[str, Box] = {}
    arrows: list[tuple[str, str]] = []
    for one in inputs_in(record):
        if one.kind in _FILES:
            boxes[f"{one.kind} {one.name}"] = _document(one, one.place in changed)
            arrows += [(f"{one.kind} {one.name}", stage) for stage in one.stages]
    for stage, upstream in UPSTREAM.items():
        if set(record["datasets"].get(stage, {})) == {"none"}:
            continue  # the experiment has no population, or no scenario
        below = out_of_date.get(stage, ())
        told = tuple(PurePosixPath(why).name for why in below if why not in UPSTREAM)[:2]
        told = told or _detail(record, stage)
        boxes[stage] = Box(_words(stage), told, "stale" if stage in out_of_date else "plain")
        arrows += [(before, stage) for before in upstream]
    kept = [(source, target) for source, target in arrows if source in boxes and target in boxes]
    return boxes, kept, f"{name}, version {version}", _note(record, state)


def _document(one: Input, changed: bool) -> Box:
    from worldwright.report.flow import Box

    file = one.file or ""
    folder, _, title = file.rpartition("/")
    below = f"{one.kind}, changed since" if changed else folder
    return Box(title, (below,), "changed" if changed else "document")


def _detail(record: dict[str, Any], stage: str) -> tuple[str, ...]:
    about, datasets = record["experiment"], record["datasets"][stage]
    digests = [entry["digest"] for entry in datasets.values()]
    shown = digests[0][:17] + "…" if len(digests) == 1 else f"{len(digests)} datasets"
    what = {
        "simulation_runs": f"{about['runs']:,} runs in {len(about['cells']):,} cells",
        "base_population": f"seed {about['seed']}",
        "population": ", ".join(f"{use['agents']:,} agents" for use in about["populations"].values()),
    }.get(stage)
    return (what, shown) if what else (shown,)


def _note(record: dict[str, Any], state: Staleness) -> str:
    about = record["experiment"]
    settings = f"seed {about['seed']}, {about['ticks']:,} ticks, {len(about['cells']):,} cells"
    if state.state == "out of date":
        return f"{settings}; orange: out of date with the documents as they are now"
    return f"{settings}; {state.state}"


def _of_dataset(project: Project, key: str) -> Drawn:
    """A dataset with all it was made from; of many alike, such as runs, one box for all."""
    from worldwright.report.flow import Box

    found = lineage(project, key)
    counts = Counter(_stage(one) for one in found)
    many = {stage for stage, number in counts.items() if number > _MOST}
    box_of = {one.key: _stage(one) if _stage(one) in many else one.key for one in found}
    boxes: dict[str, Box] = {}
    arrows: list[tuple[str, str]] = []
    for one in found:
        stage, name = _stage(one), box_of[one.key]
        below = f"{counts[stage]:,} datasets" if stage in many else f"{one.key[:24]}…"
        told = (below, _what(one)) if stage not in many and _what(one) else (below,)
        boxes.setdefault(name, Box(_words(stage), told, "document" if one.dataset is None else "plain"))
        if one.dataset is not None:
            arrows += [(box_of[parent], name) for parent in one.dataset.parents if parent in box_of]
    return boxes, arrows, key, f"made from {len(found) - 1:,} datasets"


def _stage(one: Ancestor) -> str:
    return one.dataset.stage if one.dataset else "not in this store"


def _what(one: Ancestor) -> str:
    inputs = one.dataset.inputs if one.dataset else {}
    if "replicate" in inputs:
        return f"replicate {inputs['replicate']}, seed {inputs['seed']}"
    return str(inputs.get("name") or inputs.get("world") or "")


def _words(stage: str) -> str:
    return stage.replace("_", " ")
