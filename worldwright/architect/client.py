"""The client: asks one model within a budget, tries again what is transient, accounts for every attempt."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from worldwright.architect.budget import Attempt, Budget, Ledger, Usage, estimate
from worldwright.architect.cassette import Clock, Deck, Mode
from worldwright.architect.cleaning import shorten
from worldwright.architect.protocols import protocol_of
from worldwright.architect.question import Question, Reply, Said
from worldwright.architect.settings import VARIABLES, ModelSettings
from worldwright.architect.transport import Network, Outcome, Received, Unanswered
from worldwright.errors import ArchitectError

_ATTEMPTS = 4
_LONGEST_WAIT = 60.0
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_HELPS = {
    401: "set OPENAI_API_KEY to a key that this server knows",
    403: "the key is known and not allowed this; ask for access or take another model",
    404: "check WORLDWRIGHT_MODEL and WORLDWRIGHT_BASE_URL",
    429: "wait, or raise the account's limits",
}

Given = TypeVar("Given")
Taken = TypeVar("Taken")


class Client:
    """Asks one model, within a budget. A context manager: leaving it closes the connection.

    Args:
        settings: The model; None means that nobody configured one.
        budget: What all calls together may use.
        mode: Whether to ask the server, to ask it and record, or to replay recordings without it.
        cassettes: Where recordings lie; needed to record and to replay.
        clock: What time it is.
        watch: Is told what is asked before each question, such as `outline`.
        sleep: Waits some seconds between attempts.

    Raises:
        ArchitectError: when there is no model or no key; its help names what to set.
    """

    def __init__(
        self,
        settings: ModelSettings | None,
        budget: Budget | None = None,
        *,
        clock: Clock,
        watch: Callable[[str], None] = lambda asked: None,
        mode: Mode = "live",
        cassettes: Path | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if settings is None:
            raise ArchitectError(
                "no model is configured",
                why="a document is authored from its brief by a model; what is authored runs without one",
                help=f"set {VARIABLES}; or write model.yaml",
            )
        self.settings = settings
        self.ledger = Ledger(budget or Budget(), settings.prices)
        network = Network(settings) if mode != "replay" else None
        self._deck = Deck(mode, network, cassettes, settings.redact, clock)
        self._watch = watch
        self._sleep = sleep if mode != "replay" else lambda seconds: None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; a later call opens it again."""
        self._deck.close()

    @property
    def replays(self) -> bool:
        """Whether nothing is asked and nothing spent."""
        return self._deck.mode == "replay"

    def ask(self, question: Question) -> Reply:
        """The model's answer; what is transient is tried again, at most four times in all.

        Raises:
            BudgetExceededError: before a request that could pass the budget.
            ArchitectError: when the server refuses or does not answer, or the model declines. The error
                holds no key and no request, also not as its cause or context.
        """
        self._watch(question.shape.name if question.shape is not None else "document")
        number = 1
        while isinstance(outcome := self._attempt(question), _Failure):
            if not outcome.transient or number == _ATTEMPTS:
                tried = f" (tried {number} times)" if number > 1 else ""
                raise ArchitectError(f"{outcome.what}{tried}", where=self.settings.model, help=outcome.help)
            backoff = 2.0 ** (number - 1) if outcome.wait is None else outcome.wait
            self._sleep(min(_LONGEST_WAIT, backoff))
            number += 1
        return outcome

    @contextmanager
    def together(self) -> Generator[Callable[[Callable[[Given], Taken], list[Given]], list[Taken]]]:
        """A map whose calls run beside each other, as many at a time as the settings allow, in order."""
        with ThreadPoolExecutor(self.settings.concurrent) as pool:
            yield lambda work, items: list(pool.map(work, items))

    def _attempt(self, question: Question) -> Reply | _Failure:
        protocol = protocol_of(self.settings)
        body = protocol.body(question, self.settings)
        most = self._most(question, json.dumps(body, ensure_ascii=False))
        reserved = self.ledger.reserve(most)
        try:
            outcome, at, cassette = self._deck.send(protocol.path, body)
        except BaseException:
            self.ledger.release(reserved)
            raise
        answer = self._read(outcome, at)
        usage, estimated = _used(answer, most)
        word = answer.word if isinstance(answer, _Failure) else "ok"
        self.ledger.settle(reserved, Attempt(word, usage, estimated, cassette))
        if isinstance(answer, _Failure):
            return answer
        said = answer.said
        return Reply(
            said.text,
            said.complete,
            shorten(said.model or self.settings.model, 100),
            said.citations,
            at,
        )

    def _most(self, question: Question, body: str) -> Usage:
        asked = estimate([body])
        if question.search and self.settings.can_search:
            searched = asked + self.settings.search_tokens
            return Usage(searched, self.settings.answer_tokens, self.settings.searches)
        return Usage(asked, self.settings.answer_tokens)

    def _read(self, outcome: Outcome, at: datetime) -> _Answer | _Failure:
        match outcome:
            case Unanswered():
                return self._unanswered(outcome)
            case Received(status=status) if status != 200:
                return self._status(outcome)
            case Received(body=body):
                return self._understand(body)

    def _understand(self, body: str) -> _Answer | _Failure:
        protocol = protocol_of(self.settings)
        try:
            said = protocol.read(body)
        except ValidationError:
            return _Failure(
                "malformed",
                f"{self.settings.address} does not answer in the {protocol.name} protocol",
                transient=True,
                may_be_billed=True,
                help="check WORLDWRIGHT_BASE_URL; it usually ends in /v1",
            )
        if said.failure is not None:
            what = f"the server failed: {shorten(said.failure)}"
            return _Failure("failed", what, transient=True, may_be_billed=True, said=said, help="try later")
        if said.refusal is not None:
            what = f"the model declined: {shorten(said.refusal)}"
            return _Failure("refused", what, said=said, help="change the brief, or ask another model")
        return _Answer(said)

    def _unanswered(self, outcome: Unanswered) -> _Failure:
        what = f"no answer from {self.settings.address} ({outcome.cause})"
        help = "check WORLDWRIGHT_BASE_URL and the network"
        if outcome.word == "timeout":
            what = f"no answer from {self.settings.address} in {self.settings.timeout:g} seconds"
            help = "allow more time (`timeout` in model.yaml), or ask a faster model"
        return _Failure(outcome.word, what, transient=True, may_be_billed=outcome.may_be_billed, help=help)

    def _status(self, outcome: Received) -> _Failure:
        status, (said, code) = outcome.status, _complaint(outcome.body)
        help = _HELPS.get(status, "the server is at fault; try later" if status >= 500 else None)
        return _Failure(
            f"status {status}",
            f"the server answered {status}: {shorten(said)}",
            transient=status in _PASSING and code != "insufficient_quota",
            wait=_seconds(outcome.retry_after),
            help=help,
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    said: Said


@dataclass(frozen=True, slots=True)
class _Failure:
    word: str
    what: str
    transient: bool = False
    may_be_billed: bool = False
    wait: float | None = None
    help: str | None = None
    said: Said | None = None


def _used(answer: _Answer | _Failure, most: Usage) -> tuple[Usage, bool]:
    """What an attempt used, and whether that is an estimate."""
    said = answer.said
    if said is not None and said.usage is not None:
        return said.usage, False
    if isinstance(answer, _Answer):
        return Usage(most.tokens_in, estimate([answer.said.text]), most.searches), True
    return (most, True) if answer.may_be_billed or said is not None else (Usage(), False)


def _complaint(body: str) -> tuple[str, str | None]:
    """The message and the code of an error as servers send it; the body itself where it is something else."""
    try:
        error = json.loads(body).get("error")
    except (ValueError, AttributeError, RecursionError):
        return body, None
    if isinstance(error, dict):
        code = error.get("code")
        return str(error.get("message", body)), str(code) if code is not None else None
    return (error if isinstance(error, str) else body), None


def _seconds(header: str | None) -> float | None:
    """The wait a server asks for, in seconds; None for its other form, a date."""
    try:
        seconds = float(header) if header is not None else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds < float("inf") else None
