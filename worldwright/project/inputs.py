"""What an experiment's results are made from: documents, scripts, data, settings and algorithms, by stage.

Two lists of inputs tell why two results differ, or why one is out of date.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from worldwright.experiment import Experiment
from worldwright.hashing import digest

if TYPE_CHECKING:
    from worldwright.project.stages import Chain
    from worldwright.world import WorldProgram

UPSTREAM: dict[str, tuple[str, ...]] = {
    "population_spec": (),
    "scenario_spec": (),
    "world_program": (),
    "base_population": ("population_spec",),
    "population": ("base_population", "scenario_spec"),
    "simulation_runs": ("population", "world_program"),
    "metrics": ("simulation_runs",),
    "metric_summary": ("metrics", "simulation_runs"),
    "experiment_report": ("metric_summary", "metrics", "simulation_runs"),
}
"""The stages in their order, each with those whose results it reads."""


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that results depend on.

    Attributes:
        kind: population, scenario, world, script, data, setting or algorithm.
        name: Which one: the document's name, the script's file, `seed`, the algorithm's stage.
        value: What it is: a digest of its meaning, or the setting itself as JSON.
        file: Where it is written; None for what is no file.
        stages: The stages that read it themselves.
    """

    kind: str
    name: str
    value: str
    file: str | None
    stages: tuple[str, ...]

    @property
    def place(self) -> tuple[str, str]:
        """What it is compared by."""
        return self.kind, self.name

    @property
    def words(self) -> str:
        """Its name as a person would say it."""
        if self.kind == "setting":
            return f"{self.name} in {self.file}" if self.file else self.name
        return self.file or f"the algorithm of {self.name}"

    @property
    def short(self) -> str:
        """The same without the experiment's own file."""
        return f"the {self.name}" if self.kind == "setting" else self.words

    def plain(self) -> dict[str, Any]:
        """As plain data, as a version's record holds it."""
        return {**asdict(self), "stages": list(self.stages)}


@dataclass(frozen=True, slots=True)
class Changed:
    """An input that is not what it was; one of the two is None where it is new, or gone."""

    before: Input | None
    after: Input | None

    @property
    def one(self) -> Input:
        """The input as it is, or was where it is gone."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that read it themselves, before or now."""
        both = (*(self.before.stages if self.before else ()), *(self.after.stages if self.after else ()))
        return tuple(stage for stage in UPSTREAM if stage in both)

    @property
    def words(self) -> str:
        """What happened to it."""
        one = self.one
        if self.before is None or self.after is None:
            return f"{one.words} {'is gone' if self.after is None else 'is new'}"
        if one.kind in ("setting", "algorithm") and len(self.before.value) + len(self.after.value) < 80:
            return f"{one.words}: {self.before.value} → {self.after.value}"
        return f"{one.words} changed"


def inputs_of(chain: Chain) -> tuple[Input, ...]:
    """The inputs of an experiment's documents as they are now, in the order of the chain."""
    from worldwright.experiment import SUMMARY_ALGORITHM
    from worldwright.population import ALGORITHM as SAMPLER
    from worldwright.population import LAYOUT, QUALITY_ALGORITHM
    from worldwright.world import ALGORITHM as KERNEL

    experiment, own = chain.experiment, _own_file(chain)
    found = [*_populations(chain), *_world(chain), *_data(chain)]
    found += [Input("setting", name, value, own, stages) for name, value, stages in _settings(experiment)]
    for name, number, stages in (
        ("sampling", SAMPLER, ("base_population", "population", "simulation_runs")),
        ("population_files", LAYOUT, ("base_population", "population")),
        ("population_quality", QUALITY_ALGORITHM, ("population",)),
        ("worlds", KERNEL, ("simulation_runs",)),
        ("summaries", SUMMARY_ALGORITHM, ("metrics", "metric_summary")),
    ):
        if name not in ("sampling", "population_files") or experiment.members:
            found.append(Input("algorithm", name, str(number), None, stages))
    return tuple(found)


def inputs_in(record: Mapping[str, Any]) -> tuple[Input, ...]:
    """The inputs that a version's record holds; none in those from before they were recorded."""
    return tuple(
        Input(one["kind"], one["name"], one["value"], one["file"], tuple(one["stages"]))
        for one in record.get("inputs", [])
    )


