"""A server on 127.0.0.1 that gives scripted answers in order, in Chat Completions or OpenAI's Responses."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CANARY = "sk-canary-3f9a7c1e5b8d2046"


def clock() -> datetime:
    return datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """What the server sends: a status, headers and a body.

    `silent` leaves the client waiting; `hangs_up` closes the connection without a word.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    silent: bool = False
    hangs_up: bool = False


@dataclass(frozen=True)
class Heard:
    """A request as it came over the wire."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)

    @property
    def messages(self) -> list[dict[str, str]]:
        return self.body["messages"]


Reaction = Answer | Callable[[Heard], Answer]
"""An answer, or what makes one of the request."""


@dataclass
class Script:
    """The answers still to give and the requests heard."""

    address: str
    answers: list[Reaction]
    heard: list[Heard] = field(default_factory=list[Heard])
    ended: threading.Event = field(default_factory=threading.Event)


def said(
    content: str | None,
    *,
    refusal: str | None = None,
    finish: str = "stop",
    usage: tuple[int, int] | None = (100, 50),
    model: str = "model-2026-11-01",
) -> Answer:
    """A completion as servers send it."""
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1763640000,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": refusal},
                "finish_reason": finish,
                "logprobs": None,
            }
        ],
    }
    if usage is not None:
        body["usage"] = {
            "prompt_tokens": usage[0],
            "completion_tokens": usage[1],
            "total_tokens": sum(usage),
            "completion_tokens_details": {"reasoning_tokens": 7},
        }
    return Answer(body=json.dumps(body).encode())


def document(text: str, **more: Any) -> Answer:
    """A completion that holds a document the way models send it."""
    return said(f"Here is the document.\n\n```yaml\n{text}```\n", **more)


def form(**fields: Any) -> Answer:
    """A completion that holds a form."""
    return said(json.dumps(fields))


NOTHING_OPEN = form(questions=[])
"""A model to which the brief says enough."""


def planned(name: str, **more: Any) -> dict[str, Any]:
    """An attribute of an outline."""
    plain = {"type": "float", "unit": None, "meaning": "Something.", "depends_on": [], "look_up": None}
    return {"name": name, **plain, **more}


def outlined(*names: str) -> Answer:
    """An outline of attributes."""
    return form(attributes=[planned(name) for name in names])


class Learner:
    """A model that knows the language badly and mends what it is told of, nothing else.

    Args:
        files: What it would write if it made no mistakes.
        mistakes: For each the code that must be named for it to be mended, what it writes, and what is right.
    """

    def __init__(self, files: Mapping[str, str], mistakes: Sequence[tuple[str, str, str]]) -> None:
        self._right = dict(files)
        self._left = list(mistakes)
        for _, wrong, right in mistakes:
            assert any(right in text for text in files.values()), right
            assert wrong != right
        self.told: list[str] = []

    def __call__(self, heard: Heard) -> Answer:
        last = heard.messages[-1]["content"]
        mended = [mistake for mistake in self._left if f"[{mistake[0]}]" in last]
        self.told += [code for code, _, _ in mended]
        self._left = [mistake for mistake in self._left if mistake not in mended]
        blocks: list[str] = []
        for name, text in self._right.items():
            for _, wrong, right in self._left:
                text = text.replace(right, wrong, 1)
            kind = "lua" if name.endswith(".lua") else "yaml"
            blocks.append(f"```{kind} {name}\n{text}```")
        return said("\n\n".join(blocks))


def error(status: int, message: str, *, code: str | None = None, **headers: str) -> Answer:
    """An error as OpenAI sends it."""
    body = {"error": {"message": message, "type": "error", "param": None, "code": code}}
    return Answer(status, json.dumps(body).encode(), {k.replace("_", "-"): v for k, v in headers.items()})


@contextmanager
def serving(*answers: Reaction) -> Generator[Script]:
    """Serve the answers; a request beyond them is answered 418, which fails the call and the test."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            script.heard.append(
                Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, raw)
            )
            reaction = script.answers.pop(0) if script.answers else error(418, "nothing left to say")
            answer = reaction if isinstance(reaction, Answer) else reaction(script.heard[-1])
            if answer.silent or answer.hangs_up:
                script.ended.wait(20 if answer.silent else 0)
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script = Script(f"http://127.0.0.1:{server.server_address[1]}/v1", list(answers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield script
    finally:
        script.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
