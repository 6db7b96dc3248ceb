"""Applying fixes to texts: exactly what they name, together where they do not meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.specs import AGE, HEAD, RANK, drawn, load
from worldwright.diagnostics import Applicability, Diagnostic, Edit, Position, Severity, Span
from worldwright.spec.edits import applied, compatible, line_starts

CHARACTERS = st.text(alphabet="ab \n\ré€😀", max_size=60)


def span(line: int, column: int, end_line: int, end_column: int) -> Span:
    return Span("f", Position(line, column), Position(end_line, end_column))


def edit(line: int, start: int, end: int, text: str) -> Edit:
    return Edit(span(line, start, line, end), text)


def test_edits_are_carried_out_whatever_their_order() -> None:
    text = "one two\r\nthrée four\rfive\nsix"
    edits = [edit(4, 1, 4, "SIX"), edit(1, 5, 8, "2"), edit(3, 5, 5, "!"), edit(2, 1, 6, "3")]
    assert applied(text, edits) == "one 2\r\n3 four\rfive!\nSIX"


def test_a_deletion_may_go_over_lines() -> None:
    assert applied("a\nb\nc\n", [Edit(span(1, 2, 3, 1), "")]) == "ac\n"


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        applied("abcdef", [edit(1, 1, 4, "x"), edit(1, 3, 5, "y")])


@given(CHARACTERS, st.data())
def test_an_edit_changes_its_stretch_and_nothing_else(text: str, data: st.DataObject) -> None:
    starts = line_starts(text)

    def place(index: int) -> Position:
        line = max(i for i, start in enumerate(starts) if start <= index) + 1
        return Position(line, index - starts[line - 1] + 1)

    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    replacement = data.draw(st.text(max_size=5))
    changed = applied(text, [Edit(Span("f", place(start), place(end)), replacement)])
    assert changed == text[:start] + replacement + text[end:]


def finding(*edits: Edit) -> Diagnostic:
    from worldwright.diagnostics import Fix

    fix = Fix("mend", edits, Applicability.SUGGESTED)
    return Diagnostic("WW0000", "x", Severity.ERROR, "m", edits[0].span, fix=fix)


def test_of_fixes_that_meet_the_first_is_taken_whole() -> None:
    first = finding(edit(1, 1, 3, "a"), edit(2, 1, 3, "b"))
    second = finding(edit(2, 2, 4, "c"), edit(3, 1, 2, "d"))
    third = finding(edit(3, 1, 2, "e"))
    assert compatible([first, second, third]) == [first, third]


def test_the_fix_of_weights_mends_the_document() -> None:
    text = HEAD + AGE + RANK + drawn("tone", "{categorical: {soft: .3, loud: .6}}", "categorical")
    population, found = load(text)
    assert population is None
    fixes = compatible(found)
    mended = applied(text, [e for d in fixes if d.fix for e in d.fix.edits])
    assert load(mended) != (None, found)
    assert load(mended)[0] is not None
    assert mended.replace("0.333333", ".3").replace("0.666667", ".6") == text
