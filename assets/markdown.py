"""Tables, text and pictures as the markdown that Dagster's pages show.

What comes from documents is escaped or fenced: it may say anything.
"""

import base64
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

PICTURE_LIMIT = 200_000
"""The largest picture shown inline, in bytes; Dagster keeps metadata in its database."""

LARGE = 1000
"""From where on a number is shown whole."""

_ESCAPED = {character: f"&#{ord(character)};" for character in "|<>`*_[]\\~#$"}
_CELL_LIMIT = 120


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> dg.MarkdownMetadataValue:
    """A small table; numbers to four figures, long text cut."""
    lines = [_row(columns), "|" + "---|" * len(columns)]
    lines += [_row([_spell(value) for value in row]) for row in rows]
    return dg.MetadataValue.md("\n".join(lines))


def verbatim(text: str) -> dg.MarkdownMetadataValue:
    """Text as it stands, in a fixed-width font."""
    fence = "```"
    while fence in text:
        fence += "`"
    return dg.MetadataValue.md(f"{fence}text\n{text}\n{fence}")


def picture(path: Path, title: str) -> dg.MarkdownMetadataValue:
    """A PNG inline, with fewer colours where it is large; its path where it is still too large then."""
    content = path.read_bytes()
    if len(content) > PICTURE_LIMIT:
        content = _with_fewer_colours(content)
    if len(content) > PICTURE_LIMIT:
        return dg.MetadataValue.md(f"{title}: {path} ({len(content) // 1000} kB)")
    return dg.MetadataValue.md(f"![{title}](data:image/png;base64,{base64.b64encode(content).decode()})")


def _with_fewer_colours(png: bytes) -> bytes:
    """The same picture with 256 colours, which a plot hardly shows and which takes a third of the bytes."""
    from PIL import Image  # comes with matplotlib

    smaller = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(256).save(smaller, "PNG", optimize=True)
    return smaller.getvalue()


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_escape(cell) for cell in cells) + " |"


def _escape(text: str) -> str:
    flat = " ".join(text.split())
    cut = flat if len(flat) <= _CELL_LIMIT else flat[: _CELL_LIMIT - 1] + "…"
    return "".join(_ESCAPED.get(character, character) for character in cut)


def _spell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= LARGE else f"{value:.4g}"
    return str(value)
