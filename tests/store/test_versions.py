from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from worldwright.errors import StoreError, UsageError
from worldwright.store import Store

from . import making

HERE = Path(__file__).parent


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return making.open_store(tmp_path / "store")


def test_versions_count_up_and_equal_content_is_no_new_version(store: Store) -> None:
    assert store.current("adoption") is None
    assert store.versions("adoption") == []
    assert store.experiments() == []
    assert store.publish_version("adoption", {"b": 1, "a": [1.5, None]}) == 1
    assert store.publish_version("adoption", {"a": [1.5, None], "b": 1}) == 1
    assert store.publish_version("adoption", {"a": 2}) == 2
    assert store.publish_version("adoption", {"a": [1.5, None], "b": 1}) == 3
    assert store.publish_version("Other_1", {}) == 1
    assert store.current("adoption") == (3, {"a": [1.5, None], "b": 1})
    assert store.version("adoption", 2) == {"a": 2}
    assert store.versions("adoption") == [1, 2, 3]
    assert store.experiments() == ["Other_1", "adoption"]


def test_a_whole_number_and_a_fraction_are_two_contents(store: Store) -> None:
    assert store.publish_version("adoption", {"a": 1}) == 1
    assert store.publish_version("adoption", {"a": 1.0}) == 2


@pytest.mark.parametrize("name", ["", "..", "a/b", "-a", "a b", "a\n", "é"])
def test_a_name_is_safe(store: Store, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        store.publish_version(name, {})
    with pytest.raises(UsageError), store.lock(name):
        pass


def test_a_missing_version_and_a_damaged_one(store: Store) -> None:
    store.publish_version("adoption", {"a": 1})
    with pytest.raises(UsageError, match="no version 2"):
        store.version("adoption", 2)
    path = store.root / "experiments" / "adoption" / "000001.json"
    content = path.read_bytes()
    path.chmod(0o644)
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1 << at % 8
        path.write_bytes(changed)
        with pytest.raises(StoreError):
            store.current("adoption")
    path.write_bytes(content[:-2])
    with pytest.raises(StoreError, match="damaged"):
        store.current("adoption")
    with pytest.raises(StoreError, match="damaged"):
        store.publish_version("adoption", {"a": 1})


def test_a_version_under_another_number_is_damage(store: Store) -> None:
    store.publish_version("adoption", {"a": 1})
    folder = store.root / "experiments" / "adoption"
    (folder / "000001.json").rename(folder / "000002.json")
    with pytest.raises(StoreError, match="it is version 1 of adoption"):
        store.current("adoption")


def test_eight_processes_race_and_each_number_is_won_once(store: Store) -> None:
    tries = 12
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "store.making", str(store.root), str(who), str(tries)],
            stdout=subprocess.PIPE,
            env=environment,
        )
        for who in range(8)
    ]
    answers = [json.loads(racer.communicate(timeout=120)[0]) for racer in racers]
    won = sorted(number for answer in answers for number in answer["won"])
    assert won == list(range(1, 8 * tries + 1))
    for who, answer in enumerate(answers):
        assert [store.version("races", number) for number in answer["won"]] == [
            {"who": str(who), "try": turn} for turn in range(tries)
        ]
    assert {answer["shared"] for answer in answers} == {1}
    assert store.versions("shared") == [1]
    assert list((store.root / "staging").iterdir()) == []


HOLDER = """
import sys, time
from pathlib import Path
from store.making import open_store
with open_store(Path(sys.argv[1])).lock("adoption"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_names_its_holder_waits_and_goes_with_it(store: Store) -> None:
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(store.root)], stdout=subprocess.PIPE, env=environment
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(StoreError, match=f"adoption is in use by process {holder.pid}"),
            store.lock("adoption"),
        ):
            pass
        begin = time.monotonic()
        with pytest.raises(StoreError), store.lock("adoption", timeout=0.3):
            pass
        assert time.monotonic() - begin >= 0.3
        with store.lock("another"):
            pass
        holder.send_signal(signal.SIGKILL)
        mine = pytest.raises(StoreError, match=f"process {os.getpid()}")
        with store.lock("adoption", timeout=20), mine, store.lock("adoption"):
            pass


def test_the_janitor_takes_what_the_dead_left_and_nothing_else(store: Store) -> None:
    script = """
import os, sys
from pathlib import Path
from store.making import open_store, key_of
def write(folder):
    (folder / "half.txt").write_text("half")
    os.kill(os.getpid(), 9)
open_store(Path(sys.argv[1])).publish(key_of(1), stage="runs", inputs={}, write=write)
"""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    died = subprocess.run([sys.executable, "-c", script, str(store.root)], env=environment, check=False)
    assert died.returncode == -signal.SIGKILL
    base = store.root / "staging"
    assert len(list(base.glob("*/half.txt"))) == 1

    def write(folder: Path) -> None:
        (folder / "mine.txt").write_text("mine")
        making.open_store(store.root).clean_staging()
        assert (folder / "mine.txt").read_text() == "mine"

    assert store.clean_staging() == 1
    assert list(base.iterdir()) == []
    store.publish(making.key_of(2), stage="runs", inputs={}, write=write)
    assert list(base.iterdir()) == []
    assert store.clean_staging() == 0
