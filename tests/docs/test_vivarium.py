"""The files and commands of docs/vivarium.md work, one after another."""

from __future__ import annotations

import json
from pathlib import Path

from .pages import commands, worldwright, write_documents

PAGE = Path(__file__).parents[2] / "docs" / "vivarium.md"


def test_the_page(tmp_path: Path) -> None:
    write_documents(PAGE, tmp_path)
    said = [
        worldwright(tmp_path, line.removeprefix("worldwright ")) for line in commands(PAGE) if "world" in line
    ]
    assert len(said) == 4
    assert "~ t1: state.n: 0 → 18" in said[2]
    written = json.loads((tmp_path / "later.json").read_text())
    assert written["simulation_time"] == 20
    assert [message["receive_step"] for message in written["pending_messages"]] == [21, 22]
