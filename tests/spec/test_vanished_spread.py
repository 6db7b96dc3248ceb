"""WW0322: which spreads are as good as none, and which are only small."""

import pytest

from tests.spec.specs import AGE, HEAD, drawn, load

INCOME = drawn("income", "{lognormal: {mean: 50000, sd: 30000}}")
RICH = drawn("income", "{lognormal: {mean: 50000, sd: 30000, max: 1e9}}")


def codes(text: str) -> list[str]:
    return [diagnostic.code for diagnostic in load(HEAD + AGE + text)[1]]


@pytest.mark.parametrize(
    "text",
    [
        drawn("x", "{normal: {mean: 3 * age, sd: .0001}}"),
        drawn("x", "{normal: {mean: age, sd: .05}}", "int"),
        INCOME + drawn("x", "{lognormal: {mean: .3 * income + 1, sd: .5}}"),
        drawn("x", "{normal: {mean: age, sd: 9 if age > 30 else .0000001}}"),
        drawn("x", "{boolean: 1 if age > 30 else 0}", "boolean"),
        drawn("x", "{boolean: .3}", "boolean")
        + "    modifiers: [{when: age < 40, probability: 1}, {when: age >= 40, probability: 0}]\n",
        drawn("x", "{categorical: {a: .5, b: .5}}", "categorical")
        + "    modifiers:\n      - {when: age < 40, weights: {a: 1, b: 0}}\n"
        + "      - {when: age >= 40, weights: {a: 0, b: 1}}\n",
    ],
)
def test_clones_are_told(text: str) -> None:
    assert codes(text) == ["WW0322"]


@pytest.mark.parametrize(
    "text",
    [
        drawn("x", "{normal: {mean: 2000, sd: .5}}"),
        drawn("x", "{normal: {mean: 3 * age, sd: .5}}"),
        RICH + drawn("x", "{normal: {mean: .3 * income, sd: 1000}}"),
        drawn("x", "{normal: {mean: age, sd: 9 if age > 30 else .5}}"),
        drawn("x", "{boolean: .3 if age > 30 else 0}", "boolean"),
        drawn("x", "{boolean: .3}", "boolean") + "    modifiers: [{when: age < 40, probability: 0}]\n",
        drawn("x", "{categorical: {a: .5, b: .5}}", "categorical")
        + "    modifiers: [{when: age < 40, weights: {a: 1, b: 0}}]\n",
    ],
)
def test_a_small_spread_and_a_certain_branch_are_none(text: str) -> None:
    assert codes(text) == []
