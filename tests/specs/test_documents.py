"""Every document under `specs/` is free of problems, and says where its figures come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from worldwright.architect.lock import Fresh, status
from worldwright.architect.lock_file import read_lock
from worldwright.experiment import read_experiment
from worldwright.experiment.references import unknown_parameters
from worldwright.project.locate import find_project
from worldwright.project.specs import load_spec
from worldwright.project.texts import Texts
from worldwright.spec import Population, load_population, plain, read
from worldwright.world import load_world

from .runs import SPECS, source, surgeons

POPULATIONS = sorted(p for p in SPECS.glob("populations/*.yaml") if not p.name.endswith(".lock.yaml"))
SCENARIOS = sorted(p for p in SPECS.glob("scenarios/*.yaml") if not p.name.endswith(".lock.yaml"))
BRIEFED = [p for p in POPULATIONS + SCENARIOS if (SPECS / "briefs" / f"{p.stem}.md").is_file()]
WORLDS = sorted(path.parent for path in SPECS.glob("worlds/*/world.yaml"))
EXPERIMENTS = sorted(SPECS.glob("experiments/*.yaml"))


def data(path: Path) -> Any:
    node, found = read(path.read_text(encoding="utf-8"), path.name)
    assert node is not None, found
    return plain(node)


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", POPULATIONS, ids=name)
def test_population_is_clean(path: Path) -> None:
    project = find_project(SPECS)
    loaded, found = load_spec(project, Texts(project), path)
    assert found == []
    assert loaded is not None
    assert path.read_text(encoding="utf-8").count("\n") <= 200


@pytest.mark.parametrize("path", SCENARIOS, ids=name)
def test_scenario_is_clean_on_its_base(path: Path) -> None:
    base = SPECS / "populations" / f"{data(path)['extends']}.yaml"
    loaded, found = load_population(source(base), source(path))
    assert found == []
    assert loaded is not None


@pytest.mark.parametrize("folder", WORLDS, ids=name)
def test_world_is_clean(folder: Path) -> None:
    program, found = load_world(folder, lambda path: path.read_text(encoding="utf-8"))
    assert found == []
    assert program is not None


@pytest.mark.parametrize("path", EXPERIMENTS, ids=name)
def test_experiment_is_clean_and_its_closure_exists(path: Path) -> None:
    document, node, found = read_experiment(path.read_text(encoding="utf-8"), path.name)
    assert found == []
    assert document is not None
    assert node is not None
    assert document.name == path.stem
    assert document.question
    program, _ = load_world(SPECS / "worlds" / document.world, lambda p: p.read_text(encoding="utf-8"))
    assert program is not None
    assert unknown_parameters(document, node, program.parameters) == []
    for use in document.populations.values():
        assert (SPECS / "populations" / f"{use.population}.yaml").exists()
        assert use.scenario is None or (SPECS / "scenarios" / f"{use.scenario}.yaml").exists()


@pytest.mark.parametrize("path", POPULATIONS + SCENARIOS, ids=name)
def test_every_figure_has_a_source_or_an_assumption(path: Path) -> None:
    document = data(path)
    for attribute, body in document["attributes"].items():
        if not {"formula", "column"} & body.keys():
            assert "source" in body or "assumption" in body, attribute
    for expectation in document["expect"]:
        assert "source" in expectation or "assumption" in expectation, expectation
    used = {
        part["source"] for part in [*document["attributes"].values(), *document["expect"]] if "source" in part
    }
    text = path.read_text(encoding="utf-8")
    assert used <= set(document.get("sources", {}))
    for key in document.get("sources", {}):
        assert text.count(key) > 1, f"source {key} is listed and never used"


def test_surgeons_are_as_rich_as_the_question_needs(population: Population) -> None:
    base = [a for a in population.attributes if a.origin == "base"]
    families = {a.distribution.family for a in population.attributes if a.distribution is not None}
    assert len(base) >= 30
    assert families >= {
        "normal",
        "lognormal",
        "beta",
        "gamma",
        "poisson",
        "uniform",
        "boolean",
        "categorical",
    }
    assert sum(a.only_if is not None for a in base) >= 4
    assert len(population.expectations) >= 8
    assert surgeons()[1] == []


@pytest.mark.parametrize("path", BRIEFED, ids=name)
def test_the_lock_of_its_brief_is_fresh(path: Path, population: Population) -> None:
    brief = (SPECS / "briefs" / f"{path.stem}.md").read_text(encoding="utf-8")
    base = population.base_digest if path in SCENARIOS else None
    lock = read_lock(path.with_suffix(".lock.yaml"))
    assert lock is not None
    # fresh, and no attribute edited or removed since the document was accepted
    assert status(data(path), brief, base, lock) == Fresh()
