"""Experiments that a model writes, and the plan of what running them takes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worldwright.architect import Ask, Authored, Client, Lock
from worldwright.architect.authored import Files
from worldwright.architect.experiment import ExperimentTask, author_experiment
from worldwright.diagnostics import Diagnostic, DocumentError
from worldwright.project.author_layer import one_of
from worldwright.project.documents import closure_of
from worldwright.project.locate import Project
from worldwright.project.locks import plain_document
from worldwright.project.texts import Texts
from worldwright.spec import Source
from worldwright.world import Worker, load_world

if TYPE_CHECKING:
    from worldwright.experiment import Experiment

_PROBED = 5
"""Ticks that are timed for the estimate."""
_MINUTE, _HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class ExperimentMaking:
    """An experiment on a world and its populations."""

    project: Project
    document: Path
    against: Mapping[str, str]

    def check(self, texts: Texts) -> list[Diagnostic]:
        """What is wrong with the experiment that is there, and with what it names."""
        return [*closure_of(self.project, texts, self.document).diagnostics]

    def everything(self, texts: Texts) -> Sequence[str]:
        """Every key of the document."""
        return [key for key in plain_document(texts, self.document) if key not in ("worldwright", "name")]

    def keep(self, texts: Texts, edits: Sequence[str], lock: Lock | None) -> Mapping[str, Any]:
        """The values of the keys that were edited."""
        data = plain_document(texts, self.document) if edits else {}
        return {name: data[name] for name in edits if name in data}

    def author(self, brief: str, client: Client, ask: Ask, kept: Mapping[str, Any]) -> Authored:
        """Have it written."""
        texts = Texts(self.project)
        there = plain_document(texts, self.document) if self.document.is_file() else {}
        where = self.project.show(self.document)
        stated = there.get("world")
        world = one_of(
            self.project, "world", self.against.get("world") or (str(stated) if stated else None), where
        )
        program, found = load_world(self.project.document("world", world), texts.text, self.project.show)
        if program is None:
            raise DocumentError(found)
        wanted = sorted({e.population for e in program.entities if e.population is not None})
        uses = there.get("populations")
        populations = {name: self._use(name, uses, where) for name in wanted}
        task = ExperimentTask(self.document.stem, world, program, populations, kept)
        return author_experiment(brief, task, client, self._checked, ask=ask)

    def plan(self, authored: Authored) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What running it takes, from a few ticks that are timed."""
        texts = self._with(authored.files)
        experiment = closure_of(self.project, texts, self.document).resolved()
        low, high = experiment.minimum, experiment.maximum
        cells = len(experiment.cells)
        agents = sum(members.agents for members in experiment.members.values())
        seconds = _seconds_of_a_run(experiment)
        span = f"{cells * low:,}" if low == high else f"{cells * low:,} to {cells * high:,}"
        took = _about(seconds * cells * low)
        longest = _about(seconds * cells * high)
        took = took if took == longest else f"{took} to {longest}"
        rows = [
            ("question", experiment.question or ""),
            ("world", f"{experiment.world.name}, {experiment.ticks:,} ticks"),
            ("agents", f"{agents:,}"),
            ("settings", f"{cells:,}: {_varied(experiment)}"),
            ("replicates", f"{low}" if low == high else f"{low} to {high}"),
            ("runs", span),
            ("time on one core", took),
        ]
        return f"Plan of {experiment.name}", tuple(rows)

    def scripts(self, texts: Texts) -> dict[str, str]:
        """It has none."""
        return {}

    def base(self, texts: Texts) -> tuple[str | None, str | None]:
        """What it names is checked with it, so no digest is kept."""
        return None, None

    def aside(self, name: str, word: str) -> Path:
        """Beside it: `NAME.invalid.yaml`."""
        return self.document.with_name(f"{self.document.stem}.{word}{Path(name).suffix}")

    def _use(self, name: str, uses: object, where: str) -> dict[str, Any]:
        """The population of the experiment's world: as asked, as it was, or the only one."""
        if isinstance(uses, dict) and isinstance(uses.get(name), dict) and not self.against:
            return dict(uses[name])
        population = one_of(self.project, "population", self.against.get("population"), where)
        scenario = self.against.get("scenario")
        if scenario is not None:
            one_of(self.project, "scenario", scenario, where)
        return {"population": population, "scenario": scenario}

    def _with(self, files: Files) -> Texts:
        """The project's texts with the document as it would be."""
        texts = Texts(self.project)
        shown = self.project.show(self.document)
        texts.sources[shown] = Source(shown, next(iter(files.values())))
        return texts

    def _checked(self, files: Files) -> list[Diagnostic]:
        """The closure as it would be; the lock that is there says nothing about the new document."""
        closure = closure_of(self.project, self._with(files), self.document, locked=False)
        return [*closure.diagnostics]


def _seconds_of_a_run(experiment: Experiment) -> float:
    """How long one run takes here, estimated from its first ticks on the base populations."""
    from worldwright.experiment.populations import population_table
    from worldwright.world import Record, RunRequest

    tables = {
        name: population_table(members.population, experiment.seed, members.agents)
        for name, members in experiment.members.items()
    }
    request = RunRequest(experiment.world, 0, experiment.seed, populations=tables, record=Record(()))
    with Worker() as worker:
        worker.run(request)  # the process starts with the first run
        begin = time.perf_counter()
        worker.run(request)
        empty = time.perf_counter() - begin
        begin = time.perf_counter()
        worker.run(replace(request, ticks=min(_PROBED, experiment.ticks)))
        probed = time.perf_counter() - begin
    tick = max(0.0, probed - empty) / min(_PROBED, experiment.ticks)
    return empty + tick * experiment.ticks


def _varied(experiment: Experiment) -> str:
    grid = experiment.design.grid
    if not grid:
        return "as the world's defaults"
    return "; ".join(f"{name} = {', '.join(map(str, values))}" for name, values in grid.items())


def _about(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.0f} h"
