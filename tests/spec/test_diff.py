"""`spec diff`: what changed by meaning; the difference applied to the old gives the new."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec.random_documents import Plain, populations
from tests.spec.specs import SURGEONS, loaded
from worldwright.cli.spec_changes import change_json
from worldwright.errors import UsageError
from worldwright.spec import Source, plain, read
from worldwright.spec.diff import (
    Added,
    Change,
    Removed,
    Reordered,
    Replaced,
    apply,
    attributes_of,
    diff,
    enters_the_digest,
)
from worldwright.spec.patch import changes_from, patched
from worldwright.spec.writer import write


def document(text: str) -> dict[str, Any]:
    node, found = read(text, "f.yaml")
    assert node is not None and not found
    return plain(node)


def test_layout_and_spelling_are_no_changes() -> None:
    other = SURGEONS.replace("mean: age - 28", 'mean: "(age)-28.0"').replace("mean: 47", "mean: 4.7e1")
    other = other.replace("sd: 11, min: 26", "min: 26, sd: 11")
    assert other != SURGEONS and diff(document(SURGEONS), document(other)) == ()


CHANGES = [
    ("mean: 47", "mean: 49"),
    ("mean: age - 28", "mean: age - 29"),
    ("senior: .27, chief: .09", "senior: .28, chief: .08"),
    ("    unit: years\n", ""),
    ("    type: boolean\n", "    type: boolean\n    stream: practice\n"),
    (
        "      - when: experience > 15\n",
        "      - {when: age > 60, scale: {chief: 2}}\n      - when: experience > 15\n",
    ),
    ("resident: .34, specialist: .30", "specialist: .30, resident: .34"),
    ("constraints:\n  - experience <= age - 24\n", ""),
    ("[age, experience, .6]", "[age, experience, .5]"),
    ("is: 47.1", "is: 47.2"),
    ("normal: {mean: 47, sd: 11, min: 26, max: 72}", "uniform: {min: 26, max: 72}"),
]


@pytest.mark.parametrize("forwards", [True, False])
@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_the_difference_applied_to_the_old_gives_the_new(old: str, new: str, forwards: bool) -> None:
    texts = [SURGEONS, SURGEONS.replace(old, new, 1)]
    assert texts[0] != texts[1]
    before, after = texts if forwards else reversed(texts)
    changes = diff(document(before), document(after))
    assert changes
    result = apply(changes, document(before))
    assert diff(result, document(after)) == ()
    rewritten = yaml.safe_dump(result, sort_keys=False, allow_unicode=True)
    assert loaded(rewritten).digest == loaded(after).digest
    drawn = any(enters_the_digest(change) for change in changes)
    assert drawn == (loaded(before).digest != loaded(after).digest)


def test_changes_say_where_and_what() -> None:
    text = SURGEONS.replace("mean: 47", "mean: 49").replace("    unit: years\n", "")
    text = text.replace("resident: .34, specialist: .30", "specialist: .30, resident: .34")
    changes = diff(document(SURGEONS), document(text))
    assert changes == (
        Replaced(("attributes", "age", "distribution", "normal", "mean"), 47, 49),
        Removed(("attributes", "experience", "unit"), "years"),
        Reordered(
            ("attributes", "rank", "distribution", "categorical"),
            ("resident", "specialist", "senior", "chief"),
            ("specialist", "resident", "senior", "chief"),
        ),
    )
    assert attributes_of(changes) == ("age", "experience", "rank")


VALUES = st.one_of(st.integers(0, 3), st.sampled_from(["a + 1", "a+1", "b", ".5"]), st.booleans())
MODIFIERS = st.lists(
    st.fixed_dictionaries({"when": VALUES}, optional={"add": VALUES, "multiply": VALUES}), max_size=4
)
ATTRIBUTES = st.fixed_dictionaries(
    {"type": st.sampled_from(["int", "float"])},
    optional={
        "formula": VALUES,
        "modifiers": MODIFIERS,
        "distribution": st.fixed_dictionaries(
            {}, optional={"categorical": st.dictionaries(st.sampled_from("xyz"), VALUES)}
        ),
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {"attributes": st.dictionaries(st.sampled_from("abcd"), ATTRIBUTES)},
    optional={"constraints": st.lists(VALUES, max_size=4), "agents": st.integers(1, 3)},
)


@given(DOCUMENTS, DOCUMENTS)
def test_the_law_of_differences(old: dict[str, Any], new: dict[str, Any]) -> None:
    changes = diff(old, new)
    result = apply(changes, old)
    assert diff(result, new) == ()
    assert list(result["attributes"]) == list(new["attributes"])
    assert diff(old, old) == ()
    assert bool(changes) == bool(diff(new, old))


def test_applying_leaves_the_old_as_it_is_and_refuses_what_does_not_fit() -> None:
    old = document(SURGEONS)
    apply((Added(("attributes", "x"), {"type": "int"}), Removed(("agents",), 2000)), old)
    assert old == document(SURGEONS)
    with pytest.raises(KeyError):
        apply((Removed(("attributes", "nobody"), None),), old)


def as_json(changes: tuple[Change, ...]) -> Any:
    return json.loads(json.dumps({"changes": [change_json(change) for change in changes]}))


@given(populations(), populations(name="others"))
@settings(max_examples=60, deadline=None)
def test_a_difference_of_two_specs_applied_to_the_old_gives_the_new(old: Plain, new: Plain) -> None:
    changes = changes_from(as_json(diff(old, new)))
    text = patched(Source("f.yaml", write(old)), changes)
    assert diff(document(text), new) == ()
    population = loaded(text)
    assert population.digest == loaded(write(new)).digest and population.name == "others"
    drawn = any(enters_the_digest(change) for change in changes)
    assert drawn or population.digest == loaded(write(old)).digest


def test_single_values_are_edited_in_place() -> None:
    commented = SURGEONS.replace("mean: age - 28", "mean: age - 28  # after the boards")
    new = SURGEONS.replace("mean: age - 28", "mean: age - 29").replace("mean: 47", "mean: 49")
    text = patched(Source("f.yaml", commented), diff(document(SURGEONS), document(new)))
    assert "mean: age - 29  # after the boards\n" in text and loaded(text).digest == loaded(new).digest


@pytest.mark.parametrize("old", [*(pair[0] for pair in CHANGES[:4])])
def test_changes_of_another_document_are_refused(old: str) -> None:
    changes = diff(
        document(SURGEONS), document(SURGEONS.replace(*next(c for c in CHANGES if c[0] == old), 1))
    )
    other = SURGEONS.replace("mean: 47", "mean: 40").replace("mean: age - 28", "mean: age - 20")
    other = other.replace("senior: .27, chief: .09", "senior: .26, chief: .1").replace(
        "unit: years", "unit: months"
    )
    with pytest.raises(UsageError, match="made from another document"):
        patched(Source("f.yaml", other), changes)


NO_CHANGES = [
    [],
    {"changes": 3},
    {"changes": [1]},
    {"changes": [{"kind": "moved", "path": ["a"]}]},
    {"changes": [{"kind": "added", "path": [], "new": 1}]},
    {"changes": [{"kind": "added", "path": [True]}]},
    {"changes": [{"kind": "reordered", "path": ["attributes"], "old": 1}]},
]


@pytest.mark.parametrize("data", NO_CHANGES)
def test_what_is_no_list_of_changes_is_refused(data: Any) -> None:
    with pytest.raises(UsageError):
        patched(Source("f.yaml", SURGEONS), changes_from(data))
