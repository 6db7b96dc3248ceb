"""A world tried out: in the sandbox, on a few agents, for a few ticks, at its defaults and at its extremes.

What a compiler cannot see shows here: a script that fails or never ends, a metric that is not a number or
never moves, entities that are all gone after the first tick.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worldwright.diagnostics import Code, Diagnostic, Position, Severity, Span
from worldwright.errors import UsageError, WorldError
from worldwright.world import Record, RunRequest, Worker, WorldProgram, WorldResult
from worldwright.world.program import Scalar

if TYPE_CHECKING:
    import pyarrow as pa

AGENTS = 150
"""How many agents it is tried on."""
TICKS = 20
_SECONDS = 20.0
_SHOWN = 3

FAILED = Code(
    "WW0840",
    "dry-run-failed",
    Severity.ERROR,
    "A world that fails on a few agents would fail in every run of an experiment.",
)
NOT_FINITE = Code(
    "WW0841", "metric-not-finite", Severity.ERROR, "A metric that is no number cannot answer a question."
)
NOTHING_MOVES = Code(
    "WW0842",
    "nothing-moves",
    Severity.ERROR,
    "A world in which no metric ever changes answers every question alike: a condition may never hold.",
)
DOES_NOT_MOVE = Code(
    "WW0843",
    "metric-does-not-move",
    Severity.WARNING,
    "A metric that stays the same may count something that never happens.",
)
EXTINCT = Code(
    "WW0844", "extinct-at-once", Severity.ERROR, "Who is gone after the first tick takes no part in anything."
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One dry run: at which parameters, and what came of it."""

    at: Mapping[str, Scalar]
    result: WorldResult


def dry_run(
    program: WorldProgram, populations: Mapping[str, pa.Table], document: str = "world.yaml"
) -> list[Diagnostic]:
    """Run a world at its defaults and at both ends of its parameters; what is wrong with it.

    Args:
        program: The world.
        populations: A few agents for each population it has.
        document: How its document is named in diagnostics.
    """
    found: list[Diagnostic] = []
    with Worker(seconds=_SECONDS) as worker:
        for number, parameters in enumerate(_settings(program)):
            try:
                result = worker.run(_request(program, populations, parameters))
            except (UsageError, WorldError) as error:
                return [FAILED.at(_top(document), error.what, help=error.help)]
            trial = Trial(parameters, result)
            found += _judged(trial, program, document, first=number == 0)
            if any(diagnostic.is_error for diagnostic in found):
                break
    return found


def _judged(trial: Trial, program: WorldProgram, document: str, *, first: bool) -> list[Diagnostic]:
    """What is wrong in one trial: the first kind of trouble alone, since the others may follow from it."""
    found = list(_failures(trial, document))
    if first and not found:
        found = list(_extinct(trial.result, document))
    if not found:
        found = list(_not_finite(trial, program, document))
    return list(_still(trial.result, program, document)) if first and not found else found


def _settings(program: WorldProgram) -> Sequence[dict[str, Scalar]]:
    """The defaults, then all numbers at their least, then all at their greatest."""
    numbers = {n: p for n, p in program.parameters.items() if p.type in ("int", "float")}

    def ends(upper: bool) -> dict[str, Scalar]:
        chosen = {name: p.max if upper else p.min for name, p in numbers.items()}
        return {
            name: int(end) if numbers[name].type == "int" else float(end)
            for name, end in chosen.items()
            if end is not None
        }

    different = [setting for setting in (ends(upper=False), ends(upper=True)) if setting]
    return [{}, *different]


def _request(
    program: WorldProgram, populations: Mapping[str, pa.Table], parameters: Mapping[str, Scalar]
) -> RunRequest:
    record = Record(agents_at=(0, 1))
    return RunRequest(program, TICKS, 1, parameters=parameters, populations=populations, record=record)


def _failures(trial: Trial, document: str) -> Iterator[Diagnostic]:
    """Every error that a script had, also where the world goes on; and what ended the world otherwise."""
    rows = trial.result.errors.to_pylist()
    for row in rows[:_SHOWN]:
        line = row["line"] or 1
        place = Span(row["script"] or document, Position(line, 1), Position(line, 1))
        message = f"{row['message']} (tick {row['tick']}, {row['entity_id']}{_at(trial.at)})"
        help = "end every loop, or do less in one update" if "step limit" in row["message"] else None
        yield FAILED.at(place, message, help=help)
    if trial.result.status == "failed" and not rows:
        yield FAILED.at(_top(document), f"{trial.result.failure}{_at(trial.at)}")


def _not_finite(trial: Trial, program: WorldProgram, document: str) -> Iterator[Diagnostic]:
    bad: set[str] = set()
    for row in trial.result.metrics.to_pylist():
        if row["metric"] not in bad and not math.isfinite(row["value"]):
            bad.add(row["metric"])
            message = f"the metric `{row['metric']}` is {row['value']} at tick {row['tick']}{_at(trial.at)}"
            yield NOT_FINITE.at(_top(document), message, help="divide by nothing that may be 0")
    if trial.result.status == "ok":
        seen = set(trial.result.metrics.column("metric").to_pylist())
        for name in program.metrics:
            if name not in seen:
                message = f"the metric `{name}` never has a value{_at(trial.at)}"
                yield NOT_FINITE.at(_top(document), message, help="give the field a number at the start")


def _extinct(result: WorldResult, document: str) -> Iterator[Diagnostic]:
    counts: dict[int, dict[str, int]] = {0: {}, 1: {}}
    ticks, kinds = result.agents.column("tick").to_pylist(), result.agents.column("script").to_pylist()
    for tick, kind in zip(ticks, kinds, strict=True):
        counts[tick][kind] = counts[tick].get(kind, 0) + 1
    for kind, number in counts[0].items():
        if kind not in counts[1]:
            yield EXTINCT.at(_top(document), f"all {number} of `{kind}` are gone after the first tick")


def _still(result: WorldResult, program: WorldProgram, document: str) -> Iterator[Diagnostic]:
    values: dict[str, set[float]] = {}
    for row in result.metrics.to_pylist():
        values.setdefault(row["metric"], set()).add(row["value"])
    still = [name for name in program.metrics if len(values.get(name, set())) == 1]
    if not program.metrics:
        yield NOTHING_MOVES.at(_top(document), "the world has no metrics", help="declare `metrics:`")
    elif len(still) == len(program.metrics):
        message = f"no metric changed in {TICKS} ticks: {', '.join(still)}"
        yield NOTHING_MOVES.at(
            _top(document), message, help="make the mechanism act at the default parameters"
        )
    else:
        for name in still:
            message = f"the metric `{name}` did not change in {TICKS} ticks of a dry run"
            yield DOES_NOT_MOVE.at(_top(document), message)


def _at(parameters: Mapping[str, Scalar]) -> str:
    shown = ", ".join(f"{name} = {value}" for name, value in parameters.items())
    return f", at {shown}" if shown else ""


def _top(document: str) -> Span:
    return Span(document, Position(1, 1), Position(1, 1))
