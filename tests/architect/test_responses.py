"""The Responses protocol against shapes that the installed SDK's own models accept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.responses import Response

from worldwright.architect import Budget, Client, Message, ModelSettings, Question
from worldwright.architect.budget import Usage
from worldwright.architect.forms import shape_of
from worldwright.architect.planning import Sufficiency
from worldwright.architect.question import Citation
from worldwright.errors import ArchitectError

from .model_server import CANARY, Answer, Script, clock, error, serving
from .responses_shapes import SEARCHED, cited, message, opened, reasoning, refusal, response, search, sent

ASKED = [
    Message("system", "Be brief."),
    Message("user", "How old?"),
    Message("assistant", "47"),
    Message("user", "And?"),
]
INCOMPLETE = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
FAILED = {"status": "failed", "error": {"code": "server_error", "message": "the engine is out"}}
SHAPES: dict[str, dict[str, Any]] = {
    "text": response(reasoning(), message("47")),
    "searched": response(
        reasoning(),
        search(*SEARCHED),
        opened("https://who.int/data/table"),
        message("47", cited("https://www.destatis.de/aerzte", "Ärzte")),
        tool_usage={
            "image_gen": {
                "input_tokens": 0,
                "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
                "output_tokens": 0,
                "total_tokens": 0,
            },
            "web_search": {"num_requests": 3},
        },
    ),
    "refused": response(refusal("I can't help with that.")),
    "cut": response(message('{"questions": ['), **INCOMPLETE),
    "filtered": response(status="incomplete", incomplete_details={"reason": "content_filter"}),
    "failed": response(**FAILED),
}


def client(script: Script, budget: Budget | None = None, **more: Any) -> Client:
    given: dict[str, Any] = {
        "model": "gpt-large",
        "protocol": "responses",
        "api_key": CANARY,
        "timeout": 10.0,
        **more,
    }
    settings = ModelSettings(base_url=script.address, **given)
    return Client(settings, budget, clock=clock, sleep=lambda seconds: None)


@pytest.mark.parametrize("name", SHAPES)
def test_the_shapes_are_those_of_the_sdk(name: str) -> None:
    read = Response.model_validate(SHAPES[name], strict=True)
    assert read.status == SHAPES[name]["status"]
    assert [item.type for item in read.output] == [item["type"] for item in SHAPES[name]["output"]]


def test_a_question_is_sent_as_instructions_and_input_and_nothing_is_kept_there() -> None:
    with serving(sent(SHAPES["text"])) as script, client(script, effort="low") as model:
        reply = model.ask(Question(ASKED))
    (heard,) = script.heard
    assert heard.path == "/v1/responses"
    assert heard.headers["authorization"] == f"Bearer {CANARY}"
    assert heard.body == {
        "model": "gpt-large",
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "How old?"},
            {"role": "assistant", "content": "47"},
            {"role": "user", "content": "And?"},
        ],
        "max_output_tokens": 24_576,
        "store": False,
        "reasoning": {"effort": "low"},
    }
    assert (reply.text, reply.model, reply.citations) == ("47", "gpt-large-2026-10-01", ())
    (attempt,) = model.ledger.attempts
    assert (attempt.usage, attempt.estimated) == (Usage(320, 80, 0), False)


def test_a_search_gives_the_pages_it_returned_opened_and_cited_and_is_counted() -> None:
    with serving(sent(SHAPES["searched"])) as script, client(script, searches=5) as model:
        reply = model.ask(Question(ASKED, shape_of(Sufficiency), search=True))
    body = script.heard[0].body
    assert body["tools"] == [{"type": "web_search"}] and body["tool_choice"] == "required"
    assert body["max_tool_calls"] == 5 and body["include"] == ["web_search_call.action.sources"]
    assert body["text"]["format"]["strict"] is True
    assert reply.citations == (
        Citation(SEARCHED[0]),
        Citation(SEARCHED[1]),
        Citation("https://who.int/data/table"),
        Citation("https://www.destatis.de/aerzte", "Ärzte"),
    )
    assert model.ledger.usage == Usage(320, 80, 3)


def test_only_a_question_that_searches_has_the_tool() -> None:
    answers = [sent(SHAPES["text"])] * 2
    with serving(*answers) as script, client(script) as model:
        model.ask(Question(ASKED))
        model.settings.can_search  # noqa: B018
    with serving(*answers) as other, client(other, search=False) as model:
        model.ask(Question(ASKED, search=True))
    assert "tools" not in script.heard[0].body
    assert "tools" not in other.heard[0].body


@pytest.mark.parametrize(
    ("name", "words"), [("refused", "I can't help with that"), ("filtered", "a content filter")]
)
def test_a_refusal_is_told_and_not_tried_again(name: str, words: str) -> None:
    with (
        serving(sent(SHAPES[name])) as script,
        client(script) as model,
        pytest.raises(ArchitectError, match=f"declined: {words}"),
    ):
        model.ask(Question(ASKED))
    assert [a.outcome for a in model.ledger.attempts] == ["refused"]
    assert model.ledger.tokens == 400


def test_an_answer_that_is_cut_off_says_so() -> None:
    with serving(sent(SHAPES["cut"])) as script, client(script) as model:
        assert not model.ask(Question(ASKED)).complete


def test_a_failure_inside_an_answer_is_tried_again() -> None:
    with serving(sent(SHAPES["failed"]), sent(SHAPES["text"])) as script, client(script) as model:
        assert model.ask(Question(ASKED)).text == "47"
    assert [a.outcome for a in model.ledger.attempts] == ["failed", "ok"]


def test_a_rate_limit_waits_and_is_not_billed() -> None:
    answers = [error(429, "Rate limit reached", code="rate_limit_exceeded"), sent(SHAPES["text"])]
    with serving(*answers) as script, client(script) as model:
        model.ask(Question(ASKED))
    assert [(a.outcome, a.usage.tokens) for a in model.ledger.attempts] == [("status 429", 0), ("ok", 400)]


def test_a_search_that_times_out_may_have_been_billed_with_its_searches() -> None:
    with serving(Answer(silent=True), sent(SHAPES["text"])) as script:
        model = client(script, timeout=0.2, search_tokens=5_000, answer_tokens=700, searches=2)
        with model:
            model.ask(Question(ASKED, search=True))
    timed_out, _ = model.ledger.attempts
    assert timed_out.outcome == "timeout" and timed_out.estimated
    assert timed_out.usage.tokens_in > 5_000
    assert (timed_out.usage.tokens_out, timed_out.usage.searches) == (700, 2)


@pytest.mark.parametrize(
    "body", [b"{}", b'{"output": 3}', b'{"output": [{}]}', b"<html>", b'{"output": [null]}']
)
def test_an_answer_outside_the_protocol_is_an_error_and_never_a_default(body: bytes) -> None:
    broken = [Answer(body=body)] * 4
    with (
        serving(*broken) as script,
        client(script) as model,
        pytest.raises(ArchitectError, match="does not answer in the Responses protocol"),
    ):
        model.ask(Question(ASKED))


def test_an_unknown_kind_of_output_is_passed_over() -> None:
    body = response({"type": "telepathy", "id": "t", "content": None}, message("47"))
    with serving(sent(json.loads(json.dumps(body)))) as script, client(script) as model:
        assert model.ask(Question(ASKED)).text == "47"
