"""The documents in a model's answer: found, cleaned, or a sentence on why there are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from worldwright.architect.cleaning import strip_controls
from worldwright.architect.question import Reply

LONGEST = 60_000
"""The most characters of one document that is accepted; a spec of 200 lines has about a tenth."""
MOST_SCRIPTS = 20

_LONGEST_ANSWER = 4 * LONGEST
_THOUGHT_ENDS = re.compile(r"</think(?:ing)?>")
_FENCED = re.compile(
    r"^(?P<fence>```+|~~~+)[ \t]*(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE
)
_OPENING = re.compile(r"^worldwright:", re.MULTILINE)
_SCRIPT_NAME = re.compile(r"(?:\A|[\s:=/\"'`])([a-z][a-z0-9_]{0,39}\.lua)\b")


@dataclass(frozen=True, slots=True)
class NoDocument:
    """An answer that cannot be used, and what to tell the model about it."""

    problem: str


def text_of(reply: Reply) -> str | NoDocument:
    """The text of an answer after its thoughts, without control characters.

    An answer that was cut off is refused even if what there is would pass, since parts may be missing.
    """
    if not reply.complete:
        return NoDocument("Your answer was cut off at its length limit. Write a shorter one.")
    if len(reply.text) > _LONGEST_ANSWER:
        return _too_long("answer", len(reply.text), _LONGEST_ANSWER)
    return strip_controls(_THOUGHT_ENDS.split(reply.text)[-1])


def document_in(reply: Reply) -> str | NoDocument:
    """The one document of an answer: in a fenced block, or from its first line `worldwright:` on."""
    text = text_of(reply)
    if isinstance(text, NoDocument):
        return text
    blocks = [body for _, body in _blocks(text)]
    found = [block for block in blocks if _OPENING.search(block)]
    if not blocks and (opening := _OPENING.search(text)):
        found = [text[opening.start() :]]
    if len(found) != 1:
        count = "no document" if not found else f"{len(found)} documents"
        return NoDocument(f"Your answer held {count}. Answer with one document in one ```yaml block.")
    document = found[0].strip("\n") + "\n"
    return document if len(document) <= LONGEST else _too_long("document", len(document), LONGEST)


def world_in(reply: Reply) -> dict[str, str] | NoDocument:
    """The files of a world in an answer: `world.yaml`, and scripts named beside or above their block's start.

    Parts may be missing: in a round of repair, those that stay as they are.
    """
    text = text_of(reply)
    if isinstance(text, NoDocument):
        return text
    files: dict[str, str] = {}
    for info, body in _blocks(text):
        is_document = bool(_OPENING.search(body))
        name = "world.yaml" if is_document else _script_name(info, body)
        if name is None:
            if info.split()[:1] == ["lua"]:
                return NoDocument(
                    "A ```lua block has no name. Begin each with a line such as `-- nurse.lua`."
                )
            continue
        if name in files:
            return NoDocument(f"Your answer held {name} twice. Give each file once.")
        files[name] = body.strip("\n") + "\n"
        if len(files[name]) > LONGEST:
            return _too_long(name, len(files[name]), LONGEST)
    if len(files) > MOST_SCRIPTS + 1:
        return NoDocument(
            f"Your answer held {len(files)} files, and at most {MOST_SCRIPTS} scripts are accepted."
        )
    if not files:
        return NoDocument(
            "Your answer held no file. Give world.yaml in a ```yaml block and each script in ```lua."
        )
    return files


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    for match in _FENCED.finditer(text):
        yield match["info"].strip(), match["body"]


def _script_name(info: str, body: str) -> str | None:
    first = next((line for line in body.splitlines() if line.strip()), "")
    for place in (info, first if first.lstrip().startswith("--") else ""):
        if found := _SCRIPT_NAME.search(place):
            return found[1]
    return None


def _too_long(what: str, characters: int, most: int) -> NoDocument:
    size = f"{characters:,} characters, and at most {most:,} are accepted"
    return NoDocument(f"Your {what} has {size}. Write a shorter one.")
