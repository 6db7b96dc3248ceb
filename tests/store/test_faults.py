from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from worldwright.errors import StoreError
from worldwright.store import View, build_catalog, query

from . import faulty, making


@pytest.fixture(scope="module")
def nursery() -> Iterator[faulty.Nursery]:
    process = faulty.Nursery()
    yield process
    process.close()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to copy the state before each fault from; every case has the same place, as catalogs need."""
    root = tmp_path_factory.mktemp("faults") / "store"
    faulty.prepare(root)
    if find_spec("obstore"):
        faulty.fill_mirror(root)
    shutil.copytree(root, root.with_name("before"), symlinks=True)
    return root.with_name("before")


def restore(before: Path) -> Path:
    root = before.with_name("store")
    shutil.rmtree(root)
    shutil.copytree(before, root, symlinks=True)
    return root


def bytes_of(root: Path, change: str) -> dict[str, bytes]:
    """Datasets and versions as bytes, or the catalog as rows in their order."""
    if change == "catalog":
        with duckdb.connect(str(root / "catalog.duckdb"), read_only=True) as plain:
            tables = ("about", "experiments", "view_files", "adoption.agents")
            return {table: repr(plain.execute(f"FROM {table}").fetchall()).encode() for table in tables}
    return {
        str(path.relative_to(root)): path.read_bytes()
        for place in ("objects", "experiments")
        for path in (root / place).rglob("*")
        if path.is_file()
    }


def seen(root: Path, change: str) -> int:
    """What readers see of the thing that changes, 1 before and 2 after; fails if it is neither."""
    store = making.open_store(root)
    for seed in (1, 2):
        assert store.get(making.key_of(seed)).table("agents").equals(making.numbers(seed))
    third = store.find(making.key_of(3))
    if third is not None:
        assert third.table("agents").equals(making.numbers(3))
        assert third.file("notes/reading.txt").read_text() == "seed 3\n"
    current = store.current("adoption")
    assert current is not None
    number, record = current
    stands_on = 3 if change == "pull" and number == 2 else number
    assert record == {"datasets": [making.key_of(stands_on)]}
    assert store.verify() == []
    if change == "collection":
        garbage = store.find(making.key_of(faulty.GARBAGE))
        assert garbage is None or garbage.table("agents").equals(making.numbers(faulty.GARBAGE))
        return 1 if garbage else 2
    if change == "catalog":
        (counts,) = query(root, COUNTS).to_pylist()
        assert counts["n"] == 100 * counts["runs"]
        return counts["runs"]
    return number if change in ("version", "pull") else 1 + (third is not None)


@pytest.mark.parametrize("change", ["dataset", "version", "catalog"])
def test_every_write_can_be_the_last(before: Path, nursery: faulty.Nursery, change: str) -> None:
    """At each operation on the disk a kill, also in mid-write, and an I/O error or a full disk in turns."""
    fail_everywhere(before, nursery, change, lambda point: (*faulty.KILLS, ("ENOSPC", "EIO")[point % 2]))


@pytest.mark.faults
@pytest.mark.parametrize("change", faulty.CHANGES)
def test_every_write_can_fail_in_every_way(before: Path, nursery: faulty.Nursery, change: str) -> None:
    """At each operation on the disk: a kill, a kill in mid-write, an I/O error, and a disk that is full."""
    if change == "pull" and not find_spec("obstore"):
        pytest.skip("obstore is not installed: pip install 'worldwright[s3]'")
    fail_everywhere(before, nursery, change, lambda _: (*faulty.KILLS, *faulty.ERRORS))


def fail_everywhere(
    before: Path, nursery: faulty.Nursery, change: str, modes: Callable[[int], tuple[str, ...]]
) -> None:
    root = restore(before)
    counting = faulty.FaultyDisk()
    faulty.CHANGES[change](root, counting)
    wanted = bytes_of(root, change)
    assert seen(root, change) == 2
    assert len(counting.operations) >= 9
    outcomes: dict[tuple[str, int], int] = {}
    for point, operation in enumerate(counting.operations):
        for mode in modes(point):
            if mode == "torn" and operation != "write":
                continue
            where = f"{mode} at operation {point}, {operation}"
            root = restore(before)
            if mode in faulty.KILLS:
                assert nursery.run(change=change, root=str(root), point=point, mode=mode) == -9, where
            else:
                fails = with_error(change, root, point, mode)
                assert fails or operation in ("remove", "remove_folder") or mode == "ENOSPC", where
            state = seen(root, change)
            outcomes[mode, state] = outcomes.get((mode, state), 0) + 1
            faulty.CHANGES[change](root, faulty.FaultyDisk())
            assert bytes_of(root, change) == wanted, where
            assert list((root / "staging").iterdir()) == [], where
    assert outcomes["kill", 1] > 3
    assert outcomes["kill", 2] > 0
    assert outcomes["ENOSPC", 1] > 0


def with_error(change: str, root: Path, point: int, mode: str) -> bool:
    try:
        faulty.CHANGES[change](root, faulty.FaultyDisk(point, mode))
    except StoreError as error:
        assert error.why in ("No space left on device", "Input/output error")
        return True
    return False


COUNTS = "SELECT runs, (SELECT count(*) FROM adoption.agents) AS n FROM experiments"
READER = """
import sys, threading
from pathlib import Path
import duckdb
from worldwright.store import query
root, last, asked, told = Path(sys.argv[1]), 0, 0, threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()

