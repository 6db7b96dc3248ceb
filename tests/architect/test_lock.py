"""Locks of briefs: written, read, and asked whether a document is still that of its brief."""

from __future__ import annotations

import multiprocessing
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from worldwright.architect import (
    HAND,
    Cost,
    Edits,
    Fresh,
    Lock,
    Missing,
    Provenance,
    Stale,
    brief_digest,
    brief_path,
    lock_path,
    make_lock,
    read_lock,
    status,
    write_lock,
)
from worldwright.architect.research import Cited
from worldwright.diagnostics import DocumentError
from worldwright.errors import ArchitectError
from worldwright.spec.reader import read
from worldwright.spec.tree import plain

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
BRIEF = "# Surgeons\n\nWhoever operates in Germany.\n"
DOCUMENT = """\
worldwright: population/1
name: surgeons
agents: 2000
attributes:
  age:
    type: int
    distribution: {normal: {mean: 47, sd: 11, min: 26, max: 72}}
  rank:
    type: categorical
    distribution: {categorical: {junior: .6, senior: .4}}
"""


def data(text: str = DOCUMENT) -> dict[str, Any]:
    node, found = read(text, "surgeons.yaml")
    assert node is not None and not found
    return plain(node)


def lock(document: dict[str, Any] | None = None, base: str | None = None, author: str = "small") -> Lock:
    return make_lock(
        document or data(),
        Provenance(author, NOON),
        brief=PurePosixPath("specs/briefs/surgeons.md"),
        brief_text=BRIEF,
        base_digest=base,
    )


def test_names_lie_beside_their_documents() -> None:
    document = Path("specs/populations/german-surgeons.yaml")
    assert lock_path(document) == Path("specs/populations/german-surgeons.lock.yaml")
    assert brief_path(document) == Path("specs/briefs/german-surgeons.md")
    assert brief_path(Path("specs/scenarios/tool.yaml")) == Path("specs/briefs/tool.md")


def test_a_document_as_it_was_authored_is_fresh() -> None:
    assert status(data(), BRIEF, None, lock()) == Fresh()
    assert status(data(), BRIEF, "spec:1", lock(base="spec:1")) == Fresh()


def test_without_a_brief_there_is_nothing_to_lock() -> None:
    assert status(data(), None, None, None) == Fresh()


def test_a_brief_without_a_lock_is_missing_one() -> None:
    assert status(data(), BRIEF, None, None) == Missing()


@pytest.mark.parametrize(
    ("brief", "base", "words"),
    [
        (BRIEF.replace("Germany", "France"), "spec:1", ["the brief specs/briefs/surgeons.md has changed"]),
        (None, "spec:1", ["the brief specs/briefs/surgeons.md is gone"]),
        (BRIEF, "spec:2", ["the population it extends has changed"]),
        (BRIEF, None, ["the population it extends has changed"]),
        (
            "other",
            "spec:2",
            ["the brief specs/briefs/surgeons.md has changed", "the population it extends has changed"],
        ),
    ],
)
def test_a_changed_brief_or_base_makes_it_stale(
    brief: str | None, base: str | None, words: list[str]
) -> None:
    assert status(data(), brief, base, lock(base="spec:1")) == Stale(tuple(words))


def test_line_ends_of_a_brief_do_not_matter_and_words_do() -> None:
    assert brief_digest(BRIEF) == brief_digest("\n" + BRIEF.replace("\n", " \r\n") + "\n\n")
    assert brief_digest(BRIEF) != brief_digest(BRIEF.replace("operates", "operated"))
    assert brief_digest("a\n\nb") != brief_digest("a\nb")


def test_attributes_edited_added_or_removed_by_hand_are_named_and_do_not_make_it_stale() -> None:
    document = data()
    document["attributes"]["age"]["distribution"]["normal"]["mean"] = 48
    document["attributes"]["sex"] = {"type": "boolean", "distribution": {"boolean": 0.5}}
    del document["attributes"]["rank"]
    assert status(document, BRIEF, None, lock()) == Fresh(Edits(("age", "sex"), ("rank",)))
    assert status(document, "other", None, lock()) == Stale(
        ("the brief specs/briefs/surgeons.md has changed",), Edits(("age", "sex"), ("rank",))
    )


def test_layout_comments_and_what_is_no_attribute_are_no_edits() -> None:
    text = (
        DOCUMENT.replace("agents: 2000", "agents: 5  # fewer").replace(".6", "0.60").replace("age:", '"age":')
    )
    text = text.replace("distribution: {categorical", "distribution:\n      {categorical")
    assert status(data(text), BRIEF, None, lock()) == Fresh()


@pytest.mark.parametrize("attributes", [None, [], "age", {}])
def test_a_document_without_attributes_has_lost_them_all(attributes: object) -> None:
    assert status({"attributes": attributes}, BRIEF, None, lock()) == Fresh(Edits((), ("age", "rank")))


