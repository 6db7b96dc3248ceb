"""`spec merge`: a population of parts, in which every agent is as it would be in its part."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec.random_documents import Plain, populations
from tests.spec.specs import SURGEONS, load, loaded
from tests.spec.test_interpolate import LATER, tree
from worldwright.diagnostics import Diagnostic
from worldwright.population import plan, sample
from worldwright.render import render_text
from worldwright.spec.fmt import formatted
from worldwright.spec.merge import Part, merged, shares_of
from worldwright.spec.source import Source
from worldwright.spec.writer import write

AGENTS = 400


def parts(texts: Sequence[str], shares: Sequence[float]) -> list[Part]:
    found = zip("abc", shares, texts, strict=False)
    return [Part(label, share, tree(text, f"{label}.yaml"), loaded(text)) for label, share, text in found]


def together(texts: Sequence[str], shares: Sequence[float]) -> Plain:
    document, found = merged(parts(texts, shares))
    assert document is not None, [d.message for d in found]
    return document


def clashes(*texts: str, component: str = "component") -> list[Diagnostic]:
    document, found = merged(parts(texts, [0.5, 0.5]), component)
    assert document is None
    return found


def assert_each_is_as_in_its_part(texts: Sequence[str], document: Plain) -> None:
    """Agent by agent, bit by bit; what its part does not know is null."""
    text = write(document)
    population, found = load(text)
    assert population is not None, render_text(found, lambda _: text)
    table = sample(plan(population, 3), 0, AGENTS).to_pydict()
    for label, own in zip("abc", texts, strict=False):
        alone = sample(plan(loaded(own), 3), 0, AGENTS).to_pydict()
        members = [i for i, part in enumerate(table["component"]) if part == label]
        for name in population.columns:
            if name in alone:
                assert [table[name][i] for i in members] == [alone[name][i] for i in members], (name, text)
        known = {
            *loaded(own).columns,
            "component",
            *(n for n in population.columns if n.endswith(f"_in_{label}")),
        }
        for name in {*population.columns} - known:
            assert all(table[name][i] is None for i in members), (name, text)


def test_two_years_of_surgeons() -> None:
    document = together([SURGEONS, LATER], [0.3, 0.7])
    attributes = document["attributes"]
    assert attributes["component"]["distribution"] == {"categorical": {"a": 0.3, "b": 0.7}}
    assert attributes["experience"]["formula"] == "experience_in_a if component == 'a' else experience_in_b"
    assert document["correlations"] == [
        ["age_in_a", "experience_in_a", 0.6],
        ["age_in_b", "experience_in_b", 0.7],
    ]
    assert attributes["private_practice"]["distribution"] == {"boolean": "0.18 if component == 'a' else 0.14"}
    assert_each_is_as_in_its_part([SURGEONS, LATER], document)
    text = write(document)
    assert formatted(Source("f", text)) == (text, [])


def test_a_correlation_with_labels_is_fitted_in_each_part() -> None:
    one = SURGEONS.replace("[age, experience, .6]", "[age, rank, .3]")
    other = one.replace("resident: .34, specialist: .30", "resident: .30, specialist: .34")
    document = together([one, other], [0.5, 0.5])
    assert [pair[:2] for pair in document["correlations"]] == [
        ["age_in_a", "rank_in_a"],
        ["age_in_b", "rank_in_b"],
    ]
    assert_each_is_as_in_its_part([one, other], document)


def test_figures_that_differ_depend_on_the_part() -> None:
    other = SURGEONS.replace("mean: 47, sd: 11", "mean: 49, sd: 11")
    without = [text.replace("correlations:\n  - [age, experience, .6]\n", "") for text in (SURGEONS, other)]
    document = together(without, [0.5, 0.5])
    law = document["attributes"]["age"]["distribution"]["normal"]
    assert law == {"mean": "47 if component == 'a' else 49", "sd": 11, "min": 26, "max": 72}
    assert document["constraints"] == ["experience <= age - 24"]
    assert_each_is_as_in_its_part(without, document)


def test_share_one_gives_the_one() -> None:
    for shares in ([1.0, 0.0], [0.0, 1.0]):
        alone = SURGEONS if shares[0] else LATER
        assert loaded(write(together([SURGEONS, LATER], shares))).digest == loaded(alone).digest


@given(st.data(), st.sampled_from([0.5, 0.3]))
@settings(max_examples=40, deadline=None)
def test_every_agent_is_as_in_its_part(data: st.DataObject, share: float) -> None:
    first = data.draw(populations(most=5, marginals=False))
    second = data.draw(populations(most=5, name="others", like=first, marginals=False))
    texts = [write(first), write(second)]
    document, found = merged(parts(texts, [share, 1 - share]))
    if document is None:
        assert all("`" in d.message and d.related for d in found)
        return
    if any(isinstance(c, dict) and "on_fail" in c for d in (first, second) for c in d.get("constraints", ())):
        assert load(write(document))[0] is not None
        return
    assert_each_is_as_in_its_part(texts, document)


def test_three_parts() -> None:
    texts = [SURGEONS, LATER, LATER.replace("mean: 49", "mean: 51")]
    document = together(texts, shares_of([0.5, 0.2], 3))
    assert document["attributes"]["component"]["distribution"]["categorical"] == {
        "a": 0.5,
        "b": 0.2,
        "c": 0.3,
    }
    assert_each_is_as_in_its_part(texts, document)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  age:\n    type: int", "  age:\n    type: float", "`age` is int in a and float in b"),
        ("senior: .27, chief: .09", "chief: .09, senior: .27", "`rank` has the options"),
        ("    ordered: true\n", "", "`rank` is ordered in a and not ordered in b"),
        ("unit: years", "unit: months", "`experience` is in years in a and months in b"),
    ],
)
def test_what_is_not_one_thing_is_refused_with_both_positions(old: str, new: str, said: str) -> None:
    other = SURGEONS.replace(old, new, 1)
    assert other != SURGEONS
    found = next(d for d in clashes(SURGEONS, other) if said in d.message)
    assert found.code == "WW0141" and found.span is not None and found.span.file == "a.yaml"
    assert found.related[0][0].file == "b.yaml"


def test_marginals_are_those_of_a_whole() -> None:
    targets = "marginals:\n  targets:\n    - {of: private_practice, shares: {false: .8, true: .2}}\n"
    raked = SURGEONS.replace("correlations:", targets + "correlations:")
    found = clashes(raked, SURGEONS)[0]
    assert "marginals of a" in found.message and found.span is not None and found.span.file == "a.yaml"


def test_a_taken_name_is_refused() -> None:
    assert "--component" in str(clashes(SURGEONS, LATER, component="rank")[0].help)


def test_expectations_are_those_of_the_part() -> None:
    expect = together([SURGEONS, LATER], [0.5, 0.5])["expect"]
    assert [item["where"] for item in expect] == ["component == 'a'", "component != 'a'"]
