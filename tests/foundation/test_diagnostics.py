"""Diagnostics as data and as text."""

import pickle

from worldwright.diagnostics import (
    Applicability,
    Code,
    DocumentError,
    Edit,
    Fix,
    Position,
    Severity,
    Span,
    in_order,
)
from worldwright.errors import SamplingError
from worldwright.render import count, render_text, to_json

ERROR = Code("WW9001", "bad-thing", Severity.ERROR, "Because.")
WARNING = Code("WW9002", "odd-thing", Severity.WARNING, "It may be meant.")
TEXT = "first: 1\nsecond: wrong\nthird: \x1b[31mred\n"


def span(line: int, start: int, end: int, file: str = "a.yaml") -> Span:
    return Span(file, Position(line, start), Position(line, end))


FIX = Fix("write right", (Edit(span(2, 9, 14), "right"),), Applicability.SAFE)
FOUND = ERROR.at(
    span(2, 9, 14), "wrong is wrong", help="be right", fix=FIX, related=((span(1, 1, 6), "see"),)
)


def test_a_diagnostic_is_shown_with_its_line_and_a_caret() -> None:
    assert render_text([FOUND, WARNING.at(span(1, 1, 6), "odd")], {"a.yaml": TEXT}.get) == (
        "a.yaml:1:1 warning[WW9002] odd\n"
        "    1 | first: 1\n"
        "      | ^^^^^\n"
        "  why: It may be meant.\n"
        "\n"
        "a.yaml:2:9 error[WW9001] wrong is wrong\n"
        "    2 | second: wrong\n"
        "      |         ^^^^^\n"
        "  see a.yaml:1:1: see\n"
        "  why: Because.\n"
        "  help: be right\n"
        "  fix: write right   [safe]\n"
        "\n"
        "1 error, 1 warning"
    )


def test_control_characters_of_a_document_do_not_reach_the_terminal() -> None:
    shown = render_text([ERROR.at(span(3, 1, 6), "look")], {"a.yaml": TEXT}.get)
    assert "\x1b" not in shown
    assert "third: \N{REPLACEMENT CHARACTER}[31mred" in shown
    lone = render_text([ERROR.at(span(1, 1, 2), "look")], {"a.yaml": "\ud800"}.get)
    assert lone.encode()


def test_lines_that_are_long_or_not_there() -> None:
    long = "x" * 500 + "HERE" + "y" * 500
    shown = render_text([ERROR.at(span(1, 501, 505), "look")], {"a.yaml": long}.get).splitlines()
    row, carets = shown[1], shown[2]
    assert len(row) < 200
    assert row[carets.index("^") : carets.rindex("^") + 1] == "HERE"
    assert render_text([ERROR.at(span(9, 1, 2), "look")], {"a.yaml": TEXT}.get).count("|") == 0
    assert render_text([ERROR.at(span(1, 1, 2), "look")], lambda _: None).count("|") == 0
    assert render_text([ERROR.at(None, "look")], lambda _: None).startswith("error[WW9001] look")
    assert render_text([], lambda _: None) == ""


def test_spans_over_several_lines_are_marked_to_the_end_of_the_first() -> None:
    wide = Span("a.yaml", Position(1, 3), Position(2, 4))
    assert render_text([ERROR.at(wide, "look")], {"a.yaml": TEXT}.get).splitlines()[2] == "      |   ^^^^^^"


def test_order_is_by_place_and_nothing_is_said_twice() -> None:
    other = ERROR.at(span(1, 1, 2, "b.yaml"), "b")
    nowhere = ERROR.at(None, "nowhere")
    assert in_order([other, FOUND, nowhere, FOUND]) == [nowhere, FOUND, other]


def test_json_has_every_field_of_the_text() -> None:
    (found,) = to_json([FOUND])
    assert found["code"] == "WW9001"
    assert found["rule"] == "bad-thing"
    assert (found["line"], found["column"], found["end_line"], found["end_column"]) == (2, 9, 2, 14)
    assert found["fix"]["edits"][0]["replacement"] == "right"
    assert found["related"] == [
        {"file": "a.yaml", "line": 1, "column": 1, "end_line": 1, "end_column": 6, "message": "see"}
    ]
    assert to_json([ERROR.at(None, "x")])[0]["file"] is None


def test_counting() -> None:
    assert count([]) == "no problems"
    assert count([FOUND, FOUND, WARNING.at(None, "x")]) == "2 errors, 1 warning"


def test_errors_travel_with_their_data() -> None:
    error = SamplingError("no value", where="age", why="weights are 0", help="give weights")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is SamplingError
    assert str(again) == str(error) == "age: no value\n  why: weights are 0\n  help: give weights"
    document = DocumentError([WARNING.at(span(1, 1, 2), "odd"), FOUND, ERROR.at(span(3, 1, 2), "more")])
    assert str(document).startswith("a.yaml:2:9: wrong is wrong (and 1 more)")
    again = pickle.loads(pickle.dumps(document))
    assert isinstance(again, DocumentError)
    assert again.diagnostics == document.diagnostics
