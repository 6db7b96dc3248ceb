"""What sections are built of: pictures in both themes, and parts that unfold."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from typing import Protocol

from worldwright.report.markup import Child, Markup, tag
from worldwright.report.style import ThemeName


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page with its own place in the table of contents."""

    anchor: str
    title: str
    body: tuple[Child, ...]


class Draw(Protocol):
    """A plot with everything bound but its theme."""

    def __call__(self, *, theme: ThemeName) -> bytes:
        """The picture as PNG."""
        ...


def figure(draw: Draw, *, alt: str, caption: str | None) -> Markup:
    """A picture that follows the reader's light or dark setting, carried by the page itself."""
    light, dark = draw(theme="light"), draw(theme="dark")
    width, height = struct.unpack(">II", light[16:24])
    return tag(
        "figure",
        tag(
            "picture",
            tag("source", srcset=_uri(dark), media="(prefers-color-scheme: dark)"),
            tag("img", src=_uri(light), alt=alt, width=str(width), height=str(height)),
        ),
        tag("figcaption", caption) if caption else None,
    )


def more(title: str, *body: Child) -> Markup:
    """A part that is folded until the reader opens it."""
    return tag("details", tag("summary", title), *body)


def _uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
