"""A mirror in an object store: what arrives is what was sent, and nothing is overwritten or half there."""

from __future__ import annotations

import http.server
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from worldwright.errors import StoreError, UsageError
from worldwright.store import Mirror, Store, pull, push
from worldwright.store.mirror import manifest_name, part_name, version_name
from worldwright.store.remote import Remote
from worldwright.store.sealed import seal, unseal_bytes

from . import making

pytest.importorskip("obstore", reason="obstore is not installed: pip install 'worldwright[s3]'")


def filled(root: Path, record: dict[str, Any] | None = None) -> Store:
    """A store with a chain of three datasets, one that nothing stands on, and a version."""
    store = making.open_store(root)
    first = making.publish(store, 1)
    second = making.publish(store, 2, parents=(first.key,))
    third = making.publish(store, 3, rows=20, parents=(second.key, first.key))
    making.publish(store, 9)
    listed = {"summary": {"key": third.key, "digest": third.digest}}
    store.publish_version("adoption", {"datasets": listed, **(record or {})})
    return store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return filled(tmp_path / "store")


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror(f"file://{tmp_path / 'mirror'}")


@pytest.fixture
def fresh(tmp_path: Path) -> Store:
    return making.open_store(tmp_path / "fresh")


def content(store: Store) -> dict[str, bytes]:
    return {
        str(path.relative_to(store.root)): path.read_bytes()
        for place in ("objects", "experiments")
        for path in (store.root / place).rglob("*")
        if path.is_file()
    }


def without(files: dict[str, bytes], seed: int) -> dict[str, bytes]:
    name = making.key_of(seed).split(":")[1]
    return {path: found for path, found in files.items() if name not in path}


def copy_and_compare(store: Store, mirror: Mirror, fresh: Store) -> None:
    told: list[tuple[int, int]] = []
    sent = push(store, mirror, progress=lambda done, of: told.append((done, of)))
    assert (sent.datasets, sent.present) == (3, 0)
    assert [(m.state, m.numbers, m.current) for m in sent.moves] == [("added", (1,), 1)]
    assert told == [(1, 3), (2, 3), (3, 3)]
    brought = pull(fresh, mirror)
    assert (brought.datasets, brought.bytes, brought.moves) == (3, sent.bytes, sent.moves)
    assert content(fresh) == without(content(store), 9)
    assert fresh.verify() == []
    modes = {path.stat().st_mode & 0o777 for path in (fresh.root / "objects").rglob("*") if path.is_file()}
    assert modes == {0o444}
    again, back = push(store, mirror), pull(fresh, mirror)
    assert [(t.datasets, t.moves[0].state) for t in (again, back)] == [(0, "same"), (0, "same")]
    assert again.present == 3


def test_what_is_pulled_is_what_was_pushed_to_the_byte(store: Store, mirror: Mirror, fresh: Store) -> None:
    copy_and_compare(store, mirror, fresh)


def test_so_it_is_with_an_s3_like_store(store: Store, fresh: Store, bucket: str) -> None:
    copy_and_compare(store, Mirror(f"s3://{bucket}/some/folder", os.environ["AWS_ENDPOINT_URL"]), fresh)


