"""`worldwright sample --quality`: a page for people, a table for programs, and a gate."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from worldwright.cli.main import command
from worldwright.project.locate import Project

SPEC = "specs/scenarios/rumour.yaml"


def sampled(*arguments: str, agents: int = 4000) -> Result:
    call = ["sample", SPEC, "-n", str(agents), "-o", "out.parquet", *arguments]
    return CliRunner().invoke(command, call, standalone_mode=False)


@pytest.fixture(autouse=True)
def here(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tiny.root)
    return tiny


def test_the_page_draws_every_attribute_and_loads_nothing() -> None:
    done = sampled("--quality", "out.html")
    assert (done.return_value, done.exception) == (0, None)
    page = Path("out.html").read_text()
    for name in pq.read_schema("out.parquet").names:
        assert f"<h3><code>{name}</code>" in page
    assert page.count("<svg") >= 4 and 'class="declared"' in page and "Holm" in page
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", page)


def test_the_table_is_that_of_the_report() -> None:
    done = sampled("--quality", "out-quality.parquet", "--json")
    told = json.loads(done.stdout)["quality"]
    rows = pq.read_table("out-quality.parquet").to_pylist()
    assert told["agents"] == 4000 and told["failures"] == []
    assert told["warnings"] == sum(row["verdict"] == "warn" for row in rows)


def test_an_unmet_figure_is_the_gate(here: Project) -> None:
    people = here.specs / "populations" / "people.yaml"
    people.write_text(
        people.read_text().partition("expect:")[0] + "expect:\n  - {mean: age, is: 70, within: 1}\n"
    )
    done = sampled("--quality", "out.html")
    assert done.return_value == 3
    assert "not met: mean of age is 70" in done.stderr
    assert "0 of 1 figure" in Path("out.html").read_text()


@pytest.mark.parametrize(
    ("name", "said"), [("out.txt", "ends in .html or .parquet"), ("no/x.html", "does not exist")]
)
def test_what_could_not_be_written_is_refused_before_sampling(name: str, said: str) -> None:
    done = sampled("--quality", name)
    assert said in str(done.exception)
    assert not Path("out.parquet").exists()
