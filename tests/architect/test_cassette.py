"""Recordings: what was asked and answered once is repeated without a network, to the byte."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from worldwright.architect import (
    Budget,
    BudgetExceededError,
    Client,
    Message,
    ModelSettings,
    Prices,
    Question,
)
from worldwright.architect.budget import Ledger, Usage
from worldwright.architect.cassette import Mode
from worldwright.errors import ArchitectError

from .model_server import CANARY, Answer, clock, error, said, serving

QUESTION = Question([Message("system", "Be brief."), Message("user", f"My key is {CANARY}. How old?")])
PRICES = Prices(input=2, output=10, search=0.01)


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket can be made."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("replaying opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def client(address: str, mode: Mode, folder: Path, **more: object) -> Client:
    settings = ModelSettings(model="small", base_url=address, api_key=CANARY, **more)  # pyright: ignore[reportArgumentType]
    return Client(settings, clock=clock, mode=mode, cassettes=folder, sleep=lambda seconds: None)


def recorded(folder: Path, *answers: Answer, questions: int = 1) -> list[str]:
    with serving(*answers) as script, client(script.address, "record", folder, timeout=1.0) as model:
        return [model.ask(QUESTION).text for _ in range(questions)]


def test_an_answer_is_repeated_without_a_network(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    assert recorded(tmp_path, said("47")) == ["47"]
    request.getfixturevalue("blocked")
    with client("http://127.0.0.1:1/v1", "replay", tmp_path) as model:
        reply = model.ask(QUESTION)
        assert (reply.text, reply.model, reply.at) == ("47", "model-2026-11-01", clock())
        assert model.ledger.usage == Usage(100, 50)
        (attempt,) = model.ledger.attempts
    (file,) = tmp_path.iterdir()
    assert attempt.cassette == f"cassette:{file.stem.replace('-', ':')}"


def test_retries_and_repeated_questions_are_repeated_in_their_order(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    answers = [error(503, "busy"), Answer(hangs_up=True), said("one"), said("two")]
    assert recorded(tmp_path, *answers, questions=2) == ["one", "two"]
    assert len(list(tmp_path.iterdir())) == 4
    request.getfixturevalue("blocked")
    with client("http://127.0.0.1:1/v1", "replay", tmp_path) as model:
        assert [model.ask(QUESTION).text for _ in range(2)] == ["one", "two"]
        outcomes = [(a.outcome, a.estimated) for a in model.ledger.attempts]
    assert outcomes == [("status 503", False), ("connection", True), ("ok", False), ("ok", False)]


def test_a_recording_holds_no_key(tmp_path: Path) -> None:
    recorded(tmp_path, said(f"your key is {CANARY}"))
    (file,) = tmp_path.iterdir()
    text = file.read_text()
    assert "canary" not in text and "Bearer" not in text and "authorization" not in text.lower()
    assert json.loads(text)["request"]["body"]["messages"][1]["content"] == "My key is [key]. How old?"


def test_what_was_not_recorded_is_an_error_that_says_how(tmp_path: Path) -> None:
    recorded(tmp_path, said("47"))
    with (
        client("http://127.0.0.1:1/v1", "replay", tmp_path, answer_tokens=7) as model,
        pytest.raises(ArchitectError, match="no recording of this request") as caught,
    ):
        model.ask(QUESTION)
    assert "--record" in (caught.value.help or "")
    assert model.ledger.calls == 0


@pytest.mark.parametrize("damage", ["{", '{"worldwright": "cassette/2"}', None])
def test_a_damaged_recording_is_an_error(tmp_path: Path, damage: str | None) -> None:
    recorded(tmp_path, said("47"))
    (file,) = tmp_path.iterdir()
    file.write_text(damage if damage is not None else file.read_text().replace("How old", "How tall"))
    with (
        client("http://127.0.0.1:1/v1", "replay", tmp_path) as model,
        pytest.raises(ArchitectError, match="cannot be read"),
    ):
        model.ask(QUESTION)


def test_recording_again_replaces_what_was_there(tmp_path: Path) -> None:
    recorded(tmp_path, said("47"))
    recorded(tmp_path, said("48"))
    with client("http://127.0.0.1:1/v1", "replay", tmp_path) as model:
        assert model.ask(QUESTION).text == "48"


def test_live_keeps_nothing(tmp_path: Path) -> None:
    with serving(said("47")) as script, client(script.address, "live", tmp_path) as model:
        model.ask(QUESTION)
    assert list(tmp_path.iterdir()) == []


def test_without_a_key_only_replay_goes_on(tmp_path: Path) -> None:
    settings = ModelSettings(model="large")
    with pytest.raises(ArchitectError, match="no key"):
        Client(settings, clock=clock)
    Client(settings, clock=clock, mode="replay", cassettes=tmp_path).close()


def test_money_is_limited_before_it_is_spent() -> None:
    settings = {"model": "small", "api_key": CANARY, "answer_tokens": 1_000, "prices": PRICES}
    with serving(said("a", usage=(10_000, 8_000)), said("unheard")) as script:
        model = Client(
            ModelSettings(base_url=script.address, **settings),  # pyright: ignore[reportArgumentType]
            Budget(money=0.105),
            clock=clock,
        )
        with model:
            model.ask(QUESTION)
            assert model.ledger.cost == pytest.approx(0.1)  # 10,000 in at 2 and 8,000 out at 10 a million
            with pytest.raises(BudgetExceededError, match=r"could cost 0\.01 USD; 0\.00 of 0\.1"):
                model.ask(QUESTION)
    assert len(script.heard) == 1


def test_a_limit_on_money_needs_prices() -> None:
    with pytest.raises(ArchitectError, match="needs prices"):
        Ledger(Budget(money=1))


def test_what_is_in_flight_counts_as_reserved() -> None:
    ledger = Ledger(Budget(calls=2, tokens=1_000))
    first = ledger.reserve(Usage(300, 300))
    with pytest.raises(BudgetExceededError, match="400 of 1,000 are left"):
        ledger.reserve(Usage(300, 300))
    ledger.release(first)
    ledger.reserve(Usage(300, 300))
    ledger.reserve(Usage(1, 1))
    with pytest.raises(BudgetExceededError, match="2 calls"):
        ledger.reserve(Usage(1, 1))


def test_no_more_requests_are_in_flight_than_allowed(tmp_path: Path) -> None:
    import threading

    most, now, lock, all_here = 0, 0, threading.Lock(), threading.Barrier(3, timeout=20)

    def work(item: int) -> int:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        all_here.wait()
        with lock:
            now -= 1
        return item * 2

    model = client("http://127.0.0.1:1/v1", "live", tmp_path, concurrent=3)
    with model.together() as each:
        assert each(work, list(range(9))) == [item * 2 for item in range(9)]
    assert most == 3