def test_a_large_part_travels_in_pieces(tmp_path: Path, fresh: Store, bucket: str) -> None:
    store = making.open_store(tmp_path / "store")
    key, size = making.key_of(1), 20 << 20
    block = bytes(range(256)) * 4096

    def write(folder: Path) -> None:
        (folder / "large.bin").write_bytes(block * (size // len(block)))

    store.publish(key, stage="runs", inputs={}, write=write)
    store.publish_version("adoption", {"datasets": [key]})
    mirror = Mirror(f"s3://{bucket}", os.environ["AWS_ENDPOINT_URL"])
    push(store, mirror)
    pull(fresh, mirror)
    assert fresh.get(key).file("large.bin").stat().st_size == size
    assert content(fresh) == content(store)


def test_a_dry_run_tells_the_same_and_moves_nothing(store: Store, mirror: Mirror, fresh: Store) -> None:
    planned = push(store, mirror, dry_run=True)
    assert list(mirror.remote.names("")) == []
    assert push(store, mirror) == planned
    planned = pull(fresh, mirror, dry_run=True)
    assert content(fresh) == {}
    assert pull(fresh, mirror) == planned


def test_only_what_is_named_and_a_name_nobody_knows(store: Store, mirror: Mirror, fresh: Store) -> None:
    store.publish_version("other", {"datasets": [making.key_of(9)]})
    push(store, mirror)
    pull(fresh, mirror, ["other"])
    assert fresh.experiments() == ["other"]
    assert fresh.local(making.key_of(1)) is None
    for call in (lambda: push(store, mirror, ["nothing"]), lambda: pull(fresh, mirror, ["nothing"])):
        with pytest.raises(UsageError, match="adoption, other"):
            call()
    with pytest.raises(UsageError, match="no results"):
        push(making.open_store(store.root.parent / "empty"), mirror)


def of_part(store: Store) -> str:
    return part_name(store.get(making.key_of(2)).parts["agents.parquet"])


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove", "manifest", "no manifest", "version"])
def test_what_arrives_damaged_is_refused_and_can_be_pushed_again(
    store: Store, mirror: Mirror, fresh: Store, damage: str
) -> None:
    push(store, mirror)
    folder = Path(mirror.address.removeprefix("file://"))
    manifest = folder / manifest_name(making.key_of(2))
    part, version = folder / of_part(store), folder / version_name("adoption", 1)
    path = {"manifest": manifest, "no manifest": manifest, "version": version}.get(damage, part)
    if damage in ("remove", "no manifest"):
        path.unlink()
    else:
        changed = bytearray(path.read_bytes())
        changed[len(changed) // 2] ^= 1
        path.write_bytes(changed[:-3] if damage == "truncate" else changed)
    with pytest.raises(StoreError, match=r"damaged|incomplete"):
        pull(fresh, mirror)
    assert fresh.experiments() == []
    assert fresh.verify() == []
    assert fresh.local(making.key_of(2)) is None
    if damage == "version":
        with pytest.raises(StoreError, match="damaged"):
            push(store, mirror)
        return
    push(store, mirror, again=True)
    pull(fresh, mirror)
    assert content(fresh) == without(content(store), 9)


def test_damage_here_is_not_sent(store: Store, mirror: Mirror) -> None:
    path = store.get(making.key_of(2)).path / "agents.parquet"
    changed = bytearray(path.read_bytes())
    changed[100] ^= 1
    path.chmod(0o644)
    path.write_bytes(changed)
    with pytest.raises(StoreError, match="a stored file is damaged"):
        push(store, mirror)
    assert version_name("adoption", 1) not in mirror.remote.names("")
    assert mirror.remote.size(manifest_name(making.key_of(2))) is None


class Failing(Mirror):
    """A mirror whose connection breaks for good at one operation."""

    def __init__(self, address: str, point: int, names: tuple[str, ...]) -> None:
        super().__init__(address)
        self.done = 0
        for name in names:
            setattr(self.remote, name, self._counted(getattr(self.remote, name), point))

    def _counted(self, operation: Callable[..., Any], point: int) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            here, self.done = self.done, self.done + 1
            if here >= point:
                raise StoreError("the connection broke")
            return operation(*arguments)

        return counted


def complete(mirror: Mirror, store: Store) -> None:
    """Nothing in the mirror stands on anything that is not there."""
    names = set(mirror.remote.names(""))
    keys = [making.key_of(seed) for seed in (1, 2, 3)]
    there = [store.get(key) for key in keys if manifest_name(key) in names]
    for dataset in there:
        assert {part_name(part) for part in dataset.parts.values()} <= names
        assert {manifest_name(parent) for parent in dataset.parents} <= names
    if version_name("adoption", 1) in names:
        assert len(there) == 3


def test_a_push_that_breaks_anywhere_leaves_a_whole_mirror_and_goes_on(store: Store, tmp_path: Path) -> None:
    writing = ("create", "upload")
    point, ended = 0, False
    while not ended:
        address = f"file://{tmp_path / f'mirror-{point}'}"
        mirror = Failing(address, point, writing)
        try:
            push(store, mirror)
            ended = True
        except StoreError as error:
            assert error.what == "the connection broke"
        complete(Mirror(address), store)
        push(store, Mirror(address))
        assert version_name("adoption", 1) in Mirror(address).remote.names("")
        complete(Mirror(address), store)
        point += 1
    assert point - 1 == 3 * 3 + 1  # two parts and a manifest each, and the version


def test_a_pull_that_breaks_anywhere_leaves_a_whole_store_and_goes_on(
    store: Store, mirror: Mirror, tmp_path: Path
) -> None:
    push(store, mirror)
    reading = ("read", "download", "names", "size")
    point, ended = 0, False
    while not ended:
        fresh = making.open_store(tmp_path / f"fresh-{point}")
        try:
            pull(fresh, Failing(mirror.address, point, reading))
            ended = True
        except StoreError as error:
            assert error.what == "the connection broke"
        assert fresh.verify() == []
        if fresh.experiments():
            assert ended
        before = {path: path.stat().st_mtime_ns for path in fresh.root.glob("objects/*/*/*/*.parquet")}
        pull(fresh, mirror)
        assert content(fresh) == without(content(store), 9)
        assert all(path.stat().st_mtime_ns == when for path, when in before.items()), "brought twice"
        point += 1
    assert point > 12


def test_many_who_push_and_pull_the_same_at_once_all_succeed(store: Store, bucket: str, fresh: Store) -> None:
    address = f"s3://{bucket}"
    endpoint = os.environ["AWS_ENDPOINT_URL"]

    def pushing(_: int) -> None:
        push(making.open_store(store.root), Mirror(address, endpoint))

    def pulling(_: int) -> None:
        pull(making.open_store(fresh.root), Mirror(address, endpoint))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(pushing, range(4)))
        list(pool.map(pulling, range(4)))
    assert content(fresh) == without(content(store), 9)


def test_of_many_who_push_different_versions_one_wins(tmp_path: Path, bucket: str) -> None:
    mirror = Mirror(f"s3://{bucket}", os.environ["AWS_ENDPOINT_URL"])
    stores = [filled(tmp_path / str(who), {"who": who}) for who in range(8)]
    meeting = threading.Barrier(len(stores))

    def pushing(who: int) -> str | None:
        meeting.wait()
        try:
            push(stores[who], mirror)
        except StoreError as error:
            assert "another version 1" in error.what or "different results" in error.what
            return error.what
        return None

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(pushing, range(8)))
    assert ends.count(None) == 1
    reader = making.open_store(tmp_path / "reader")
    pull(reader, mirror)
    assert reader.version("adoption", 1)["who"] == ends.index(None)


def test_a_different_version_is_never_overwritten(store: Store, mirror: Mirror, tmp_path: Path) -> None:
    other = filled(tmp_path / "other", {"more": True})
    push(store, mirror)
    kept = content(store), content(other), mirror.remote.read(version_name("adoption", 1))
    for call in (lambda: push(other, mirror), lambda: pull(other, mirror)):
        with pytest.raises(StoreError) as caught:
            call()
        assert "adoption has different results in two places" in caught.value.what
        assert "2026-01-02T12:00:00+00:00 on here" in (caught.value.why or "")
        assert "--as-next" in (caught.value.help or "")
    assert kept == (content(store), content(other), mirror.remote.read(version_name("adoption", 1)))


def test_a_different_result_can_become_the_next_version(
    store: Store, mirror: Mirror, tmp_path: Path, fresh: Store
) -> None:
    other = filled(tmp_path / "other", {"more": True})
    push(store, mirror)
    (move,) = push(other, mirror, as_next=True).moves
    assert (move.state, move.numbers, move.current) == ("next", (2,), 2)
    assert push(other, mirror).moves[0].state == "same"
    pull(fresh, mirror, history=True)
    assert fresh.version("adoption", 1) == store.version("adoption", 1)
    assert fresh.version("adoption", 2) == other.version("adoption", 1)
    third = filled(tmp_path / "third", {"less": True})
    (move,) = pull(third, mirror, as_next=True).moves
    assert (move.state, move.numbers) == ("next", (2,))
    assert third.current("adoption") == (2, other.version("adoption", 1))
    assert third.version("adoption", 1)["less"]
    assert third.verify() == []


def test_histories_grow_on_both_sides(store: Store, mirror: Mirror, fresh: Store) -> None:
    push(store, mirror)
    pull(fresh, mirror)
    for number in (2, 3):
        store.publish_version("adoption", {"datasets": [making.key_of(number)]})
    (move,) = push(store, mirror).moves
    assert (move.state, move.numbers) == ("added", (2, 3))
    assert push(fresh, mirror).moves[0].state == "behind"
    (move,) = pull(fresh, mirror).moves
    assert (move.state, move.numbers) == ("added", (3,))
    assert fresh.versions("adoption") == [1, 3]
    assert fresh.verify() == [], "version 2 is known to be left out"
    fresh.publish_version("adoption", {"datasets": [making.key_of(1)]})
    assert pull(fresh, mirror).moves[0].state == "behind"
    assert push(fresh, mirror).moves[0].numbers == (4,)


def test_a_mixture_of_two_machines_results_is_refused(store: Store, mirror: Mirror, tmp_path: Path) -> None:
    push(store, mirror)
    other = making.open_store(tmp_path / "other")
    for seed in (1, 2):
        making.publish(other, seed)
    theirs = other.publish(making.key_of(3), stage="runs", inputs={}, write=making.writer(3, rows=21))
    with pytest.raises(StoreError, match="two different datasets"):
        pull(other, mirror)
    other.publish_version("second", {"datasets": {"a": {"key": theirs.key, "digest": theirs.digest}}})
    with pytest.raises(StoreError, match="two different datasets"):
        push(other, mirror)
    assert other.versions("adoption") == []


def test_what_is_not_here_is_read_through_with_all_it_was_made_from(
    store: Store, mirror: Mirror, tmp_path: Path
) -> None:
    push(store, mirror)
    through = Store(tmp_path / "through", making.noon, mirror=mirror)
    assert through.local(making.key_of(3)) is None
    found = through.get(making.key_of(3))
    assert found.table("agents").equals(making.numbers(3, 20))
    assert through.local(making.key_of(1)) is not None
    assert through.verify() == []

    def write(folder: Path) -> None:
        raise AssertionError("it was made again")

    _, hit = through.get_or_build(making.key_of(2), stage="runs", inputs={}, write=write)
    assert hit
    assert through.find(making.key_of(77)) is None
    made, hit = through.get_or_build(
        making.key_of(77), stage="runs", inputs={"seed": 77}, write=making.writer(77)
    )
    assert not hit
    assert made.table("agents").equals(making.numbers(77))


def test_a_part_outside_its_folder_is_refused(store: Store, mirror: Mirror, fresh: Store) -> None:
    push(store, mirror)
    name = manifest_name(making.key_of(1))
    body = unseal_bytes(mirror.remote.read(name) or b"", name)
    from worldwright.store.datasets import Part, content_digest

    for part in body["parts"]:
        part["name"] = part["name"].replace("agents", "../../../../agents")
    parts = {part["name"]: Part(**part) for part in body["parts"]}
    mirror.remote.replace(name, seal({**body, "digest": content_digest(parts, body["facts"])}))
    before = set(fresh.root.parent.rglob("*"))
    with pytest.raises(StoreError, match="no part can be called"):
        pull(fresh, mirror)
    outside = {path for path in fresh.root.parent.rglob("*") if not path.is_relative_to(fresh.root)}
    assert outside <= before


class Refusing(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(403)
        self.end_headers()
        self.wfile.write(
            b"<Error><Code>InvalidAccessKeyId</Code><Message>The key does not exist.</Message></Error>"
        )

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@pytest.fixture
def refusing() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_errors_say_what_to_do(
    bucket: str, refusing: str, fresh: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"

    def error_of(address: str, endpoint: str | None) -> str:
        with pytest.raises((StoreError, UsageError)) as caught:
            pull(fresh, Mirror(address, endpoint, retries=0))
        assert "nothing" not in str(caught.value), "the secret key"
        return str(caught.value)

    url = os.environ["AWS_ENDPOINT_URL"]
    assert "no bucket 'absent'" in error_of("s3://absent/folder", url)
    assert "there are no results" in error_of(f"s3://{bucket}", url)
    assert "cannot be reached" in error_of(f"s3://{bucket}", nobody)
    assert "AWS_ENDPOINT_URL" in error_of(f"s3://{bucket}", nobody)
    assert "InvalidAccessKeyId: The key does not exist." in error_of(f"s3://{bucket}", refusing)
    for wrong in ("bucket/folder", "s3://", "s3://a b", "ftp://x/y", "file://", "s3://bucket?x=1"):
        assert "no address of a mirror" in error_of(wrong, url)
    assert "no endpoint" in error_of(f"s3://{bucket}", "localhost:9000")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert "no credentials" in error_of(f"s3://{bucket}", url)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", nobody)
    found = error_of(f"s3://{bucket}", url)
    assert "no credentials" in found and "AWS_SECRET_ACCESS_KEY" in found


def test_without_obstore_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(UsageError, match=r"worldwright\[s3\]"):
        Remote("s3://bucket")
