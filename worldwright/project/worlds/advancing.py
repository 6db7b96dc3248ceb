"""Let a world go on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from worldwright.errors import UsageError, WorldError
from worldwright.project.worlds.crew import Call
from worldwright.project.worlds.home import Worlds
from worldwright.project.worlds.registry import Held
from worldwright.world import EventLog, Record
from worldwright.world.progress import Progress, Watch

if TYPE_CHECKING:
    from worldwright.world import RunRequest, WorldResult

MOST_SHOWN = 1000
"""Messages that are shown one by one."""
_EVERY = 0.5


@dataclass(frozen=True)
class Delivered:
    """A message that came due."""

    sender: str
    to: str
    kind: str
    content: Any
    """A value, or the beginning of its JSON as text where it is long."""
    due: int


@dataclass(frozen=True)
class Advanced:
    """What happened on the way."""

    held: Held
    number_of_messages: int
    messages: list[Delivered]
    """In the order they came due; the first ones, where there are many."""
    errors: list[str]
    """Errors of scripts that the world went on from, on the way."""
    printed: tuple[str, ...]


def advance(
    worlds: Worlds, name: str, steps: int, duration: int, with_messages: bool, call: Call
) -> Advanced:
    """Let a world go on by some steps; a cancelled or killed call leaves it as it was.

    Args:
        worlds: The worlds.
        name: Which one.
        steps: How many ticks.
        duration: How far the clock goes in each; beyond 1 in a world of Vivarium only.
        with_messages: Whether to keep the messages that come due.
        call: Whose call it is.

    Raises:
        UsageError: for a world that is not there, or steps it cannot make.
        WorldError: when a script's error stops the world; it then stands at the end of the tick before.
    """
    with worlds.registry.hold(name, call.stop):
        held = worlds.registry.read(name)
        begin = held.snapshot.tick
        request = held.snapshot.request(
            steps,
            stride=duration,
            save_at="last",
            record=Record(()),
            events=EventLog(10 * MOST_SHOWN, only=("message",)) if with_messages else None,
        )
        result = worlds.crew.run(request, call.stop, _watch(call, begin, steps, duration))
        if result.status == "failed":
            raise _failed(worlds, name, request, result, call)
        after = worlds.publish(name, result)
    return Advanced(
        held=after,
        number_of_messages=after.arrived - held.arrived,
        messages=_messages(held, result, begin) if with_messages else [],
        errors=[_sentence(row) for row in result.errors.to_pylist() if row["tick"] > begin],
        printed=result.printed[len(held.printed) :],
    )


def _watch(call: Call, begin: int, steps: int, duration: int) -> Watch | None:
    show = call.show
    if show is None or steps < 2:
        return None

    def told(progress: Progress) -> None:
        done = (progress.tick - begin) // duration
        show(done, steps, f"time {progress.tick}, {progress.entities} entities")

    return Watch(told, every=_EVERY)


def _failed(
    worlds: Worlds, name: str, request: RunRequest, result: WorldResult, call: Call
) -> WorldError | UsageError:
    """The error to raise, after the ticks that went well have been kept."""
    standing = request.begin
    done = (result.final_tick - request.begin) // request.stride
    if result.repeatable and done:
        again = worlds.crew.run(replace(request, ticks=done, events=None), call.stop)
        if again.status == "ok":
            worlds.publish(name, again)
            standing = result.final_tick
    return WorldError(
        f"Error during simulation step: {result.failure}",
        where=name,
        why=f"the world stands at time {standing}, after the last step that went well",
        help=None if result.repeatable else "ask for fewer steps, or fewer entities",
    )


def _messages(before: Held, result: WorldResult, begin: int) -> list[Delivered]:
    """Those that were under way, then those sent on the way; by the tick they came due in."""
    end = result.final_tick
    found = [
        Delivered(one.sender, one.to, one.kind, one.content, one.due)
        for one in before.contents.messages
        if one.due <= end
    ]
    rows = result.events.to_pylist() if result.events is not None else []
    found += [
        Delivered(row["entity_id"] or "", row["other_id"], row["kind"], row["text"], row["due"])
        for row in rows
        if row["event"] == "message" and begin < row["due"] <= end
    ]
    return sorted(found, key=lambda one: one.due)[:MOST_SHOWN]


def _sentence(row: dict[str, Any]) -> str:
    line = f":{row['line']}" if row["line"] is not None else ""
    times = f" ({row['count']} times)" if row["count"] > 1 else ""
    return f"time {row['tick']}, {row['entity_id']}, {row['script']}{line}: {row['message']}{times}"
