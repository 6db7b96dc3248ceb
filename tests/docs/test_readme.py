"""The README's commands do what it says, on a small version of the documents it names."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOOL = ".venv/bin/worldwright"


def commands() -> list[str]:
    """Every command of the shell blocks, continued lines joined, comments kept out."""
    found: list[str] = []
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL):
        joined = re.sub(r"\n\s+(?=where )", " ", block)
        found += [line for line in joined.splitlines() if line.strip()]
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository's documents, with fewer agents and replicates."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "specs", folder / "specs")
    for path in (folder / "specs" / "experiments").glob("*.yaml"):
        text = re.sub(r"agents: \d+", "agents: 200", path.read_text())
        text = re.sub(
            r"^ticks: .*", "ticks: 52" if "diagnostic" in path.name else "ticks: 5", text, flags=re.M
        )
        text = re.sub(r"^replicates:.*?(?=^\S)", "replicates: 2\n", text, flags=re.M | re.DOTALL)
        text = re.sub(r"mean: \[\d+, \d+\]", "mean: [2, 5]", text)
        path.write_text(text)
    run(folder, "run ai-diagnostic-adoption")
    return folder


def run(folder: Path, arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "worldwright.cli.main", *shlex.split(arguments, comments=True)],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_there_are_commands_and_all_are_ours() -> None:
    assert len(commands()) >= 8
    assert all(command.startswith(TOOL) for command in commands())


@pytest.mark.parametrize("command", commands())
def test_a_command_works(command: str, project: Path) -> None:
    arguments = command.removeprefix(TOOL)
    if "*" in arguments:
        pattern = re.search(r"\S*\*\S*", arguments)
        assert pattern is not None
        files = " ".join(str(path.relative_to(project)) for path in sorted(project.glob(pattern[0])))
        arguments = arguments.replace(pattern[0], files)
    assert run(project, arguments).strip()


def test_the_query_of_the_first_screen_answers(project: Path) -> None:
    (query,) = [command for command in commands() if "metric_summary" in command]
    assert "peer_weight=0.1, price=0" in run(project, query.removeprefix(TOOL))


@pytest.mark.parametrize("target", re.findall(r"`make ([a-z-]+)`", README))
def test_make_knows_its_targets(target: str) -> None:
    assert subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_what_it_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(links) >= 5
    assert [link for link in links if not (ROOT / link).exists()] == []
