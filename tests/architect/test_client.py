"""The client against a real server on 127.0.0.1."""

from __future__ import annotations

import logging
import pickle
import socket
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from worldwright.architect.budget import Budget, BudgetExceededError
from worldwright.architect.client import Client
from worldwright.architect.question import Message, Question
from worldwright.architect.settings import ModelSettings
from worldwright.errors import ArchitectError

from .model_server import CANARY, Answer, Script, error, said, serving

MESSAGES = [Message("system", "Be brief."), Message("user", "Wie heißt du?")]
QUESTION = Question(MESSAGES)


def clock() -> datetime:
    return datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def settings(script: Script, **more: object) -> ModelSettings:
    return ModelSettings(
        **{"model": "small", "base_url": script.address, "api_key": CANARY, "timeout": 10.0, **more}  # pyright: ignore[reportArgumentType]
    )


def client(script: Script, budget: Budget | None = None, waits: list[float] | None = None) -> Client:
    return Client(settings(script), budget, clock=clock, sleep=(waits if waits is not None else []).append)


def test_a_question_is_sent_with_nothing_beyond_it() -> None:
    with serving(said("Ich heiße Modell.")) as script, client(script) as chat:
        reply = chat.ask(QUESTION)
    assert (reply.text, reply.complete, reply.model) == ("Ich heiße Modell.", True, "model-2026-11-01")
    (heard,) = script.heard
    assert heard.path == "/v1/chat/completions"
    assert heard.body == {
        "model": "small",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Wie heißt du?"},
        ],
        "max_tokens": 24_576,
    }
    assert heard.headers.pop("authorization") == f"Bearer {CANARY}"
    assert CANARY not in str(heard)
    assert set(heard.headers) == {
        "host", "accept", "accept-encoding", "content-type", "content-length", "user-agent",
    }  # fmt: skip
    assert heard.headers["user-agent"] == "worldwright"


def test_the_environment_reaches_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, f"ambient-{name}")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Ambient: ambient\nAuthorization: Bearer ambient")
    with serving(said("a"), said("b")) as script, serving(said("never asked")) as elsewhere:
        monkeypatch.setenv("OPENAI_BASE_URL", elsewhere.address)
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
            monkeypatch.setenv(name, elsewhere.address)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with client(script) as chat:
            chat.ask(QUESTION)
        with Client(settings(script, api_key=None), clock=clock) as keyless:
            keyless.ask(QUESTION)
    with_key, without_key = script.heard
    assert with_key.headers["authorization"] == f"Bearer {CANARY}"
    assert "authorization" not in without_key.headers
    assert "ambient" not in str(script.heard)
    assert elsewhere.heard == []


