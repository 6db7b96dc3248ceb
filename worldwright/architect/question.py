"""A question to a model and its answer, as data that no protocol shows through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from worldwright.architect.budget import Usage


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Shape:
    """The JSON that an answer has to be.

    Args:
        name: What it is called: letters, digits and underscores.
        schema: Its JSON Schema, as `forms.schema_of` makes it.
    """

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked.

    Args:
        messages: The conversation; a system message comes first.
        shape: The JSON that is wanted; None lets it answer in text.
        search: Whether it may search the web for this question.
    """

    messages: Sequence[Message]
    shape: Shape | None = None
    search: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """A page that a search of the web returned."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answered.

    Args:
        text: The content; "" where there was none.
        complete: False where the answer was cut off at its length limit.
        model: The model as the server names it.
        citations: The pages its searches returned, each address once.
        at: When it was answered; of a recording, when that was made.
    """

    text: str
    complete: bool
    model: str
    citations: tuple[Citation, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as a protocol reads it.

    Args:
        text: The content.
        complete: False where it was cut off at its length limit.
        model: The model as the server names it; "" where it does not.
        refusal: Why the model declined; None where it did not.
        citations: The pages its searches returned.
        usage: What the server reports; None where it reports nothing.
        failure: What the server says went wrong inside an answer of status 200; it may pass.
    """

    text: str = ""
    complete: bool = True
    model: str = ""
    refusal: str | None = None
    citations: tuple[Citation, ...] = ()
    usage: Usage | None = None
    failure: str | None = None
