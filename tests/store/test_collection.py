"""Garbage collection removes what nothing stands on, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from worldwright.errors import StoreError, UsageError
from worldwright.store import Store, collect, find_garbage

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Store:
    return Store(tmp_path / "data", clock=clock)


def key(name: str) -> str:
    return f"data:{name.encode().hex():0>32}"


def publish(store: Store, name: str, *parents: str) -> str:
    def write(folder: Path) -> None:
        (folder / "text.txt").write_text(name)

    made = store.publish(key(name), stage="test", inputs={}, write=write, parents=[key(p) for p in parents])
    return made.key


def version(store: Store, experiment: str, *names: str) -> None:
    store.publish_version(experiment, {"datasets": {name: {"key": key(name)} for name in names}})


def there(store: Store, *names: str) -> list[str]:
    return [name for name in names if store.find(key(name)) is not None]


def test_what_kept_versions_stand_on_stays_with_all_it_was_made_from(store: Store, clock: Clock) -> None:
    for name, *parents in (["spec"], ["run", "spec"], ["summary", "run"], ["old"], ["older"], ["lost"]):
        publish(store, name, *parents)
    for name in ("older", "old", "summary"):
        version(store, "one", name)
    clock.now += timedelta(days=30)
    names = ("spec", "run", "summary", "old", "older", "lost")
    found = find_garbage(store.root, 2, START + timedelta(days=1))
    assert {item.key for item in found.garbage} == {key("older"), key("lost")}
    assert there(store, *names) == list(names)
    assert collect(store, 2, START + timedelta(days=1)) == found
    assert there(store, *names) == ["spec", "run", "summary", "old"]
    assert store.verify() == []
    collect(store, 1, START + timedelta(days=1))
    assert there(store, *names) == ["spec", "run", "summary"]
    assert store.verify() == []


def test_another_experiment_keeps_what_it_shares(store: Store) -> None:
    publish(store, "shared")
    publish(store, "own")
    version(store, "one", "shared")
    version(store, "one", "own")
    version(store, "two", "shared")
    collect(store, 1, START + timedelta(days=1))
    assert there(store, "shared", "own") == ["shared", "own"]


def test_what_is_young_stays(store: Store, clock: Clock) -> None:
    publish(store, "early")
    clock.now += timedelta(days=3)
    publish(store, "late")
    found = collect(store, 1, START + timedelta(days=2))
    assert there(store, "early", "late") == ["late"]
    assert found.young == 1


def test_nothing_is_removed_while_somebody_works(store: Store) -> None:
    publish(store, "lost")
    with store.lock("experiment-one"), pytest.raises(StoreError, match="in use"):
        collect(store, 1, START + timedelta(days=1))
    assert there(store, "lost") == ["lost"]
    with store.lock("experiment-one"), store.lock("experiment-two"):
        pass  # those who work do not keep each other waiting


def test_nothing_is_removed_where_a_kept_version_cannot_be_read(store: Store) -> None:
    publish(store, "lost")
    publish(store, "kept")
    version(store, "one", "kept")
    file = store.root / "experiments" / "one" / "000001.json"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(StoreError):
        collect(store, 1, START + timedelta(days=1))
    assert there(store, "lost", "kept") == ["lost", "kept"]


def test_what_was_removed_can_be_made_again(store: Store) -> None:
    publish(store, "lost")
    collect(store, 1, START + timedelta(days=1))
    publish(store, "lost")
    assert there(store, "lost") == ["lost"]


def test_the_current_version_cannot_be_given_up(store: Store) -> None:
    with pytest.raises(UsageError, match="current"):
        find_garbage(store.root, 0, START)
