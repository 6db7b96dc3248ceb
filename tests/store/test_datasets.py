from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from worldwright.errors import StoreError, UsageError
from worldwright.hashing import bytes_digest
from worldwright.store import Store, ancestors

from . import making


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return making.open_store(tmp_path / "store")


def test_what_is_published_is_found_whole(store: Store) -> None:
    key = making.key_of(1)
    assert store.find(key) is None
    made = making.publish(store, 1)
    found = store.find(key)
    assert found == made
    assert (made.key, made.stage, made.inputs, made.facts) == (key, "runs", {"seed": 1}, {"mean": 1049.5})
    assert [(part.name, part.rows) for part in made.parts.values()] == [
        ("agents.parquet", 100),
        ("notes/reading.txt", None),
    ]
    for name, part in made.parts.items():
        content = made.file(name).read_bytes()
        assert (part.bytes, part.sha256) == (len(content), bytes_digest(content))
    assert made.table("agents").equals(making.numbers(1))
    assert made.table("agents.parquet").equals(making.numbers(1))
    assert made.about["created"] == "2026-01-02T12:00:00+00:00"
    assert made.about["host"] == "here"


def test_a_dataset_lies_where_its_key_says_and_is_read_only(store: Store) -> None:
    made = making.publish(store, 1)
    tag, name = made.key.split(":")
    assert made.path == store.root / "objects" / tag / name[:2] / name
    modes = {stat.S_IMODE(path.stat().st_mode) for path in made.path.rglob("*") if path.is_file()}
    assert modes == {0o444}
    assert list((store.root / "staging").iterdir()) == []


def test_built_once_then_hit(store: Store) -> None:
    calls: list[Path] = []

    def write(folder: Path) -> None:
        calls.append(folder)
        (folder / "empty.txt").touch()

    request: dict[str, Any] = {"stage": "runs", "inputs": {"seed": 1}, "write": write}
    first, hit = store.get_or_build(making.key_of(1), **request)
    assert not hit
    second, hit = making.open_store(store.root).get_or_build(making.key_of(1), **request)
    assert hit
    assert first == second
    assert len(calls) == 1


def test_the_digest_is_of_content_and_facts_only(tmp_path: Path) -> None:
    def digest_of(
        place: str,
        key: str = making.key_of(1),
        about: dict[str, Any] | None = None,
        seed: int = 1,
        facts: Any = None,
    ) -> str:
        def write(folder: Path) -> dict[str, Any]:
            return {**making.writer(seed)(folder), **(facts or {})}

        store = making.open_store(tmp_path / place)
        return store.publish(key, stage="runs", inputs={}, write=write, about=about).digest

    base = digest_of("a")
    assert base == digest_of("b", about={"cost": 3.5, "versions": {"pyarrow": "1"}})
    assert base == digest_of("c", key=making.key_of(99))
    assert base != digest_of("d", seed=2)
    assert base != digest_of("e", facts={"more": 1})


def test_a_name_taken_meanwhile_is_a_hit(store: Store) -> None:
    def write(folder: Path) -> dict[str, Any]:
        making.publish(making.open_store(store.root), 1)
        return making.writer(1)(folder)

    made = store.publish(
        making.key_of(1), stage="runs", inputs={"seed": 1}, write=write, about={"mine": True}
    )
    assert "mine" not in made.about
    assert made.table("agents").equals(making.numbers(1))
    assert list((store.root / "staging").iterdir()) == []


def test_a_name_taken_meanwhile_with_other_content_is_a_conflict(store: Store) -> None:
    making.publish(store, 1)
    with pytest.raises(StoreError, match="two different datasets"):
        store.publish(making.key_of(1), stage="runs", inputs={"seed": 1}, write=making.writer(2))


def test_a_name_taken_meanwhile_by_a_damaged_one_is_refused(store: Store) -> None:
    made = making.publish(store, 1)
    flip(made.path / "agents.parquet", 200)
    with pytest.raises(StoreError, match="damaged"):
        making.publish(making.open_store(store.root), 1)


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def test_a_failing_writer_leaves_nothing(store: Store) -> None:
    def write(folder: Path) -> None:
        (folder / "half.txt").write_text("half")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        store.publish(making.key_of(1), stage="runs", inputs={}, write=write)
    assert store.find(making.key_of(1)) is None
    assert list((store.root / "staging").iterdir()) == []


