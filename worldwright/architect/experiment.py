"""A question becomes an experiment: a form whose choices are what the world and its populations have.

The form is made for the world, so that a server which keeps to its schema can name nothing that is not there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union

from pydantic import Field, create_model

from worldwright.architect.asking import ask_form
from worldwright.architect.authored import REPAIRS, Authored, Files
from worldwright.architect.cleaning import shorten
from worldwright.architect.client import Client
from worldwright.architect.drafting import FileCheck
from worldwright.architect.forms import Form, Sentence
from worldwright.architect.planning import Ask, assume, settle
from worldwright.architect.prompting import prompt
from worldwright.architect.question import Message
from worldwright.diagnostics import in_order
from worldwright.errors import ArchitectError
from worldwright.spec.writer import write
from worldwright.world import WorldProgram
from worldwright.world.program import Parameter

MOST_CELLS = 200
_MOST_TICKS = 20_000
Agents = Annotated[int, Field(ge=10, le=1_000_000)] | None
HalfWidth = Annotated[float, Field(gt=0)] | None
_LONGEST_QUESTION = 900


@dataclass(frozen=True, slots=True)
class ExperimentTask:
    """The experiment that is to be written.

    Args:
        name: Its name.
        world: The world's name.
        program: The world.
        populations: For each population of the world `{"population": NAME, "scenario": NAME, "agents": N}`.
        kept: Top-level keys of the document that a person has written, with their plain values.
    """

    name: str
    world: str
    program: WorldProgram
    populations: Mapping[str, Mapping[str, Any]]
    kept: Mapping[str, Any] = field(default_factory=dict[str, Any])


def author_experiment(
    brief: str,
    wanted: ExperimentTask,
    client: Client,
    check: FileCheck,
    *,
    ask: Ask = assume,
    repairs: int = REPAIRS,
) -> Authored:
    """Write an experiment from a question.

    Args:
        brief: The question, in plain language.
        wanted: What is to be written, on which world and populations, and what stays.
        client: The model, with its budget.
        check: Checks the document with all that it names.
        ask: Puts what the question leaves open to a person; by default it is assumed, and written down.
        repairs: The most rounds of repair of each step.

    Raises:
        InvalidAnswerError: when no answer was valid; it holds the last one.
        BudgetExceededError: when the budget does not admit a step's first call.
        ArchitectError: when the world has no metrics, the server does not answer, or the model declines.
    """
    if not wanted.program.metrics:
        raise ArchitectError("the world has no metrics", where=wanted.world, help="declare `metrics:` in it")
    world = world_lines(wanted.program)
    settled = settle(brief, "experiment", wanted.name, client, ask, world)
    people = "\n".join(f"- {name}: {_words(use)}" for name, use in wanted.populations.items()) or "none"
    task = prompt("experiment", brief=settled.text, world=world, population=people)
    file = f"{wanted.name}.yaml"
    question = shorten(brief, _LONGEST_QUESTION)

    def judge(form: Form) -> list[str]:
        problems = list(_wrong(form))
        if problems:
            return problems
        found = check({file: written(form, wanted, question)})
        return [f"{d.message}{f'; {d.help}' if d.help else ''}" for d in in_order(found) if d.is_error]

    form = form_of(wanted.program)
    answer, reply = ask_form(client, [Message("user", task)], form, wanted.name, judge=judge, repairs=repairs)
    if reply.at is None:
        raise ArchitectError("the answer has no time", where=wanted.name)
    files: Files = {file: written(answer, wanted, question)}
    left = tuple(d for d in in_order(check(files)) if d.span is not None and d.span.file.endswith(file))
    return Authored(files, left, reply.model, 0, reply.at, settled.assumptions, answers=settled.answers)


def form_of(program: WorldProgram) -> type[Form]:
    """The form for a world: its metrics and its parameters with their ranges are the only choices."""
    factors = [_factor(name, parameter) for name, parameter in program.parameters.items()]
    factors = [factor for factor in factors if factor is not None]
    most = 4 if factors else 0
    kinds: Any = Union[tuple(factors)] if factors else Sentence  # noqa: UP007 (made at run time)
    fields: dict[str, Any] = {
        "description": (Sentence, ...),
        "metric": (Literal[tuple(program.metrics)], ...),
        "at": (Literal["last", "mean", "max", "min"], ...),
        "ticks": (Annotated[int, Field(ge=1, le=_MOST_TICKS)], ...),
        "agents": (Agents, ...),
        "factors": (Annotated[list[kinds], Field(max_length=most)], ...),
        "min_replicates": (Annotated[int, Field(ge=2, le=1_000)], ...),
        "max_replicates": (Annotated[int, Field(ge=2, le=10_000)], ...),
        "half_width": (HalfWidth, ...),
        "compare": (bool, ...),
    }
    return create_model("Experiment", __base__=Form, **fields)


def written(form: Form, wanted: ExperimentTask, question: str) -> str:
    """The document of a filled form; what a person wrote takes the place of the model's."""
    given = form.model_dump()
    outcome = f"{given['metric']}_{given['at']}"
    at_the_end = given["at"] == "last"
    populations = {
        name: {key: value for key, value in {**use, **_sized(given)}.items() if value is not None}
        for name, use in wanted.populations.items()
    }
    document: dict[str, Any] = {
        "worldwright": "experiment/1",
        "name": wanted.name,
        "description": given["description"],
        "question": question,
        "world": wanted.world,
        **({"populations": populations} if populations else {}),
        **({"outcomes": {outcome: {"metric": given["metric"], "at": given["at"]}}} if not at_the_end else {}),
        "ticks": given["ticks"],
        **({"design": {"grid": _grid(given)}} if given["factors"] else {}),
        "replicates": _replicates(given, outcome),
    }
    return write({**document, **wanted.kept})


