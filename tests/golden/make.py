"""Make the golden store of a release: a tiny project with its results, which every later version must read.

    python -m tests.golden.make FOLDER

It is run once, by the version that is released; what it writes is committed as `tests/golden/VERSION` and not
changed again (that of a version that is not released yet may be made anew). The project holds two experiments
of the projects that tests share, made small: `rumour` with a population, a scenario and recorded agents,
`growth` with runs that failed and two versions of its result. `answers.json` holds what each table of the
catalog answered then, `made.json` the version and its ALGORITHM numbers. What can be built anew is left out:
the catalog, links to reports, locks and memories. So are pages of reports: nothing reads them.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import worldwright
from tests.conftest import PROJECTS, fixed_clock
from worldwright.executors import serial
from worldwright.project import publish
from worldwright.project.locate import Project
from worldwright.project.query import list_tables, run_query
from worldwright.project.run import run_experiment

KEPT = ("objects", "experiments")
NOT_ASKED = {
    "about": "tells the version of DuckDB and where the store is",
    "view_files": "tells where the store is",
}


def algorithms() -> dict[str, int]:
    """The numbers that are raised when a stage's output changes."""
    from worldwright.experiment import SUMMARY_ALGORITHM
    from worldwright.population import ALGORITHM as SAMPLER
    from worldwright.population import LAYOUT, QUALITY_ALGORITHM
    from worldwright.project.publish import ALGORITHM as REPORT
    from worldwright.world import ALGORITHM as WORLD

    return {
        "sampler": SAMPLER,
        "layout": LAYOUT,
        "quality": QUALITY_ALGORITHM,
        "world": WORLD,
        "summary": SUMMARY_ALGORITHM,
        "report": REPORT,
    }


def answers(project: Project) -> dict[str, list[dict[str, Any]]]:
    """Every table and view of the catalog, as plain rows in a fixed order."""
    names = [entry["table"] for entry in list_tables(project) if entry["table"] not in NOT_ASKED]
    found = {name: run_query(project, f"FROM {name} ORDER BY ALL").to_pylist() for name in names}
    plain: dict[str, list[dict[str, Any]]] = json.loads(json.dumps(found, default=str))
    return plain


def make(folder: Path) -> None:
    """Write the golden store into a new folder."""
    specs = folder / "specs"
    shutil.copytree(PROJECTS / "tiny" / "specs", specs)
    rumour, growth = (specs / "experiments" / f"{name}.yaml" for name in ("rumour", "growth"))
    _edit(rumour, "{world.spread: [.1, .6], world.first: [2, 10]}", "{world.spread: [.1, .6]}")
    _edit(rumour, "replicates: 3", "replicates: 2")
    _edit(growth, "{world.birth: [.05, .2]}", "{world.trap: [0, 3]}")
    _edit(growth, "{min: 4, max: 12, until: {metric: cells, relative_half_width: .2}}", "2")
    project = Project(folder, folder / "data", fixed_clock)
    publish.draw = _no_page
    with serial() as executor:
        run_experiment(project, "growth", executor, lambda _: None)
        _edit(growth, "ticks: 12", "ticks: 10")
        for name in ("rumour", "growth"):
            run_experiment(project, name, executor, lambda _: None)
    made = {"version": worldwright.__version__, "algorithms": algorithms()}
    for name, value in {"answers": answers(project), "made": made}.items():
        text = json.dumps(value, indent=0, sort_keys=True, ensure_ascii=False)
        (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    for path in project.data.iterdir():
        if path.name in KEPT:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _no_page(*arguments: Any) -> dict[str, Any]:
    (arguments[-1] / publish.PAGE).write_text("The page is left out of the golden store.\n", encoding="utf-8")
    return {}


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
