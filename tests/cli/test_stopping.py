"""Ctrl-C in a terminal, and SIGTERM: nothing is left at work and no half-made file, whenever they come."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.project.test_kill import alive, descendants
from worldwright.project.locate import Project

COMMANDS = {
    "sample": ("sample", "specs/scenarios/rumour.yaml", "-n", "200000000", "-o", "out.parquet"),
    "workers": ("sample", "specs/scenarios/rumour.yaml", "-n", "200000000", "-w", "2", "-o", "out.parquet"),
    "world": (
        "world",
        "run",
        "specs/worlds/growth",
        "--ticks",
        "20000000",
        "--param",
        "birth=0",
        "--out",
        "out",
    ),
}


def stopped_after(
    project: Project, command: tuple[str, ...], seconds: float, number: int, *, terminal: bool = True
) -> tuple[int, str]:
    """Start a command on a terminal of its own, signal it after a while; its exit code and what it showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "worldwright.cli.main", *command],
        cwd=project.root,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs if terminal else subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )
    os.close(theirs)
    shown, end, sent, below = b"", time.monotonic() + 60, False, set[int]()
    began = time.monotonic()
    while time.monotonic() < end:
        if not sent and time.monotonic() - began > seconds:
            below, sent = descendants(process.pid), True
            os.killpg(process.pid, number)
        if select.select([ours], [], [], 0.02)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:
                break
        if process.poll() is not None and not select.select([ours], [], [], 0)[0]:
            break
    os.close(ours)
    code = process.wait(20)
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in below) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in below if alive(pid)]
    return code, shown.decode(errors="replace")


def leftovers(project: Project) -> list[Path]:
    return [*project.root.glob("out*"), *project.root.glob(".*.tmp")]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_and_leaves_nothing(tiny: Project, name: str, number: int, code: int) -> None:
    found, shown = stopped_after(tiny, COMMANDS[name], 6.0, number)
    assert found == code, shown
    assert "stopped; nothing is left half made" in shown and "Traceback" not in shown
    assert leftovers(tiny) == []


def test_the_bar_counts_and_estimates_in_a_terminal_without_colour_where_asked(
    tiny: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    _, shown = stopped_after(tiny, COMMANDS["sample"], 8.0, signal.SIGINT)
    assert "of 200,000,000 agents" in shown and " left" in shown
    assert "\x1b[3" not in shown


IN_A_FINALISER = """
import os, signal, sys
from worldwright.cli.stopping import STOPPING, Stopped

class Finalised:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass

class Wrong:
    def __del__(self):
        raise ValueError("told")

STOPPING.listen()
Wrong()
Finalised()
print("went on")
try:
    STOPPING.check()
except Stopped as stopped:
    print("stopped by", stopped.number)
"""


def test_a_signal_that_comes_within_a_finaliser_is_not_lost_and_not_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FINALISER], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "went on\nstopped by 2\n"
    assert done.stderr.count("Traceback") == 1 and "ValueError: told" in done.stderr


@pytest.mark.faults
def test_ctrl_c_at_any_moment(tiny: Project) -> None:
    for step in range(40):
        name = ("sample", "workers", "world")[step % 3]
        code, shown = stopped_after(tiny, COMMANDS[name], 0.8 + 0.17 * step, signal.SIGINT)
        assert code == 130 and "Traceback" not in shown, shown
        assert leftovers(tiny) == [], (step, name)
