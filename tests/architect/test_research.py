"""Research: figures with pages that were really returned, and strangers' text that harms nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from worldwright.architect import (
    Authored,
    Budget,
    Client,
    InvalidAnswerError,
    Layer,
    ModelSettings,
    author_layer,
)
from worldwright.architect.cleaning import is_control
from worldwright.architect.question import Citation
from worldwright.architect.research import Figure, Research, findings, plain_address

from .model_server import CANARY, Answer, Script, clock, planned, serving
from .responses_shapes import form, message, response, sent
from .web import DOCUMENT, FIGURE, PAYLOAD, URL, conversation, researched


def client(script: Script, **more: Any) -> Client:
    given: dict[str, Any] = {"model": "gpt-large", "protocol": "responses", "api_key": CANARY, **more}
    settings = ModelSettings(base_url=script.address, timeout=10.0, **given)
    return Client(settings, Budget(tokens=10_000_000), clock=clock, sleep=lambda seconds: None)


def authored(*answers: Answer, **more: Any) -> tuple[Authored, Script]:
    with serving(*answers) as script, client(script, **more) as model:
        return author_layer("People of Germany.", Layer("population", "people"), model), script


def test_a_figure_that_was_looked_up_is_cited_and_the_models_own_sources_are_not_taken() -> None:
    done, script = authored(*conversation())
    document = yaml.safe_load(done.text)
    assert set(document["sources"]) == {"destatis"}
    assert document["sources"]["destatis"]["url"] == URL
    assert str(document["sources"]["destatis"]["accessed"]) == "2026-11-20"
    assert document["attributes"]["age"]["source"] == "destatis"
    (citation,) = done.citations
    assert (citation.id, citation.url) == ("destatis", URL)
    searching = [heard.body for heard in script.heard if "tools" in heard.body]
    assert [body["text"]["format"]["name"] for body in searching] == ["research"]


def test_a_page_that_no_search_returned_is_told_of_and_its_figure_not_used() -> None:
    invented = {**FIGURE, "url": "https://www.destatis.de/another"}
    guessed = DOCUMENT.replace("source: destatis", "assumption: a guess")
    done, script = authored(*conversation(guessed, invented))
    assert "sources" not in yaml.safe_load(done.text)
    assert [d.code for d in done.diagnostics if d.code == "WW0835"] == ["WW0835"]
    task = script.heard[3].body["input"][-1]["content"]
    assert "47.1" not in task and "none: nothing was looked up" in task


def test_a_source_that_research_did_not_return_is_sent_back() -> None:
    wrong = DOCUMENT.replace("assumption: a guess", "source: mine")
    right = sent(response(message(f"```yaml\n{DOCUMENT}```")))
    done, script = authored(*conversation(wrong), right)
    assert done.repairs == 1
    told = script.heard[-1].body["input"][-1]["content"]
    assert "error[WW0832] 'mine' is no source that the research returned" in told
    assert "name one of destatis" in told
    assert "WW0601" not in told


def test_without_a_search_every_figure_is_an_assumption() -> None:
    plan = form(attributes=[planned("age", look_up="mean age"), planned("height")])
    cites = sent(response(message(f"```yaml\n{DOCUMENT}```")))
    with pytest.raises(InvalidAnswerError) as caught:
        authored(form(questions=[]), plan, *[cites] * 4, search=False)
    assert {d.code for d in caught.value.diagnostics if d.is_error} == {"WW0832"}


def test_research_is_split_into_calls_that_run_beside_each_other() -> None:
    names = [f"a{number}" for number in range(20)]
    plan = form(attributes=[planned(name, look_up="a figure") for name in names])

    def look_up(heard: Any) -> Answer:
        wanted = heard.body["input"][-1]["content"].split("<wanted>\n")[1].split("\n</wanted>")[0]
        rows = [json.loads(line) for line in wanted.splitlines()]
        return researched(*[{**FIGURE, "attribute": row["attribute"]} for row in rows])

    rows = [
        f"  {n}:\n    type: float\n    distribution: {{uniform: {{min: 0, max: 1}}}}\n    source: destatis\n"
        for n in names
    ]
    document = f"worldwright: population/1\nname: people\nattributes:\n{''.join(rows)}"
    answers = [
        form(questions=[]),
        plan,
        look_up,
        look_up,
        look_up,
        sent(response(message(f"```yaml\n{document}```"))),
    ]
    done, script = authored(*answers)  # pyright: ignore[reportArgumentType]
    assert len(script.heard) == 6
    task = script.heard[-1].body["input"][-1]["content"]
    figures = task.split("<figures>\n")[1].split("\n</figures>")[0].splitlines()
    assert [json.loads(line)["attribute"] for line in figures] == names
    assert len(done.citations) == 1


def test_what_a_page_says_reaches_later_prompts_without_markup_and_never_in_full() -> None:
    _, script = authored(*conversation())
    task = script.heard[3].body["input"][-1]["content"]
    figures = task.split("<figures>\n")[1].split("\n</figures>")[0]
    assert json.loads(figures)["value"] == 47.1
    for mark in ("<", ">", "`", "\x1b", "\u202e", "\x07"):
        assert mark not in figures
    assert "The mean is" not in task and "Ärzte" not in task
    assert task.count("</figures>") == 1


def test_what_a_page_says_is_clean_and_short_in_document_and_citation() -> None:
    done, _ = authored(*conversation())
    assert not any(is_control(character) for character in done.text)
    (citation,) = done.citations
    assert len(citation.title) <= 160 and len(citation.quote) <= 300
    assert not any(
        is_control(character) or character == "\n" for character in citation.title + citation.quote
    )
    assert yaml.safe_load(done.text)["sources"]["destatis"]["title"] == citation.title
    assert PAYLOAD not in done.text


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("https://A.de/x/?utm_source=openai&b=1#top", "https://a.de/x?b=1"),
        ("http://a.de:8080/", "http://a.de:8080"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://a.de/<script>", ""),
        ("https://a.de/a b", ""),
        ("https://user:secret@a.de/x", "https://a.de/x"),
        ("https://[::1", ""),
        ("", ""),
    ],
)
def test_addresses_are_compared_in_a_plain_form_and_must_be_pages(given: str, plain: str) -> None:
    assert plain_address(given) == plain


def test_ids_are_short_words_after_the_host_and_distinct() -> None:
    urls = [
        "https://www.who.int/a",
        "https://www.who.int/b",
        "https://127.0.0.1/x",
        "https://null.de",
        "https://münchen.de/é",
    ]
    given = [{**FIGURE, "what": "m", "quote": "q", "url": url} for url in urls]
    figures = [Figure.model_validate(one) for one in given]
    found = findings([(Research(figures=figures), [Citation(url) for url in urls], "2026-11-20")])
    ids = [citation.id for citation in found.citations]
    assert ids == ["who", "who_2", "source_127", "source_null", "m_nchen"]
