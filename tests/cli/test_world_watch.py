"""`worldwright world watch`: lines over a pipe, a picture in a terminal, a clean end."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from worldwright.cli.commands.world_watch import View, sparkline
from worldwright.world.progress import Progress

from .test_world_state import PREY, called

COMMAND = [sys.executable, "-m", "worldwright.cli.main", "world", "watch", PREY]


def test_over_a_pipe_it_prints_lines() -> None:
    result = called("world", "watch", PREY, "-t", "20")
    assert result.exit_code == 0
    last = result.output.splitlines()[-1]
    assert last.startswith("tick 20  entities=428  ")
    assert "prey=355" in last


def test_a_failing_world_is_told(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(
        "worldwright: world/1\nname: w\nentities: [{name: a, script: a.lua, count: 1}]\n"
    )
    (tmp_path / "a.lua").write_text(
        "state = {}\nfunction update(now, msgs)\n  if now == 3 then error('no') end\nend\n"
    )
    result = called("world", "watch", str(tmp_path))
    assert result.exit_code == 3
    assert "error: the world stopped in tick 3: a: a.lua:3: no" in result.output


def test_ctrl_c_ends_it_cleanly() -> None:
    process = subprocess.Popen(
        [*COMMAND, "-t", "100000", "--rate", "50"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("tick ")
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in said + errors
    assert "stopped" in errors


def test_in_a_terminal_it_draws() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "-t", "40"], stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    )
    os.close(theirs)
    seen = b""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            block = os.read(ours, 65536)
        except OSError:
            break
        if not block:
            break
        seen += block
    os.close(ours)
    assert process.wait(timeout=20) == 0
    text = seen.decode("utf-8", "replace")
    assert "tick 40" in text
    assert "ticks/s" in text
    assert "█" in text


def test_many_metrics_fit_the_screen() -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=80, height=12)
    with View("w", 10, screen) as view:
        values = tuple((1, f"metric {i}", float(i)) for i in range(50))
        view.show(Progress(1, 3, {"a": 3}, values, 2))
    text = screen.file.getvalue()  # type: ignore[attr-defined]
    assert "… and 44 more metrics" in text
    assert "2 errors" in text


def test_a_sparkline_shows_the_shape() -> None:
    assert sparkline([0, 1, 2, 3], 4) == "▁▃▆█"
    assert sparkline([0, 0, 8, 8], 2) == "▁█"
    assert sparkline([1, float("nan"), 2], 3) == "▁ █"
    assert sparkline([5, 5], 9) == "▄▄"
    assert sparkline([], 9) == sparkline([float("nan")], 9) == ""
