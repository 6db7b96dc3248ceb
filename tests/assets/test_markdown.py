from __future__ import annotations

import base64
import io
from pathlib import Path
from random import Random

from PIL import Image

from assets.markdown import PICTURE_LIMIT, picture, table, verbatim


def text(value: object) -> str:
    return str(getattr(value, "md_str", None))


def test_a_table_has_a_row_for_each_row_and_four_figures() -> None:
    shown = text(table(["name", "mean"], [["a", 1 / 3], ["b", 14_400.4], ["c", None]]))
    assert shown.splitlines()[2:] == ["| a | 0.3333 |", "| b | 14,400 |", "| c | – |"]


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


def test_a_picture_is_inline(tmp_path: Path) -> None:
    small = tmp_path / "small.png"
    small.write_bytes(b"\x89PNG")
    assert text(picture(small, "small")) == "![small](data:image/png;base64,iVBORw==)"


def test_a_large_picture_is_inline_with_fewer_colours(tmp_path: Path) -> None:
    large = noise(tmp_path / "large.png", 300)
    assert large.stat().st_size > PICTURE_LIMIT
    shown = text(picture(large, "large"))
    content = base64.b64decode(shown.removeprefix("![large](data:image/png;base64,").removesuffix(")"))
    assert len(content) <= PICTURE_LIMIT
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (300, 300)


def test_a_picture_that_stays_too_large_is_named(tmp_path: Path) -> None:
    huge = noise(tmp_path / "huge.png", 600)
    shown = text(picture(huge, "huge"))
    assert "base64" not in shown
    assert str(huge) in shown


def noise(path: Path, size: int) -> Path:
    """A picture that cannot be compressed."""
    Image.frombytes("RGB", (size, size), Random(1).randbytes(3 * size * size)).save(path)
    return path
