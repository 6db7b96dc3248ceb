"""What sections are built of: pictures in both themes, and parts that unfold."""

from __future__ import annotations

import base64
import re
import struct
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

from worldwright.report.markup import Child, Markup, tag
from worldwright.report.style import ThemeName

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What a browser may load for the page: nothing but what it carries. Backs up the escaping of texts."""


_PNG = "data:image/png;base64,"


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


def section_markup(section: Section) -> Markup:
    """A section as it stands on the page."""
    return tag(
        "section",
        tag("h2", section.title, id=f"{section.anchor}-title"),
        *section.body,
        id=section.anchor,
        class_="answer" if section.anchor == "answer" else None,
        aria_labelledby=f"{section.anchor}-title",
    )


def first_pictures(page: str) -> dict[str, bytes]:
    """The first picture of each section of a page, as PNG in the light theme, by the section's anchor."""
    found: dict[str, bytes] = {}
    for section in page.split("<section ")[1:]:
        anchor = re.search(r'\bid="([^"]+)"', section.partition(">")[0])
        picture = re.search(rf'<img [^>]*src="{_PNG}([^"]+)"', section)
        if anchor and picture:
            found[anchor[1]] = base64.b64decode(picture[1])
    return found


def whole_page(title: str, body: Markup) -> str:
    """A self-contained HTML page around a body: its style, and the rule that it loads nothing."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("link", rel="icon", href="data:,"),
        tag("style", Markup(files("worldwright.report").joinpath("page.css").read_text("utf-8"))),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _uri(png: bytes) -> str:
    return f"{_PNG}{base64.b64encode(png).decode('ascii')}"
