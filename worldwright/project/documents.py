"""An experiment with its closure: every document it needs, read once, checked together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from worldwright.diagnostics import Code, Diagnostic, DocumentError, Severity, Span, in_order
from worldwright.errors import UsageError
from worldwright.experiment import Experiment, ExperimentDocument, Members, read_experiment, resolve
from worldwright.experiment.checks import span_at
from worldwright.experiment.references import unfit_values, unknown_factors, unknown_metrics
from worldwright.hashing import digest
from worldwright.project.foreign import load_foreign
from worldwright.project.locate import Project
from worldwright.project.locks import check_lock
from worldwright.project.texts import Texts
from worldwright.spec import Population, check_scenario, load_population, read
from worldwright.spec.heading import expect_kind
from worldwright.spec.tree import MappingNode, ScalarNode
from worldwright.world import WorldProgram, load_world

_PLAIN = re.compile(r"[^/\\\0]{1,120}")
UNKNOWN_DOCUMENT = Code(
    "WW0810",
    "document-unknown",
    Severity.ERROR,
    "Nothing can be run on a document that is not there.",
)
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

    @property
    def digest(self) -> str:
        """Changes whenever any file of the closure changes."""
        return digest("closure", self.files)

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
    raise UsageError(f"no experiment {name!r}", help=_offer(name, project.names("experiment")))


def load_closure(project: Project, name: str) -> Closure:
    """Read and check an experiment and all that it names."""
    texts = Texts(project)
    path = experiment_path(project, name)
    source = texts.read(path)
    document, node, found = read_experiment(source.text, source.file)
    if document is None or node is None:
        return Closure(name, texts.files, tuple(found), None)
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
    if world is not None:
        found += unknown_factors(document, node, world.parameters)
        found += unfit_values(document, node, world)
        sources = [script.source for script in world.scripts.values()]
        found += unknown_metrics(document, node, world.metrics, sources)
        found += _missing_populations(world, document, node)
    if world is None or any(diagnostic.is_error for diagnostic in found):
        return Closure(document.name, texts.files, tuple(found), None)
    return Closure(document.name, texts.files, tuple(found), resolve(document, world, members))


def load_spec(project: Project, texts: Texts, path: Path) -> tuple[Population | None, list[Diagnostic]]:
    """A population, or a scenario resolved on the base it extends, which is looked up in the project."""
    source = texts.read(path)
    node, _ = read(source.text, source.file)
    foreign = load_foreign(texts, source, node, path)
    if foreign is not None:
        return foreign
    heading = expect_kind(node, "scenario")[0] if node is not None else None
    extends = node.get("extends") if heading is not None and isinstance(node, MappingNode) else None
    if heading is None:
        return load_population(source)
    alone = check_scenario(source)
    if not isinstance(extends, ScalarNode) or not extends.text:
        return None, alone
    if not _PLAIN.fullmatch(extends.text):
        return None, in_order([*alone, _unknown("population", extends.text, extends.span, project)])
    for candidate in (project.document("population", extends.text), path.with_name(f"{extends.text}.yaml")):
        if candidate.is_file():
            return load_population(texts.read(candidate), source)
    return None, in_order([*alone, _unknown("population", extends.text, extends.span, project)])


def _world(
    project: Project, texts: Texts, document: ExperimentDocument, node: MappingNode
) -> tuple[WorldProgram | None, list[Diagnostic]]:
    path = project.document("world", document.world)
    if not path.is_dir():
        return None, [_unknown("world", document.world, span_at(node, "world"), project)]
    return load_world(path, texts.text, project.show)


def _members(
    project: Project, texts: Texts, document: ExperimentDocument, node: MappingNode
) -> tuple[dict[str, Members], list[Diagnostic]]:
    members: dict[str, Members] = {}
    found: list[Diagnostic] = []
    for name, use in document.populations.items():
        path = project.document("population", use.population)
        if not path.is_file():
            place = span_at(node, "populations", name, "population")
            found.append(_unknown("population", use.population, place, project))
            continue
        base_source = texts.read(path)
        base, problems = load_population(base_source)
        found += problems
        found += check_lock(project, texts, path, None)
        population = base
        if use.scenario is not None:
            overlay = project.document("scenario", use.scenario)
            if not overlay.is_file():
                place = span_at(node, "populations", name, "scenario")
                found.append(_unknown("scenario", use.scenario, place, project))
                continue
            scenario = texts.read(overlay)
            population, problems = load_population(base_source, scenario)
            found += [problem for problem in problems if problem not in found]
            if base is not None:
                found += check_lock(project, texts, overlay, base.digest)
        if base is not None and population is not None:
            members[name] = Members(population, base, use.agents or population.agents)
    return members, found


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


def _unknown(kind: str, name: str, span: Span | None, project: Project) -> Diagnostic:
    known = project.names(kind)
    return UNKNOWN_DOCUMENT.at(span, f"there is no {kind} {name!r}", help=_offer(name, known))


def _offer(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are: {', '.join(known)}" if known else "there are none yet"
