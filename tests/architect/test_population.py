"""Populations and scenarios against a scripted model: what is asked, how it is corrected, when that ends."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
import yaml

from worldwright.architect import (
    Authored,
    Budget,
    BudgetExceededError,
    Client,
    InvalidAnswerError,
    Layer,
    ModelSettings,
    author_layer,
)
from worldwright.architect.authored import Files
from worldwright.architect.drafting import FileCheck
from worldwright.architect.prompting import prompt
from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.errors import ArchitectError
from worldwright.spec import Source, load_population

from .model_server import (
    CANARY,
    NOTHING_OPEN,
    Answer,
    Heard,
    Script,
    clock,
    document,
    error,
    outlined,
    said,
    serving,
)

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


PLAN = outlined("age", "rank")
MORE = outlined("uses_it")


def client(script: Script, budget: Budget | None = None) -> Client:
    settings = ModelSettings(model="small", base_url=script.address, api_key=CANARY, timeout=10.0)
    return Client(settings, budget, clock=clock, sleep=lambda seconds: None)


def population(model: Client, check: FileCheck | None = None) -> Authored:
    return author_layer(BRIEF, Layer("population", "surgeons"), model, check=check)


def scenario(model: Client, base: str = VALID) -> Authored:
    return author_layer("Who uses the tool?", Layer("scenario", "tool", "surgeons", base), model)


def drafts(script: Script) -> list[Heard]:
    """The requests for the document itself, after those for questions and the outline."""
    return script.heard[2:]


def test_the_model_is_asked_with_the_language_and_the_brief() -> None:
    with serving(NOTHING_OPEN, PLAN, document(VALID)) as script, client(script) as model:
        authored = population(model)
    assert authored.text == VALID
    assert (authored.model, authored.repairs) == ("model-2026-11-01", 0)
    (heard,) = drafts(script)
    language, task = heard.messages
    assert (language["role"], task["role"]) == ("system", "user")
    assert language["content"] == prompt("language")
    assert "name: surgeons" in task["content"]
    brief = BRIEF.replace("</brief>", "<\\/brief>")  # it cannot close what it stands in
    assert f"<brief>\n{brief}\n</brief>" in task["content"]
    assert CANARY.encode() not in heard.raw
    assert heard.headers["authorization"] == f"Bearer {CANARY}"


def test_an_invalid_document_is_sent_back_with_its_diagnostics_until_it_is_valid() -> None:
    with serving(NOTHING_OPEN, PLAN, document(INVALID), document(VALID)) as script, client(script) as model:
        authored = population(model)
        tokens = model.ledger.tokens
    assert (authored.text, authored.repairs, tokens) == (VALID, 1, 600)
    first, second = drafts(script)
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
    with serving(NOTHING_OPEN, PLAN, *answers) as script, client(script) as model:
        assert population(model).repairs == 2
    assert [len(heard.messages) for heard in drafts(script)] == [2, 4, 4]
    assert "1999" in drafts(script)[2].messages[2]["content"]


def test_what_stays_invalid_is_an_error_that_holds_the_document() -> None:
    answers = [document(INVALID)] * 4
    with (
        serving(NOTHING_OPEN, PLAN, *answers) as script,
        client(script) as model,
        pytest.raises(InvalidAnswerError) as caught,
    ):
        population(model)
    assert len(drafts(script)) == 4
    failure: InvalidAnswerError = pickle.loads(pickle.dumps(caught.value))
    assert failure.files == {"surgeons.yaml": INVALID}
    assert failure.where == "surgeons"
    assert "still invalid after 4 answers: 1 error" in failure.what
    assert [d.message for d in failure.diagnostics if d.is_error] == [
        d.message for d in load_population(Source("surgeons.yaml", INVALID))[1] if d.is_error
    ]


def test_the_budget_stops_repair_before_the_next_call_and_keeps_the_document() -> None:
    answers = [document(INVALID), document(INVALID), document(VALID)]
    budget = Budget(calls=4)
    with serving(NOTHING_OPEN, PLAN, *answers) as script, client(script, budget) as model:
        with pytest.raises(InvalidAnswerError) as caught:
            population(model)
        assert model.ledger.calls == 4
    assert len(drafts(script)) == 2
    assert caught.value.files == {"surgeons.yaml": INVALID}
    assert "budget of 4 calls" in (caught.value.why or "")


def test_a_budget_too_small_for_one_call_makes_none() -> None:
    with (
        serving(NOTHING_OPEN, PLAN, document(VALID)) as script,
        client(script, Budget(tokens=5_000)) as model,
        pytest.raises(BudgetExceededError, match=r"5,000 of 5,000 are left"),
    ):
        population(model)
    assert script.heard == []


def test_a_server_that_fails_during_repair_does_not_lose_the_document() -> None:
    answers = [document(INVALID), error(401, "expired")]
    with (
        serving(NOTHING_OPEN, PLAN, *answers) as script,
        client(script) as model,
        pytest.raises(InvalidAnswerError) as caught,
    ):
        population(model)
    assert caught.value.files == {"surgeons.yaml": INVALID}
    assert "expired" in (caught.value.why or "")
    assert "OPENAI_API_KEY" in (caught.value.help or "")


def test_a_refusal_ends_it() -> None:
    answer = said(None, refusal="no")
    with (
        serving(NOTHING_OPEN, PLAN, answer) as script,
        client(script) as model,
        pytest.raises(ArchitectError, match="declined"),
    ):
        population(model)
    assert len(drafts(script)) == 1


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
    with serving(NOTHING_OPEN, PLAN, answer, document(VALID)) as script, client(script) as model:
        authored = population(model)
    assert (authored.text, authored.repairs) == (VALID, 1)
    *_, repair = drafts(script)[1].messages
    assert told in repair["content"]
    assert len(drafts(script)[1].messages) == 3


def test_an_empty_answer_during_repair_repeats_what_is_wrong() -> None:
    with (
        serving(NOTHING_OPEN, PLAN, document(INVALID), said(None), document(VALID)) as script,
        client(script) as model,
    ):
        assert population(model).repairs == 2
    *_, answer, repair = drafts(script)[2].messages
    assert INVALID in answer["content"]
    assert "no document" in repair["content"] and "agge" in repair["content"]


def test_no_document_at_all_is_told_as_such() -> None:
    nothing = [said("no")] * 4
    with (
        serving(NOTHING_OPEN, PLAN, *nothing) as script,
        client(script) as model,
        pytest.raises(InvalidAnswerError) as caught,
    ):
        population(model)
    assert "4 answers held no document" in caught.value.what
    assert caught.value.files == {}


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
    with serving(NOTHING_OPEN, PLAN, said(content)) as script, client(script) as model:
        assert population(model).text == VALID


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
    with serving(NOTHING_OPEN, PLAN, document(harmful), document(VALID)) as script, client(script) as model:
        assert population(model).text == VALID
    repair = drafts(script)[1].messages[-1]["content"]
    assert told in repair and "error[WW0831]" in repair


def test_another_document_than_the_one_asked_for_is_sent_back() -> None:
    other = VALID.replace("name: surgeons", "name: doctors")
    with serving(NOTHING_OPEN, PLAN, document(other), document(VALID)) as script, client(script) as model:
        assert population(model).text == VALID
    repair = drafts(script)[1].messages[-1]["content"]
    assert "the document must say name: surgeons" in repair and "error[WW0830]" in repair


def test_many_problems_are_shown_in_part() -> None:
    rows = [f"  a{n}: {{type: int, distribution: {{uniform: {{min: 0, max: gone{n}}}}}}}" for n in range(40)]
    many = VALID + "\n".join(rows) + "\n"
    with serving(NOTHING_OPEN, PLAN, document(many), document(VALID)) as script, client(script) as model:
        population(model)
    repair = drafts(script)[1].messages[-1]["content"]
    assert repair.count("error[WW") == 12
    assert "more errors, shown once these are mended" in repair


def test_a_check_of_ones_own_takes_the_place_of_the_languages() -> None:
    code = Code("WW9999", "own", Severity.ERROR, "A test.")
    seen: list[str] = []

    def check(files: Files) -> list[Diagnostic]:
        seen.append(files["surgeons.yaml"])
        return [code.at(None, "not today")] if len(seen) == 1 else []

    with serving(NOTHING_OPEN, PLAN, document(INVALID), document(INVALID)) as script, client(script) as model:
        authored = population(model, check)
    assert authored.text == INVALID
    assert seen == [INVALID, INVALID]
    assert "error[WW9999] not today" in drafts(script)[1].messages[-1]["content"]


def test_an_empty_brief_is_refused_without_a_call() -> None:
    with serving() as script, client(script) as model, pytest.raises(ArchitectError, match="brief is empty"):
        author_layer(" \n\x00", Layer("population", "surgeons"), model)
    assert script.heard == []


def test_a_scenario_is_written_with_all_that_is_drawn_in_its_base_before_the_models_eyes() -> None:
    with serving(NOTHING_OPEN, MORE, document(SCENARIO)) as script, client(script) as model:
        authored = scenario(model)
    assert authored.text == SCENARIO
    task = drafts(script)[0].messages[1]["content"]
    shown = task.split("<population>\n")[1].split("</population>")[0]
    assert yaml.safe_load(shown)["attributes"] == {
        name: {key: value for key, value in body.items() if key != "assumption"}
        for name, body in yaml.safe_load(VALID)["attributes"].items()
    }
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
    with serving(NOTHING_OPEN, MORE, document(wrong), document(SCENARIO)) as script, client(script) as model:
        authored = scenario(model)
    assert (authored.text, authored.repairs) == (SCENARIO, 1)
    assert "tool.yaml:" in drafts(script)[1].messages[-1]["content"]


def test_a_scenario_on_an_invalid_base_is_refused_without_a_call() -> None:
    with (
        serving() as script,
        client(script) as model,
        pytest.raises(ArchitectError, match="the population a scenario extends is not valid") as caught,
    ):
        scenario(model, INVALID)
    assert script.heard == []
    assert "surgeons.yaml" in (caught.value.help or "")


def test_the_package_is_imported_without_the_openai_client() -> None:
    code = "import sys, worldwright.architect; sys.exit('openai' in sys.modules or 'httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
