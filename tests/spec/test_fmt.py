"""`fmt`: one way to write a document, that says the same and keeps every comment and blank line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given, settings

from tests.spec.layouts import documents
from tests.spec.specs import AGE, HEAD, SURGEONS, load, loaded
from worldwright.diagnostics import Edit, Position, Span
from worldwright.spec import Source, kind_of, plain, read
from worldwright.spec.expressions.canonical import form
from worldwright.spec.expressions.parser import parse_expression
from worldwright.spec.expressions.spacing import spaced
from worldwright.spec.fmt import FormatError, formatted, upgraded
from worldwright.spec.migrations import Migration
from worldwright.spec.tree import MappingNode
from worldwright.spec.trivia import trivia

ROOT = Path(__file__).parents[2]
REAL = sorted(
    path
    for folder in (ROOT / "specs", ROOT / "tests" / "projects", ROOT / "tests" / "spec" / "documents")
    for path in folder.rglob("*.yaml")
    if not path.name.endswith(".lock.yaml")
)


def fmt(text: str) -> str:
    out, found = formatted(Source("f.yaml", text))
    assert out is not None, found
    return out


def comments(text: str) -> list[str]:
    node, _ = read(text, "f.yaml")
    assert node is not None
    return [trivium.text for trivium in trivia(text, node)]


@pytest.mark.parametrize("path", REAL, ids=lambda path: str(path.relative_to(ROOT)))
def test_real_documents_say_the_same_afterwards(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    out = fmt(text)
    assert fmt(out) == out
    assert comments(out) == comments(text)
    node, _ = read(text, "f.yaml")
    assert node is not None
    heading, _ = kind_of(node)
    if heading is not None and heading.kind == "population" and "\ntable:" not in text:
        assert loaded(out).digest == loaded(text).digest


@settings(max_examples=120, deadline=None)
@given(documents())
def test_any_layout_is_brought_into_one_form(text: str) -> None:
    node, found = read(text if text.endswith("\n") else text + "\n", "f.yaml")
    assume(node is not None and not found)
    assert node is not None
    out = fmt(text)
    again, _ = read(out, "f.yaml")
    assert again is not None and plain(again) == plain(node)
    assert fmt(out) == out
    kept, given_ = comments(out), comments(text)
    assert sorted(filter(None, kept)) == sorted(filter(None, given_))
    assert isinstance(node, MappingNode)
    if node.keys()[0] == "worldwright":
        assert kept == given_


UGLY = """\
# top
name:   ugly   # trailing
worldwright: population/1   # what it is

sources: {a: {title: "x # y"},   # in flow
   # own line
   b: {title: 'it''s'} }  # after
attributes:
   age: {type: int,   distribution: {normal: {mean: 47.0,sd: 11, min:  26, max: 72}}, source: a}
       # of age

   experience:
      type: int
      source: b
      distribution: {normal: {mean: age-28, sd: 3,   min: 0, max: "max(age - 24, 0)"}}
      modifiers:
      - {when: "age>50 and experience in [1,2 ,3]", add: -.50}
      # between
      - when:
          age < 30
        add: 1
   # of the attributes
# of the document
constraints: [experience<=age - 24]
"""

PRETTY = """\
# top
worldwright: population/1  # what it is
name: ugly  # trailing

sources:
  a: {title: "x # y"}  # in flow
  # own line
  b: {title: 'it''s'}  # after
attributes:
  age: {type: int, distribution: {normal: {mean: 47.0, sd: 11, min: 26, max: 72}}, source: a}
  # of age

  experience:
    type: int
    source: b
    distribution:
      normal:
        mean: age - 28
        sd: 3
        min: 0
        max: max(age - 24, 0)
    modifiers:
      - {when: "age > 50 and experience in [1, 2, 3]", add: -.50}
      # between
      - when: age < 30
        add: 1
  # of the attributes
# of the document
constraints:
  - experience <= age - 24
