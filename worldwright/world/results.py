"""A worker's answer as tables; nothing it says about itself is believed unchecked.

Takes the head and buffers of an answer, gives a `WorldResult`. Touches nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from worldwright.world.columns import agents_table, concatenated, decoded_texts
from worldwright.world.events import events_table
from worldwright.world.program import WorldProgram
from worldwright.world.runtime import RunRequest, WorldResult
from worldwright.world.snapshot import taken

if TYPE_CHECKING:
    import numpy.typing as npt

METRICS_SCHEMA = pa.schema(
    [("tick", pa.int64()), ("metric", pa.string()), ("segment", pa.string()), ("value", pa.float64())]
)
ERRORS_SCHEMA = pa.schema(
    [
        ("tick", pa.int64()),
        ("entity_id", pa.string()),
        ("script", pa.string()),
        ("line", pa.int64()),
        ("message", pa.string()),
        ("count", pa.int64()),
    ]
)


def read_result(request: RunRequest, runtime: str, head: Any, buffers: list[bytes]) -> WorldResult:
    """The tables of a finished run.

    Raises:
        ValueError: where the answer is not what a worker sends; also KeyError, TypeError and IndexError.
    """
    program = request.program
    errors = _errors(head["errors"] or [])
    stopped = bool(head["stopped"])
    failure = None
    if stopped:
        row = errors.slice(max(errors.num_rows - 1, 0)).to_pylist()
        failure = _sentence(row[0]) if row else "the world stopped"
    saved = head.get("saved") or {}
    logged = head.get("events")
    lost = {"events_lost": int(logged["lost"])} if logged else {}
    kinds = list(program.scripts) if program.vivarium else [entity.name for entity in program.entities]
    return WorldResult(
        status="failed" if stopped else "ok",
        metrics=_metrics(program, head["metrics"], buffers),
        agents=agents_table(head["states"] or [], buffers, kinds),
        errors=errors,
        final_tick=request.begin + int(head["ticks"]) * request.stride,
        runtime=runtime,
        counts={str(name): int(count) for name, count in head["counts"].items()} | lost,
        events=events_table(logged, buffers) if logged else None,
        failure=failure,
        repeatable=not head.get("fatal"),
        printed=tuple(str(line) for line in head["printed"] or ()),
        snapshot=taken(request, runtime, saved, buffers) if "arrays" in saved else None,
        snapshot_problem=str(saved["problem"]) if "problem" in saved else None,
    )


def failed_result(runtime: str, reason: str, final_tick: int, *, repeatable: bool) -> WorldResult:
    """The result of a run that gave nothing."""
    return WorldResult(
        status="failed",
        metrics=METRICS_SCHEMA.empty_table(),
        agents=agents_table([], [], []),
        errors=ERRORS_SCHEMA.empty_table(),
        final_tick=final_tick,
        runtime=runtime,
        counts={},
        failure=reason,
        repeatable=repeatable,
    )


def starved_result(request: RunRequest, runtime: str, error: dict[str, Any] | None) -> WorldResult:
    """The result of a run that ran out of memory.

    Args:
        request: What was run.
        runtime: The Lua it ran on.
        error: Who used it up and where, as a row of the errors of an answer; None where that is not known.

    Raises:
        ValueError: where the row is not what a worker sends; also KeyError and TypeError.
    """
    limit = request.program.limits.memory
    reason = f"out of memory (the limit is {limit} MB)" if limit else "out of memory"
    result = failed_result(runtime, reason, request.begin, repeatable=False)
    if error is None:
        return result
    errors = _errors([error])
    last = max(request.begin, int(error["tick"]) - 1)
    return replace(result, errors=errors, final_tick=last, failure=_sentence(errors.to_pylist()[0]))


def _sentence(row: dict[str, Any]) -> str:
    line = f":{row['line']}" if row["line"] is not None else ""
    place = f"{row['script']}{line}: " if row["script"] else ""
    who = f"{row['entity_id']}: " if row["entity_id"] else ""
    return f"{who}{place}{row['message']}"


def _errors(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table(
        {
            "tick": [int(row["tick"]) for row in rows],
            "entity_id": [str(row["entity"]) for row in rows],
            "script": [str(row["script"]) for row in rows],
            "line": [int(row["line"]) or None for row in rows],
            "message": [str(row["message"]) for row in rows],
            "count": [int(row["count"]) for row in rows],
        },
        schema=ERRORS_SCHEMA,
    )


def _metrics(program: WorldProgram, head: Any, buffers: list[bytes]) -> pa.Table:
    n = int(head["n"])
    ticks = _array(buffers[head["tick"]], "<f8", n)
    values = _array(buffers[head["value"]], "<f8", n)
    names, segments = [str(x) for x in head["names"] or []], [str(x) for x in head["segments"]]
    table = pa.table(
        {
            "tick": ticks.astype(np.int64),
            "metric": decoded_texts(_array(buffers[head["name"]], "<i4", n) - 1, names),
            "segment": decoded_texts(_array(buffers[head["segment"]], "<i4", n) - 1, segments),
            "value": values,
        },
        schema=METRICS_SCHEMA,
    )
    if not program.history:
        return table
    points = [(tick, name, value) for name, series in program.history.items() for tick, value in series]
    points.sort(key=lambda point: (point[0], point[1]))
    before = pa.table(
        {
            "tick": [point[0] for point in points],
            "metric": [point[1] for point in points],
            "segment": [""] * len(points),
            "value": [point[2] for point in points],
        },
        schema=METRICS_SCHEMA,
    )
    return concatenated([before, table])


def _array(content: bytes, kind: str, n: int) -> npt.NDArray[Any]:
    array = np.frombuffer(content, dtype=kind)
    if len(array) != n:
        raise ValueError("an array of another length than announced")
    return array
