"""The Python API: `import worldwright as ww`.

Takes paths of documents and names of experiments, gives Arrow tables (`.to_pandas()` makes frames of them).
Every function is a use case of the command line and gives the same numbers. Errors are of `WorldwrightError`,
whose text says where, what, why and what to do.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from worldwright.api.found import Explained, File, Picture, Problems, Results, WorldTables
from worldwright.diagnostics import DocumentError
from worldwright.errors import ExperimentError, UsageError, WorldwrightError
from worldwright.project.locate import Project, find_project

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.project.answer import Answer


def check(*documents: File, portable: bool = False) -> Problems:
    """Check documents of any kind, or folders of worlds, together with what they refer to.

    Args:
        documents: Their paths.
        portable: Whether worlds are to do the same on LuaJIT and Lua 5.4.

    Raises:
        UsageError: for a path that does not exist.
    """
    from worldwright.project.check import check_files
    from worldwright.render import render_text

    checked = check_files([Path(document) for document in documents], portable=portable)
    found = checked.diagnostics
    return Problems(
        tuple(item.code for item in found if item.is_error),
        tuple(item.code for item in found if not item.is_error),
        render_text(found, checked.texts.get),
    )


def sample(spec: File, agents: int | None = None, *, seed: int = 0, workers: int = 1) -> pa.Table:
    """The agents of a population, or of a scenario on its population: a row each, attributes as columns.

    Args:
        spec: The document.
        agents: How many; the spec's own number unless given. More agents begin with the same ones.
        seed: From 0 to 2⁶³ − 1.
        workers: Local processes that compute; the table does not depend on it.

    Raises:
        UsageError: for a document that does not exist, or a number out of range.
        DocumentError: for a spec with errors.
        SamplingError: for an agent that cannot be drawn.
    """
    from worldwright.project.sample import sample_table

    _whole(agents=agents, seed=seed, workers=workers)
    return sample_table(Path(spec), agents, seed, workers=workers)


def explain(spec: File, agent: int, *, seed: int = 0, attribute: str | None = None) -> Explained:
    """How one agent came about: draws, modifiers, rounding, redraws.

    Args:
        spec: A population or scenario.
        agent: Its row in the sample, from 0.
        seed: As of the sample.
        attribute: Every step of this one alone.

    Raises:
        UsageError: for a document or attribute that does not exist.
        DocumentError: for a spec with errors.
    """
    from worldwright.population.explanation import wording
    from worldwright.population.explanation.record import plain
    from worldwright.project.explain import explain_file

    _whole(agent=agent, seed=seed)
    found = explain_file(Path(spec), agent, seed, attribute, picture=False)
    lines = [f"agent {found.agent} of {found.population}, seed {found.seed}"]
    for item in found.attributes:
        lines.append(f"{item.name}: {wording.value_text(item)} – {wording.summary(item)}")
        if attribute is not None:
            lines += [f"  {label or '':<10}  {text}" for label, text in wording.steps(item)]
    return Explained({item.name: item.value for item in found.attributes}, plain(found), "\n".join(lines))


def quality(spec: File, agents: int | None = None, *, seed: int = 0) -> pa.Table:
    """How a population meets its spec: a row for each figure judged, with a verdict (ok, warn or fail).

    Args:
        spec: A population or scenario.
        agents: How many are sampled to judge it.
        seed: Of the sample.

    Raises:
        UsageError: for a document that does not exist.
        DocumentError: for a spec with errors.
    """
    from worldwright.project.quality import judge

    _whole(agents=agents, seed=seed)
    return judge(Path(spec), agents, seed)


def plot_spec(spec: File, *, theme: Literal["light", "dark"] = "light") -> Picture:
    """Every distribution of a spec, before an agent exists.

    Raises:
        UsageError: for a document that does not exist.
        DocumentError: for a spec with errors.
    """
    from worldwright.project.spec_tools import spec_pictures

    return Picture(spec_pictures(Path(spec), theme)[0])


def run_world(
    world: File,
    ticks: int,
    *,
    seed: int | None = None,
    parameters: Mapping[str, float | str | bool] | None = None,
    populations: Mapping[str, File] | None = None,
    agents: int | None = None,
) -> WorldTables:
    """Run one world by itself.

    Args:
        world: A world's folder, a Vivarium config or snapshot, or a snapshot of ours, which is gone on from.
        ticks: How many ticks.
        seed: Of everything random in it; 0 unless given.
        parameters: Values of the world's parameters.
        populations: For each population of the world a spec, or a Parquet file.
        agents: How many agents of each population; the spec's own number unless given.

    Raises:
        UsageError: for a path, parameter or population that does not fit.
        DocumentError: for a world or spec with errors.
        ExperimentError: when the world stops before its last tick; it names entity, script and line.
    """
    from worldwright.project.world_run import run_one_world

    _whole(ticks=ticks, seed=seed, agents=agents)
    done = run_one_world(
        Path(world),
        ticks=ticks,
        seed=seed,
        parameters={name: _as_written(value) for name, value in (parameters or {}).items()},
        populations={name: (Path(file), agents) for name, file in (populations or {}).items()},
    )
    result = done.result
    if result.status != "ok":
        raise ExperimentError(f"the world stopped in tick {result.final_tick + 1}: {result.failure}")
    return WorldTables(done.metrics, result.agents, result.errors, tuple(result.printed), result.final_tick)


def run(experiment: str, *, project: File = ".", workers: int | None = None) -> Results:
    """Run an experiment; what the store has is not made again.

    Args:
        experiment: Its name or path.
        project: The project's folder, or any in it.
        workers: Local processes; as many as there are CPUs unless given. Results do not depend on it.

    Raises:
        UsageError: for a project or experiment that does not exist.
        DocumentError: for a document with errors; nothing is run then.
        ExperimentError: when the population misses what its spec expects.
    """
    from worldwright.executors import executor_of
    from worldwright.project.run import run_experiment

    _whole(workers=workers)
    found = find_project(Path(project))
    with executor_of(workers or os.cpu_count() or 1, None) as executor:
        outcome = run_experiment(found, experiment, executor, lambda state: None)
    return _results(found, outcome.answer)


def results(experiment: str, *, project: File = ".") -> Results:
    """The results of an experiment that has run.

    Raises:
        UsageError: when there are none; it lists what exists.
    """
    from worldwright.project.answer import answer_of

    found = find_project(Path(project))
    return _results(found, answer_of(found, experiment))


def query(sql: str, *, project: File = ".") -> pa.Table:
    """The rows of one read-only SQL statement over a project's results; `worldwright query` lists the tables.

    Raises:
        UsageError: when there are no results yet, or the statement is wrong or would write.
        StoreError: when a file it reads is damaged; nothing is answered then.
    """
    from worldwright.project.query import run_query

    return run_query(find_project(Path(project)), sql)


def export(experiment: str, file: File, *, project: File = ".") -> Path:
    """Write an experiment's results into one DuckDB file of plain tables.

    Raises:
        UsageError: when there are no results, or the file cannot have this name or be there.
    """
    from worldwright.project.export import export_experiment

    return export_experiment(find_project(Path(project)), experiment, Path(file)).file


def new(folder: File, template: str = "all") -> Path:
    """Make a new project in an empty or new folder.

    Args:
        folder: Where; its name is the project's.
        template: What to begin with: all, population, world or experiment.

    Raises:
        UsageError: when the name is not one, the folder has anything in it, or there is no such template.
    """
    from worldwright.project.new import new_project

    new_project(Path(folder), template)
    return Path(folder)


def _whole(**given: object) -> None:
    for name, value in given.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, Integral) or value < 0):
            raise UsageError(f"{name} must be a whole number, 0 or more, not {value!r}")


def _as_written(value: float | str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _results(project: Project, answer: Answer) -> Results:
    import pyarrow as pa

    from worldwright.project.publish import pictures_of

    rows = answer.rows
    table = pa.table(
        {
            "cell": pa.array([row.cell for row in rows], pa.int64()),
            "setting": pa.array([row.label for row in rows], pa.string()),
            "mean": pa.array([row.mean for row in rows], pa.float64()),
            "low": pa.array([row.low for row in rows], pa.float64()),
            "high": pa.array([row.high for row in rows], pa.float64()),
            "replicates": pa.array([row.replicates for row in rows], pa.int64()),
            "missing": pa.array([row.missing for row in rows], pa.int64()),
        }
    )
    report = project.root / answer.report
    return Results(
        answer.experiment,
        answer.version,
        answer.question,
        table,
        answer.failed,
        report,
        pictures_of(project, answer.experiment),
    )


__all__ = [
    "DocumentError",
    "Explained",
    "Picture",
    "Problems",
    "Results",
    "WorldTables",
    "WorldwrightError",
    "check",
    "explain",
    "export",
    "new",
    "plot_spec",
    "quality",
    "query",
    "results",
    "run",
    "run_world",
    "sample",
]
