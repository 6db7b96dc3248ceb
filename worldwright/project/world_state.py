"""States of worlds as files: save, describe, compare, branch, convert."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worldwright.errors import UsageError
from worldwright.project.world_source import open_state

if TYPE_CHECKING:
    from worldwright.world import Snapshot
    from worldwright.world.state_diff import Change

NATIVE, VIVARIUM = ".arrow", (".yaml", ".yml", ".json")


def check_target(path: Path) -> None:
    """That a state can be written under this name; for before the work is done.

    Raises:
        UsageError: for an ending that names no format.
    """
    if path.suffix not in (NATIVE, *VIVARIUM):
        raise UsageError(
            f"the ending {path.suffix!r} names no format for a snapshot",
            where=str(path),
            help=f"{NATIVE} is ours; {', '.join(VIVARIUM)} are files of Vivarium",
        )


def save_state(snapshot: Snapshot, path: Path) -> list[str]:
    """Write a state in the format that the file's ending names, whole or not at all.

    Returns:
        What the format could not hold.

    Raises:
        UsageError: for another ending, a place that cannot be written to, or a state Vivarium cannot hold.
    """
    check_target(path)
    from worldwright.world.snapshot_file import write_snapshot, write_whole
    from worldwright.world.vivarium_export import as_text, to_vivarium

    if path.suffix == NATIVE:
        write_snapshot(snapshot, path)
        return []
    content, notes = to_vivarium(snapshot)
    write_whole(path, as_text(content, as_json=path.suffix == ".json").encode())
    return notes


def convert_state(source: Path, target: Path) -> list[str]:
    """Write the state of one file in the format of another; gives what is lost."""
    check_target(target)
    return save_state(open_state(source), target)


def branch_state(source: Path, target: Path, *, seed: int | None, parameters: Mapping[str, str]) -> Snapshot:
    """Write the same state with another seed or other parameters from here on."""
    check_target(target)
    snapshot = open_state(source).branch(seed=seed, parameters=parameters)
    save_state(snapshot, target)
    return snapshot


def compare_states(one: Path, other: Path) -> list[Change]:
    """What the second state differs in from the first."""
    from worldwright.world.state_diff import differences

    return differences(open_state(one), open_state(other))


def describe_state(path: Path, entity: str | None = None) -> dict[str, Any]:
    """What is in a state, as plain data; with `entity`, also what that one remembers.

    Raises:
        UsageError: for an entity that does not live in it.
    """
    from worldwright.world.contents import Contents

    snapshot = open_state(path)
    contents = Contents(snapshot)
    metrics = {name: points[-1][1] for name, points in contents.metrics.items() if points}
    described: dict[str, Any] = {
        "world": snapshot.program.name,
        "tick": snapshot.tick,
        "seed": snapshot.seed,
        "replicate": snapshot.replicate,
        "runtime": snapshot.runtime,
        "kernel": snapshot.algorithm,
        "parameters": dict(snapshot.parameters),
        "entities": dict(Counter(one.kind for one in contents.entities)),
        "messages": len(contents.messages),
        "links": sum(len(one.neighbors) for one in contents.entities) // 2,
        "errors": sum(int(error["count"]) for error in contents.kernel["errors"] or []),
        "metrics": metrics,
    }
    if entity is not None:
        found = next((one for one in contents.entities if one.id == entity), None)
        if found is None:
            from difflib import get_close_matches

            near = get_close_matches(entity, [one.id for one in contents.entities], 1)
            raise UsageError(
                f"no entity {entity!r} lives in this state",
                where=str(path),
                help=f"did you mean {near[0]!r}?" if near else None,
            )
        described["entity"] = {
            "id": found.id,
            "kind": found.kind,
            "incarnation": found.incarnation,
            "born": found.born,
            "state": found.state,
            "neighbors": list(found.neighbors),
            "inbox": [
                {"sender": m.sender, "kind": m.kind, "content": m.content, "due": m.due}
                for m in contents.messages
                if m.to == entity
            ],
        }
    return described
