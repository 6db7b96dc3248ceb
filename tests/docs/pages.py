"""Pages of the documentation as tests run them: their documents are written, their commands executed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """Language, file (or nothing) and content of every fenced block that has a language."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"```(\w+)(?: file=(\S+))?\n(.*?)```", text, re.DOTALL)


def commands(page: Path) -> list[str]:
    """Every line of the shell blocks, comments kept out."""
    lines = [line for kind, _, text in blocks(page) if kind == "sh" for line in _joined(text)]
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _joined(text: str) -> list[str]:
    """Lines, those that end in a backslash with the next."""
    return text.replace("\\\n", " ").splitlines()


def write_documents(page: Path, folder: Path) -> None:
    """Write the blocks that name a file."""
    for _, file, text in blocks(page):
        if file:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")


def worldwright(folder: Path, arguments: str) -> str:
    """What a command prints; it must end well."""
    done = subprocess.run(
        [sys.executable, "-m", "worldwright.cli.main", *shlex.split(arguments, comments=True)],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
    return done.stdout


def follow(page: Path, folder: Path) -> str:
    """Do what a page says, block by block, as a reader would: write its files, run its shell blocks.

    Args:
        page: A page of blocks of shell (`sh`), Python, files (with `file=`), or shown (`text`, `netlogo`).
        folder: Where the reader begins; a `cd` in a block holds for what follows.

    Returns:
        What the shell blocks printed.
    """
    here, said = folder, ""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    for kind, file, text in blocks(page):
        if file:
            (here / file).parent.mkdir(parents=True, exist_ok=True)
            (here / file).write_text(text, encoding="utf-8")
        elif kind in ("sh", "python"):
            script = f"{text}\npwd >&2" if kind == "sh" else f"python - <<'END' && pwd >&2\n{text}\nEND"
            done = subprocess.run(
                ["bash", "-e", "-c", script],
                capture_output=True,
                text=True,
                cwd=here,
                env={**os.environ, "PATH": path},
                check=False,
            )
            assert done.returncode == 0, f"{page.name}:\n{text}\n{done.stdout}{done.stderr}"
            here, said = Path(done.stderr.rstrip().splitlines()[-1]), said + done.stdout
        else:
            assert kind in ("text", "netlogo"), f"{page.name}: nothing runs a block of {kind}"
    return said
