"""A client of the Chat Completions protocol: the one place that talks to a model.

The `openai` package makes the requests. It is kept from everything that is not passed in: it holds no key
(a hook on its transport adds the header), reads no proxy or organisation from the environment, follows no
redirect, and retries nothing by itself, so that every request is counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field, ValidationError

from worldwright.architect.budget import Attempt, Budget, Ledger, estimate
from worldwright.architect.cleaning import shorten
from worldwright.architect.settings import OPENAI, VARIABLES, ModelSettings
from worldwright.errors import ArchitectError

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAI

_ATTEMPTS = 4
_LONGEST_WAIT = 60.0
_OUR_HEADERS = frozenset(
    {"host", "accept", "accept-encoding", "content-type", "content-length", "user-agent"}
)
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answered.

    Args:
        text: The content; "" where there was none.
        complete: False where the answer was cut off at its length limit.
        model: The model as the server names it.
    """

    text: str
    complete: bool
    model: str


class ChatClient:
    """Asks one model, within a budget. A context manager: leaving it closes the connection.

    Args:
        settings: The model; None means that nobody configured one.
        budget: What all calls together may use.
        sleep: Waits some seconds between attempts.

    Raises:
        ArchitectError: when there is no model; its help names what to set.
    """

    def __init__(
        self,
        settings: ModelSettings | None,
        budget: Budget | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if settings is None:
            raise ArchitectError(
                "no model is configured",
                why="a document is authored from its brief by a model; what is authored runs without one",
                help=f"set {VARIABLES}",
            )
        self.settings = settings
        self.ledger = Ledger(budget or Budget())
        self._sleep = sleep
        self._transport: OpenAI | None = None

    def __enter__(self) -> ChatClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; a later call opens it again."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def complete(self, messages: Sequence[Message]) -> Reply:
        """The model's answer to a conversation; what is transient is tried again, at most four times in all.

        Raises:
            BudgetExceededError: before a request that could pass the budget.
            ArchitectError: when the server refuses or does not answer, or the model declines. The error
                holds no key and no request, also not as its cause or context.
        """
        number = 1
        while isinstance(outcome := self._attempt(messages), _Failure):
            if not outcome.transient or number == _ATTEMPTS:
                tried = f" (tried {number} times)" if number > 1 else ""
                raise ArchitectError(f"{outcome.what}{tried}", where=self.settings.model, help=outcome.help)
            backoff = 2.0 ** (number - 1) if outcome.wait is None else outcome.wait
            self._sleep(min(_LONGEST_WAIT, backoff))
            number += 1
        return outcome

    def _attempt(self, messages: Sequence[Message]) -> Reply | _Failure:
        asked = estimate(message.content for message in messages)
        self.ledger.admit(asked + self.settings.answer_tokens)
        answer = self._send(messages)
        if isinstance(answer, _Failure):
            unheard = (asked, self.settings.answer_tokens) if answer.may_be_billed else (0, 0)
            self.ledger.record(Attempt(answer.word, *unheard, estimated=answer.may_be_billed))
            return answer
        outcome = self._understand(answer)
        word = "ok" if isinstance(outcome, Reply) else outcome.word
        if (usage := answer.usage) is not None:
            attempt = Attempt(word, usage.prompt_tokens, usage.completion_tokens, estimated=False)
        else:
            said = answer.choices[0].message.content or ""
            attempt = Attempt(word, asked, estimate([said]), estimated=True)
        self.ledger.record(attempt)
        return outcome

    def _understand(self, answer: _Answer) -> Reply | _Failure:
        choice = answer.choices[0]
        if choice.message.refusal or choice.finish_reason == "content_filter":
            reason = choice.message.refusal or "a content filter stopped the answer"
            said = shorten(self.settings.redact(reason))
            help = "change the brief, or ask another model"
            return _Failure("refused", f"the model declined: {said}", help=help)
        return Reply(
            text=self.settings.redact(choice.message.content or ""),
            complete=choice.finish_reason != "length",
            model=shorten(self.settings.redact(answer.model or self.settings.model), 100),
        )

    def _send(self, messages: Sequence[Message]) -> _Answer | _Failure:
        """One request. No exception leaves it that could carry the request and its headers."""
        import httpx2
        import openai

        # OpenAI refuses the old name for its reasoning models; other servers may know only the old one.
        cap = "max_completion_tokens" if self.settings.address == OPENAI else "max_tokens"
        try:
            response = self._open().post(
                "/chat/completions",
                cast_to=httpx2.Response,
                body={
                    "model": self.settings.model,
                    "messages": [{"role": message.role, "content": message.content} for message in messages],
                    cap: self.settings.answer_tokens,
                },
            )
            return _Answer.model_validate_json(response.content)
        except openai.APIConnectionError as error:
            return self._unanswered(error.__cause__ or error)
        except openai.APIStatusError as error:
            return self._status(error)
        except (openai.OpenAIError, ValidationError):
            return _Failure(
                "malformed",
                f"{self.settings.address} does not answer in the Chat Completions protocol",
                transient=True,
                may_be_billed=True,
                help="check WORLDWRIGHT_BASE_URL; it usually ends in /v1",
            )

    def _unanswered(self, cause: BaseException) -> _Failure:
        """No answer came. Unless it was the connection that failed, the server may be at work on one."""
        import httpx2

        may_be_billed = not isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout))
        word, what = "connection", f"no answer from {self.settings.address} ({type(cause).__name__})"
        help = "check WORLDWRIGHT_BASE_URL and the network"
        if isinstance(cause, httpx2.TimeoutException):
            word, what = (
                "timeout",
                f"no answer from {self.settings.address} in {self.settings.timeout:g} seconds",
            )
            help = "allow more time, or ask a faster model"
        return _Failure(word, what, transient=True, may_be_billed=may_be_billed, help=help)

    def _status(self, error: APIStatusError) -> _Failure:
        said = shorten(self.settings.redact(error.message))
        status = error.status_code
        helps = {
            401: "set OPENAI_API_KEY to a key that this server knows",
            403: "the key is known and not allowed this; ask for access or take another model",
            404: "check WORLDWRIGHT_MODEL and WORLDWRIGHT_BASE_URL",
            429: "wait, or raise the account's limits",
        }
        help = helps.get(status, "the server is at fault; try later" if status >= 500 else None)
        transient = status in _PASSING and error.code != "insufficient_quota"
        wait = _seconds(error.response.headers.get("retry-after"))
        return _Failure(
            f"status {status}", f"the server answered {status}: {said}", transient, wait=wait, help=help
        )

    def _open(self) -> OpenAI:
        if self._transport is None:
            self._transport = _transport(self.settings)
        return self._transport


@dataclass(frozen=True, slots=True)
class _Failure:
    word: str
    what: str
    transient: bool = False
    may_be_billed: bool = False
    wait: float | None = None
    help: str | None = None


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


def _seconds(header: str | None) -> float | None:
    """The wait a server asks for, in seconds; None for its other form, a date."""
    try:
        seconds = float(header) if header is not None else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds < float("inf") else None


def _transport(settings: ModelSettings) -> OpenAI:
    """The `openai` client for some settings: no ambient configuration, and the key only in one header."""
    import httpx2
    import openai

    def only_ours(request: httpx2.Request) -> None:
        for name in list(request.headers):
            if name not in _OUR_HEADERS:
                del request.headers[name]
        request.headers["user-agent"] = "worldwright"
        if settings.api_key is not None:
            request.headers["authorization"] = f"Bearer {settings.api_key}"

    return openai.OpenAI(
        # Not the key: what the package does not hold, it cannot log or raise. None would have it read
        # the environment.
        api_key="unused",
        base_url=settings.address,
        timeout=settings.timeout,
        max_retries=0,
        http_client=openai.DefaultHttpxClient(
            trust_env=False, follow_redirects=False, event_hooks={"request": [only_ours]}
        ),
    )
