"""Authoring against a scripted model: what it is asked, how it is corrected, and when that ends."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from worldwright.architect import (
    Budget,
    BudgetExceededError,
    ChatClient,
    InvalidDocumentError,
    ModelSettings,
    author_population,
    author_scenario,
)
from worldwright.architect.prompting import prompt
from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.errors import ArchitectError
from worldwright.spec import Source, load_population

from .chat_server import CANARY, Answer, Script, document, error, said, serving

BRIEF = "Surgeons in Germany: how old they are and how far they have come.\n{{name}} </brief>"
VALID = """\
worldwright: population/1
name: surgeons
agents: 2000
attributes:
  age:
    type: int
    unit: years
    distribution: {normal: {mean: 47, sd: 11, min: 20, max: 75}}
    assumption: estimated
  rank:
    type: categorical
    distribution: {categorical: {junior: .6, senior: .4}}
    modifiers:
      - when: age > 55
        weights: {junior: .1, senior: .9}
    assumption: estimated
"""
INVALID = VALID.replace("age > 55", "agge > 55")
SCENARIO = """\
worldwright: scenario/1
name: tool
extends: surgeons
attributes:
  uses_it:
    type: boolean
    distribution: {boolean: .2}
    modifiers:
      - when: rank == 'senior'
        scale: 2
    assumption: estimated
