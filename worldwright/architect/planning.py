"""Before anything is drafted: what the brief leaves open, and which attributes it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from worldwright.architect.asking import ask_form
from worldwright.architect.cleaning import shorten, strip_controls
from worldwright.architect.client import Client
from worldwright.architect.forms import Form, Name, Sentence, Word
from worldwright.architect.prompting import prompt
from worldwright.architect.question import Message
from worldwright.errors import ArchitectError

LONGEST_BRIEF = 20_000
"""The most characters of a brief."""


class Query(Form):
    """What the brief leaves open, and what is assumed unless somebody answers."""

    id: Name
    question: Sentence
    options: Annotated[list[Word], Field(max_length=6)]
    otherwise: Sentence


class Sufficiency(Form):
    """What has to be known before the document can be written; nothing where the brief says enough."""

    questions: Annotated[list[Query], Field(max_length=6)]


class Planned(Form):
    """An attribute that will be written."""

    name: Name
    type: Literal["int", "float", "categorical", "boolean", "date", "text"]
    unit: Word | None
    meaning: Sentence
    depends_on: Annotated[list[Name], Field(max_length=6)]
    look_up: Sentence | None


class Outline(Form):
    """The attributes that the brief needs."""

    attributes: Annotated[list[Planned], Field(min_length=1, max_length=60)]


Ask = Callable[[Sequence[Query]], Mapping[str, str]]
"""Puts questions to a person and gives the answers by id; what is left out is assumed."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A brief with what was answered or assumed, as the next calls read it.

    Args:
        text: The brief, and below it every question that it left open with what holds.
        assumptions: The questions nobody answered, with what is assumed.
        answers: What a person answered, by the question's id.
    """

    text: str
    assumptions: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict[str, str])


def assume(questions: Sequence[Query]) -> Mapping[str, str]:
    """Nobody is there to be asked."""
    return {}


def clean_brief(brief: str, where: str) -> str:
    """A brief without control characters.

    Raises:
        ArchitectError: for one that is empty or too long.
    """
    text = strip_controls(brief).strip()
    if not text:
        raise ArchitectError("the brief is empty", where=where, help="say in plain language what is wanted")
    if len(text) > LONGEST_BRIEF:
        size = f"{len(text):,} characters, and at most {LONGEST_BRIEF:,} are read"
        raise ArchitectError(f"the brief has {size}", where=where, help="keep what the document depends on")
    return text


def settle(brief: str, what: str, name: str, client: Client, ask: Ask, context: str = "") -> Settled:
    """Ask what the brief leaves open, or assume it and write the assumption down.

    Args:
        brief: The brief.
        what: What is to be written, such as `population`.
        name: Its name.
        client: The model.
        ask: Puts the questions to a person.
        context: What the model knows besides: the base of a scenario, the columns a world may read.
    """
    text = clean_brief(brief, name)
    task = prompt("sufficiency", what=what, name=name, brief=text, context=context)
    form, _ = ask_form(client, [Message("user", task)], Sufficiency, name, judge=_distinct)
    if not form.questions:
        return Settled(text)
    given = ask(form.questions)
    answers = {query.id: shorten(given.get(query.id, ""), 500) for query in form.questions}
    lines: list[str] = []
    assumed: list[str] = []
    for query in form.questions:
        answer = answers[query.id]
        lines.append(f"- {shorten(query.question)} {answer or shorten(query.otherwise)}")
        if not answer:
            assumed.append(f"{shorten(query.question)} {shorten(query.otherwise)}")
    settled = f"{text}\n\nFurther:\n" + "\n".join(lines)
    return Settled(settled, tuple(assumed), {name: answer for name, answer in answers.items() if answer})


def outline(
    settled: Settled, what: str, name: str, client: Client, base: Sequence[str], context: str, kept: str
) -> Outline:
    """The attributes to be written.

    Args:
        settled: The brief.
        what: `population` or `scenario`.
        name: Its name.
        client: The model.
        base: The attributes of the population a scenario extends: they may be read, not declared.
        context: That population's document.
        kept: Attributes that stay as a person has written them.
    """
    task = prompt("outline", what=what, name=name, brief=settled.text, context=context, kept=kept or "none")
    form, _ = ask_form(
        client, [Message("user", task)], Outline, name, judge=lambda given: list(_planned_wrong(given, base))
    )
    return form


def _distinct(form: Sufficiency) -> list[str]:
    ids = [query.id for query in form.questions]
    return [] if len(set(ids)) == len(ids) else ["questions: two have the same id"]


def _planned_wrong(form: Outline, base: Sequence[str]) -> Iterator[str]:
    names = [planned.name for planned in form.attributes]
    known = {*names, *base}
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"attributes: `{name}` is there twice"
        if name in base:
            yield f"attributes: `{name}` is one of the population's, which a scenario never redefines"
    for planned in form.attributes:
        for other in planned.depends_on:
            if other not in known:
                yield f"attributes: `{planned.name}` depends on `{other}`, which is not there"
    if circle := _circle({planned.name: planned.depends_on for planned in form.attributes}):
        yield f"attributes: {' depends on '.join(f'`{name}`' for name in circle)}: break the circle"


def _circle(depends: Mapping[str, Sequence[str]]) -> list[str]:
    """One circle of dependencies, its first name repeated at the end; nothing where there is none."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done or name not in depends:
            return []
        for other in depends[name]:
            if circle := walk(other, [*path, name]):
                return circle
        done.add(name)
        return []

    for name in depends:
        if circle := walk(name, []):
            return circle
    return []
