"""The registry of living worlds: what is seen while a world changes, and what a killed writer leaves."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from worldwright.errors import StoreError, UsageError
from worldwright.project.locate import Project
from worldwright.project.worlds import registry as module
from worldwright.project.worlds.crew import Crew, Stop, StoppedError
from worldwright.project.worlds.registry import Registry
from worldwright.world import Record, RunRequest, Snapshot, Worker
from worldwright.world.program import Entity, Script, WorldProgram

TEXT = "state = {n = 0}\nfunction update() state.n = state.n + 1 end"
PROGRAM = WorldProgram("w", {"a": Script("a.lua", TEXT)}, (Entity("a", "a", count=3),))


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    with Worker() as worker:
        made = worker.run(RunRequest(PROGRAM, 2, 0, save_at="last", record=Record(()))).snapshot
    assert made is not None
    return made


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(Project(tmp_path, tmp_path / "data"))


def test_a_world_is_the_same_in_another_process(registry: Registry, snapshot: Snapshot) -> None:
    registry.publish("w", snapshot)
    again = Registry(registry.project)
    assert again.names() == ["w"]
    assert again.read("w").snapshot == snapshot
    assert again.read("w") is again.read("w")
    registry.publish("w", replace(snapshot, seed=7))
    assert again.read("w").snapshot.seed == 7
    registry.delete("w")
    assert again.names() == []
    with pytest.raises(UsageError, match="not found"):
        again.read("w")
    assert [
        path.name for path in (registry.project.data / "worlds").iterdir() if path.suffix != ".lock"
    ] == []


def test_readers_see_whole_worlds_while_one_is_replaced(registry: Registry, snapshot: Snapshot) -> None:
    registry.publish("w", snapshot)
    seen: list[int] = []
    failed: list[Exception] = []
    ended = threading.Event()

    def read() -> None:
        other = Registry(registry.project)
        try:
            while not ended.is_set():
                seen.append(other.read("w").snapshot.seed)
        except (UsageError, OSError) as error:
            failed.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for seed in range(60):
        registry.publish("w", replace(snapshot, seed=seed))
    ended.set()
    for reader in readers:
        reader.join()
    assert not failed
    assert seen
    assert registry.read("w").snapshot.seed == 59
    content = [path for path in (registry.project.data / "worlds").iterdir() if path.suffix == ".content"]
    assert len(content) == 1


def test_one_changes_a_world_at_a_time(
    registry: Registry, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    registry.publish("w", snapshot)
    other = Registry(registry.project)
    with registry.hold("w", Stop()):
        with pytest.raises(StoreError, match="being changed by somebody else"), other.hold("w", Stop()):
            pass
        with other.hold("v", Stop()):
            pass
        stop = Stop()
        stop.set()
        with pytest.raises(StoppedError), other.hold("w", stop):
            pass
    with other.hold("w", Stop()):
        pass


def test_what_a_killed_writer_left_is_swept_and_nothing_else(registry: Registry, snapshot: Snapshot) -> None:
    registry.publish("w", snapshot)
    folder = registry.project.data / "worlds"
    for name in (".0123.content", ".0123.link"):
        (folder / name).write_text("half")
    Registry(registry.project)
    assert (folder / ".0123.content").exists()  # it may still be at work
    for path in folder.iterdir():
        os.utime(path, (1, 1), follow_symlinks=False)
    Registry(registry.project)
    assert not (folder / ".0123.content").exists()
    assert Registry(registry.project).read("w").snapshot == snapshot


def test_a_damaged_world_is_refused(registry: Registry, snapshot: Snapshot) -> None:
    registry.publish("w", snapshot)
    path = registry.path("w").resolve()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(UsageError, match="damaged"):
        Registry(registry.project).read("w")


def test_there_is_an_end_to_worlds_and_their_size(
    registry: Registry, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WORLDS", 2)
    registry.publish("a", snapshot)
    registry.publish("b", snapshot)
    registry.publish("b", snapshot)
    with pytest.raises(UsageError, match="2 worlds already"):
        registry.publish("c", snapshot)
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    with pytest.raises(UsageError, match="at most 0 are kept"):
        registry.publish("b", snapshot)
    assert registry.read("b").snapshot == snapshot


def test_a_run_that_is_stopped_ends_its_process_alone() -> None:
    slow = TEXT.replace("1 end", "1\n for i = 1, 9e5 do end end")
    endless = replace(PROGRAM, scripts={"a": Script("a.lua", slow)})
    crew = Crew(2, seconds=60)
    try:
        stop = Stop()
        threading.Timer(1.0, stop.set).start()
        with pytest.raises(StoppedError):
            crew.run(RunRequest(endless, 10_000_000, 0), stop)
        assert crew.run(RunRequest(PROGRAM, 1, 0), Stop()).status == "ok"
        with pytest.raises(StoppedError):
            crew.run(RunRequest(PROGRAM, 1, 0), stop)
    finally:
        crew.close()
