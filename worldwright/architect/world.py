"""A brief becomes a world: settled, designed, drafted with its scripts, checked, dry-run, repaired.

Who writes scripts sees the names, types, units and labels of columns, and nothing that came from the web.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from worldwright.architect.answers import world_in
from worldwright.architect.asking import ask_form
from worldwright.architect.authored import REPAIRS, Authored, Files
from worldwright.architect.cleaning import is_control
from worldwright.architect.client import Client
from worldwright.architect.drafting import Task, draft, fenced
from worldwright.architect.dry_run import AGENTS, dry_run
from worldwright.architect.forms import Form, Name, Sentence, Word
from worldwright.architect.planning import Ask, assume, settle
from worldwright.architect.prompting import prompt
from worldwright.architect.question import Message
from worldwright.architect.vetting import LEFT_OUT, NOT_AS_ASKED, UNFIT_TEXT, Wanted, vet
from worldwright.diagnostics import Diagnostic, Position, Span
from worldwright.errors import ArchitectError
from worldwright.world import load_world
from worldwright.world.codes import SCRIPT_MISSING
from worldwright.world.wanted import COLUMN_MISSING, wanted_columns

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.spec import Population
    from worldwright.world import WorldProgram

DOCUMENT = "world.yaml"
MAIN = "main"
"""The name by which a generated world knows its population."""


class Role(Form):
    """A kind of entity."""

    name: Name
    role: Sentence
    from_population: bool
    count: Annotated[int, Field(ge=1, le=100_000)] | None
    remembers: Annotated[list[Name], Field(max_length=20)]


class Signal(Form):
    """A kind of message."""

    kind: Name
    sender: Name
    receiver: Name
    meaning: Sentence


class Lever(Form):
    """A parameter."""

    name: Name
    meaning: Sentence
    unit: Word | None


class Measure(Form):
    """A metric."""

    name: Name
    meaning: Sentence


class Design(Form):
    """A world before it is written."""

    entities: Annotated[list[Role], Field(min_length=1, max_length=8)]
    messages: Annotated[list[Signal], Field(max_length=20)]
    parameters: Annotated[list[Lever], Field(max_length=20)]
    metrics: Annotated[list[Measure], Field(min_length=1, max_length=20)]
    network: Sentence | None
    places: bool


@dataclass(frozen=True, slots=True)
class WorldTask:
    """The world that is to be written.

    Args:
        name: Its name.
        population: Whom it is about, with the scenario over them; None for a world without people.
        kept: Files that a person has edited, by name.
    """

    name: str
    population: Population | None
    kept: Mapping[str, str] = field(default_factory=dict[str, str])


def author_world(
    brief: str, wanted: WorldTask, client: Client, *, ask: Ask = assume, repairs: int = REPAIRS
) -> Authored:
    """Write a world document and its scripts from a brief.

    Args:
        brief: What happens in the world, and for which question, in plain language.
        wanted: What is to be written, for which population, and what stays.
        client: The model, with its budget.
        ask: Puts what the brief leaves open to a person; by default it is assumed, and written down.
        repairs: The most rounds of repair of each step.

    Raises:
        InvalidAnswerError: when no answer was valid; it holds the last files and their diagnostics.
        BudgetExceededError: when the budget does not admit a step's first call.
        ArchitectError: when the server does not answer, or the model declines.
    """
    people = wanted.population is not None
    columns = column_lines(wanted.population) if wanted.population is not None else "none"
    settled = settle(brief, "world", wanted.name, client, ask, columns)
    task = prompt("design", name=wanted.name, brief=settled.text, columns=columns)
    design, _ = ask_form(
        client,
        [Message("user", task)],
        Design,
        wanted.name,
        judge=lambda given: list(_design_wrong(given, people)),
        repairs=repairs,
    )
    pages = ["scripts", "places"] if design.places else ["scripts"]
    asked = prompt(
        "world",
        name=wanted.name,
        brief=settled.text,
        design=_design_lines(design),
        columns=columns,
        kept=fenced(wanted.kept) if wanted.kept else "none",
    )
    opening = [Message("system", "\n".join(prompt(page) for page in pages)), Message("user", asked)]
    sample = _few(wanted.population) if wanted.population is not None else None

    def assemble(before: Files, answer: Files) -> Files:
        whole = {**before, **answer, **wanted.kept}
        return {name: whole[name] for name in sorted(whole, key=lambda name: (name != DOCUMENT, name))}

    def check(files: Files) -> Sequence[Diagnostic]:
        return check_world(files, wanted, design, sample)

    drafted = draft(client, Task("the world", wanted.name, opening, world_in, assemble, check, repairs))
    if drafted.reply.at is None:
        raise ArchitectError("the answer has no time", where=wanted.name)
    return Authored(
        drafted.files,
        drafted.diagnostics,
        drafted.reply.model,
        drafted.repairs,
        drafted.reply.at,
        settled.assumptions,
        answers=settled.answers,
    )


def check_world(
    files: Files, wanted: WorldTask, design: Design | None, sample: pa.Table | None
) -> list[Diagnostic]:
    """What keeps a generated world from being taken; it is run only where nothing else is wrong."""
    if DOCUMENT not in files:
        message = f"there is no {DOCUMENT}"
        return [NOT_AS_ASKED.at(_top(DOCUMENT), message, help="give it in a ```yaml block")]
    program, found = load_world(Path(DOCUMENT), lambda path: _text(files, path), lambda path: path.name)
    found = [*found, *vet(files[DOCUMENT], DOCUMENT, Wanted("world", wanted.name)), *_controls(files)]
    if program is None or any(diagnostic.is_error for diagnostic in found):
        return found
    found += _unused(program, files)
    found += _planned(program, design)
    found += _populations(program, wanted.population)
    if any(diagnostic.is_error for diagnostic in found):
        return found
    tables = {MAIN: sample} if sample is not None and _has_people(program) else {}
    return [*found, *dry_run(program, tables)]


def column_lines(population: Population) -> str:
    """The columns of a population as a script may read them: names, types, units and labels."""
    lines: list[str] = []
    for attribute in population.attributes:
        kind = {"categorical": "label", "text": "text", "date": "date, as days since 1970"}.get(
            attribute.type.value, attribute.type.value
        )
        unit = f" in {attribute.unit}" if attribute.unit else ""
        options = f": {', '.join(attribute.options)}" if attribute.options else ""
        missing = "; may be nil" if attribute.only_if is not None else ""
        lines.append(f"- {attribute.name}: {kind}{unit}{options}{missing}")
    return "\n".join(lines)


def _few(population: Population) -> pa.Table:
    from worldwright.population import plan, sample

    count = min(AGENTS, population.most_agents or AGENTS)
    return sample(plan(population, 1, count), 0, count)


def _text(files: Files, path: Path) -> str:
    name = path.as_posix()  # of a file in another folder more than its name
    if name not in files:
        raise FileNotFoundError(2, "no such file in the answer")
    return files[name]


def _design_wrong(design: Design, people: bool) -> Iterator[str]:
    for what, names in (
        ("entities", [one.name for one in design.entities]),
        ("parameters", [one.name for one in design.parameters]),
        ("metrics", [one.name for one in design.metrics]),
    ):
        if len(set(names)) < len(names):
            yield f"{what}: two have the same name"
    standing = [one.name for one in design.entities if one.from_population]
    if standing and not people:
        yield f"entities: there is no population for {', '.join(standing)}; give a count instead"
    if not standing and people:
        yield "entities: none stands for the people of the population"
    for one in design.entities:
        if not one.from_population and one.count is None:
            yield f"entities: `{one.name}` needs a count"
    names = {one.name for one in design.entities}
    for signal in design.messages:
        for who in (signal.sender, signal.receiver):
            if who not in names:
                yield f"messages: `{signal.kind}` names `{who}`, which is no entity"


def _design_lines(design: Design) -> str:
    def size(one: Role) -> str:
        return "one for each agent of the population" if one.from_population else f"{one.count} of them"

    def unit(one: Lever) -> str:
        return f" in {one.unit}" if one.unit else ""

    rows = [f"network: {design.network}"] if design.network else []
    rows += [f"parameter {one.name}{unit(one)}: {one.meaning}" for one in design.parameters]
    rows += [f"metric {one.name}: {one.meaning}" for one in design.metrics]
    rows += [f"message {one.kind}, {one.sender} to {one.receiver}: {one.meaning}" for one in design.messages]
    for one in design.entities:
        remembers = ", ".join(one.remembers) or "nothing"
        rows.append(f"entity {one.name} ({size(one)}): {one.role} Remembers {remembers}.")
    return "\n".join(f"- {row}" for row in rows)


def _planned(program: WorldProgram, design: Design | None) -> Iterator[Diagnostic]:
    if design is None:
        return
    present = {
        "entity": {entity.name for entity in program.entities},
        "parameter": set(program.parameters),
        "metric": set(program.metrics),
    }
    planned = {"entity": design.entities, "parameter": design.parameters, "metric": design.metrics}
    for what, names in present.items():
        for one in planned[what]:
            if one.name not in names:
                yield LEFT_OUT.at(
                    _top(DOCUMENT), f"the planned {what} `{one.name}` is missing", help="add it"
                )


def _populations(program: WorldProgram, population: Population | None) -> Iterator[Diagnostic]:
    for entity in program.entities:
        if entity.population is not None and (entity.population != MAIN or population is None):
            message = f"the entity `{entity.name}` has the population `{entity.population}`"
            help = f"its population is `{MAIN}`" if population is not None else "give it a count"
            yield NOT_AS_ASKED.at(_top(DOCUMENT), message, help=help)
    if population is None:
        return
    for wanted in wanted_columns(program):
        if wanted.column not in population.columns:
            near = get_close_matches(wanted.column, population.columns, 1)
            where = f"the metric `{wanted.metric}` is split by" if wanted.metric else f"`{wanted.kind}` reads"
            yield COLUMN_MISSING.at(
                wanted.span or _top(DOCUMENT),
                f"{where} the column {wanted.column!r}, which the population does not have",
                help=f"did you mean {near[0]!r}?" if near else "read only columns that are listed",
            )


def _has_people(program: WorldProgram) -> bool:
    return any(entity.population is not None for entity in program.entities)


def _unused(program: WorldProgram, files: Files) -> Iterator[Diagnostic]:
    used = {entity.script for entity in program.entities}
    for name in files:
        if name.endswith(".lua") and name not in used:
            message = f"no entity has the script {name}"
            yield SCRIPT_MISSING.at(_top(DOCUMENT), message, help=f"write `script: {name}`, or leave it out")


def _controls(files: Files) -> Iterator[Diagnostic]:
    for name, text in files.items():
        bad = next((c for c in text if is_control(c)), None) if name.endswith(".lua") else None
        if bad is not None:
            message = f"the script holds the control character U+{ord(bad):04X}"
            yield UNFIT_TEXT.at(_top(name), message, help="remove it")


def _top(file: str) -> Span:
    return Span(file, Position(1, 1), Position(1, 1))
