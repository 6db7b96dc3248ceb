"""The wheel, installed elsewhere, makes a project and runs it: nothing it needs stayed behind."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def call(*arguments: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a clean copy of what git would ship."""
    source = tmp_path_factory.mktemp("source")
    listed = call("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    archive = subprocess.run(
        ["tar", "--null", "-T", "-", "-cf", "-"],
        input=listed.encode(),
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    subprocess.run(["tar", "-xf", "-"], input=archive.stdout, cwd=source, check=True)
    out = tmp_path_factory.mktemp("wheel")
    call(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        out,
        ".",
        cwd=source,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it, and this environment's third-party packages beside it."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    site = Path(
        call(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=ROOT).strip()
    )
    call(sys.executable, "-m", "pip", "-q", "--python", python, "install", "--no-deps", wheel, cwd=ROOT)
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = call(python, "-c", "import worldwright; print(worldwright.__file__)", cwd=folder)
    assert where.startswith(str(site))
    return folder / "bin"


def test_the_wheel_carries_scripts_prompts_and_the_template(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert any(name.endswith("kernel.lua") for name in names)
    assert any(name.startswith("worldwright/architect/prompts/") for name in names)
    for file in ("dagster.yaml", "workspace.yaml", "assets/__init__.py", "pipelines/definitions.py"):
        assert f"worldwright/templates/project/{file}" in names
    assert not any(name.startswith(("assets/", "pipelines/", "tests/")) for name in names)


def test_a_new_project_runs_and_answers(installed: Path, tmp_path: Path) -> None:
    call(installed / "worldwright", "new", "my-question", cwd=tmp_path)
    project = tmp_path / "my-question"
    answer = json.loads(call(installed / "worldwright", "run", "adoption-quick", "--json", cwd=project))
    assert answer["failed"] == 0 and answer["cells"]
    rows = call(installed / "worldwright", "query", "select count(*) from runs", "--csv", cwd=project)
    assert int(rows.splitlines()[1]) == sum(cell["replicates"] for cell in answer["cells"])


def test_its_dagster_project_loads(installed: Path, tmp_path: Path) -> None:
    call(installed / "worldwright", "new", "my-question", cwd=tmp_path)
    code = "from pipelines.definitions import defs; print(len(list(defs.resolve_all_asset_specs())))"
    assert int(call(installed / "python", "-c", code, cwd=tmp_path / "my-question")) >= 10
