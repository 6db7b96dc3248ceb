"""Structured questions: a form is asked for, validated again whatever the server promised, and repaired."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import ValidationError

from worldwright.architect.answers import NoDocument, text_of
from worldwright.architect.authored import REPAIRS, InvalidAnswerError, answers
from worldwright.architect.cleaning import shorten, strip_controls
from worldwright.architect.client import Client
from worldwright.architect.forms import Form, shape_of
from worldwright.architect.prompting import prompt
from worldwright.architect.question import Message, Question, Reply
from worldwright.errors import ArchitectError

_SHOWN = 12
_FENCED = re.compile(r"\A\s*```+[a-z]*\n(.*)\n```+\s*\Z", re.DOTALL)

F = TypeVar("F", bound=Form)
Judge = Callable[[F], Sequence[str]]
"""What is wrong with a form beyond its schema, in sentences for the model."""


def ask_form(
    client: Client,
    opening: Sequence[Message],
    form: type[F],
    where: str,
    *,
    judge: Judge[F] | None = None,
    search: bool = False,
    repairs: int = REPAIRS,
) -> tuple[F, Reply]:
    """A form that a model has filled in.

    Args:
        client: The model.
        opening: The conversation that asks for it.
        form: What is wanted.
        where: What it is for, for errors.
        judge: What else to demand of it.
        search: Whether the model may search the web.
        repairs: The most rounds of repair.

    Raises:
        InvalidAnswerError: when no answer could be used; it holds the last one as `answer.json`.
        BudgetExceededError: when the budget does not admit the first call.
        ArchitectError: when the server does not answer the first call, or the model declines.
    """
    messages, text, problems = list(opening), "", list[str]()
    for number in range(repairs + 1):
        try:
            reply = client.ask(Question(messages, shape_of(form), search))
        except ArchitectError as error:
            if number == 0:
                raise
            raise _invalid(form, where, text, problems, number, why=error.what, help=error.help) from error
        found, text, problems = _read(reply, form, judge)
        if found is not None:
            return found, reply
        said = [Message("assistant", text)] if text else []
        told = prompt("repair_form", problems="\n".join(f"- {problem}" for problem in problems))
        messages = [*opening, *said, Message("user", told)]
    raise _invalid(form, where, text, problems, repairs + 1)


def _read(reply: Reply, form: type[F], judge: Judge[F] | None) -> tuple[F | None, str, list[str]]:
    text = text_of(reply)
    if isinstance(text, NoDocument):
        return None, "", [text.problem]
    if fenced := _FENCED.match(text):
        text = fenced[1]
    try:
        found = form.model_validate_json(text)
    except ValidationError as error:
        return None, text, _complaints(error)
    problems = list(judge(found)) if judge is not None else []
    return (None if problems else found), text, problems


def _complaints(error: ValidationError) -> list[str]:
    """What pydantic says, each with its place; never the value, which may be long."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [f"{'.'.join(map(str, one['loc'])) or 'the answer'}: {shorten(one['msg'], 200)}" for one in found]
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"and {more} more problems, shown once these are mended"]


def _invalid(
    form: type[F],
    where: str,
    text: str,
    problems: Sequence[str],
    count: int,
    *,
    why: str | None = None,
    help: str | None = None,
) -> InvalidAnswerError:
    first = f": {problems[0]}" if problems else ""
    return InvalidAnswerError(
        f"the {form.__name__.lower()} is still invalid after {answers(count)}{first}",
        where=where,
        why=why,
        help=help or "make the brief clearer, or ask another model",
        files={"answer.json": _pretty(text)} if text else {},
    )


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
    except (ValueError, RecursionError):
        return strip_controls(text) + "\n"
