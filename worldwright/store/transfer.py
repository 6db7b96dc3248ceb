"""Pushing experiments to a mirror and pulling them from it: their versions and all that these stand on.

A version is never overwritten. It is added to a history that it continues; where two stores have gone
different ways, nothing happens, unless the result that comes is to be the next version there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from worldwright.errors import StoreError, UsageError
from worldwright.hashing import canonical
from worldwright.store import versions
from worldwright.store.datasets import Dataset
from worldwright.store.mirror import Mirror, Progress, version_name
from worldwright.store.sealed import seal, unseal_bytes

if TYPE_CHECKING:
    from worldwright.store.objects import Store

State = Literal["same", "added", "behind", "next"]


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of an experiment's versions.

    Attributes:
        experiment: Its name.
        state: `same` where the current result is there already; `added` where versions are added under their
            numbers; `next` where the current result becomes the next version; `behind` where the side it
            would go to has a newer version of the same history.
        numbers: The versions added there.
        current: The number of the current version there, afterwards.
    """

    experiment: str
    state: State
    numbers: tuple[int, ...]
    current: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a push or a pull moves.

    Attributes:
        moves: Of each experiment, in order.
        datasets: How many are moved.
        bytes: The size of their parts.
        present: How many more were there already.
    """

    moves: tuple[Move, ...]
    datasets: int
    bytes: int
    present: int


@dataclass(frozen=True)
class _History:
    """The versions of an experiment on one side."""

    experiment: str
    numbers: Sequence[int]
    content: Callable[[int], bytes]
    first: int = 1
    """The oldest version whose datasets are kept."""

    @property
    def latest(self) -> int:
        return self.numbers[-1] if self.numbers else 0

    def body(self, number: int) -> dict[str, Any]:
        where = f"{self.experiment}, version {number}"
        content = self.content(number)
        versions.record_of(content, self.experiment, number, where)
        return unseal_bytes(content, where)

    def record(self, number: int) -> dict[str, Any]:
        return self.body(number)["record"]


def push(
    store: Store,
    mirror: Mirror,
    experiments: Iterable[str] = (),
    *,
    as_next: bool = False,
    again: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Transfer:
    """Put the versions of experiments, with all they stand on, into a mirror.

    Args:
        store: Whose.
        mirror: Where to.
        experiments: Their names; all where there are none.
        as_next: Where histories differ, make the current result here the next version there.
        again: Send every dataset anew, over what may be damaged.
        dry_run: Only tell.
        progress: Told how many datasets are done.

    Raises:
        UsageError: if an experiment has no version here.
        StoreError: if histories differ, something here is damaged, or the mirror does not answer.
    """
    with store.together():
        names = _chosen(experiments, store.experiments(), f"in {store.root}")
        moves: list[Move] = []
        contents: dict[tuple[str, int], bytes] = {}
        records: list[dict[str, Any]] = []
        for name in names:
            here, there = _local(store, name), _remote(mirror, name)
            move = _decided(here, there, as_next, "the mirror", "this store")
            moves.append(move)
            if move.state == "behind":
                continue
            records.append(here.record(here.latest))
            if move.state == "next":
                contents[name, move.current] = seal({**here.body(here.latest), "version": move.current})
            else:
                records += [here.record(number) for number in move.numbers]
                contents |= {(name, number): here.content(number) for number in move.numbers}
        mirror.refuse_others(_named(store, records))
        closure = _closure(store, records)
        there_already = set[str]() if again else mirror.present(closure)
        sent = {key: dataset for key, dataset in closure.items() if key not in there_already}
        if not dry_run:
            mirror.send(sent, progress, again)
            for (name, number), content in contents.items():
                _add_there(mirror, name, number, content)
    return _transfer(moves, sent, len(closure) - len(sent))


def pull(
    store: Store,
    mirror: Mirror,
    experiments: Iterable[str] = (),
    *,
    as_next: bool = False,
    history: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Transfer:
    """Bring the current versions of experiments, with all they stand on, from a mirror.

    Args:
        store: Where to.
        mirror: Where from.
        experiments: Their names; all that the mirror has where there are none.
        as_next: Where histories differ, make the current result there the next version here.
        history: Bring all versions that are not here, and not the current ones alone.
        dry_run: Only tell.
        progress: Told how many datasets are done.

    Raises:
        UsageError: if the mirror has no version of an experiment.
        StoreError: if histories differ, something arrives damaged, or the mirror does not answer.
    """
    names = _chosen(experiments, _names_there(mirror), f"in {mirror.address}")
    with store.together():
        moves: list[Move] = []
        coming: dict[tuple[str, int], bytes] = {}
        records: list[dict[str, Any]] = []
        for name in names:
            here, there = _local(store, name), _remote(mirror, name)
            move = _decided(there, here, as_next, "this store", "the mirror", history)
            moves.append(move)
            if move.state == "behind":
                continue
            records.append(there.record(there.latest))
            if move.state == "added":
                records += [there.record(number) for number in move.numbers]
                coming |= {(name, number): there.content(number) for number in move.numbers}
        roots = list(dict.fromkeys(key for record in records for key in versions.keys(record)))
        wanted = mirror.wanted(store, roots)
        present = sum(key not in wanted for key in roots)
        _refuse_mixture(store, wanted, records)
        if not dry_run:
            store.clean_staging()  # of an earlier pull that was killed
            mirror.bring(store, wanted, progress)
            for (name, number), content in coming.items():
                store.receive_version(name, number, content)
            for move in moves:
                if move.state == "next":
                    store.publish_version(move.experiment, _remote_record(mirror, move.experiment))
                _forget_gap(store, move.experiment)
    return _transfer(moves, wanted, present)


def _decided(
    source: _History, target: _History, as_next: bool, to: str, origin: str, every: bool = True
) -> Move:
    """What becomes of an experiment's versions when they go from one side to another.

    Raises:
        StoreError: if the histories differ and the result is not to be the next version.
    """
    name, newest = source.experiment, source.latest
    if target.latest and canonical(source.record(newest)) == canonical(target.record(target.latest)):
        return Move(name, "same", (), target.latest)
    common = min(newest, target.latest)
    shared = common == 0 or (
        common in source.numbers
        and common in target.numbers
        and canonical(source.record(common)) == canonical(target.record(common))
    )
    if shared and newest > target.latest:
        added = tuple(n for n in source.numbers if n > target.latest and n >= source.first)
        return Move(name, "added", added if every else added[-1:], newest)
    if shared:
        return Move(name, "behind", (), target.latest)
    if as_next:
        return Move(name, "next", (target.latest + 1,), target.latest + 1)
    raise StoreError(
        f"{name} has different results in two places",
        where=f"version {common}",
        why=f"{_told(source, common, origin)}; {_told(target, common, to)}; nothing is overwritten",
        help=f"with --as-next the current result of {origin} becomes version {target.latest + 1} of {to}",
    )


def _told(history: _History, number: int, where: str) -> str:
    if number not in history.numbers:
        return f"{where} has no version {number} any more"
    about = history.body(number)["about"]
    host = f" on {about['host']}" if about.get("host") else ""
    return f"that of {where} was made {about['created']}{host}"


def _chosen(asked: Iterable[str], known: Sequence[str], where: str) -> list[str]:
    names = list(dict.fromkeys(asked)) or list(known)
    for name in names:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise UsageError(
                f"there is no result of {name!r} {where}", help=f"there are results of: {listed}"
            )
    if not names:
        raise UsageError(f"there are no results {where}")
    return names


def _local(store: Store, name: str) -> _History:
    def content(number: int) -> bytes:
        return versions.version_path(store.root, name, number).read_bytes()

    return _History(name, store.versions(name), content, versions.oldest(store.root, name))


def _remote(mirror: Mirror, name: str) -> _History:
    versions.checked_name(name)
    found = (
        versions.number_of(entry.rpartition("/")[2]) for entry in mirror.remote.names(f"experiments/{name}")
    )

    def content(number: int) -> bytes:
        place = version_name(name, number)
        found = mirror.remote.read(place)
        if found is None:
            raise StoreError("the mirror is incomplete", where=mirror.remote.at(place), why="it is missing")
        return found

    return _History(name, sorted(number for number in found if number is not None), content)


def _remote_record(mirror: Mirror, name: str) -> dict[str, Any]:
    history = _remote(mirror, name)
    return history.record(history.latest)


def _names_there(mirror: Mirror) -> list[str]:
    return sorted({name.split("/")[1] for name in mirror.remote.names("experiments")})


def _add_there(mirror: Mirror, name: str, number: int, content: bytes) -> None:
    place = version_name(name, number)
    if mirror.remote.create(place, content):
        return
    theirs = _remote(mirror, name).record(number)
    if canonical(theirs) != canonical(versions.record_of(content, name, number, place)):
        raise StoreError(
            f"somebody else has pushed another version {number} of {name} meanwhile",
            where=mirror.remote.at(place),
            why="a version is never overwritten",
            help="push again: the difference is explained then",
        )


def _named(store: Store, records: Iterable[Mapping[str, Any]]) -> dict[str, Dataset]:
    """The datasets that versions name themselves."""
    return {key: _required(store, key) for record in records for key in versions.keys(record)}


def _required(store: Store, key: str) -> Dataset:
    found = store.local(key)
    if found is None:
        raise StoreError("a dataset is missing", where=key, help="run its experiment again to make it")
    return found


def _closure(store: Store, records: Iterable[Mapping[str, Any]]) -> dict[str, Dataset]:
    """All that versions stand on."""
    found: dict[str, Dataset] = {}
    waiting = [key for record in records for key in versions.keys(record)]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found[key] = _required(store, key)
            waiting += found[key].parents
    return found


def _refuse_mixture(
    store: Store, wanted: Mapping[str, Dataset], records: Iterable[Mapping[str, Any]]
) -> None:
    """A version goes with the datasets it was made of, and not with others of their keys."""
    for record in records:
        for key, digest in versions.digests(record):
            found = wanted.get(key) or store.local(key)
            if found is not None and found.digest != digest:
                raise StoreError(
                    "the same inputs gave two different datasets",
                    where=key,
                    why=f"the mirror's version stands on {digest}, this store has {found.digest}",
                    help="were they made with different library versions? pull into a fresh data folder",
                )


def _forget_gap(store: Store, name: str) -> None:
    """Note from where on no version is missing."""
    numbers = store.versions(name)
    first = next((n for n in reversed(numbers) if n - 1 not in numbers), 1)
    store.forget_versions(name, first)


def _transfer(moves: Sequence[Move], moved: Mapping[str, Dataset], present: int) -> Transfer:
    size = sum(part.bytes for dataset in moved.values() for part in dataset.parts.values())
    return Transfer(tuple(moves), len(moved), size, present)