def changes(before: Iterable[Input], after: Iterable[Input]) -> tuple[Changed, ...]:
    """The inputs of the one that are not those of the other."""
    was = {one.place: one for one in before}
    now = {one.place: one for one in after}
    found = [Changed(was.get(place), now.get(place)) for place in dict.fromkeys([*was, *now])]
    return tuple(
        one for one in found if one.before is None or one.after is None or one.before.value != one.after.value
    )


def reached(changed: Iterable[Changed]) -> dict[str, tuple[str, ...]]:
    """The stages that changed inputs reach, in order, each with why.

    Returns:
        For a stage what happened to inputs that it reads itself, and the stages it reads that are reached.
    """
    listed = tuple(changed)
    found: dict[str, tuple[str, ...]] = {}
    for stage, upstream in UPSTREAM.items():
        own = tuple(one.words for one in listed if stage in one.stages)
        through = tuple(name for name in upstream if name in found)
        if own or through:
            found[stage] = own + through
    return found


def _own_file(chain: Chain) -> str:
    return chain.project.show(chain.project.document("experiment", chain.experiment.name))


def _populations(chain: Chain) -> Iterator[Input]:
    from worldwright.project.stages import layer_digest

    project = chain.project
    seen: set[tuple[str, str]] = set()
    for use in chain.experiment.members.values():
        base = use.base
        file = project.show(project.document("population", base.name))
        found = [Input("population", base.name, base.digest, file, ("population_spec",))]
        for one in use.choices.values():
            if one.scenario:
                file = project.show(project.document("scenario", one.scenario))
                found.append(
                    Input("scenario", one.scenario, layer_digest(one, "scenario"), file, ("scenario_spec",))
                )
        yield from (one for one in found if one.place not in seen)
        seen |= {one.place for one in found}


def _world(chain: Chain) -> Iterator[Input]:
    """The world's document and each of its scripts; together they are what its digest is of."""
    from dataclasses import replace

    from worldwright.world.syntax import without_comments

    project, world = chain.project, chain.experiment.world
    folder = PurePosixPath(project.show(project.document("world", world.name)))
    bare: WorldProgram = replace(world, scripts={})
    yield Input("world", world.name, bare.digest, str(folder / "world.yaml"), ("world_program",))
    for script in world.scripts.values():
        value = digest("script", without_comments(script.source))
        yield Input("script", script.file, value, str(folder / script.file), ("world_program",))


def _data(chain: Chain) -> Iterator[Input]:
    """Files of data, each with the stage of the documents that name it."""
    kinds = {"populations": "population_spec", "scenarios": "scenario_spec", "worlds": "world_program"}
    for file, value in chain.closure.data.items():
        name = PurePosixPath(file).name
        naming = [document for document, text in chain.closure.files.items() if name in text]
        stages = {stage for document in naming for kind, stage in kinds.items() if f"/{kind}/" in document}
        yield Input("data", file, value, file, tuple(stage for stage in UPSTREAM if stage in stages))


def _settings(experiment: Experiment) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The experiment's own settings as JSON, with the stages that read them."""
    sampled, runs = ("base_population", "population", "simulation_runs"), ("simulation_runs",)
    yield "seed", str(experiment.seed), sampled if experiment.members else runs
    for name, use in experiment.members.items():
        yield f"agents of {name}", str(use.agents), sampled
        scenarios = list(use.choices)
        yield f"scenarios of {name}", _json(scenarios), ("population", "simulation_runs")
    yield "ticks", str(experiment.ticks), runs
    yield "design", _json([cell.settings for cell in experiment.cells]), runs
    until = experiment.until.model_dump(exclude_none=True) if experiment.until else None
    yield "replicates", _json({"min": experiment.minimum, "max": experiment.maximum, "until": until}), runs
    yield "population", "fixed" if experiment.fixed_population else "per_replicate", runs
    yield "record", _json([list(experiment.record_ticks), experiment.record_replicates]), runs
    yield "outcomes", _json([one.identity() for one in experiment.outcomes]), ("metric_summary",)
    wording = [experiment.question, experiment.description, experiment.metric]
    wording += [one.description for one in experiment.outcomes]
    yield "question", _json(wording), ("experiment_report",)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
