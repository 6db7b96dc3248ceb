"""The table of tools as `docs/mcp.md` shows it: `python -m worldwright.mcp_server.reference` prints it."""

from __future__ import annotations

import inspect
import sys

from worldwright.mcp_server.doors import Door
from worldwright.mcp_server.server import SETS, TOOLS
from worldwright.mcp_server.vivarium import VIVARIUM_TOOLS

_TITLES = {
    "vivarium": "Vivarium's sixteen",
    "living": "On living worlds",
    "documents": "On documents",
    "experiments": "On experiments",
}


def tables() -> str:
    """Every tool with its arguments (those in brackets may be left out), by set."""
    own = {
        "vivarium": VIVARIUM_TOOLS,
        "living": tuple(door for door in SETS["worlds"] if door not in VIVARIUM_TOOLS),
        "documents": SETS["documents"],
        "experiments": SETS["experiments"],
    }
    assert sum(len(doors) for doors in own.values()) == len(TOOLS)
    return "\n".join(_table(_TITLES[name], doors) for name, doors in own.items())


def _table(title: str, doors: tuple[Door, ...]) -> str:
    rows = [f"| `{door.name}` | {_arguments(door)} | {_sentence(door)} |" for door in doors]
    return "\n".join([f"### {title}", "", "| tool | arguments | |", "|---|---|---|", *rows, ""])


def _arguments(door: Door) -> str:
    given = [one for name, one in inspect.signature(door.use).parameters.items() if name != "visit"]
    shown = [f"{one.name}" if one.default is one.empty else f"[{one.name}]" for one in given]
    return ", ".join(shown) or "–"


def _sentence(door: Door) -> str:
    return " ".join((inspect.getdoc(door.use) or "").partition("\n\n")[0].split())


if __name__ == "__main__":
    sys.stdout.write(tables())
