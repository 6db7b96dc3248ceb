"""Chat Completions, which most servers speak: Ollama, vLLM, llama.cpp, OpenAI."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from worldwright.architect.budget import Usage
from worldwright.architect.forms import for_openai
from worldwright.architect.question import Question, Said
from worldwright.architect.settings import OPENAI, ModelSettings

PATH = "/chat/completions"
NAME = "Chat Completions"


def body(question: Question, settings: ModelSettings) -> dict[str, Any]:
    """The body of a request. What the question wants to search for, this protocol cannot."""
    # OpenAI refuses the old name for its reasoning models; other servers may know only the old one.
    ours = settings.address == OPENAI
    asked: dict[str, Any] = {
        "model": settings.model,
        "messages": [{"role": message.role, "content": message.content} for message in question.messages],
        "max_completion_tokens" if ours else "max_tokens": settings.answer_tokens,
    }
    if settings.effort is not None:
        asked["reasoning_effort"] = settings.effort
    if question.shape is not None:
        schema = for_openai(question.shape.schema) if ours else question.shape.schema
        shape = {"name": question.shape.name, "strict": True, "schema": schema}
        asked["response_format"] = {"type": "json_schema", "json_schema": shape}
    return asked


def read(text: str) -> Said:
    """What a response says.

    Raises:
        ValidationError: for a body that is none of this protocol.
    """
    answer = _Answer.model_validate_json(text)
    choice, usage = answer.choices[0], answer.usage
    refusal = choice.message.refusal
    if not refusal and choice.finish_reason == "content_filter":
        refusal = "a content filter stopped the answer"
    return Said(
        text=choice.message.content or "",
        complete=choice.finish_reason != "length",
        model=answer.model or "",
        refusal=refusal or None,
        usage=Usage(usage.prompt_tokens, usage.completion_tokens) if usage is not None else None,
    )


class _Text(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Text
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)


class _Answer(BaseModel):
    """What we read of a completion; servers add much more."""

    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None
    model: str | None = None
