"""The document in a model's answer: found, cleaned, or a sentence on why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from worldwright.architect.cleaning import strip_controls
from worldwright.architect.client import Reply

LONGEST = 60_000
"""The most characters of a document that is accepted; a spec of 200 lines has about a tenth."""

_LONGEST_ANSWER = 4 * LONGEST
_THOUGHT_ENDS = re.compile(r"</think(?:ing)?>")
_FENCED = re.compile(
    r"^(?P<fence>```+|~~~+)[ \t]*\w*[ \t]*\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE
)
_OPENING = re.compile(r"^worldwright:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class NoDocument:
    """An answer that cannot be used, and what to tell the model about it."""

    problem: str


def document_in(reply: Reply) -> str | NoDocument:
    """The one document of an answer: in a fenced block, or from its first line `worldwright:` on.

    An answer that was cut off is refused even if what there is would pass, since attributes may be missing.
    """
    if not reply.complete:
        return NoDocument("Your answer was cut off at its length limit. Write a shorter document.")
    if len(reply.text) > _LONGEST_ANSWER:
        return _too_long("answer", len(reply.text), _LONGEST_ANSWER)
    text = strip_controls(_THOUGHT_ENDS.split(reply.text)[-1])
    blocks = [match["body"] for match in _FENCED.finditer(text)]
    found = [block for block in blocks if _OPENING.search(block)]
    if not blocks and (opening := _OPENING.search(text)):
        found = [text[opening.start() :]]
    if len(found) != 1:
        count = "no document" if not found else f"{len(found)} documents"
        return NoDocument(f"Your answer held {count}. Answer with one document in one ```yaml block.")
    document = found[0].strip("\n") + "\n"
    if len(document) > LONGEST:
        return _too_long("document", len(document), LONGEST)
    return document


def _too_long(what: str, characters: int, most: int) -> NoDocument:
    size = f"{characters:,} characters, and at most {most:,} are accepted"
    return NoDocument(f"Your {what} has {size}. Write a shorter one.")