"""


def test_the_canonical_form() -> None:
    assert fmt(UGLY) == PRETTY
    assert fmt(UGLY.replace("\n", "\r\n")) == PRETTY


LINES = (
    ('- {when:  "age>50",   multiply: 1.2}', ['- {when: "age > 50", multiply: 1.2}']),
    ("- {when: 'age>50', multiply: \"age/40\"}", ["- {when: 'age > 50', multiply: \"age / 40\"}"]),
    ("- {when: age>50, multiply: 1.2}", ["- when: age > 50", "  multiply: 1.2"]),
    ('- {when: "age>50", multiply: age/40}', ["- when: age > 50", "  multiply: age / 40"]),
    ('- {when: "flag", multiply: 1.2}', ["- {when: flag, multiply: 1.2}"]),
    (f'- {{when: "{"age > 1 and " * 8}flag", add: 2}}', [f"- when: {'age > 1 and ' * 8}flag", "  add: 2"]),
)


@pytest.mark.parametrize(("written", "canonical"), LINES)
def test_an_expression_in_braces_stands_in_quotes_and_has_room(written: str, canonical: list[str]) -> None:
    head = "worldwright: population/1\nname: p\nattributes:\n  x:\n    modifiers:\n"
    out = fmt(f"{head}      {written}\n")
    assert out == head + "".join(f"      {line}\n" for line in canonical)
    assert fmt(out) == out


BRACES = (
    (
        '{type: int,   source: s1,\n  distribution: {normal: {mean: "age-28",sd: 3}}, modifiers: [\n'
        '   {when: "age>50", add: 1}, {when: "flag",\n   add: 2},\n  {when: "age>60", add: 3}\n ]\n}',
        [
            "{type: int, source: s1,",
            '    distribution: {normal: {mean: "age - 28", sd: 3}}, modifiers: [',
            '      {when: "age > 50", add: 1}, {when: flag, add: 2},',
            '      {when: "age > 60", add: 3}]}',
        ],
    ),
    ("{type: int,\n   source: s1,}", ["{type: int,", "    source: s1}"]),
    ("{\n  type: int\n}  # all", ["{", "    type: int}  # all"]),
)


@pytest.mark.parametrize(("written", "canonical"), BRACES)
def test_an_attribute_in_braces_keeps_its_lines(written: str, canonical: list[str]) -> None:
    head = "worldwright: population/1\nname: p\nattributes:\n"
    after = "  y: {type: int}\n"
    out = fmt(f"{head}  x: {written}\n{after}")
    assert out == head + "  x: " + "\n".join(canonical) + "\n" + after
    assert fmt(out) == out


@pytest.mark.parametrize(
    "written",
    [
        '{type: int, # whole years\n  modifiers: [{when: "age > 50", add: 1}]}',
        "{type: int,\n  modifiers: [{when: age > 50, add: 1}]}",
        '{type: int,\n\n  source: "s\n  1"}',
    ],
)
def test_with_a_comment_or_an_expression_without_quotes_it_becomes_a_block(written: str) -> None:
    out = fmt(f"worldwright: population/1\nname: p\nattributes:\n  x: {written}\n")
    assert "\n  x:\n    type: int" in out and fmt(out) == out


def test_the_longest_line_with_an_expression_in_braces_has_120_columns() -> None:
    head = "worldwright: population/1\nname: p\nattributes:\n  x:\n    modifiers:\n"
    for length in (120, 121):
        line = '      - {when: "age > 50 or #", multiply: 1.2}'
        line = line.replace("#", "a" * (length - len(line) + 1))
        assert len(line) == length
        assert (fmt(f"{head}{line}\n") == f"{head}{line}\n") is (length == 120)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("a+b", "a + b"),
        ("-a*( -3 )", "-a * (-3)"),
        ("a if b>=.30 else-c", "a if b >= .30 else -c"),
        ("min( a,b )>1 and x not in['it''s' , 'b']", "min(a, b) > 1 and x not in ['it''s', 'b']"),
        ("not(a is known)or(b)", "not (a is known) or (b)"),
        ("d<date( '2020-01-05' )", "d < date('2020-01-05')"),
        ("a //b%c", "a // b % c"),
        ("a && b", "a && b"),
    ],
)
def test_the_spacing_of_expressions(written: str, canonical: str) -> None:
    assert spaced(written) == canonical
    assert spaced(canonical) == canonical
    span = Span("f", Position(1, 1), Position(1, 2))
    one, two = parse_expression(written, span)[0], parse_expression(canonical, span)[0]
    assert (one is None) is (two is None)
    assert one is None or two is None or form(one) == form(two)


def test_quotes_stay_where_yaml_needs_them() -> None:
    text = HEAD + AGE + "  x:\n    type: boolean\n    formula: %s\n"
    assert "formula: \"'a' == 'a'\"" in fmt(text % "\"'a'=='a'\"")
    assert "formula: age > 3" in fmt(text % "'age > 3'")
    assert 'formula: "age > 3 # x"' in fmt(text % '"age > 3 # x"')
    assert 'formula: "12"' in fmt(text % '"12"')


def test_a_flow_that_is_written_on_one_line_stays_on_it() -> None:
    assert fmt(SURGEONS) == SURGEONS
    shares = "distribution: {categorical: {resident: .34, specialist: .30, senior: .27, chief: .09}}"
    assert shares in fmt(SURGEONS)


def test_the_comment_of_the_next_line_does_not_enter_a_text() -> None:
    text = "worldwright: experiment/1\nquestion: |\n  What?\nname: x  # the name\n"
    assert fmt(text) == text


def test_a_document_that_cannot_be_read_is_refused_with_the_reasons() -> None:
    out, found = formatted(Source("f.yaml", "worldwright: population/1\na: {b: max(1, 2), c: 3}\n"))
    assert out is None and [d.code for d in found] == ["WW0112"]
    out, found = formatted(Source("f.yaml", "name: x\n"))
    assert out is None and [d.code for d in found] == ["WW0120"]


def test_a_document_with_wrong_figures_can_be_formatted() -> None:
    text = SURGEONS.replace("mean: 47, sd: 11", "mean:   47,   sd: -11")
    assert load(text)[0] is None
    assert fmt(text) == SURGEONS.replace("sd: 11", "sd: -11")


def test_a_text_with_its_own_indentation_is_left_alone() -> None:
    with pytest.raises(FormatError, match="indentation"):
        fmt("worldwright: experiment/1\nquestion: |4\n      What?\n")


def test_dates_are_no_subtractions() -> None:
    law = "{uniform: {min: 2020-01-05, max: 2021-12-31}}"
    text = f"worldwright: population/1\nname: x\nattributes:\n  d: {{type: date, distribution: {law}}}\n"
    assert formatted(Source("f.yaml", text)) == (text, [])


def test_a_document_is_migrated_step_by_step_with_its_comments() -> None:
    def renamed(old: str, new: str) -> Callable[[MappingNode], list[Edit]]:
        return lambda node: [Edit(e.key.span, new) for e in node.entries if e.key.text == old]

    steps = (
        Migration("population", 2, renamed("size", "count")),
        Migration("population", 3, renamed("count", "agents")),
    )
    text = "worldwright: population/1  # ours\nname:   x\nsize: 3  # few\nattributes: {}\n"
    done, found = upgraded(Source("f", text), steps, {"population": 3})
    assert not found
    assert done == "worldwright: population/3  # ours\nname: x\nagents: 3  # few\nattributes: {}\n"
    assert upgraded(Source("f", done), steps, {"population": 3}) == (done, [])
    refused, errors = upgraded(Source("f", done))
    assert refused is None and "reads population/1" in errors[0].message
    assert upgraded(Source("f", SURGEONS)) == formatted(Source("f", SURGEONS))
