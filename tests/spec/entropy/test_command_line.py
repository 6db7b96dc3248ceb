"""The commands on files of those projects: told by content, checked, sampled and rewritten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.spec.entropy.fixtures import POPULATIONS, text_of
from tests.spec.entropy.test_scenarios import ADOPTS, BASE, TRUST, scenario


def worldwright(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "worldwright.cli.main", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder as theirs: the population, and two folders below it the scenario."""
    (tmp_path / "population.v1.yaml").write_text(BASE)
    folder = tmp_path / "scenario" / "rule"
    folder.mkdir(parents=True)
    (folder / "scenario.v1.yaml").write_text(scenario(ADOPTS, TRUST, base_population="population.v1"))
    return tmp_path


def test_check_and_sample_read_a_scenario_with_its_population(study: Path) -> None:
    over = "scenario/rule/scenario.v1.yaml"
    checked = worldwright("check", over, "--json", cwd=study)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert {d["severity"] for d in json.loads(checked.stdout)["diagnostics"]} == {"note"}
    done = worldwright("sample", over, "-n", "200", "-o", "agents.parquet", cwd=study)
    assert done.returncode == 0, done.stderr
    table = pq.read_table(study / "agents.parquet")
    assert table.num_rows == 200
    assert table.column_names == ["age", "role", "flag", "adopts", "trust"]


def test_a_scenario_without_its_population_is_an_error_at_its_head(study: Path) -> None:
    (study / "population.v1.yaml").unlink()
    checked = worldwright("check", "scenario/rule/scenario.v1.yaml", cwd=study)
    assert checked.returncode == 1
    assert "scenario.v1.yaml:1:1 error[WW0813]" in checked.stdout and "population.v1" in checked.stdout


def test_an_imported_spec_gives_the_same_bytes(study: Path) -> None:
    done = worldwright("spec", "import", "population.v1.yaml", "--out", "native.yaml", cwd=study)
    assert done.returncode == 0, done.stderr
    assert "samples the same agents" in done.stdout
    assert worldwright("check", "native.yaml", cwd=study).returncode == 0
    for name in ("population.v1", "native"):
        sampled = worldwright("sample", f"{name}.yaml", "-n", "300", "-o", f"{name}.parquet", cwd=study)
        assert sampled.returncode == 0, sampled.stderr
    assert (study / "native.parquet").read_bytes() == (study / "population.v1.parquet").read_bytes()
    again = worldwright("spec", "import", "population.v1.yaml", "--out", "native.yaml", cwd=study)
    assert again.returncode == 2 and "--overwrite" in again.stderr
    foreign = worldwright("spec", "import", "native.yaml", "--out", "more.yaml", cwd=study)
    assert foreign.returncode == 2 and not (study / "more.yaml").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", POPULATIONS)
def test_real_files_check_sample_and_import(name: str, tmp_path: Path) -> None:
    (tmp_path / "theirs.yaml").write_text(text_of(name), encoding="utf-8")
    assert worldwright("check", "theirs.yaml", cwd=tmp_path).returncode == 0
    imported = worldwright("spec", "import", "theirs.yaml", "-o", "ours.yaml", cwd=tmp_path)
    assert imported.returncode == 0 and "samples the same agents" in imported.stdout
    for file in ("theirs", "ours"):
        done = worldwright("sample", f"{file}.yaml", "-n", "10000", "-o", f"{file}.parquet", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "theirs.parquet").read_bytes() == (tmp_path / "ours.parquet").read_bytes()