"""


def client(script: Script, budget: Budget | None = None) -> ChatClient:
    settings = ModelSettings(model="small", base_url=script.address, api_key=CANARY, timeout=10.0)
    return ChatClient(settings, budget, sleep=lambda seconds: None)


def test_the_model_is_asked_with_the_language_and_the_brief() -> None:
    with serving(document(VALID)) as script, client(script) as model:
        authored = author_population(BRIEF, "surgeons", model)
    assert authored.text == VALID
    assert (authored.model, authored.repairs) == ("model-2026-11-01", 0)
    (heard,) = script.heard
    language, task = heard.messages
    assert (language["role"], task["role"]) == ("system", "user")
    assert language["content"] == prompt("language")
    assert "name: surgeons" in task["content"]
    assert f"<brief>\n{BRIEF}\n</brief>" in task["content"]
    assert CANARY.encode() not in heard.raw
    assert heard.headers["authorization"] == f"Bearer {CANARY}"


def test_an_invalid_document_is_sent_back_with_its_diagnostics_until_it_is_valid() -> None:
    with serving(document(INVALID), document(VALID)) as script, client(script) as model:
        authored = author_population(BRIEF, "surgeons", model)
        tokens = model.ledger.tokens
    assert (authored.text, authored.repairs, tokens) == (VALID, 1, 300)
    first, second = script.heard
    *opening, answer, repair = second.messages
    assert opening == first.messages
    assert answer == {"role": "assistant", "content": f"```yaml\n{INVALID}```"}
    assert repair["role"] == "user"
    line = INVALID.splitlines().index("      - when: agge > 55") + 1
    assert f"surgeons.yaml:{line}:15 error[WW" in repair["content"]
    assert f"{line:5d} |       - when: agge > 55" in repair["content"]
    assert "^^^^" in repair["content"]
    assert CANARY.encode() not in first.raw + second.raw


def test_only_the_last_document_is_sent_back() -> None:
    answers = [document(INVALID), document(INVALID.replace("2000", "1999")), document(VALID)]
    with serving(*answers) as script, client(script) as model:
        assert author_population(BRIEF, "surgeons", model).repairs == 2
    assert [len(heard.messages) for heard in script.heard] == [2, 4, 4]
    assert "1999" in script.heard[2].messages[2]["content"]


def test_what_stays_invalid_is_an_error_that_holds_the_document() -> None:
    answers = [document(INVALID)] * 4
    with serving(*answers) as script, client(script) as model, pytest.raises(InvalidDocumentError) as caught:
        author_population(BRIEF, "surgeons", model)
    assert len(script.heard) == 4
    failure: InvalidDocumentError = pickle.loads(pickle.dumps(caught.value))
    assert failure.text == INVALID
    assert failure.where == "surgeons"
    assert "still invalid after 4 answers: 1 error" in failure.what
    assert [d.message for d in failure.diagnostics if d.is_error] == [
        d.message for d in load_population(Source("surgeons.yaml", INVALID))[1] if d.is_error
    ]


def test_the_budget_stops_repair_before_the_next_call_and_keeps_the_document() -> None:
    answers = [document(INVALID), document(INVALID), document(VALID)]
    budget = Budget(calls=2)
    with serving(*answers) as script, client(script, budget) as model:
        with pytest.raises(InvalidDocumentError) as caught:
            author_population(BRIEF, "surgeons", model)
        assert model.ledger.calls == 2
    assert len(script.heard) == 2
    assert caught.value.text == INVALID
    assert "budget of 2 calls" in (caught.value.why or "")


def test_a_budget_too_small_for_one_call_makes_none() -> None:
    with (
        serving(document(VALID)) as script,
        client(script, Budget(tokens=5_000)) as model,
        pytest.raises(BudgetExceededError, match=r"5,000 of 5,000 are left"),
    ):
        author_population(BRIEF, "surgeons", model)
    assert script.heard == []


def test_a_server_that_fails_during_repair_does_not_lose_the_document() -> None:
    answers = [document(INVALID), error(401, "expired")]
    with serving(*answers) as script, client(script) as model, pytest.raises(InvalidDocumentError) as caught:
        author_population(BRIEF, "surgeons", model)
    assert caught.value.text == INVALID
    assert "expired" in (caught.value.why or "")
    assert "OPENAI_API_KEY" in (caught.value.help or "")


def test_a_refusal_ends_it() -> None:
    answer = said(None, refusal="no")
    with serving(answer) as script, client(script) as model, pytest.raises(ArchitectError, match="declined"):
        author_population(BRIEF, "surgeons", model)
    assert len(script.heard) == 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (said(None), "no document"),
        (said(""), "no document"),
        (said("I would rather talk about the weather."), "no document"),
        (said("```yaml\nname: surgeons\n```"), "no document"),
        (said(f"```yaml\n{VALID}```\nor\n```yaml\n{VALID}```"), "2 documents"),
        (document(VALID, finish="length"), "cut off"),
        (document(VALID + "# " + "x" * 60_000 + "\n"), "Your document has 60,"),
        (said("x" * 1_000_000 + f"\n```yaml\n{VALID}```"), "Your answer has 1,"),
    ],
)
def test_an_answer_without_one_whole_document_is_asked_for_again(answer: Answer, told: str) -> None:
    with serving(answer, document(VALID)) as script, client(script) as model:
        authored = author_population(BRIEF, "surgeons", model)
    assert (authored.text, authored.repairs) == (VALID, 1)
    *_, repair = script.heard[1].messages
    assert told in repair["content"]
    assert len(script.heard[1].messages) == 3


def test_an_empty_answer_during_repair_repeats_what_is_wrong() -> None:
    with serving(document(INVALID), said(None), document(VALID)) as script, client(script) as model:
        assert author_population(BRIEF, "surgeons", model).repairs == 2
    *_, answer, repair = script.heard[2].messages
    assert INVALID in answer["content"]
    assert "no document" in repair["content"] and "agge" in repair["content"]


def test_no_document_at_all_is_told_as_such() -> None:
    nothing = [said("no")] * 4
    with serving(*nothing) as script, client(script) as model, pytest.raises(InvalidDocumentError) as caught:
        author_population(BRIEF, "surgeons", model)
    assert "4 answers held no document" in caught.value.what
    assert caught.value.text == ""


@pytest.mark.parametrize(
    "content",
    [
        VALID,
        f"\n{VALID}\n",
        f"Of course.\n\n{VALID}",
        f"```\n{VALID}\n```",
        f"~~~yaml\n{VALID}~~~",
        f"```yml\n{VALID.replace(chr(10), chr(13) + chr(10))}```",
        f"<think>\n```yaml\n{INVALID}```\n</think>\n```yaml\n{VALID}```",
        f"I think I am done.</thinking>\n```yaml\n{VALID}```",
        f"Such as:\n```yaml\nage > 55\n```\nThe document:\n````yaml\n{VALID}````\n",
        f"```yaml\n{VALID.replace('surgeons', 'sur' + chr(0x202E) + 'geons' + chr(27) + chr(0xFEFF))}```",
    ],
)
def test_the_document_is_found_and_cleaned(content: str) -> None:
    with serving(said(content)) as script, client(script) as model:
        assert author_population(BRIEF, "surgeons", model).text == VALID


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('description: "a\\e[31mred"', "U+001B"),
        ('description: "a\\u202Eb"', "U+202E"),
        ('description: "a\\0b"', "U+0000"),
        (f"description: {'long ' * 300}", "more than 1,000"),
    ],
)
def test_free_text_that_would_do_harm_is_sent_back(line: str, told: str) -> None:
    harmful = VALID.replace("agents: 2000", line)
    with serving(document(harmful), document(VALID)) as script, client(script) as model:
        assert author_population(BRIEF, "surgeons", model).text == VALID
    repair = script.heard[1].messages[-1]["content"]
    assert told in repair and "error[WW0831]" in repair


def test_another_document_than_the_one_asked_for_is_sent_back() -> None:
    other = VALID.replace("name: surgeons", "name: doctors")
    with serving(document(other), document(VALID)) as script, client(script) as model:
        assert author_population(BRIEF, "surgeons", model).text == VALID
    repair = script.heard[1].messages[-1]["content"]
    assert "the document must say name: surgeons" in repair and "error[WW0830]" in repair


def test_many_problems_are_shown_in_part() -> None:
    rows = [f"  a{n}: {{type: int, distribution: {{uniform: {{min: 0, max: gone{n}}}}}}}" for n in range(40)]
    many = VALID + "\n".join(rows) + "\n"
    with serving(document(many), document(VALID)) as script, client(script) as model:
        author_population(BRIEF, "surgeons", model)
    repair = script.heard[1].messages[-1]["content"]
    assert repair.count("error[WW") == 12
    assert "more errors, shown once these are mended" in repair


def test_a_check_of_ones_own_takes_the_place_of_the_languages() -> None:
    code = Code("WW9999", "own", Severity.ERROR, "A test.")
    seen: list[str] = []

    def check(text: str) -> list[Diagnostic]:
        seen.append(text)
        return [code.at(None, "not today")] if len(seen) == 1 else []

    with serving(document(INVALID), document(INVALID)) as script, client(script) as model:
        authored = author_population(BRIEF, "surgeons", model, check)
    assert authored.text == INVALID
    assert seen == [INVALID, INVALID]
    assert "error[WW9999] not today" in script.heard[1].messages[-1]["content"]


def test_an_empty_brief_is_refused_without_a_call() -> None:
    with serving() as script, client(script) as model, pytest.raises(ArchitectError, match="brief is empty"):
        author_population(" \n\x00", "surgeons", model)
    assert script.heard == []


def test_a_scenario_is_written_with_the_whole_base_before_the_models_eyes() -> None:
    with serving(document(SCENARIO)) as script, client(script) as model:
        authored = author_scenario("Who uses the tool?", "tool", "surgeons", VALID, model)
    assert authored.text == SCENARIO
    task = script.heard[0].messages[1]["content"]
    assert f"<population>\n{VALID}</population>" in task
    assert "<brief>\nWho uses the tool?\n</brief>" in task
    assert "extends: surgeons" in task
    population, _ = load_population(Source("surgeons.yaml", VALID), Source("tool.yaml", authored.text))
    assert population is not None and population.columns == ("age", "rank", "uses_it")


@pytest.mark.parametrize(
    "wrong",
    [
        SCENARIO.replace("'senior'", "'chief'"),
        SCENARIO.replace("extends: surgeons", "extends: doctors"),
        SCENARIO.replace("uses_it:", "age:"),
        VALID,
    ],
)
def test_a_scenario_is_checked_against_its_base(wrong: str) -> None:
    with serving(document(wrong), document(SCENARIO)) as script, client(script) as model:
        authored = author_scenario("Who uses the tool?", "tool", "surgeons", VALID, model)
    assert (authored.text, authored.repairs) == (SCENARIO, 1)
    assert "tool.yaml:" in script.heard[1].messages[-1]["content"]


def test_a_scenario_on_an_invalid_base_is_refused_without_a_call() -> None:
    with (
        serving() as script,
        client(script) as model,
        pytest.raises(ArchitectError, match="the population a scenario extends is not valid") as caught,
    ):
        author_scenario("Who uses the tool?", "tool", "surgeons", INVALID, model)
    assert script.heard == []
    assert "surgeons.yaml" in (caught.value.help or "")


def test_the_package_is_imported_without_the_openai_client() -> None:
    code = "import sys, worldwright.architect; sys.exit('openai' in sys.modules or 'httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
