"""Binding trees to models and reading headings, as other kinds of documents use them too."""

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from worldwright.diagnostics import Diagnostic
from worldwright.spec import bind, expect_kind, kind_of, read
from worldwright.spec.binding import bind_rest, refused
from worldwright.spec.tree import Node, plain


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Cat(Model):
    lives: int = Field(ge=1, le=9)
    name: str | None = None


class Dog(Model):
    tricks: list[str]


class Home(Model):
    worldwright: str
    rooms: int
    open: bool = False
    size: Literal["small", "large"] = "small"
    pets: dict[str, Cat | Dog] = Field(default_factory=dict[str, Cat | Dog])
    cats: list[Cat] = Field(default_factory=list[Cat])
    ratio: float = 1.0


def tree(text: str) -> Node:
    node, diagnostics = read(text, "home.yaml")
    assert node is not None and not diagnostics
    return node


HEAD = "worldwright: world/1\n"


def complaints(text: str) -> list[Diagnostic]:
    home, diagnostics = bind(Home, tree(HEAD + text))
    assert home is None
    return diagnostics


def test_a_document_that_fits_becomes_a_model() -> None:
    home, diagnostics = bind(Home, tree(HEAD + "rooms: 3\nratio: 2\ncats: [{lives: 9}]\n"))
    assert not diagnostics
    assert home == Home(worldwright="world/1", rooms=3, ratio=2.0, cats=[Cat(lives=9)])


@pytest.mark.parametrize(
    ("text", "place", "code", "message", "help"),
    [
        ("rooms: three\n", (2, 8), "WW0132", "`rooms` must be a whole number, not the text 'three'", None),
        ("rooms: 3.5\n", (2, 8), "WW0132", "`rooms` must be a whole number, not the number 3.5", None),
        ("rooms: '3'\n", (2, 8), "WW0132", "`rooms` must be a whole number, not the text '3'", None),
        ("rooms:\n", (2, 1), "WW0132", "`rooms` must be a whole number, not nothing", None),
        (
            "open: on\nrooms: 3\n",
            (2, 7),
            "WW0132",
            "must be true or false, not the text 'on'",
            "`true`",
        ),
        ("open: true\n", (1, 1), "WW0131", "the document has no `rooms`", "add `rooms:`"),
        ("roms: 3\n", (2, 1), "WW0130", "there is no key `roms`", "did you mean `rooms`?"),
        ("rooms: 3\nxyz: 1\n", (3, 1), "WW0130", "there is no key `xyz`", "there are open, size"),
        ("rooms: 3\nsize: larg\n", (3, 7), "WW0132", "`size` cannot be the text 'larg'", "`large`"),
        ("rooms: 3\ncats: {}\n", (3, 7), "WW0132", "`cats` must be a list, not a mapping", None),
        (
            "rooms: 3\ncats: [{lives: 10}]\n",
            (3, 16),
            "WW0132",
            "`cats[1].lives` must be at most 9",
            None,
        ),
        ("rooms: 3\ncats:\n  - name: x\n", (4, 5), "WW0131", "`cats[1]` has no `lives`", None),
        (
            "rooms: 3\ncats:\n  - {lives: 1, nam: x}\n",
            (4, 16),
            "WW0130",
            "key `nam` in `cats[1]`",
            "`name`",
        ),
    ],
)
def test_complaints_have_their_place(
    text: str, place: tuple[int, int], code: str, message: str, help: str | None
) -> None:
    (found,) = complaints(text)
    assert found.code == code
    assert message in found.message
    assert found.span is not None
    assert (found.span.start.line, found.span.start.column) == place
    assert help is None or (found.help is not None and help in found.help)


def test_the_tags_of_unions_are_not_in_the_document() -> None:
    found = complaints("rooms: 3\npets:\n  tom: {lives: 0}\n")
    assert {(d.span.start.line, d.span.start.column) for d in found if d.span} <= {(4, 8), (4, 9), (4, 16)}
    assert any(d.message == "`pets.tom.lives` must be at least 1, not 0" for d in found)


def test_binding_goes_on_with_the_rest() -> None:
    text = HEAD + "roms: 3\ncats: [{lives: 3}, {lives: x}, {live: 4}]\npets: {tom: {lives: 0}}\n"
    home, node, diagnostics, lost = bind_rest(Home, tree(text))
    assert home is not None
    assert home.rooms == 3
    assert [cat.lives for cat in home.cats] == [3, 4]
    assert ("cats", 1) in lost and ("pets", "tom") in lost
    assert sorted({d.code for d in diagnostics}) == ["WW0130", "WW0131", "WW0132"]
    assert plain(node)["cats"] == [{"lives": 3}, {"lives": 4}]


def test_what_is_no_mapping_is_told_and_not_bound() -> None:
    home, _, diagnostics, _ = bind_rest(Home, tree("- 1\n- 2\n"))
    assert home is None
    assert diagnostics[0].message == "the document must be a mapping of keys to values, not a list"


def test_models_raise_words_of_their_own() -> None:
    error = refused("too many", "fewer would do")
    assert error.context == {"message": "too many", "help": "fewer would do"}
    assert str(error) == "too many"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("worldwright: world\n", "WW0120", "names no version"),
        ("name: x\n", "WW0120", "does not say what it is"),
        ("- 1\n", "WW0120", "not a mapping"),
        ("worldwright: [a]\n", "WW0120", "not text"),
        ("worldwright: wrld/1\n", "WW0121", "called 'wrld'"),
        ("worldwright: world/2\n", "WW0122", "this release reads world/1"),
        ("worldwright: world/0\n", "WW0122", "this release reads world/1"),
        ("worldwright: world/1x\n", "WW0120", "names no version"),
    ],
)
def test_headings_that_cannot_be_followed(text: str, code: str, message: str) -> None:
    heading, (found,) = kind_of(tree(text))
    assert heading is None
    assert found.code == code
    assert message in found.message


def test_headings() -> None:
    heading, diagnostics = kind_of(tree("worldwright: experiment/1\n"))
    assert not diagnostics
    assert heading is not None and (heading.kind, heading.version) == ("experiment", 1)
    assert expect_kind(tree(HEAD), "world", "experiment")[0] is not None
    _, (found,) = expect_kind(tree(HEAD), "population")
    assert found.message == "this is a world, and a population is wanted here"