def test_a_redirect_is_not_followed() -> None:
    with serving(said("never asked")) as elsewhere:
        away = Answer(307, headers={"Location": f"{elsewhere.address}/chat/completions"})
        with serving(away) as script, client(script) as chat, pytest.raises(ArchitectError, match="307"):
            chat.ask(QUESTION)
    assert elsewhere.heard == []


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Every address that anything in the process connects to."""
    seen: list[object] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: object) -> None:
        seen.append(address)
        connect(self, address)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(socket.socket, "connect", watched)
    yield seen


def test_no_connection_is_made_elsewhere(addresses: list[object]) -> None:
    with serving(error(500, "no"), said("yes")) as script, client(script) as chat:
        chat.ask(QUESTION)
        port = int(script.address.rsplit(":", 1)[1].removesuffix("/v1"))
    assert addresses
    assert set(addresses) == {("127.0.0.1", port)}


def test_the_server_asks_for_a_pause_and_gets_it() -> None:
    waits: list[float] = []
    script_of = serving(error(429, "slow down", retry_after="7"), error(503, "busy"), said("done"))
    with script_of as script, client(script, waits=waits) as chat:
        assert chat.ask(QUESTION).text == "done"
        outcomes = [attempt.outcome for attempt in chat.ledger.attempts]
    assert waits == [7.0, 2.0]
    assert outcomes == ["status 429", "status 503", "ok"]
    assert len(script.heard) == 3


def test_a_pause_is_bounded_and_so_are_the_attempts() -> None:
    waits: list[float] = []
    refusals = [error(429, "slow down", retry_after=after) for after in ("86400", "nan", "-3", "soon")]
    said_and_tried = r"429: .*slow down.*\(tried 4 times\)"
    with (
        serving(*refusals) as script,
        client(script, waits=waits) as chat,
        pytest.raises(ArchitectError, match=said_and_tried),
    ):
        chat.ask(QUESTION)
    assert waits == [60.0, 2.0, 4.0]
    assert len(script.heard) == 4


@pytest.mark.parametrize(
    ("answer", "words", "help"),
    [
        (error(401, f"Incorrect API key provided: {CANARY}."), "401", "OPENAI_API_KEY"),
        (error(403, "not yours"), "403: .*not yours", "another model"),
        (error(404, "no such model"), "404: .*no such model", "WORLDWRIGHT_MODEL"),
        (error(400, "max_tokens is too large"), "400: .*too large", None),
        (error(429, "you have no money", code="insufficient_quota"), "no money", "limits"),
    ],
)
def test_what_is_final_is_not_tried_again(answer: Answer, words: str, help: str | None) -> None:
    with (
        serving(answer) as script,
        client(script) as chat,
        pytest.raises(ArchitectError, match=words) as caught,
    ):
        chat.ask(QUESTION)
    assert len(script.heard) == 1
    assert help is None or help in (caught.value.help or "")


def test_a_silent_server_is_a_timeout_that_may_have_been_billed() -> None:
    silent = Answer(silent=True)
    with (
        serving(silent, said("at last")) as script,
        Client(
            settings(script, timeout=0.2, answer_tokens=1000), clock=clock, sleep=lambda seconds: None
        ) as chat,
    ):
        assert chat.ask(QUESTION).text == "at last"
        timed_out, answered = chat.ledger.attempts
    assert (timed_out.outcome, timed_out.usage.tokens_out, timed_out.estimated) == ("timeout", 1000, True)
    assert (answered.outcome, answered.usage.tokens_out, answered.estimated) == ("ok", 50, False)


def test_a_connection_cut_after_the_question_may_have_been_billed_too() -> None:
    with serving(Answer(hangs_up=True), said("at last")) as script, client(script) as chat:
        assert chat.ask(QUESTION).text == "at last"
        cut, _ = chat.ledger.attempts
    assert (cut.outcome, cut.usage.tokens_out, cut.estimated) == ("connection", 24_576, True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b'{"choices": [',
        b"[]",
        b"null",
        b'{"choices": []}',
        b'{"choices": [{"message": "text"}]}',
        b'{"choices": [{"message": {"content": ["a"]}}]}',
        b'{"choices": [{"message": {"content": "a"}}], "usage": {"prompt_tokens": -5}}',
        b"\xff\xfe\x00",
    ],
)
def test_an_answer_outside_the_protocol_is_an_error_and_never_a_default(body: bytes) -> None:
    broken = [Answer(body=body) for _ in range(4)]
    with serving(*broken) as script, client(script) as chat, pytest.raises(ArchitectError) as caught:
        chat.ask(QUESTION)
    assert "does not answer in the Chat Completions protocol" in caught.value.what
    assert {attempt.outcome for attempt in chat.ledger.attempts} == {"malformed"}


def test_a_page_instead_of_json_is_an_error_too() -> None:
    page = Answer(body=b"<html>Log in</html>", headers={"Content-Type": "text/html"})
    with (
        serving(page, page, page, page) as script,
        client(script) as chat,
        pytest.raises(ArchitectError, match="does not answer in the Chat Completions protocol"),
    ):
        chat.ask(QUESTION)


def test_one_broken_answer_is_tried_again() -> None:
    with serving(Answer(body=b"{"), said("whole")) as script, client(script) as chat:
        assert chat.ask(QUESTION).text == "whole"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said(None, refusal="I can't help\x1b[2J\n with that."), r"declined: I can't help\[2J with that\."),
        (said("half", finish="content_filter"), "declined: a content filter"),
    ],
)
def test_a_refusal_is_told_and_not_tried_again(answer: Answer, words: str) -> None:
    with serving(answer) as script, client(script) as chat, pytest.raises(ArchitectError, match=words):
        chat.ask(QUESTION)
    assert [(a.outcome, a.usage.tokens_in) for a in chat.ledger.attempts] == [("refused", 100)]
    assert len(script.heard) == 1


def test_an_answer_without_content_is_empty_and_one_cut_off_says_so() -> None:
    with serving(said(None), said("begin", finish="length")) as script, client(script) as chat:
        assert chat.ask(QUESTION).text == ""
        assert not chat.ask(QUESTION).complete


def test_a_long_message_of_the_server_is_cut() -> None:
    long = error(400, "x" * 100_000)
    with serving(long) as script, client(script) as chat, pytest.raises(ArchitectError) as caught:
        chat.ask(QUESTION)
    assert len(str(caught.value)) < 1000


def test_calls_are_counted_with_their_retries_and_stopped_before_the_next() -> None:
    answers = [error(500, "no"), error(500, "no"), said("unheard")]
    with (
        serving(*answers) as script,
        client(script, Budget(calls=2)) as chat,
        pytest.raises(BudgetExceededError, match="2 calls"),
    ):
        chat.ask(QUESTION)
    assert len(script.heard) == 2


def test_tokens_are_counted_and_the_next_call_is_not_made_when_it_could_exceed_them() -> None:
    with serving(said("a", usage=(3000, 5000)), said("unheard")) as script:
        chat = Client(settings(script, answer_tokens=1000), Budget(tokens=9000), clock=clock)
        with chat:
            chat.ask(QUESTION)
            assert chat.ledger.tokens == 8000
            with pytest.raises(BudgetExceededError, match=r"1,000 of 9,000 are left"):
                chat.ask(QUESTION)
    assert len(script.heard) == 1


def test_a_server_that_reports_no_usage_is_charged_an_estimate() -> None:
    with serving(said("ä" * 300, usage=None)) as script, client(script) as chat:
        chat.ask(QUESTION)
        (attempt,) = chat.ledger.attempts
    assert (attempt.estimated, attempt.usage.tokens_out) == (True, 200)
    assert attempt.usage.tokens_in >= sum(len(message.content) for message in MESSAGES) / 4


def test_nobody_configured_a_model() -> None:
    with pytest.raises(ArchitectError, match="no model is configured") as caught:
        Client(None, clock=clock)
    for variable in ("WORLDWRIGHT_MODEL", "WORLDWRIGHT_BASE_URL", "OPENAI_API_KEY"):
        assert variable in (caught.value.help or "")


def test_no_connection_names_the_address() -> None:
    with serving() as script:
        gone = settings(script)
    chat = Client(gone, clock=clock, sleep=lambda seconds: None)
    with chat, pytest.raises(ArchitectError, match=r"no answer from http://127\.0\.0\.1") as caught:
        chat.ask(QUESTION)
    assert "WORLDWRIGHT_BASE_URL" in (caught.value.help or "")
    assert chat.ledger.tokens == 0


def _everything(raised: BaseException) -> str:
    """All that a logger, a debugger or a database could keep of an exception.

    The locals of every frame are included, but for this test's own, which knows the canary.
    """
    trace = raised.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    parts = [repr(raised), str(raised), repr(vars(raised)), repr(pickle.loads(pickle.dumps(raised)))]
    parts += traceback.TracebackException(type(raised), raised, trace, capture_locals=True).format()
    inner = [error for error in (raised.__cause__, raised.__context__) if error is not None]
    return "\n".join(parts + [_everything(error) for error in inner])


@pytest.mark.parametrize(
    "answers",
    [
        [error(401, f"Incorrect API key provided: {CANARY}. Bearer {CANARY}")],
        [error(400, f"{CANARY} is not sk-other-account-12345678")],
        [Answer(200, CANARY.encode())] * 4,
        [Answer(silent=True)] * 4,
        [said(None, refusal=f"your key {CANARY} is not welcome")],
    ],
)
def test_the_key_reaches_no_exception_log_or_repr(
    answers: list[Answer], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(*answers) as script:
        chat = Client(settings(script, timeout=0.2), clock=clock, sleep=lambda seconds: None)
        with chat, pytest.raises(ArchitectError) as caught:
            chat.ask(QUESTION)
    everything = "\n".join([_everything(caught.value), caplog.text, repr(chat.settings), repr(vars(chat))])
    assert script.heard[0].headers["authorization"] == f"Bearer {CANARY}"
    assert "client.py" in everything
    assert "canary" not in everything
    assert "other-account" not in everything


def test_the_key_reaches_no_answer() -> None:
    with serving(said(f"assumption: {CANARY}", model=f"m {CANARY}")) as script, client(script) as chat:
        reply = chat.ask(QUESTION)
    assert reply.text == "assumption: [key]"
    assert reply.model == "m [key]"


@pytest.mark.parametrize(
    ("key", "text", "clean"),
    [
        ("a+b/c=d!efgh", "at ?key=a%2Bb%2Fc%3Dd%21efgh, a+b/c=d!efgh.", "at ?key=[key], [key]."),
        ("EMPTY", "EMPTY is what a server without keys is told", None),
        ("ollama", "ollama runs here", None),
        (None, "Authorization: Bearer abc.def", "Authorization: Bearer [key]"),
        (None, "Incorrect API key provided: sk-pr****************wxyz.", "Incorrect API key provided: [key]"),
        (None, "a task-based desk-side risk-averse answer", None),
    ],
)
def test_keys_are_blotted_out_of_text(key: str | None, text: str, clean: str | None) -> None:
    model = ModelSettings(model="small", base_url="http://127.0.0.1:1/v1", api_key=key)
    assert model.redact(text) == (text if clean is None else clean)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"model": " "}, "model's name"),
        ({"model": "small\x1b"}, "model's name"),
        ({"base_url": "ftp://example.org"}, "no http"),
        ({"base_url": "example.org/v1"}, "no http"),
        ({"base_url": "http://[::1"}, "no http"),
        ({"base_url": "http://example.org:99999/v1"}, "no http"),
        ({"base_url": f"https://me:{CANARY}@example.org/v1"}, "more than scheme"),
        ({"base_url": f"https://example.org/v1?key={CANARY}"}, "more than scheme"),
        ({"api_key": ""}, "the key is empty"),
        ({"api_key": f"{CANARY}\n"}, "white space"),
        ({"api_key": f"{CANARY}ß"}, "beyond ASCII"),
        ({"timeout": 0.0}, "positive"),
        ({"timeout": float("nan")}, "positive"),
        ({"answer_tokens": 0}, "positive"),
    ],
)
def test_settings_that_cannot_work_are_refused_without_the_key(wrong: dict[str, object], words: str) -> None:
    right: dict[str, object] = {
        "model": "small",
        "base_url": "http://127.0.0.1:1/v1",
        "api_key": "sk-12345678",
    }
    with pytest.raises(ArchitectError, match=words) as caught:
        ModelSettings(**{**right, **wrong})  # pyright: ignore[reportArgumentType]
    assert "canary" not in str(caught.value) + repr(vars(caught.value))


def test_openai_itself_is_asked_for_its_own_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(said("a")) as script, client(script) as chat:
        monkeypatch.setattr("worldwright.architect.protocols.chat.OPENAI", script.address)
        chat.ask(QUESTION)
    assert script.heard[0].body["max_completion_tokens"] == 24_576
    assert "max_tokens" not in script.heard[0].body
