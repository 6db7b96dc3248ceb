from __future__ import annotations

from pathlib import Path

from assets.markdown import PICTURE_LIMIT, picture, table, verbatim


def text(value: object) -> str:
    return str(getattr(value, "md_str", None))


def test_a_table_has_a_row_for_each_row_and_four_figures() -> None:
    shown = text(table(["name", "mean"], [["a", 1 / 3], ["b", None]]))
    assert shown.splitlines() == ["| name | mean |", "|---|---|", "| a | 0.3333 |", "| b | – |"]


def test_what_a_document_says_cannot_leave_its_cell() -> None:
    hostile = "a|b\n\n# heading <script>alert(1)</script> ![x](http://example.org/x.png) `code`"
    lines = text(table(["value"], [[hostile]])).splitlines()
    assert len(lines) == 3
    assert not set("<>`[]#") & set(lines[2].replace("&#", ""))
    assert lines[2].count("|") == 2


def test_a_long_text_is_cut() -> None:
    assert len(text(table(["value"], [["long " * 100]])).splitlines()[2]) < 130


def test_verbatim_text_cannot_close_its_fence() -> None:
    shown = text(verbatim("before\n```\n<b>after</b>"))
    fence = shown.splitlines()[0].removesuffix("text")
    assert fence == "````"
    assert shown.splitlines().count(fence) == 1
    assert shown.endswith(fence)


def test_a_picture_is_inline_unless_it_is_large(tmp_path: Path) -> None:
    small, large = tmp_path / "small.png", tmp_path / "large.png"
    small.write_bytes(b"\x89PNG")
    large.write_bytes(bytes(PICTURE_LIMIT + 1))
    assert text(picture(small, "small")) == "![small](data:image/png;base64,iVBORw==)"
    assert "base64" not in text(picture(large, "large"))
    assert str(large) in text(picture(large, "large"))