def plain():
    while True:
        try:
            opened = duckdb.connect(str(root / "catalog.duckdb"), read_only=True)
        except duckdb.IOException:  # two catalogs have come since the link was followed
            continue
        with opened:
            return dict(zip(("runs", "n"), opened.execute(sys.argv[2]).fetchone()))

end = False
while not end:
    end = told.is_set()
    row = plain() if sys.argv[3] == "plain" else query(root, sys.argv[2]).to_pylist()[0]
    assert row["n"] == 100 * row["runs"], row
    assert row["runs"] >= last, (row, last)
    last, asked = row["runs"], asked + 1
    if asked == 1:
        print("reading", flush=True)
print(asked, last)
"""


def read_while(root: Path, readers: int, change: Callable[[], bool]) -> list[tuple[int, int]]:
    """Let processes read for as long as `change` wants to go on; how often each did, and what it saw last."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(root), COUNTS, "plain" if number % 2 else "query"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(readers)
    ]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "reading\n"
    while change() and all(process.poll() is None for process in processes):
        pass
    answers = [process.communicate()[0].split() for process in processes]
    assert all(process.returncode == 0 for process in processes)
    return [(int(asked), int(last)) for asked, last in answers]


def test_readers_see_whole_catalogs_while_others_are_published(tmp_path: Path) -> None:
    store = making.open_store(tmp_path / "store")
    number = 0

    def change() -> bool:
        nonlocal number
        number += 1
        making.publish(store, number)
        faulty.catalog_of(store, number)
        return number < 20

    change()
    for asked, last in read_while(store.root, 2, change):
        assert asked > 2
        assert last == 20


def kills_asked(request: pytest.FixtureRequest) -> int:
    asked: int | None = request.config.getoption("--kills")
    assert asked is not None
    return asked


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_random_kills_under_readers(
    tmp_path: Path, nursery: faulty.Nursery, request: pytest.FixtureRequest
) -> None:
    """`--kills 1000` asks for more of them."""
    root, wanted = tmp_path / "store", kills_asked(request)
    store = making.open_store(root)
    making.publish(store, 1)
    store.publish_version("adoption", {"number": 1})
    faulty.catalog_of(store, 1)
    delays = random.Random(20260102)
    kills = 0

    def change() -> bool:
        nonlocal kills
        kills += 1
        assert nursery.run(change="all", root=str(root), seconds=delays.uniform(0.01, 0.15)) == -9
        return kills < wanted or query(root, COUNTS).to_pylist()[0]["runs"] <= 20

    for asked, last in read_while(root, 2, change):
        assert asked > 20
        assert last > 20
    assert store.verify() == []
    store.clean_staging()
    assert list((root / "staging").iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.faults
def test_a_full_disk_keeps_the_last_version_readable(small_disk: Path) -> None:
    store = making.open_store(small_disk / "store")
    number = 0
    with pytest.raises(StoreError):
        while True:
            making.publish(store, number + 1, rows=5000)
            store.publish_version("adoption", {"number": number + 1})
            files = [store.get(making.key_of(n)).path / "agents.parquet" for n in range(1, number + 2)]
            build_catalog(
                store.root,
                tables={"experiments": pa.table({"runs": [number + 1]})},
                views={"adoption": {"agents": View(files=files, schema=faulty.SCHEMA)}},
            )
            number += 1
    assert number >= 2
    for seed in range(1, number + 1):
        assert store.get(making.key_of(seed)).table("agents").equals(making.numbers(seed, 5000))
    current = store.current("adoption")
    assert current in ((number, {"number": number}), (number + 1, {"number": number + 1}))
    (row,) = query(store.root, COUNTS).to_pylist()
    assert row == {"runs": number, "n": 5000 * number}
    assert store.verify() == []
    assert list((store.root / "staging").iterdir()) == []