def test_sections_and_scripts_edited_by_hand_are_named() -> None:
    document = data() | {"constraints": ["age > 20"]}
    locked = make_lock(
        document,
        Provenance("small", NOON),
        brief=PurePosixPath("a.md"),
        brief_text=BRIEF,
        scripts={"a.lua": "x", "b.lua": "y"},
    )
    assert status(document, BRIEF, None, locked, {"a.lua": "x", "b.lua": "y"}) == Fresh()
    del document["constraints"]
    document["expect"] = []
    edited = status(document, BRIEF, None, locked, {"a.lua": "z", "b.lua": "y"})
    assert edited == Fresh(Edits(sections=("constraints", "expect"), files=("a.lua",)))


def test_what_authoring_used_and_rests_on_is_kept(tmp_path: Path) -> None:
    cited = Cited("who", "https://who.int/a?b=c", 'Ärzte: "2024" #1', "47.1 {years}", "2026-11-20")
    cost = Cost(7, 1000, 200, 3, 0.125, "USD")
    by = Provenance("large", NOON, cost, ("cassette:00:1",), (cited,), ("Where? In Germany.",))
    path = tmp_path / "surgeons.lock.yaml"
    written = make_lock(data(), by, brief=PurePosixPath("a.md"), brief_text=BRIEF)
    write_lock(path, written)
    assert read_lock(path) == written
    assert read(path.read_text(), "lock")[1] == []


def test_a_lock_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "surgeons.lock.yaml"
    assert read_lock(path) is None
    written = lock(base="spec:1")
    write_lock(path, written)
    assert read_lock(path) == written
    assert read(path.read_text(), "lock")[1] == []
    assert yaml.safe_load(path.read_text())["made"] == "2026-11-20T12:00:00+00:00"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp", "Cn"]), min_size=1)
_AWKWARD = ["no", "1e3", ".5", "null", "~", "a: b", "# c", "'", '"', "{", "y", "x:", "2026-11-20"]


@given(
    names=st.lists(_NAMES | st.sampled_from(_AWKWARD)),
    author=_NAMES,
    base=st.none() | _NAMES,
    hours=st.integers(-12, 12),
)
def test_any_names_survive_the_file(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], author: str, base: str | None, hours: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.lock.yaml"
    written = Lock(
        brief=f"specs/briefs/{author}.md",
        brief_digest="brief:00",
        language="population/1",
        attributes={name: f"attribute:{number}" for number, name in enumerate(names)},
        provenance=Provenance(author, NOON.astimezone(timezone(timedelta(hours=hours)))),
        sections=dict.fromkeys(names, "section:0"),
        base_digest=base,
    )
    write_lock(path, written)
    assert read_lock(path) == written


def test_a_hand_may_be_the_author_and_a_time_needs_its_zone() -> None:
    assert lock(author=HAND).author == "hand"
    with pytest.raises(ValueError, match="time zone"):
        Provenance(HAND, NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("attributes:", "atributes:"), "no key `atributes`.*\n.*`attributes`"),
        (("author: small", "author: [small]"), "author"),
        (("author: small", "author: small\nauthor: large"), "twice"),
        (("author: small\n", ""), "author"),
        (("lock/1", "lock/2"), "lock/2.*reads lock/1"),
        (("worldwright: lock/1\n", ""), "nothing.*reads lock/1"),
        (("2026-11-20T12:00:00+00:00", "yesterday"), "no time"),
        (("2026-11-20T12:00:00+00:00", "2026-11-20T12:00:00"), "no time"),
        (("brief_digest: ", "brief_digest: &a "), "anchor"),
    ],
)
def test_a_damaged_lock_is_an_error_with_its_place(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    path = tmp_path / "surgeons.lock.yaml"
    write_lock(path, lock())
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change))
    with pytest.raises((DocumentError, ArchitectError), match=words) as caught:
        read_lock(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"- a\n- b\n", b"text", b"\xff\xfe", b"{", b"worldwright: {a: b}\n"]
)
def test_a_file_that_is_no_lock_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "surgeons.lock.yaml"
    path.write_bytes(content)
    with pytest.raises((DocumentError, ArchitectError), match=r"surgeons\.lock\.yaml"):
        read_lock(path)


def test_a_failed_write_leaves_the_lock_before_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "surgeons.lock.yaml"
    before = lock()
    write_lock(path, before)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_lock(path, lock(author="large"))
    assert read_lock(path) == before
    assert list(tmp_path.iterdir()) == [path]


def _rewrite(path: Path, times: int) -> None:
    small, large = lock(), lock(author="large")
    for number in range(times):
        write_lock(path, large if number % 2 else small)


def test_a_reader_never_sees_a_part(tmp_path: Path) -> None:
    path = tmp_path / "surgeons.lock.yaml"
    write_lock(path, lock())
    writer = multiprocessing.get_context("spawn").Process(target=_rewrite, args=(path, 60))
    writer.start()
    try:
        seen = {found.author for _ in range(100_000) if writer.is_alive() and (found := read_lock(path))}
    finally:
        writer.join()
    assert writer.exitcode == 0
    assert seen <= {"small", "large"} and "small" in seen
