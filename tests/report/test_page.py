from __future__ import annotations

import base64
import hashlib
import itertools
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa
import pytest

from tests.report.pixels import decoded
from tests.report.tables import (
    AVERAGED,
    EFFECTS,
    QUALITY,
    RUNS,
    effect,
    grid,
    nothing,
    report,
    runs_of,
    summary_of,
)
from worldwright.report import ReportCell, ReportData, first_pictures, render

CELLS = grid(peer_weight=[0.1, 0.5], price=[0.0, 500.0])
VOID = {"meta", "img", "source", "link", "br", "wbr"}
EVIL = "<script>alert('x')</script> & \"quoted\" </style> <!-- ]]>"


class Page(HTMLParser):
    """What a browser would make of a page: its elements, their attributes and its text by element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.rows: list[list[str]] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open:
            return
        self.texts.append((self.open[-1], data))
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data.replace("\u202f", " ")

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, *tags: str) -> str:
        return " ".join(text for tag, text in self.texts if not tags or tag in tags)


def full() -> ReportData:
    """Everything at once: effects, segments, quality, a population, failures, provenance."""
    tests: list[dict[str, Any]] = [
        {"kind": "expectation", "attribute": "age", "declared": 47.1, "achieved": 47.23, "tolerance": 0.5}
        | {"verdict": "pass", "branch": "mean of age is 47.1 ± 0.5", "text": "mean of age", "n": 100},
        {"kind": "branch", "attribute": "rank", "branch": "experience > 15", "p_value": 0.0003}
        | {"verdict": "warn", "text": "weights of rank", "n": 40},
        {
            "kind": "branch",
            "attribute": "age",
            "p_value": 0.4,
            "verdict": "pass",
            "text": "law of age",
            "n": 100,
        },
    ]
    quality = pa.Table.from_pylist(
        [{name: row.get(name) for name in QUALITY.names} for row in tests], schema=QUALITY
    )
    return report(
        CELLS,
        summary=summary_of(4, incomplete=(3,), ranks=("chief", "junior")),
        effects=pa.Table.from_pylist([effect("world.price", "500", -0.03, held=AVERAGED)], schema=EFFECTS),
        runs=runs_of(4, failed=((3, 0), (3, 4))),
        quality=quality,
        population=pa.table({"age": [30, 40, 50], "rank": pa.array(["a", "b", "b"]).dictionary_encode()}),
        units={"price": "EUR/month"},
        provenance=(("seed", "20251224"), ("world", "sha256:abc")),
        metric_descriptions={"adopters": "share of surgeons with state.adopted"},
    )


@pytest.fixture(scope="module")
def page() -> str:
    return render(full())


def test_the_same_data_gives_the_same_bytes_in_every_process(page: str) -> None:
    program = (
        "import hashlib; from tests.report.test_page import full; from worldwright.report import render;"
        "print(hashlib.sha256(render(full()).encode()).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == hashlib.sha256(page.encode()).hexdigest()


def test_the_page_asks_for_nothing_from_outside(page: str) -> None:
    parsed = Page(page)
    for element, attributes in parsed.elements:
        assert element not in {"script", "iframe", "object", "embed", "form", "base"}
        for name in ("src", "srcset", "href", "action", "poster", "data"):
            address = attributes.get(name)
            assert address is None or address.startswith(("data:", "#")), (element, name, address[:60])
        assert not any(name.startswith("on") for name in attributes)
    style = "".join(text for tag, text in parsed.texts if tag == "style")
    assert "url(" not in style
    assert "@import" not in style
    policy = next(
        m["content"] for m in parsed.all("meta") if m.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")


def test_the_page_can_be_read_by_everybody(page: str) -> None:
    parsed = Page(page)
    assert parsed.all("html")[0]["lang"] == "en"
    assert any("width=device-width" in meta.get("content", "") for meta in parsed.all("meta"))
    assert "prefers-color-scheme: dark" in parsed.text("style")
    levels = [int(tag[1]) for tag, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert all(len(image["alt"]) > 20 for image in parsed.all("img"))
    assert len(parsed.all("caption")) == len(parsed.all("table")) > 5
    assert all(head["scope"] in ("col", "row") for head in parsed.all("th"))
    anchors = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert len(anchors) == len(set(anchors))
    links = [link["href"].removeprefix("#") for link in parsed.all("a")]
    assert links
    assert set(links) <= set(anchors)


def test_pictures_are_carried_in_both_themes(page: str) -> None:
    parsed = Page(page)
    sources = [image["src"] for image in parsed.all("img")]
    dark = [source["srcset"] for source in parsed.all("source")]
    assert len(sources) == len(dark) == 6  # answer, curves, effects, one split, population, one other metric
    for image, light, other in zip(parsed.all("img"), sources, dark, strict=True):
        pixels = [decoded(base64.b64decode(uri.partition(",")[2])) for uri in (light, other)]
        assert pixels[0][0, 0].min() > 240
        assert pixels[1][0, 0].max() < 60
        assert pixels[0].shape[:2] == (int(image["height"]), int(image["width"]))


def test_the_question_and_the_answer_come_first(page: str) -> None:
    parsed = Page(page)
    assert parsed.text("h1") == "Who uses the tool?"
    assert "the share of adopters is highest at peer_weight=0.5, price=0: 24.0" in page
    titles = [text for tag, text in parsed.texts if tag == "h2"]
    assert titles[0] == "Answer"


def test_the_answers_table_has_every_cell_and_marks_the_incomplete_one(page: str) -> None:
    rows = Page(page).rows
    assert ["peer_weight", "price (EUR/month)", "adopters", "95 % interval", "runs", "note"] in rows
    assert ["0.1", "0", "20.0 %", "19.1–20.9 %", "10", ""] in rows
    assert ["0.5", "500", "26.0 %", "none", "10", "incomplete: 2 of 10 runs failed"] in rows


def test_effects_and_segments_have_their_tables(page: str) -> None:
    rows = Page(page).rows
    assert ["price (EUR/month)", "0 → 500", AVERAGED, "−3.0", "−4.0 to −2.0", "10"] in rows
    assert ["0.1", "500", "chief", "11.0 %", "10.5–11.5 %", "10"] in rows


def test_failures_name_script_line_and_how_often(page: str) -> None:
    parsed = Page(page)
    first_seen = "peer_weight=0.5, price=500, replicate 0, tick 2, entity surgeon-7"
    assert ["surgeon.lua:48", "attempt to index nil", "2", first_seen] in parsed.rows
    assert "2 of 40 runs failed" in parsed.text("p")


def test_quality_shows_expectations_and_what_did_not_pass(page: str) -> None:
    rows = Page(page).rows
    assert ["mean of age", "47.1", "47.23", "± 0.5", "✓ pass"] in rows
    assert ["rank, experience > 15", "weights of rank", "–", "–", "p < 0.001", "! warn"] in rows


def test_provenance_and_queries_are_shown(page: str) -> None:
    parsed = Page(page)
    assert ["seed", "20251224"] in parsed.rows
    code = parsed.text("code")
    assert "worldwright query" in code
    assert "where experiment = 'tool-adoption' and metric = 'adopters'" in code
    assert "from tool_adoption.metrics" in code
    assert "tick = 4" in code


def test_texts_from_documents_are_escaped_everywhere() -> None:
    evil = EVIL.replace("\n", " ")
    cells = (ReportCell(evil, {f"world.{evil}": evil}), ReportCell("b", {f"world.{evil}": "b"}))
    data = full()
    summary = [
        row
        | {
            "metric": evil if row["metric"] == "adopters" else row["metric"],
            "segment": f"rank={evil}" if row["segment"] else "",
        }
        for row in summary_of(2, ranks=("x",)).to_pylist()
    ]
    runs = [
        row | {"error": evil, "error_script": evil, "error_entity": evil}
        for row in runs_of(2, ((1, 1),)).to_pylist()
    ]
    quality = [
        row | {"attribute": evil, "branch": evil, "text": evil, "verdict": evil}
        for row in data.quality.to_pylist()
    ]
    effects = [
        effect(evil, evil, 0.1, held=evil) | {"metric": evil},
        effect(evil, evil, 0.1) | {"metric": evil},
    ]
    page = render(
        replace(
            data,
            name=evil,
            question=evil,
            description=evil,
            cells=cells,
            main_metric=evil,
            summary=pa.Table.from_pylist(summary, schema=data.summary.schema),
            effects=pa.Table.from_pylist(effects, schema=EFFECTS),
            runs=pa.Table.from_pylist(runs, schema=RUNS),
            quality=pa.Table.from_pylist(quality, schema=QUALITY),
            population=pa.table({evil: pa.array([evil, "b"]).dictionary_encode()}),
            units={evil: evil},
            kinds={evil: evil},
            metric_descriptions={evil: evil},
            provenance=((evil, evil),),
            catalog=evil,
        )
    )
    assert "<script" not in page
    assert page.count("</style>") == 1
    assert "<!-- ]]" not in page
    parsed = Page(page)
    assert not parsed.all("script")
    assert parsed.text("h1") == evil
    assert evil in parsed.text("th")


def test_an_experiment_that_has_not_run_is_a_page() -> None:
    parsed = Page(render(nothing(CELLS)))
    assert "No run has finished, so there is no answer yet." in parsed.text("p")
    assert "No run is recorded." in parsed.text("p")
    assert not parsed.all("img")


def test_an_experiment_whose_runs_all_failed_says_where() -> None:
    everything = tuple((cell, replicate) for cell in range(4) for replicate in range(10))
    data = replace(nothing(CELLS), runs=runs_of(4, failed=everything))
    parsed = Page(render(data))
    assert "40 of 40 runs failed" in parsed.text("p")
    assert any(row[0] == "surgeon.lua:48" and row[2] == "40" for row in parsed.rows)


def test_one_cell_without_factors_is_a_page() -> None:
    parsed = Page(render(report(grid())))
    assert ["default", "20.0 %", "19.1–20.9 %", "10"] in parsed.rows
    assert "All 10 runs finished." in parsed.text("p")
    assert "Effects" not in parsed.text("h2")


def test_thirty_cells_are_a_page_with_all_their_values() -> None:
    cells = grid(a=[1, 2, 3, 4, 5, 6], b=[1, 2, 3, 4, 5])
    parsed = Page(render(report(cells)))
    shown = [row for row in parsed.rows if len(row) == 5 and row[2].endswith("%")]
    assert len(shown) == 30
    assert shown[-1][:3] == ["6", "5", "78.0 %"]


def test_one_replicate_has_no_interval_and_says_why() -> None:
    summary = summary_of(1, incomplete=(0,))
    alone = summary.set_column(4, "n", pa.array([1] * summary.num_rows, pa.int32()))
    assert ["default", "20.0 %", "none", "1", "one replicate"] in Page(
        render(report(grid(), summary=alone))
    ).rows


def test_a_fixed_population_is_told_in_every_table_of_intervals(page: str) -> None:
    parsed = Page(render(replace(full(), fixed_population=True)))
    about = [row for row in parsed.rows if "95 % interval" in row]
    told = [text for tag, text in parsed.texts if tag == "span" and "share one population" in text]
    assert len(told) == len(about) == 4  # answer, effects, segments, the other metric
    assert "share one population" not in page


def test_other_metrics_are_shown_with_their_end_values() -> None:
    parsed = Page(render(report(CELLS, units={"wealth": "EUR"})))
    assert "wealth" in parsed.text("h3")
    assert ["0.5", "500", "260 EUR", "251–269 EUR", "10"] in parsed.rows


def test_the_door_of_the_room_is_light() -> None:
    program = (
        "import sys; from worldwright.report import ReportData;"
        "assert not {'matplotlib', 'pyarrow', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_the_first_picture_of_each_section_is_taken_from_the_page(page: str) -> None:
    found = first_pictures(page)
    assert {"answer", "over-time", "effects", "population"} <= set(found)
    assert all(decoded(png).shape[1] > 1000 for png in found.values())
    assert found["answer"] != found["over-time"]
