"""A snapshot as a file of Vivarium, YAML or JSON: its format, its limits, and what is lost on the way.

Takes a `Snapshot`, gives text and notes. Touches nothing.

Vivarium's states and contents are objects without null; scripts define update, get_state and set_state. A
content that is no object travels as `{"$value": …}` (nil as `{"$nil": true}`), which our reader takes back.
"""

from __future__ import annotations

import json
import math
from typing import Any

import yaml

from worldwright.errors import UsageError
from worldwright.world.contents import Contents
from worldwright.world.snapshot import Snapshot
from worldwright.world.syntax import facts_of
from worldwright.world.vivarium_tree import NOTHING, VALUE

_TAIL = {
    "get_state": "function get_state() return state or {} end",
    "set_state": "function set_state(given) state = given end",
}
_DEEPEST = 120


def to_vivarium(snapshot: Snapshot) -> tuple[dict[str, Any], list[str]]:
    """The snapshot in Vivarium's terms (JSON form), and what it cannot say.

    Raises:
        UsageError: for a state that Vivarium cannot hold: no object, or nested in itself.
    """
    contents = Contents(snapshot)
    program = snapshot.program
    exact = snapshot.runtime == "lua54"
    notes: list[str] = []
    library: dict[str, Any] = {}
    for name in contents.kinds:
        file = name if program.vivarium else next(e.script for e in program.entities if e.name == name)
        source = program.scripts[file].source
        missing = [text for function, text in _TAIL.items() if function not in facts_of(source).defines]
        if missing:
            source = source.rstrip("\n") + "\n" + "\n".join(missing) + "\n"
        library[name] = {"id": name, "kind": "lua", "script": source}
    lost = _lost(snapshot, contents)
    if lost:
        notes.append(f"Vivarium has no {', '.join(lost)}: the file holds states and messages only")
    entities: list[dict[str, Any]] = []
    for entity in contents.entities:
        state = _plain({} if entity.state is None else entity.state, exact, f"the state of {entity.id!r}", 0)
        if not isinstance(state, dict):
            raise UsageError(
                f"the state of {entity.id!r} is no table of names and values, and Vivarium has no other",
                where=program.name,
            )
        entities.append({"id": entity.id, "script_id": entity.kind, "initial_state": state})
    messages = [
        {
            "sender": message.sender,
            "receiver": {"Entity": {"id": message.to}},
            "content": _content(message.content, exact, message.sender),
            "kind": message.kind,
            "receive_step": message.due,
        }
        for message in contents.messages
    ]
    metrics = {
        name: [[tick, value] for tick, value in points if math.isfinite(value)]
        for name, points in contents.metrics.items()
    }
    return {
        "configuration": {"name": program.name, "script_library": library, "entities": entities},
        "simulation_time": snapshot.tick,
        "metrics": {"metrics": metrics},
        "pending_messages": messages,
    }, notes


def as_text(content: dict[str, Any], *, as_json: bool) -> str:
    """What `to_vivarium` gave as the text of a file."""
    if as_json:
        return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    tagged = content | {
        "pending_messages": [
            message | {"receiver": _Receiver(message["receiver"]["Entity"]["id"])}
            for message in content["pending_messages"]
        ]
    }
    return yaml.dump(tagged, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)


def _lost(snapshot: Snapshot, contents: Contents) -> list[str]:
    program = snapshot.program
    found = {
        "parameters": bool(program.parameters),
        "populations": bool(snapshot.populations),
        "links": any(entity.neighbors for entity in contents.entities),
        "declared metrics": bool(program.metrics),
        "order but its own": not program.vivarium and program.order != "simultaneous",
        "seed": not program.vivarium,
    }
    return [name for name, there in found.items() if there] if not program.vivarium else []


def plain(value: Any, *, exact: bool, what: str) -> Any:
    """A value as JSON.

    Args:
        value: A state or content as `Contents` gives it.
        exact: Whether its runtime knows 2 from 2.0.
        what: Its name in errors.

    Raises:
        UsageError: for one that is nested too deeply.
    """
    return _plain(value, exact, what, 0)


def _plain(value: Any, exact: bool, what: str, depth: int) -> Any:
    """A value as JSON, by Vivarium's rules for tables; what JSON lacks is left out."""
    if depth > _DEEPEST:
        raise UsageError(f"{what} is nested more than {_DEEPEST} deep, or holds itself")
    if isinstance(value, list):
        items = [_plain(item, exact, what, depth + 1) for item in value]
        if all(item is not None for item in items):
            return items
        return {str(i): item for i, item in enumerate(items, start=1) if item is not None}
    if isinstance(value, dict):
        fields: dict[str, Any] = {}
        for key, item in value.items():
            if isinstance(key, float):
                continue
            plain = _plain(item, exact, what, depth + 1)
            if plain is not None and not (isinstance(key, int) and str(key) in value):
                fields[str(key)] = plain
        return fields
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        whole = not exact and value.is_integer() and abs(value) < 2**53 and not _negative_zero(value)
        return int(value) if whole else value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return value


def _negative_zero(value: float) -> bool:
    return value == 0 and math.copysign(1, value) < 0


def _content(value: Any, exact: bool, sender: str) -> dict[str, Any]:
    plain = _plain(value, exact, f"a message from {sender!r}", 0)
    if isinstance(plain, dict):
        return plain
    return {NOTHING: True} if plain is None else {VALUE: plain}


class _Receiver(str):
    """An id, to be written under serde's tag."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Texts are always quoted: serde_yaml and PyYAML do not agree on which plain ones are numbers."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else '"')


def _receiver(dumper: _Dumper, value: _Receiver) -> yaml.Node:
    return dumper.represent_mapping("!Entity", {"id": str(value)})


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Receiver, _receiver)