def world_lines(program: WorldProgram) -> str:
    """What an experiment can vary and measure, one a line; without what others wrote about it."""
    lines: list[str] = []
    for name, parameter in program.parameters.items():
        ends = f" from {parameter.min} to {parameter.max}" if parameter.type in ("int", "float") else ""
        options = f" one of {', '.join(parameter.options)}" if parameter.options else ""
        unit = f" in {parameter.unit}" if parameter.unit else ""
        lines.append(
            f"- world.{name}: {parameter.type}{options}{ends}{unit}; {parameter.default} unless varied"
        )
    lines += [
        f"- metric {name}: {metric.how} of {_measured(metric)}" for name, metric in program.metrics.items()
    ]
    return "\n".join(lines)


def _measured(metric: Any) -> str:
    return ".".join(("state", *metric.path)) if metric.path else str(metric.of or metric.field)


def _factor(name: str, parameter: Parameter) -> type[Form] | None:
    value: Any
    match parameter.type:
        case "float":
            value = Annotated[float, Field(ge=parameter.min, le=parameter.max)]
        case "int":
            value = Annotated[int, Field(ge=_whole(parameter.min), le=_whole(parameter.max))]
        case "choice":
            value = Literal[parameter.options]
        case _:
            value = bool
    fields: dict[str, Any] = {
        "factor": (Literal[f"world.{name}"], ...),
        "values": (Annotated[list[value], Field(min_length=2, max_length=8)], ...),
    }
    return create_model(f"Factor_{name}", __base__=Form, **fields)


def _whole(end: float | None) -> int | None:
    return None if end is None else int(end)


def _wrong(form: Form) -> Iterator[str]:
    given = form.model_dump()
    names = [one["factor"] for one in given["factors"]]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"factors: `{name}` is there twice"
    for one in given["factors"]:
        if len(set(map(repr, one["values"]))) < len(one["values"]):
            yield f"factors: `{one['factor']}` has a value twice"
    cells = math.prod(len(one["values"]) for one in given["factors"])
    if cells > MOST_CELLS:
        yield f"factors: {cells} settings are too many to run; at most {MOST_CELLS}"
    if given["max_replicates"] < given["min_replicates"]:
        yield "max_replicates: it is below min_replicates"
    if given["compare"] and cells == 1:
        yield "compare: there is only one setting, so nothing can be compared"
    if given["half_width"] is not None and given["max_replicates"] == given["min_replicates"]:
        yield "half_width: with as many replicates at least as at most, it decides nothing; give null or more"


def _grid(given: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    return {one["factor"]: one["values"] for one in given["factors"]}


def _sized(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"agents": given["agents"]} if given["agents"] is not None else {}


def _replicates(given: Mapping[str, Any], outcome: str) -> Any:
    if given["half_width"] is None:
        return given["min_replicates"]
    which = {"metric": given["metric"], "at": "last"} if given["at"] == "last" else {"outcome": outcome}
    of = {"of": "effect"} if given["compare"] else {}
    until = {**which, **of, "half_width": given["half_width"], "confidence": 0.95}
    return {"min": given["min_replicates"], "max": given["max_replicates"], "until": until}


def _words(use: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in use.items() if value is not None)
