"""The reference page of what a script sees, and the short help for models, made from the table of the API.

Takes nothing, gives texts. `python -m worldwright.world.reference` writes the page to its standard output.
"""

from __future__ import annotations

import sys
from importlib.resources import files

from worldwright.world.entries import Entry
from worldwright.world.portability import RULES
from worldwright.world.vocabulary import API

_TITLES = {
    "self": "The entity: `self`",
    "world": "Everybody: `world`",
    "world.grid": "Cells: `world.grid`",
    "world.space": "Points: `world.space`",
    "world.layer": "Numbers on cells: `world.layer`",
    "world.resource": "Stocks: `world.resource`",
}


def page() -> str:
    """`docs/world-api.md`: the prose of `reference.md` with the table between its marks."""
    prose = (files("worldwright.world") / "reference.md").read_text(encoding="utf-8")
    for owner, title in _TITLES.items():
        mark = f"<!-- {owner} -->\n"
        rows = "\n".join(_section(entry) for entry in API if entry.owner == owner)
        before, _, rest = prose.partition(mark)
        intro, blank, after = rest.partition("\n\n")
        prose = f"{before}## {title}\n\n{intro}{blank}{rows}\n{after}"
    return prose.replace("<!-- portability -->\n", _portability())


def _portability() -> str:
    """The rules of portability with their examples, as a table."""
    rows = [
        f"| {code.id} `{code.slug}` | {code.why} | `{_body(code.bad)}` | `{_body(code.good)}` |"
        for code, _ in RULES
    ]
    return "\n".join(["| code | why | differs | is the same |", "|---|---|---|---|", *rows, ""])


def _body(script: str) -> str:
    """What `update` does in an example."""
    return "; ".join(line.strip() for line in script.splitlines()[2:-1])


def _section(entry: Entry) -> str:
    return f"### `{entry.signature}`\n{entry.text}\n\n```lua\n{entry.example}\n```\n"


def short() -> str:
    """Every signature with the first sentence of what it does, one a line: the help for models."""
    return "\n".join(f"{entry.signature}: {_sentence(entry.text)}" for entry in API)


def _sentence(text: str) -> str:
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]


if __name__ == "__main__":
    sys.stdout.write(page())
