"""Research: the one call that sees the web gives figures, each with a page that its searches returned.

What comes from the web is text of strangers: addresses are compared with those the server says it visited,
words are cut and cleaned, and what goes on to later calls is written as JSON without markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import Field

from worldwright.architect.cleaning import shorten
from worldwright.architect.forms import Address, Form, Name, Sentence, Word
from worldwright.architect.question import Citation
from worldwright.diagnostics import Code, Diagnostic, Severity

QUOTE = 300
"""The most characters of a quote that are kept."""
_TITLE = 160
_WORDS = 200
_LABEL = re.compile(r"[^a-z0-9]+")

UNRETURNED_SOURCE = Code(
    "WW0835",
    "unreturned-source",
    Severity.WARNING,
    "An address that no search returned may be invented, so the figure that rests on it is not used.",
)


class Figure(Form):
    """One number and where it stands."""

    attribute: Name
    what: Sentence
    value: float
    unit: Word | None
    quote: Sentence
    url: Address


class Research(Form):
    """What was found."""

    figures: Annotated[list[Figure], Field(max_length=60)]


@dataclass(frozen=True, slots=True)
class Cited:
    """A page that a search returned and a figure rests on.

    Args:
        id: The name under which documents cite it.
        url: Its address, without what only tracks readers.
        title: Its title; the host's name where no annotation gave one.
        quote: What it says, at most 300 characters of one line.
        accessed: The day on which it was read.
    """

    id: str
    url: str
    title: str
    quote: str
    accessed: str

    def entry(self) -> dict[str, object]:
        """The entry of it in `sources:`."""
        return {"title": self.title, "url": self.url, "accessed": self.accessed}


@dataclass(frozen=True, slots=True)
class Findings:
    """Figures with the citations they rest on, and what is to be said of those that were not used."""

    figures: tuple[Figure, ...] = ()
    citations: tuple[Cited, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def for_model(self) -> str:
        """The figures as later calls see them: numbers, units and ids, as JSON without markup."""
        ids = {citation.url: citation.id for citation in self.citations}
        rows = [
            {
                "attribute": figure.attribute,
                "what": shorten(figure.what, _WORDS),
                "value": figure.value,
                "unit": shorten(figure.unit, 40) if figure.unit is not None else None,
                "source": ids[plain_address(figure.url)],
            }
            for figure in self.figures
        ]
        return "\n".join(_harmless(row) for row in rows)


def findings(answers: Sequence[tuple[Research, Sequence[Citation], str]]) -> Findings:
    """The figures of research calls whose addresses the same call's searches returned; others are told of.

    Args:
        answers: Of each call its form, the pages its searches returned, and the day.
    """
    figures: list[Figure] = []
    cited: dict[str, Cited] = {}
    found: list[Diagnostic] = []
    for research, citations, day in answers:
        titles = {plain_address(citation.url): citation.title for citation in citations}
        for figure in research.figures:
            url = plain_address(figure.url)
            if url not in titles or not url:
                what = f"`{figure.attribute}`: no search returned {shorten(figure.url, 120) or 'its source'}"
                found.append(UNRETURNED_SOURCE.at(None, what, help="the figure was left out"))
                continue
            figures.append(figure)
            if url not in cited:
                title = shorten(titles[url], _TITLE) or urlsplit(url).hostname or url
                cited[url] = Cited(_id(url, cited), url, title, shorten(figure.quote, QUOTE), day)
    return Findings(tuple(figures), tuple(cited.values()), tuple(found))


def plain_address(url: str) -> str:
    """An address without fragment, tracking parameters and closing slash; "" for what is none."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return ""
    printable = url.isprintable() and not re.search(r"[\s<>\"'`\\]", url.strip())
    if parts.scheme not in ("http", "https") or not host or not printable:
        return ""
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([pair for pair in pairs if not pair[0].lower().startswith("utm_")])
    return urlunsplit((parts.scheme, host + port, parts.path.rstrip("/"), query, ""))


def _id(url: str, cited: Mapping[str, Cited]) -> str:
    """A short name after the host: `destatis`, and `destatis_2` for its second page."""
    labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    stem = _LABEL.sub("_", max(labels[:-1] or labels, key=len)).strip("_")[:30] or "source"
    if not stem[0].isalpha() or stem in ("null", "true", "false"):
        stem = f"source_{stem}"
    taken = {citation.id for citation in cited.values()}
    number, name = 1, stem
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name


def _harmless(row: Mapping[str, object]) -> str:
    """One line of JSON in which nothing opens or closes a tag or a fence."""
    text = json.dumps(row, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("`", "\\u0060")
