"""The two protocols: a question becomes a request's body, a response's body becomes what was said.

Takes and gives plain data; knows no network and no `openai` package. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from worldwright.architect.protocols import chat, responses
from worldwright.architect.question import Question, Said
from worldwright.architect.settings import ModelSettings, Wire

__all__ = ["Protocol", "protocol_of"]


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a server is spoken to.

    Args:
        name: What it is called.
        path: What is appended to the server's address.
        body: The body of the request that asks a question.
        read: What the body of a response says; a ValidationError where it is none of this protocol.
    """

    name: str
    path: str
    body: Callable[[Question, ModelSettings], dict[str, Any]]
    read: Callable[[str], Said]


_PROTOCOLS: dict[Wire, Protocol] = {
    "chat": Protocol(chat.NAME, chat.PATH, chat.body, chat.read),
    "responses": Protocol(responses.NAME, responses.PATH, responses.body, responses.read),
}


def protocol_of(settings: ModelSettings) -> Protocol:
    """The protocol that a model is asked in."""
    return _PROTOCOLS[settings.wire]
