"""A line of a document as a terminal shows it: no wider than it, the caret below its place."""

import pytest

from worldwright.diagnostics import Code, Position, Severity, Span
from worldwright.render import render_text

LINE = "  x: {" + "a" * 90 + " here " + "b" * 90 + "}"
CODE = Code("WW0000", "example", Severity.ERROR, "Because.")


@pytest.mark.parametrize("columns", [20, 80, 100, None])
def test_a_long_line_is_cut_around_the_caret(columns: int | None) -> None:
    start = LINE.index("here")
    span = Span("f.yaml", Position(1, start + 1), Position(1, start + 5))
    _, row, caret, *_ = render_text([CODE.at(span, "wrong")], lambda _: LINE, columns).splitlines()
    assert len(row) <= max(columns or 168, 48)
    assert row[caret.index("^") : caret.rindex("^") + 1] == "here"
    assert "…" in row and row.endswith(("…", "}"))


def test_a_line_that_fits_is_shown_whole() -> None:
    span = Span("f.yaml", Position(1, 3), Position(1, 4))
    short = "  x: {type: int}"
    assert f"    1 | {short}" in render_text([CODE.at(span, "wrong")], lambda _: short, 24)
