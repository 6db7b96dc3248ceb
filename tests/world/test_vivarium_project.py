"""Vivarium's project folder: a manifest, scripts in files, numbered snapshots."""

from __future__ import annotations

from pathlib import Path

import pytest

from worldwright.errors import UsageError
from worldwright.world import Record, RunRequest, Worker, load_world

from .test_snapshots import TICKER

MANIFEST = """schema_version: v1
name: tiny
script_library:
  ticker: {id: ticker, kind: lua, script_path: scripts/ticker.lua}
"""


def project(folder: Path, manifest: str = MANIFEST) -> Path:
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "ticker.lua").write_text(TICKER)
    (folder / "world.yaml").write_text(manifest)
    for name, time in (("0001-initial", 0), ("0002-later", 40)):
        place = folder / "snapshots" / name
        place.mkdir(parents=True)
        (place / "snapshot.yaml").write_text(f"schema_version: v1\nid: {name}\nsimulation_time: {time}\n")
        (place / "entities.yaml").write_text(
            f"entities:\n- {{id: a, script_id: ticker, initial_state: {{n: {time}}}}}\n"
            "- {id: b, script_id: ticker}\n"
        )
        (place / "messages.yaml").write_text(
            "messages:\n"
            f"- {{sender: x, receiver: b, kind: ping, content: {{n: 1}}, receive_step: {time + 2}}}\n"
        )
    (folder / "snapshots" / "0003-broken").mkdir()  # without a snapshot.yaml it is none
    return folder


def read(path: Path) -> str:
    return path.read_text()


def test_the_latest_snapshot_is_run_and_another_on_request(worker: Worker, tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    for path, start in (
        (folder, 40),
        (folder / "world.yaml", 40),
        (folder / "snapshots" / "0001-initial", 0),
    ):
        program, found = load_world(path, read)
        assert program is not None, found
        assert (program.name, program.start) == ("tiny", start)
        result = worker.run(RunRequest(program, 2, 1, record=Record(("last",))))
        assert result.status == "ok", result.failure
        assert {row["entity_id"]: row["n"] for row in result.agents.to_pylist()} == {"a": start + 2, "b": 3}


BROKEN = {
    "version": (("schema_version: v1", "schema_version: v2"), "has `schema_version: v1`"),
    "id": (("id: ticker", "id: other"), "has the id 'other'"),
    "kind": (("kind: lua", "kind: python"), "of kind 'python'"),
    "outside": (("scripts/ticker.lua", "../ticker.lua"), "no path within the project"),
    "absolute": (("scripts/ticker.lua", "/etc/passwd"), "no path within the project"),
    "missing": (("scripts/ticker.lua", "scripts/no.lua"), "the script 'scripts/no.lua' cannot be read"),
    "no name": (("name: tiny\n", ""), "there is no `name` here"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_project_is_told(tmp_path: Path, name: str) -> None:
    (old, new), message = BROKEN[name]
    program, found = load_world(project(tmp_path / "p", MANIFEST.replace(old, new)), read)
    assert program is None
    assert [d.code for d in found] == ["WW0717"]
    assert message in found[0].message
    assert found[0].span is not None


def test_missing_parts_are_told(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    (folder / "snapshots" / "0002-later" / "messages.yaml").unlink()
    program, found = load_world(folder, read)
    assert program is None
    assert "messages.yaml" in str(found[0].span)
    empty = tmp_path / "e"
    empty.mkdir()
    (empty / "world.yaml").write_text(MANIFEST)
    with pytest.raises(UsageError, match="no snapshot to begin with"):
        load_world(empty, read)
