"""OpenAI's Responses, with its search of the web."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field

from worldwright.architect.budget import Usage
from worldwright.architect.forms import for_openai
from worldwright.architect.question import Citation, Question, Said
from worldwright.architect.settings import ModelSettings

PATH = "/responses"
NAME = "Responses"

_SOURCES = "web_search_call.action.sources"


def body(question: Question, settings: ModelSettings) -> dict[str, Any]:
    """The body of a request; the server is asked to keep nothing of it."""
    system = "\n\n".join(message.content for message in question.messages if message.role == "system")
    asked: dict[str, Any] = {
        "model": settings.model,
        "instructions": system,
        "input": [
            {"role": message.role, "content": message.content}
            for message in question.messages
            if message.role != "system"
        ],
        "max_output_tokens": settings.answer_tokens,
        "store": False,
    }
    if settings.effort is not None:
        asked["reasoning"] = {"effort": settings.effort}
    if question.shape is not None:
        schema = for_openai(question.shape.schema)
        shape = {"type": "json_schema", "name": question.shape.name, "strict": True, "schema": schema}
        asked["text"] = {"format": shape}
    if question.search and settings.can_search:
        asked |= {
            "tools": [{"type": "web_search"}],
            "tool_choice": "required",
            "max_tool_calls": settings.searches,
            "include": [_SOURCES],
        }
    return asked


def read(text: str) -> Said:
    """What a response says; its citations are the sources of its searches and what its text cites.

    Raises:
        ValidationError: for a body that is none of this protocol.
    """
    answer = _Answer.model_validate_json(text)
    contents = [content for item in answer.output for content in item.content or ()]
    refusals = [content.refusal for content in contents if content.type == "refusal"]
    reason = answer.incomplete_details.reason if answer.incomplete_details else None
    if not refusals and reason == "content_filter":
        refusals = ["a content filter stopped the answer"]
    failure = None
    if answer.status not in (None, "completed", "incomplete"):
        failure = answer.error.message if answer.error else f"the response is {answer.status}"
    return Said(
        text="".join(content.text or "" for content in contents if content.type == "output_text"),
        complete=answer.status != "incomplete",
        model=answer.model or "",
        refusal=(refusals[0] or "no reason is given") if refusals else None,
        citations=_citations(answer, contents),
        usage=_usage(answer),
        failure=failure,
    )


def _citations(answer: _Answer, contents: list[_Content]) -> tuple[Citation, ...]:
    """Each address once, with a title where an annotation gives one."""
    found: dict[str, str] = {}
    for url, title in [*_searched(answer), *_annotated(contents)]:
        found[url] = found.get(url) or title
    return tuple(Citation(url, title) for url, title in found.items())


def _searched(answer: _Answer) -> Iterator[tuple[str, str]]:
    for item in answer.output:
        if item.type == "web_search_call" and item.action is not None:
            for source in item.action.sources or ():
                if source.url:
                    yield source.url, source.title or ""
            if item.action.type == "open_page" and item.action.url:
                yield item.action.url, ""


def _annotated(contents: list[_Content]) -> Iterator[tuple[str, str]]:
    for content in contents:
        for annotation in content.annotations or ():
            if annotation.type == "url_citation" and annotation.url:
                yield annotation.url, annotation.title or ""


def _usage(answer: _Answer) -> Usage | None:
    if answer.usage is None:
        return None
    counted = sum(
        item.type == "web_search_call" and item.action is not None and item.action.type == "search"
        for item in answer.output
    )
    tools = answer.tool_usage
    searches = tools.web_search.num_requests if tools and tools.web_search else counted
    return Usage(answer.usage.input_tokens, answer.usage.output_tokens, searches)


class _Source(BaseModel):
    url: str | None = None
    title: str | None = None


class _Action(BaseModel):
    type: str | None = None
    url: str | None = None
    sources: list[_Source] | None = None


class _Annotation(BaseModel):
    type: str
    url: str | None = None
    title: str | None = None


class _Content(BaseModel):
    type: str
    text: str | None = None
    refusal: str | None = None
    annotations: list[_Annotation] | None = None


class _Item(BaseModel):
    type: str
    content: list[_Content] | None = None
    action: _Action | None = None


class _Incomplete(BaseModel):
    reason: str | None = None


class _Error(BaseModel):
    message: str = "no reason is given"


class _Usage(BaseModel):
    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)


class _Searches(BaseModel):
    num_requests: int = Field(default=0, ge=0)


class _Tools(BaseModel):
    web_search: _Searches | None = None


class _Answer(BaseModel):
    """What we read of a response; there is much more in it."""

    status: str | None = None
    model: str | None = None
    output: list[_Item]
    error: _Error | None = None
    incomplete_details: _Incomplete | None = None
    usage: _Usage | None = None
    tool_usage: _Tools | None = None
