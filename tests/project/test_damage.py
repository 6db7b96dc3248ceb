"""Flipped bits and truncations in anything a store holds: each is reported, none answers through them."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.conftest import PROJECTS, fixed_clock
from worldwright.errors import StoreError
from worldwright.executors import serial
from worldwright.project.answer import Row, answer_of
from worldwright.project.locate import Project
from worldwright.project.query import run_query
from worldwright.project.run import run_experiment
from worldwright.store import collect, query

QUESTIONS = {
    "metrics": "SELECT cell, tick, sum(value) AS s FROM rumour.metrics GROUP BY ALL ORDER BY ALL",
    "agents": "FROM rumour.agents ORDER BY ALL",
    "population": "FROM rumour.population ORDER BY ALL",
    "outcomes": "FROM rumour.outcomes ORDER BY ALL",
    "metric_summary": "FROM metric_summary WHERE experiment = 'rumour' ORDER BY ALL",
    "runs": "FROM runs WHERE experiment = 'rumour' ORDER BY ALL",
}
VIEWS = ("metrics", "agents", "population", "outcomes")


@dataclass(frozen=True)
class Filled:
    """A project with results of two experiments, and what its questions are answered when all is well."""

    project: Project
    files: dict[Path, bytes]
    answers: dict[str, list[dict[str, Any]]]
    digests: dict[str, str]

    rows: tuple[Row, ...]
    views: dict[str, set[Path]]

    def fresh(self) -> Project:
        """The project as a process sees it that has read nothing yet."""
        return Project(self.project.root, self.project.data, fixed_clock)


def _run(project: Project) -> dict[str, str]:
    with serial() as executor:
        staged = run_experiment(project, "rumour", executor, lambda _: None).staged
    return {stage.stage: stage.digest for stage in staged}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    root = tmp_path_factory.mktemp("damage") / "tiny"
    shutil.copytree(PROJECTS / "tiny", root)
    rumour, growth = (root / "specs" / "experiments" / f"{name}.yaml" for name in ("rumour", "growth"))
    rumour.write_text(rumour.read_text().replace("replicates: 3", "replicates: 1"))
    until = "{min: 4, max: 12, until: {metric: cells, relative_half_width: .2}}"
    growth.write_text(growth.read_text().replace(until, "1"))
    project = Project(root, root / "data", fixed_clock)
    with serial() as executor:
        run_experiment(project, "growth", executor, lambda _: None)
    digests = _run(project)
    project.store.publish_version("growth", project.store.version("growth", 1) | {"again": True})
    collect(project.store, 1, fixed_clock())
    answers = {name: run_query(project, sql).to_pylist() for name, sql in QUESTIONS.items()}
    assert all(answers.values())
    places = ("objects/*/*/*/**/*", "experiments/*/*.json", "catalog-*")
    for old in set(project.data.glob("catalog-*")) - _catalog_now(project):
        old.unlink()
    files = {p: p.read_bytes() for place in places for p in root.glob(f"data/{place}") if p.is_file()}
    assert {"kept-from.json", "000001.json", "manifest.json", "metrics.parquet"} <= {p.name for p in files}
    listed = run_query(project, "SELECT view, path FROM view_files WHERE schema = 'rumour'").to_pylist()
    views = {name: {Path(row["path"]) for row in listed if row["view"] == name} for name in VIEWS}
    return Filled(project, files, answers, digests, answer_of(project, "rumour").rows, views)


def _catalog_now(project: Project) -> set[Path]:
    file = project.data / (project.data / "catalog.duckdb").readlink()
    return {file, file.with_suffix(".json")}


def damages(filled: Filled, count: int, seed: int) -> Iterator[tuple[Path, str]]:
    """So many damaged files in turns, each back as it was before the next."""
    choice = random.Random(seed)
    places = choice.sample(sorted(filled.files), len(filled.files))
    for turn in range(count):
        path = places[turn % len(places)] if turn < len(places) else choice.choice(places)
        content = filled.files[path]
        changed = bytearray(content)
        if turn % 2:
            changed, what = changed[: choice.randrange(len(content))], "truncated"
        else:
            bit = choice.randrange(8 * len(content))
            changed[bit // 8] ^= 1 << bit % 8
            what = f"bit {bit} flipped"
        path.chmod(0o644)
        path.write_bytes(changed)
        yield path, what
        path.write_bytes(content)


def answered(ask: Callable[[], pa.Table], right: list[dict[str, Any]]) -> bool:
    """Whether a question was answered, and not refused for damage; a wrong answer fails."""
    try:
        found = ask()
    except StoreError as error:
        assert "damaged" in error.what or "missing" in error.what, error
        return False
    assert found.to_pylist() == right
    return True


def check_all(filled: Filled, scratch: Path, count: int, seed: int, *, rarely: int) -> None:
    """Damage the store so often; every `rarely`-th time all is run too, and its catalog built anew."""
    root = filled.project.data
    catalog = root / "catalog.duckdb"
    refused = 0
    for turn, (path, what) in enumerate(damages(filled, count, seed)):
        where = f"{path.relative_to(root)}, {what}"
        place = catalog.name if path.parent == root else str(path.relative_to(root))
        assert place in {problem.where for problem in filled.project.store.verify()}, where
        _read(filled, path, where)
        for name in VIEWS:
            reached = path in filled.views[name] or path.parent == root
            if not reached and (turn % 10 or turn // 10 % len(VIEWS) != VIEWS.index(name)):
                continue
            ask = partial(query, root, QUESTIONS[name])
            assert answered(ask, filled.answers[name]) != reached, where
            refused += reached
        if turn % rarely == 0:
            _whole_chain(filled, scratch / "copy", where)
    assert filled.project.store.verify() == []
    assert refused > 3


def _read(filled: Filled, path: Path, where: str) -> None:
    """What stages do with a file: each has its way of reading, none may go through."""
    store, root = filled.fresh().store, filled.project.data
    steps = path.relative_to(root).parts
    if steps[0] == "objects":
        key = f"{steps[1]}:{steps[3]}"
        with pytest.raises(StoreError, match=r"damaged"):
            dataset = store.get(key)
            name = "/".join(steps[4:])
            if name.endswith(".parquet"):
                assert dataset.table(name), where
            dataset.file(name)
    elif path.name == "kept-from.json":
        with pytest.raises(StoreError, match="damaged"):
            collect(store, 1, fixed_clock())
    elif steps[0] == "experiments":
        with pytest.raises(StoreError, match="damaged"):
            store.version(steps[1], int(path.stem))


def _whole_chain(filled: Filled, folder: Path, where: str) -> None:
    """What people do, in a copy, where the catalog has to be built from what is there: run, and ask."""
    shutil.copytree(filled.project.data, folder, symlinks=True)
    project = Project(filled.project.root, folder, fixed_clock)
    try:
        assert _run(project) == filled.digests, where
        assert answer_of(project, "rumour").rows == filled.rows, where
    except StoreError as error:
        assert "damaged" in error.what, where
    (row,) = run_query(project, "SELECT problem FROM experiments WHERE experiment = 'rumour'").to_pylist()
    for name, sql in QUESTIONS.items():
        if row["problem"] is None:
            answered(partial(run_query, project, sql), filled.answers[name])
        elif name == "metric_summary":
            assert run_query(project, sql).num_rows == 0, where
    shutil.rmtree(folder)


def test_no_damage_is_silent(filled: Filled, tmp_path: Path) -> None:
    check_all(filled, tmp_path, 40, 1, rarely=20)


@pytest.mark.faults
@pytest.mark.timeout(2400)
def test_a_thousand_damages_are_reported(filled: Filled, tmp_path: Path) -> None:
    check_all(filled, tmp_path, 1000, 20260102, rarely=100)


def test_damage_to_the_memory_of_checksums_is_harmless(filled: Filled) -> None:
    memory = filled.project.data / ".checksums.json"
    content = memory.read_bytes()
    choice = random.Random(3)
    for turn in range(40):
        changed = bytearray(content)
        bit = choice.randrange(8 * len(content))
        changed[bit // 8] ^= 1 << bit % 8
        memory.write_bytes(changed if turn % 4 else changed[: bit // 8])
        name = VIEWS[turn % len(VIEWS)]
        assert query(filled.project.data, QUESTIONS[name]).to_pylist() == filled.answers[name]
    memory.write_bytes(content)


def test_a_damaged_version_takes_no_other_answer_away(filled: Filled, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(filled.project.data, folder, symlinks=True)
    path = folder / "experiments" / "growth" / "000002.json"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-5])
    project = Project(filled.project.root, folder, fixed_clock)
    for name, sql in QUESTIONS.items():
        assert run_query(project, sql).to_pylist() == filled.answers[name]
    (row,) = run_query(project, "SELECT problem FROM experiments WHERE experiment = 'growth'").to_pylist()
    assert "000002.json" in row["problem"]
