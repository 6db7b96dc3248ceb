"""Every code raises its diagnostic on its bad example and none on its good one."""

import re

import pytest

from worldwright.diagnostics import Code, Diagnostic
from worldwright.render import render_text
from worldwright.spec import ALL_CODES, Source, load_population

# What one document alone cannot show; these have tests of their own, named here.
ELSEWHERE = {
    "WW0102": "tests/spec/test_reader.py",
    "WW0105": "tests/spec/test_reader.py",
    "WW0140": "tests/spec/test_interpolate.py",
    "WW0141": "tests/spec/test_merge.py",
    "WW0211": "tests/spec/test_scenarios.py",
    "WW0213": "tests/spec/test_scenarios.py",
    "WW0221": "tests/spec/test_empirical.py",
    "WW0222": "tests/spec/test_empirical.py",
    "WW0225": "tests/spec/test_empirical.py",
    "WW0226": "tests/spec/test_empirical.py",
    "WW0501": "tests/spec/test_scenarios.py",
    "WW0522": "tests/spec/test_marginals.py",
    "WW0511": "tests/spec/test_scenarios.py",
}


def found_in(text: str) -> list[Diagnostic]:
    return load_population(Source("example.yaml", text))[1]


@pytest.mark.parametrize("code", ALL_CODES, ids=lambda code: f"{code.id}-{code.slug}")
def test_the_examples_of_a_code(code: Code) -> None:
    if code.id in ELSEWHERE:
        assert not code.bad and not code.good
        return
    bad, good = found_in(code.bad), found_in(code.good)
    mine = [diagnostic for diagnostic in bad if diagnostic.code == code.id]
    assert mine, render_text(bad, lambda _: code.bad)
    assert all(diagnostic.severity is code.severity and diagnostic.slug == code.slug for diagnostic in mine)
    assert all(diagnostic.span is not None for diagnostic in mine)
    assert not good, render_text(good, lambda _: code.good)


@pytest.mark.parametrize("code", ALL_CODES, ids=lambda code: f"{code.id}-{code.slug}")
def test_a_bad_example_shows_its_own_mistake_alone(code: Code) -> None:
    others = {d.code for d in found_in(code.bad)} - {code.id} if code.bad else set[str]()
    assert not others


def test_codes_are_numbered_once_and_named_once() -> None:
    assert len({code.id for code in ALL_CODES}) == len(ALL_CODES)
    assert len({code.slug for code in ALL_CODES}) == len(ALL_CODES)
    assert all(re.fullmatch(r"WW\d{4}", code.id) for code in ALL_CODES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code.slug) for code in ALL_CODES)
    assert all(code.why.endswith(".") for code in ALL_CODES)
