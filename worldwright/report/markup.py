"""HTML from parts: text is escaped unless it is already markup."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence


class Markup(str):
    """Text that is HTML already; made by `tag` and `join` alone."""

    __slots__ = ()


Child = str | Markup | None

_VOID = frozenset({"meta", "img", "source", "link", "br", "wbr"})


def tag(name: str, /, *children: Child, **attributes: str | None) -> Markup:
    """An element: `class_` becomes `class`, `data_x` becomes `data-x`; None leaves attribute or child out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[Child], between: str = "") -> Markup:
    """Children in a row, escaped where they are plain text; `between` is markup."""
    return Markup(between.join(_escaped(child) for child in children if child is not None))


def table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Child]],
    *,
    heads: int = 1,
    numeric: Iterable[int] = (),
) -> Markup:
    """A table with a caption, in a region of its own that scrolls sideways on a narrow screen.

    Args:
        caption: What it shows; also the region's name.
        columns: Headers.
        rows: Cells, as many as there are columns.
        heads: How many leading cells of a row say what the row is.
        numeric: The columns that are set flush right.
    """
    right = frozenset(numeric)
    align = ["number" if index in right else None for index in range(len(columns))]
    header = [tag("th", _breakable(name), scope="col", class_=align[i]) for i, name in enumerate(columns)]
    body = [
        tag(
            "tr",
            *(
                tag("th", cell, scope="row", class_=align[i])
                if i < heads
                else tag("td", cell, class_=align[i])
                for i, cell in enumerate(row)
            ),
        )
        for row in rows
    ]
    whole = tag(
        "table",
        tag("caption", tag("span", caption)),
        tag("thead", tag("tr", *header)),
        tag("tbody", join(body, "\n")),
    )
    return tag("div", whole, class_="scroll", role="region", tabindex="0", aria_label=caption)


def _breakable(name: str) -> Markup:
    """A name that may be broken after `_` and `/`, so that columns become no wider than their values."""
    parts = name.replace("_", "_\0").replace("/", "/\0").split("\0")
    return join(parts, "<wbr>")


def _escaped(child: str) -> str:
    return child if isinstance(child, Markup) else html.escape(child)
