"""`spec interpolate`: linear between aligned figures, equal elsewhere, refused with positions otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec.random_documents import Plain, populations
from tests.spec.specs import SURGEONS, loaded
from worldwright.diagnostics import Diagnostic
from worldwright.spec import Source, plain, read
from worldwright.spec.diff import Replaced, diff
from worldwright.spec.fmt import formatted
from worldwright.spec.interpolate import interpolated
from worldwright.spec.tree import MappingNode
from worldwright.spec.writer import write


def tree(text: str, file: str = "a.yaml") -> MappingNode:
    node, found = read(text, file)
    assert isinstance(node, MappingNode) and not found
    return node


def between(one: str, other: str, at: float, name: str | None = None) -> Plain:
    document, found = interpolated(tree(one), tree(other, "b.yaml"), at, name)
    assert document is not None, [d.message for d in found]
    return document


def refusals(one: str, other: str, at: float = 0.5) -> list[Diagnostic]:
    document, found = interpolated(tree(one), tree(other, "b.yaml"), at)
    assert document is None
    return found


LATER = (
    SURGEONS.replace("mean: 47, sd: 11, min: 26", "mean: 49, sd: 12, min: 26")
    .replace("resident: .34, specialist: .30", "resident: .30, specialist: .34")
    .replace("boolean: .18", "boolean: .14")
    .replace("[age, experience, .6]", "[age, experience, .7]")
    .replace("agents: 2000", "agents: 3000")
)


def test_figures_are_halfway_and_expressions_stay() -> None:
    document = between(SURGEONS, LATER, 0.5, "halfway")
    attributes = document["attributes"]
    assert attributes["age"]["distribution"] == {"normal": {"mean": 48, "sd": 11.5, "min": 26, "max": 72}}
    assert attributes["rank"]["distribution"]["categorical"] == {
        "resident": 0.32, "specialist": 0.32, "senior": 0.27, "chief": 0.09,
    }  # fmt: skip
    assert attributes["private_practice"]["distribution"] == {"boolean": 0.16}
    assert attributes["experience"]["distribution"]["normal"]["mean"] == "age - 28"
    assert document["correlations"] == [["age", "experience", 0.65]]
    assert document["agents"] == 2500 and document["name"] == "halfway"
    assert document["sources"] == {"baek24": {"title": "Ärztestatistik 2024", "accessed": "2026-11-01"}}
    text = write(document)
    assert loaded(text).name == "halfway" and formatted(Source("f", text)) == (text, [])


def test_a_figure_of_two_sources_says_so() -> None:
    other = LATER.replace("baek24: {title: Ärztestatistik 2024", "baek24: {title: Ärztestatistik 2028")
    age = between(SURGEONS, other, 0.25)["attributes"]["age"]
    assert "source" not in age
    assert age["assumption"] == "interpolated between Ärztestatistik 2024 and Ärztestatistik 2028"


def test_numbers_that_equal_conditions_choose_are_aligned() -> None:
    first, second = (
        SURGEONS.replace("mean: 47", f'mean: "{text}"')
        for text in ("4 if 1 < 2 else (5 if 2 < 3 else 6)", "5 if 1 < 2 else (5 if 2 < 3 else 9)")
    )
    law = between(first, second, 0.5)["attributes"]["age"]["distribution"]["normal"]
    assert law["mean"] == "4.5 if 1 < 2 else 5 if 2 < 3 else 7.5"
    assert refusals(first, second.replace("if 1 < 2", "if 1 < 3"))


def test_dates_are_between_dates() -> None:
    head = "worldwright: population/1\nname: x\nattributes:\n"
    line = "  d: {{type: date, assumption: true, distribution: {{uniform: {{min: {}, max: {}}}}}}}\n"
    days = (("2020-01-01", "2020-01-31"), ("2020-01-11", "2020-02-10"))
    first, second = (head + line.format(*pair) for pair in days)
    law = between(first, second, 0.5)["attributes"]["d"]["distribution"]["uniform"]
    assert law == {"min": "2020-01-06", "max": "2020-02-05"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "mean: age - 28",
            "mean: age - 27",
            "`attributes.experience.distribution.normal.mean` is age - 28 in one",
        ),
        ("mean: 47, sd: 11, ", "mean: age * 2, sd: 11, ", "is 47 in one and age * 2 in the other"),
        (
            "normal: {mean: 47, sd: 11, min: 26, max: 72}",
            "uniform: {min: 26, max: 72}",
            "distribution.normal` is given in",
        ),
        (", max: 72", "", "`attributes.age.distribution.normal.max` is given in german-surgeons only"),
        ("resident: .34, specialist: .30", "specialist: .30, resident: .34", "in another order"),
        ("- when: experience > 15", "- when: experience > 14", "modifiers.0.when` is experience > 15 in one"),
        ("    unit: years\n", "", "`attributes.experience.unit` is given"),
        ("  age:\n    type: int", "  age:\n    type: float", "`attributes.age.type` is int in one and float"),
        ("constraints:\n  - experience <= age - 24\n", "", "`constraints` is given in"),
    ],
)
def test_what_does_not_line_up_is_refused_with_both_positions(old: str, new: str, said: str) -> None:
    other = SURGEONS.replace(old, new, 1)
    assert other != SURGEONS
    found = refusals(SURGEONS, other)
    first = next(d for d in found if said in d.message)
    assert first.code == "WW0140" and first.span is not None and first.related[0][0].file != first.span.file
    assert "worldwright spec merge a.yaml b.yaml --share .5" in str(first.help)
    assert refusals(other, SURGEONS)


def test_trials_stay_whole() -> None:
    head = "worldwright: population/1\nname: x\nattributes:\n"
    texts = [f"{head}  n: {{type: int, distribution: {{binomial: {{n: {n}, p: .5}}}}}}\n" for n in (4, 7)]
    assert "would be 5.5" in refusals(texts[0], texts[1])[0].message
    assert between(texts[0], texts[1], 1 / 3)["attributes"]["n"]["distribution"]["binomial"]["n"] == 5


@st.composite
def twins(draw: st.DrawFn) -> tuple[Plain, Plain]:
    """A document and the same with other figures in some places."""
    one = draw(populations())

    def moved(value: object, path: tuple[str, ...]) -> object:
        if isinstance(value, dict):
            items: dict[str, object] = value
            shares = path[-1:] in (("categorical",), ("weights",))
            if shares and all(isinstance(w, float) for w in items.values()) and draw(st.booleans()):
                return dict(zip(items, list(items.values())[::-1], strict=True))
            return items if shares else {key: moved(part, (*path, key)) for key, part in items.items()}
        if path[-1] == "boolean" and isinstance(value, float):
            return draw(st.sampled_from([value, 0.5]))
        if path[-1] in ("mean", "alpha", "shape") and isinstance(value, (int, float)):
            return value + draw(st.sampled_from([0, 0.5]))
        return value

    other = {**one, "attributes": moved(one["attributes"], ("attributes",))}
    return one, other


@given(twins(), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
@settings(max_examples=60, deadline=None)
def test_the_ends_give_the_ends_and_between_lies_between(pair: tuple[Plain, Plain], at: float) -> None:
    texts = [write(document) for document in pair]
    document = between(texts[0], texts[1], at)
    result = loaded(write(document))
    if at in (0.0, 1.0):
        assert document == pair[int(at)]
        assert result.digest == loaded(texts[int(at)]).digest
    for change in diff(pair[0], document):
        if isinstance(change, Replaced) and change.path[-1] not in ("name", "description", "assumption"):
            assert isinstance(change.new, (int, float))
    both = between(texts[0], texts[0], at)
    assert loaded(write(both)).digest == loaded(texts[0]).digest


@given(populations(), populations(name="others"))
@settings(max_examples=60, deadline=None)
def test_any_two_documents_line_up_or_are_told_apart(one: Plain, other: Plain) -> None:
    document, found = interpolated(tree(write(one)), tree(write(other), "b.yaml"), 0.5)
    assert (document is None) is bool(found)
    assert all(d.span is not None and d.help is not None for d in found)
    if document is not None:
        assert loaded(write(document))


def test_the_tree_and_its_plain_form_agree() -> None:
    assert plain(tree(SURGEONS)) == between(SURGEONS, SURGEONS, 0)
