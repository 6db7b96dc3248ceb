"""Strict YAML: values, positions, refusals; and nothing but diagnostics for any text."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worldwright.diagnostics import Position
from worldwright.spec import decode, plain, read
from worldwright.spec.reader import Limits
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode, find, key_span


def tree(text: str) -> Node:
    node, diagnostics = read(text, "f.yaml")
    assert not diagnostics
    assert node is not None
    return node


def codes(text: str, limits: Limits | None = None) -> list[str]:
    return [diagnostic.code for diagnostic in read(text, "f.yaml", limits)[1]]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("1e3", 1000.0),
        ("-.8", -0.8),
        (".34", 0.34),
        ("1.", 1.0),
        ("+12", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("2024-01-01", "2024-01-01"),
        ("0.5.1", "0.5.1"),
        ("'12'", "12"),
        ('"true"', "true"),
        (".inf", float("inf")),
        ("٣", "٣"),
    ],
)
def test_scalars_follow_the_core_table_of_yaml_1_2(written: str, value: Any) -> None:
    found = plain(tree(f"a: {written}\n"))["a"]
    assert found == value
    assert type(found) is type(value)


def test_every_node_key_and_value_has_its_place() -> None:
    text = "a: 1\nbé: {c: [x, 'y z'], d: 2.5}\nlist:\n  - one\n  - k: v\n"
    node = tree(text)
    rows = text.splitlines()

    def shown(part: Node | None) -> str:
        assert part is not None
        assert part.span.start.line == part.span.end.line
        return rows[part.span.start.line - 1][part.span.start.column - 1 : part.span.end.column - 1]

    assert shown(find(node, "a")) == "1"
    assert shown(find(node, "bé")) == "{c: [x, 'y z'], d: 2.5}"
    assert shown(find(node, "bé", "c")) == "[x, 'y z']"
    assert shown(find(node, "bé", "c", 1)) == "'y z'"
    assert shown(find(node, "list", 1, "k")) == "v"
    place = key_span(node, "bé", "d")
    assert place is not None
    assert place.start == Position(2, 21)
    whole = find(node, "list")
    assert isinstance(whole, SequenceNode)
    assert (whole.span.start, whole.span.end) == (Position(4, 3), Position(5, 9))


def test_the_characters_of_folded_and_quoted_text_keep_their_places() -> None:
    text = "a: \"x\\u0041 y\"\nb: >-\n  age +\n  28\nc: age\n  - 3\nd: 'it''s'\n"
    node = tree(text)
    rows = text.splitlines()
    for key, visible in (("b", "age+28"), ("c", "age-3")):
        value = find(node, key)
        assert isinstance(value, ScalarNode)
        places = value.places()
        assert places is not None
        assert len(places) == len(value.text) + 1
        seen = [
            rows[place.line - 1][place.column - 1]
            for char, place in zip(value.text, places, strict=False)
            if char != " "
        ]
        assert "".join(seen) == visible
    escaped, quoted = find(node, "a"), find(node, "d")
    assert isinstance(escaped, ScalarNode) and isinstance(quoted, ScalarNode)
    assert [place.column for place in escaped.places() or ()] == [5, 6, 12, 13, 14]
    assert [place.column for place in quoted.places() or ()] == [5, 6, 7, 9, 10]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "WW0101"),
        ("# only a comment\n", "WW0101"),
        ("---\n", "WW0101"),
        ("[" * 66 + "]" * 66, "WW0103"),
        ("- " * 70 + "x", "WW0103"),
        ("a: \x00", "WW0104"),
        ("a: \ud800", "WW0104"),
        ("\ufeffa: 1", "WW0104"),
        ("a: x\u2028y", "WW0104"),
        ("a: \x1b[31m", "WW0104"),
        ("a:\n\tb: 1\n", "WW0106"),
        ("a: x: y\n", "WW0107"),
        ("a: 'never closed\n", "WW0107"),
        ("a: @x\n", "WW0107"),
        ("a: 1\na: 2\n", "WW0108"),
        ("{a: 1, a: 2}\n", "WW0108"),
        ("a: &x 1\n", "WW0109"),
        ("a: *x\n", "WW0109"),
        ("*x : 1\n", "WW0109"),
        ("a: !!python/object/apply:os.system ['ls']\n", "WW0110"),
        ("a: ! x\n", "WW0110"),
        ("%YAML 1.1\n---\na: 1\n", "WW0110"),
        ("a: 1\n---\nb: 2\n", "WW0111"),
        ("a: 012\n", "WW0113"),
        ("? [a]\n: 1\n", "WW0114"),
        ("a: " + "9" * 5000 + "\n", "WW0132"),
    ],
)
def test_what_yaml_allows_and_a_document_does_not(text: str, code: str) -> None:
    assert code in codes(text)


def test_a_large_document_is_refused_before_it_is_read() -> None:
    assert codes("a: " + "x" * (1 << 20)) == ["WW0102"]
    assert codes("a: " + "é" * (1 << 19)) == ["WW0102"]
    assert codes("- 1\n" * 20, Limits(nodes=10)) == ["WW0102"]
    assert codes("- 1\n" * 20, Limits(nodes=30)) == []


def test_bytes_that_are_not_utf8_are_told_with_their_place() -> None:
    text, diagnostics = decode(b"a: 1\nb: caf\xe9\n", "f.yaml")
    assert text is None
    assert diagnostics[0].code == "WW0105"
    assert diagnostics[0].span is not None
    assert diagnostics[0].span.start == Position(2, 7)
    assert decode("a: café".encode(), "f.yaml") == ("a: café", [])


@pytest.mark.parametrize(
    ("line", "repaired"),
    [
        ("{when: max(age, 3) > 50, add: 1}", '{when: "max(age, 3) > 50", add: 1}'),
        ("{when: clip(age, 3, 5) > 4}", '{when: "clip(age, 3, 5) > 4"}'),
        ("{when: rank in ['a', 'b'], add: 1}", "{when: \"rank in ['a', 'b']\", add: 1}"),
        ("{add: 1, when: rank == 'a, b'}", "{add: 1, when: \"rank == 'a, b'\"}"),
        ("[min(a, b), c]", '["min(a, b)", c]'),
    ],
)
def test_an_expression_cut_by_flow_syntax_is_offered_whole(line: str, repaired: str) -> None:
    text = f"a: 1\nm: {line}\n"
    _, diagnostics = read(text, "f.yaml")
    assert [diagnostic.code for diagnostic in diagnostics] == ["WW0112"]
    fix = diagnostics[0].fix
    assert fix is not None
    assert fix.title.endswith(f"m: {repaired}")
    (edit,) = fix.edits
    rows = text.splitlines()
    row = rows[edit.span.start.line - 1]
    mended = row[: edit.span.start.column - 1] + edit.replacement + row[edit.span.end.column - 1 :]
    assert mended == f"m: {repaired}"
    assert not codes(mended)


def test_the_rest_of_a_cut_mapping_is_still_read() -> None:
    node, _ = read("m: {when: clip(age, 3, 5) > 4, add: 1}", "f.yaml")
    assert node is not None
    assert plain(node) == {"m": {"when": "clip(age, 3, 5) > 4", "add": 1}}


def test_many_problems_are_told_at_once() -> None:
    assert codes("a: &x 1\nb: !t 2\na: 3\nc: 012\n") == ["WW0109", "WW0110", "WW0108", "WW0113"]


def check_reading(text: str) -> None:
    node, diagnostics = read(text, "f.yaml")
    lines = text.splitlines() or [""]
    for diagnostic in diagnostics:
        assert diagnostic.span is not None
        assert 1 <= diagnostic.span.start.line <= len(lines) + 1
        assert diagnostic.span.start <= diagnostic.span.end
        assert "\n" not in diagnostic.message
    assert node is not None or diagnostics
    if node is not None:
        plain(node)
        visit(node)


def visit(node: Node) -> None:
    match node:
        case ScalarNode():
            places = node.places()
            assert places is None or len(places) == len(node.text) + 1
        case SequenceNode(items):
            for item in items:
                visit(item)
        case MappingNode(entries):
            for entry in entries:
                visit(entry.key)
                visit(entry.value)


MARKS = "a { } [ ] , ' | > # &x *x !t % @ \\ \\u00e9 ( ) 1 .5 é max(a, 012 ~ <<"
SPACED = ["b: ", "- ", ": ", "? ", "\n", "  ", "\t", " #", "---\n", "...\n", "== ", "\r\n", "<<: "]
HOSTILE = ["\x00", "\ud800", "\ufeff", "\u2028", '"', "max(a, b)", "x in ['a']"]
PIECES = st.sampled_from([*MARKS.split(), *SPACED, *HOSTILE])
TEXTS = st.one_of(
    st.lists(PIECES, max_size=25).map("".join),
    st.text(max_size=60),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=30),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(TEXTS)
def test_no_text_leads_to_anything_but_a_tree_or_diagnostics(text: str) -> None:
    check_reading(text)


@pytest.mark.fuzz
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_no_text_at_all_leads_to_anything_but_a_tree_or_diagnostics(text: str) -> None:
    check_reading(text)
