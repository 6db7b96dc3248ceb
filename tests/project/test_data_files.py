"""Files of data that a document names, as the front doors read them: inside the project, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.spec.data import CUSTOMERS
from worldwright.cli.main import command
from worldwright.project.documents import load_closure
from worldwright.project.locate import Project

SPEC = """worldwright: population/1
name: customers
table: {file: FILE}
attributes:
  age: {type: int, column: age}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "specs" / "populations").mkdir(parents=True)
    (folder / "specs" / "data").mkdir()
    (folder / "specs" / "data" / "customers.csv").write_bytes(CUSTOMERS)
    (tmp_path / "outside.csv").write_bytes(CUSTOMERS)
    (folder / "specs" / "data" / "link.csv").symlink_to(tmp_path / "outside.csv")
    (folder / "specs" / "data" / "loop.csv").symlink_to(folder / "specs" / "data" / "loop.csv")
    return folder


def checked(project: Path, file: str) -> Result:
    spec = project / "specs" / "populations" / "customers.yaml"
    spec.write_text(SPEC.replace("FILE", file))
    return CliRunner().invoke(command, ["check", str(spec)], standalone_mode=False)


def test_a_file_is_found_from_the_document(project: Path, tmp_path: Path) -> None:
    assert "no problems" in checked(project, "../data/customers.csv").output
    spec = project / "specs" / "populations" / "customers.yaml"
    out = tmp_path / "out.parquet"
    done = CliRunner().invoke(
        command,
        ["sample", str(spec), "--agents", "20", "--out", str(out), "--workers", "2"],
        standalone_mode=False,
    )
    assert done.exception is None, done.output
    import pyarrow.parquet as pq

    assert set(pq.read_table(out).column("age").to_pylist()) <= {23, 45, 37, 61}


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("../../../outside.csv", "lies outside the project"),
        ("../data/link.csv", "lies outside the project"),
        ("/etc/passwd.csv", "not a path relative to the document"),
        ("../data/loop.csv", "loop.csv"),
        ("../data/costumers.csv", "did you mean 'customers.csv'"),
        ("../data", "neither CSV nor Parquet"),
        ("../data/folder.csv", "no file"),
        ('"a\\0b.csv"', "not a path relative"),
    ],
)
def test_what_must_not_be_read_is_refused_at_its_place(project: Path, file: str, words: str) -> None:
    (project / "specs" / "data" / "folder.csv").mkdir()
    done = checked(project, file)
    assert done.return_value == 1 and done.exception is None, done.output
    assert words in done.output
    assert "customers.yaml:3:" in done.output


def test_a_file_belongs_to_the_closure_of_an_experiment(project: Path) -> None:
    assert "no problems" in checked(project, "../data/customers.csv").output
    worlds = project / "specs" / "worlds" / "shop"
    worlds.mkdir(parents=True)
    (worlds / "world.yaml").write_text(
        "worldwright: world/1\nname: shop\nentities:\n  - {name: customer, script: a.lua, population: main}\n"
        "metrics: {people: {count: customer}}\n"
    )
    (worlds / "a.lua").write_text(
        "state = {n = 0}\nfunction update(now, msgs) state.n = self.agent.age end\n"
    )
    (project / "specs" / "experiments").mkdir()
    (project / "specs" / "experiments" / "sales.yaml").write_text(
        "worldwright: experiment/1\nname: sales\nworld: shop\npopulations: {main: {population: customers}}\n"
        "ticks: 2\nseed: 1\nreplicates: 2\n"
    )
    where = Project(project, project / "data")
    before = load_closure(where, "sales")
    assert "specs/data/customers.csv" in before.data
    (project / "specs" / "data" / "customers.csv").write_bytes(CUSTOMERS.replace(b"c4,61", b"c4,62"))
    assert load_closure(where, "sales").digest != before.digest
