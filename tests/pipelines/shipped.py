"""A project as `worldwright new` writes it, with the small documents, and its commands."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from pipelines.ready import serves
from worldwright.project.locate import Project
from worldwright.project.new import new_project

SECONDS = 120.0


@dataclass(frozen=True)
class Shipped:
    """The project; its commands run in it as a user would run them."""

    root: Path

    @property
    def project(self) -> Project:
        return Project(self.root, self.root / "data")

    def start(self, *arguments: str, own_group: bool = False) -> subprocess.Popen[str]:
        """Start `python -m …` in the project, with nothing of ours in the environment."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("DAGSTER", "PYTHON"))
        }
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=self.root,
            env={**kept, "COLUMNS": "100"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=own_group,
        )

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m …` in the project to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=SECONDS)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def history(self) -> list[dg.DagsterRun]:
        """The runs that the project's UI shows, the newest first."""
        before = Path.cwd()
        os.chdir(self.root)
        try:
            with dg.DagsterInstance.from_config(str(self.root)) as instance:
                return list(instance.get_runs())
        finally:
            os.chdir(before)


def shipped_project(folder: Path, documents: Path) -> Shipped:
    """Make one.

    Args:
        folder: A new folder.
        documents: The `specs/` it gets instead of those of the template.
    """
    new_project(folder)
    shutil.rmtree(folder / "specs")
    shutil.copytree(documents, folder / "specs")
    return Shipped(folder)


@contextmanager
def user_interface(shipped: Shipped) -> Generator[int]:
    """The UI of a project on a free port, ended as Ctrl-C ends it; gives the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = shipped.start("pipelines.ui", "--port", str(port), own_group=True)
    try:
        wait_until(lambda: serves(port) or process.poll() is not None, "the UI to answer")
        assert process.poll() is None, process.communicate()
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=SECONDS)
        finally:
            with_group(process.pid, signal.SIGKILL)


def with_group(leader: int, number: signal.Signals) -> None:
    """Send a signal to whatever is left of a process group that we started."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return


def processes_in(folder: Path) -> set[int]:
    """The processes that work in a folder, found through /proc."""
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder:
                found.add(int(entry.name))
        except OSError:
            continue
    return found


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition, for at most two minutes."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {SECONDS} s for {what}"
        time.sleep(0.05)