@pytest.mark.parametrize("action", ["link", "manifest", "facts", "inputs"])
def test_what_cannot_be_a_dataset_is_refused(store: Store, action: str) -> None:
    def write(folder: Path) -> dict[str, Any]:
        if action == "link":
            (folder / "link").symlink_to("/etc/hostname")
        if action == "manifest":
            (folder / "manifest.json").write_text("{}")
        return {"value": float("nan")} if action == "facts" else {}

    inputs = {"when": making.noon()} if action == "inputs" else {}
    with pytest.raises(StoreError):
        store.publish(making.key_of(1), stage="runs", inputs=inputs, write=write)
    assert store.find(making.key_of(1)) is None


@pytest.mark.parametrize(
    "key", ["run", "run:", "run:../../etc", "Run:0123456789", "run:0123456789XYZ", "../run:01234567"]
)
def test_a_key_is_a_tag_and_hexadecimal_digits(store: Store, key: str) -> None:
    with pytest.raises(UsageError, match="is not a key"):
        store.find(key)


def test_an_unknown_part_lists_those_there_are(store: Store) -> None:
    with pytest.raises(UsageError, match=r"notes/reading\.txt"):
        making.publish(store, 1).table("cells")


def test_damage_is_found_when_a_part_is_read(store: Store) -> None:
    made = making.publish(store, 1)
    assert made.table("agents").num_rows == 100
    flip(made.path / "agents.parquet", 300)
    with pytest.raises(StoreError, match=r"agents\.parquet: a stored file is damaged"):
        made.table("agents")
    assert store.find(made.key) is not None  # of the right size: found out when it is read
    assert made.file("notes/reading.txt").read_text() == "seed 1\n"


def test_truncation_absence_and_a_damaged_manifest_are_found_at_once(store: Store) -> None:
    made = making.publish(store, 1)
    path = made.path / "agents.parquet"
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content[:-1])
    with pytest.raises(StoreError, match="bytes instead of"):
        store.find(made.key)
    path.unlink()
    with pytest.raises(StoreError, match="missing"):
        store.find(made.key)
    path.write_bytes(content)
    assert store.find(made.key) == made
    (made.path / "manifest.json").unlink()
    with pytest.raises(StoreError, match="missing"):
        store.find(made.key)


def test_every_bit_of_a_manifest_counts(store: Store) -> None:
    made = making.publish(store, 1)
    path = made.path / "manifest.json"
    content = path.read_bytes()
    path.chmod(0o644)
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1 << at % 8
        path.write_bytes(changed)
        with pytest.raises(StoreError):
            store.find(made.key)


def test_a_manifest_in_the_wrong_place_is_refused(store: Store) -> None:
    made = making.publish(store, 1)
    other = store.folder(making.key_of(2))
    other.parent.mkdir(parents=True, exist_ok=True)
    made.path.rename(other)
    with pytest.raises(StoreError, match="belongs to"):
        store.find(making.key_of(2))


def test_a_file_is_read_once_for_its_checksum(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    made = making.publish(store, 1)
    read: list[Path] = []
    real = making.bytes_of

    def counted(path: Path) -> str:
        read.append(path)
        return real(path)

    monkeypatch.setattr("worldwright.store.checksums.file_digest", counted)
    fresh = making.open_store(store.root).find(made.key)
    assert fresh is not None
    for _ in range(3):
        fresh.table("agents")
    assert len(read) == 1
    os.utime(made.path / "agents.parquet", ns=(1, 1))
    fresh.table("agents")
    assert len(read) == 2


def test_a_discarded_dataset_is_made_again_alike(store: Store) -> None:
    made = making.publish(store, 1)
    content = pq.read_table(made.path / "agents.parquet")
    flip(made.path / "agents.parquet", 200)
    assert store.discard(made.key)
    assert not store.discard(made.key)
    again = making.publish(store, 1)
    assert (again.digest, again.parts) == (made.digest, made.parts)
    assert again.table("agents").equals(content)


def test_lineage_walks_up_and_names_what_is_gone(store: Store) -> None:
    making.publish(store, 1)
    making.publish(store, 2, parents=(making.key_of(1),))
    making.publish(store, 3, parents=(making.key_of(2), making.key_of(1)))
    making.publish(store, 4, parents=(making.key_of(3), making.key_of(2)))
    walk = [(step.key, step.depth) for step in ancestors(store, making.key_of(4))]
    assert walk == [
        (making.key_of(4), 0),
        (making.key_of(3), 1),
        (making.key_of(2), 1),
        (making.key_of(1), 2),
    ]
    store.discard(making.key_of(1))
    assert ancestors(store, making.key_of(4))[-1].dataset is None
    with pytest.raises(UsageError, match="there is no dataset"):
        ancestors(store, making.key_of(9))
