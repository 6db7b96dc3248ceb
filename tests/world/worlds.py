"""Small worlds for tests: written as documents, loaded through the front door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from worldwright.diagnostics import Diagnostic
from worldwright.world import WorldProgram, load_world


def load(
    document: dict[str, Any], scripts: dict[str, str], *, portable: bool = False
) -> tuple[WorldProgram | None, list[Diagnostic]]:
    """A world from a document and its scripts, without touching the disk."""
    texts = {f"w/{name}": source for name, source in scripts.items()}
    texts["w/world.yaml"] = yaml.safe_dump(
        {"worldwright": "world/1", "name": "test", **document}, sort_keys=False
    )

    def read_text(path: Path) -> str:
        if path.as_posix() not in texts:
            raise FileNotFoundError(2, "no such file")
        return texts[path.as_posix()]

    return load_world(Path("w"), read_text, portable=portable)


def world(document: dict[str, Any], scripts: dict[str, str]) -> WorldProgram:
    """As `load`, for a world that must be free of problems."""
    program, found = load(document, scripts)
    assert program is not None, found
    assert [d for d in found if d.code != "WW0722"] == []  # small worlds may go through lists
    return program


def solo(script: str, *, count: int = 1, runtime: str = "auto", **document: Any) -> WorldProgram:
    """A world of one kind of entity, called `a`."""
    entities = [{"name": "a", "script": "a.lua", "count": count}]
    return world({"runtime": runtime, "entities": entities, **document}, {"a.lua": script})


def vivarium(scripts: dict[str, str], entities: list[dict[str, Any]]) -> WorldProgram:
    """A world from a config as Vivarium's."""
    config = {
        "name": "test",
        "script_library": {
            name: {"id": name, "kind": "lua", "script": text} for name, text in scripts.items()
        },
        "entities": entities,
    }
    program, found = load_world(Path("v.yaml"), lambda _: yaml.safe_dump(config))
    assert program is not None, found
    return program
