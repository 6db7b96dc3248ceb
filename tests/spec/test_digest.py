"""The digest of a spec: equal where the meaning is equal, different where it is not."""

import pytest

from tests.spec.specs import AGE, HEAD, RANK, SURGEONS, drawn, loaded


def digest(text: str) -> str:
    return loaded(text).digest


def changed(old: str, new: str) -> str:
    assert SURGEONS.count(old) >= 1
    return digest(SURGEONS.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: german-surgeons\n", "name: german-surgeons  # a comment\n\n"),
        ("name: german-surgeons", "name: other"),
        ("Surgeons practising in Germany, 2024", "Somebody else"),
        ("agents: 2000", "agents: 5"),
        ("Ärztestatistik 2024", "Another title"),
        ("    source: baek24\n", "    assumption: true\n"),
        ("is: 47.1, within: .5", "is: 48, within: 1"),
        ("mean: 47, sd: 11", "sd: 11, mean: 47"),
        ("mean: 47", "mean: 4.7e1"),
        ("mean: age - 28", "mean: (age) - 28.0"),
        ("mean: age - 28", 'mean: "age  -  28"'),
        ("    type: int\n    unit: years\n", "    unit: years\n    type: int\n"),
        ("resident: .01, specialist: .28", "specialist: .28, resident: .01"),
        ("[age, experience, .6]", "[experience, age, 0.60]"),
        ("    ordered: true\n", "    ordered: true\n    description: ranks\n"),
        ("    type: boolean\n", "    type: boolean\n    stream: private_practice\n"),
    ],
)
def test_what_does_not_change_the_meaning(old: str, new: str) -> None:
    assert changed(old, new) == digest(SURGEONS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mean: 47", "mean: 47.5"),
        ("max: 72", "max: 73"),
        (".18", ".19"),
        ("mean: age - 28", "mean: 28 - age"),
        ("experience > 15", "experience >= 15"),
        ("ordered: true", "ordered: false"),
        ("senior: .50, chief: .21", "senior: .51, chief: .20"),
        ("resident: .34, specialist: .30", "specialist: .30, resident: .34"),
        ("only_if: private_practice", "only_if: not private_practice"),
        ("experience, .6]", "experience, .5]"),
        ("experience <= age - 24", "experience <= age - 25"),
        ("unit: years", "unit: months"),
        ("    type: boolean\n", "    type: boolean\n    stream: practice\n"),
        ("lognormal: {mean: 5200, sd: 1900}", "normal: {mean: 5200, sd: 1900}"),
        ("    unit: EUR/month\n", "    unit: EUR/month\n    clip: {min: 500}\n"),
    ],
)
def test_what_changes_the_meaning(old: str, new: str) -> None:
    assert changed(old, new) != digest(SURGEONS)


def test_moving_an_attribute_changes_the_columns_and_so_the_digest() -> None:
    first, second = HEAD + AGE + RANK, HEAD + RANK + AGE
    assert loaded(first).columns != loaded(second).columns
    assert digest(first) != digest(second)


def test_the_order_of_modifiers_matters_and_that_of_correlations_does_not() -> None:
    body = HEAD + AGE + drawn("a") + drawn("b")
    one = body + "correlations:\n  - [a, b, .1]\n  - [age, b, .2]\n"
    two = body + "correlations:\n  - [age, b, .2]\n  - [b, a, .1]\n"
    assert digest(one) == digest(two)
    modified = (
        HEAD + AGE + drawn("c", "{boolean: .2}", "boolean") + "    modifiers:\n      - %s\n      - %s\n"
    )
    first, second = "{when: age > 20, probability: .3}", "{when: age > 30, probability: .4}"
    assert digest(modified % (first, second)) != digest(modified % (second, first))


def test_the_digest_of_the_example_is_fixed() -> None:
    """A change here changes every key in every store: raise `identity.VERSION` and log the change."""
    assert digest(SURGEONS) == "spec:536ee4d1e79e1d37971724885e8a3ef0"
