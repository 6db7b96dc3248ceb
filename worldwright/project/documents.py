"""An experiment with its closure: every document it needs, read once, checked together."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from worldwright.diagnostics import Code, Diagnostic, DocumentError, Severity, Span
from worldwright.errors import UsageError
from worldwright.experiment import Experiment, ExperimentDocument, Members, read_experiment, resolve
from worldwright.experiment.checks import factor_place, span_at
from worldwright.experiment.documents import factors
from worldwright.experiment.factors import NO_SCENARIO, scenario_factors
from worldwright.experiment.references import (
    unfit_moves,
    unfit_uses,
    unfit_values,
    unknown_metrics,
    unknown_parameters,
    values_of,
)
from worldwright.hashing import digest
from worldwright.project.locate import Project
from worldwright.project.locks import check_lock, check_world_lock
from worldwright.project.specs import offer, unknown_document
from worldwright.project.texts import Texts
from worldwright.spec import Population, Source, load_population
from worldwright.spec.tree import MappingNode
from worldwright.world import WorldProgram, load_world
from worldwright.world.wanted import COLUMN_MISSING, wanted_columns

NAME_DIFFERS = Code(
    "WW0811",
    "name-differs",
    Severity.ERROR,
    "Results are kept by the document's name; two files with one name would replace each other's answers.",
)
POPULATION_MISSING = Code(
    "WW0812",
    "population-missing",
    Severity.ERROR,
    "A world's entities are made from its populations; one that is not named would be empty.",
)


@dataclass(frozen=True)
class Closure:
    """What an experiment stands on: the texts, what was found in them, and the resolved experiment."""

    name: str
    files: dict[str, str]
    diagnostics: tuple[Diagnostic, ...]
    experiment: Experiment | None
    data: dict[str, str] = field(default_factory=dict[str, str])
    """The digest of each file of data that a document names."""

    @property
    def digest(self) -> str:
        """Changes whenever any file of the closure changes."""
        return digest("closure", [self.files, self.data] if self.data else self.files)

    def resolved(self) -> Experiment:
        """The experiment.

        Raises:
            DocumentError: with every problem of every file, when there are errors.
        """
        if self.experiment is None:
            raise DocumentError(self.diagnostics)
        return self.experiment


def experiment_path(project: Project, name: str) -> Path:
    """The file of an experiment, by name or by path.

    Raises:
        UsageError: when there is none; it lists what exists.
    """
    by_name = project.document("experiment", name)
    for candidate in (by_name, Path(name)):
        if candidate.is_file():
            return candidate
    raise UsageError(f"no experiment {name!r}", help=offer(name, project.names("experiment")))


def load_closure(project: Project, name: str) -> Closure:
    """Read and check an experiment and all that it names."""
    return closure_of(project, Texts(project), experiment_path(project, name))


def closure_of(project: Project, texts: Texts, path: Path, *, locked: bool = True) -> Closure:
    """Check an experiment, which `texts` may hold already, and all that it names.

    Args:
        project: The project.
        texts: Collects the files that were read.
        path: The experiment's file.
        locked: Whether to ask its own lock, too.
    """
    source = texts.read(path)
    document, node, found = read_experiment(source.text, source.file)
    if document is None or node is None:
        return Closure(path.stem, texts.files, tuple(found), None)
    if locked:
        found += check_lock(project, texts, path, None)
    if document.name != path.stem:
        found.append(
            NAME_DIFFERS.at(
                span_at(node, "name"),
                f"the experiment is called {document.name!r} and its file {path.name!r}",
                help=f"call it {path.stem!r}, or the file {document.name}.yaml",
            )
        )
    world, problems = _world(project, texts, document, node)
    found += problems
    members, problems = _members(project, texts, document, node)
    found += problems
    found += unfit_uses(document, node)
    found += unfit_moves(document, node, {name: list(use.choices.values()) for name, use in members.items()})
    if world is not None:
        found += unknown_parameters(document, node, world.parameters)
        found += unfit_values(document, node, world)
        sources = [script.source for script in world.scripts.values()]
        found += unknown_metrics(document, node, world.metrics, sources)
        found += _missing_populations(world, document, node)
        found += _missing_columns(project, world, members, document, node)
    if world is None or any(diagnostic.is_error for diagnostic in found):
        return Closure(document.name, texts.files, tuple(found), None, texts.data)
    experiment = resolve(document, world, members)
    return Closure(document.name, texts.files, tuple(found), experiment, texts.data)


def _world(
    project: Project, texts: Texts, document: ExperimentDocument, node: MappingNode
) -> tuple[WorldProgram | None, list[Diagnostic]]:
    path = project.document("world", document.world)
    if not path.is_dir():
        return None, [unknown_document("world", document.world, span_at(node, "world"), project)]
    program, found = load_world(path, texts.text, project.show)
    return program, [*found, *check_world_lock(project, texts, path / "world.yaml")]


def _members(
    project: Project, texts: Texts, document: ExperimentDocument, node: MappingNode
) -> tuple[dict[str, Members], list[Diagnostic]]:
    members: dict[str, Members] = {}
    found: list[Diagnostic] = []
    varied = scenario_factors(factors(document), document.populations)
    for name, use in document.populations.items():
        path = project.document("population", use.population)
        if not path.is_file():
            place = span_at(node, "populations", name, "population")
            found.append(unknown_document("population", use.population, place, project))
            continue
        base_source = texts.read(path)
        base, problems = load_population(base_source, files=texts.content)
        found += problems
        found += check_lock(project, texts, path, None)
        population, scenarios = base, dict[str, Population]()
        chosen = varied.get(name)
        wanted = [str(one) for one in values_of(document, chosen) if one != NO_SCENARIO] if chosen else []
        for scenario in [use.scenario] if use.scenario is not None else wanted:
            place = (
                ("design", *factor_place(document, chosen)) if chosen else ("populations", name, "scenario")
            )
            laid, problems = _laid(project, texts, scenario, span_at(node, *place), base_source, base)
            found += [problem for problem in problems if problem not in found]
            if laid is not None:
                scenarios[scenario] = laid
        if use.scenario is not None:
            population = scenarios.pop(use.scenario, None)
        if base is not None and population is not None:
            if chosen and NO_SCENARIO in values_of(document, chosen):
                scenarios[NO_SCENARIO] = base
            members[name] = Members(population, base, use.agents or population.agents, scenarios)
    return members, found


def _laid(
    project: Project, texts: Texts, name: str, span: Span, base_source: Source, base: Population | None
) -> tuple[Population | None, list[Diagnostic]]:
    """A scenario laid over a base."""
    overlay = project.document("scenario", name)
    if not overlay.is_file():
        return None, [unknown_document("scenario", name, span, project)]
    population, found = load_population(base_source, texts.read(overlay), texts.content)
    if base is not None:
        found = [*found, *check_lock(project, texts, overlay, base.digest)]
    return population, found


def _missing_columns(
    project: Project,
    world: WorldProgram,
    members: dict[str, Members],
    document: ExperimentDocument,
    node: MappingNode,
) -> list[Diagnostic]:
    """Columns that scripts read and metrics split by, and no population that cells have knows."""
    folder = project.document("world", document.world)
    found: list[Diagnostic] = []
    for wanted in wanted_columns(world):
        use = members.get(wanted.population)
        choices = list(use.choices.values()) if use else []
        if not choices or any(wanted.column in one.columns for one in choices):
            continue
        place = span_at(node, "populations", wanted.population)
        span = wanted.span._replace(file=project.show(folder / wanted.span.file)) if wanted.span else place
        one = choices[-1]
        who = f"the population {one.name!r}" + (
            f" with the scenario {one.scenario!r}" if one.scenario else ""
        )
        near = get_close_matches(wanted.column, one.columns, 1)
        what = f"the metric {wanted.metric!r} is split by" if wanted.metric else f"{wanted.kind!r} reads"
        found.append(
            COLUMN_MISSING.at(
                span,
                f"{what} the column {wanted.column!r}, which {who} does not have",
                help=f"did you mean {near[0]!r}?" if near else "name a scenario or a population that has it",
                related=() if span is place else ((place, "the experiment names the population here"),),
            )
        )
    return found


def _missing_populations(
    world: WorldProgram, document: ExperimentDocument, node: MappingNode
) -> list[Diagnostic]:
    wanted = {entity.population for entity in world.entities if entity.population is not None}
    return [
        POPULATION_MISSING.at(
            span_at(node, "populations"),
            f"the world {document.world!r} needs a population {name!r}",
            help=f"add `{name}: {{population: NAME, agents: N}}` to `populations:`",
        )
        for name in sorted(wanted - set(document.populations))
    ]
