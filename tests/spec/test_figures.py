"""Figures that cannot be: what checks of distributions, modifiers and expectations catch beyond examples."""

import pytest

from tests.spec.specs import AGE, HEAD, RANK, drawn, load
from worldwright.render import render_text

SCORE = "{normal: {mean: 3, sd: 1, min: 0, max: 6}}"


def said(text: str) -> dict[str, str]:
    _, diagnostics = load(text)
    return {diagnostic.code: diagnostic.message for diagnostic in diagnostics}


@pytest.mark.parametrize(
    ("kind", "distribution", "code", "message"),
    [
        ("float", "{lognormal: {mean: 3, sd: 1, max: -2}}", "WW0303", "never below 0"),
        ("int", "{binomial: {n: 5, p: .5, min: 6}}", "WW0303", "never above 5"),
        ("int", "{normal: {mean: 3, sd: 1, min: 3.2, max: 3.7}}", "WW0303", "no whole number"),
        ("float", "{uniform: {min: 3, max: 3}}", "WW0303", "never below its max"),
        ("float", "{uniform: {min: age, max: 10}}", "WW0303", "never below its max"),
        ("float", "{normal: {mean: 3, sd: 5 - age}}", "WW0302", "the sd of `x`"),
        ("float", "{beta: {alpha: 0, beta: 2}}", "WW0302", "the alpha of `x`"),
        ("float", "{gamma: {shape: 1, scale: -1}}", "WW0302", "the scale of `x`"),
        ("int", "{poisson: {mean: 0}}", "WW0302", "the mean of `x`"),
        ("float", "{triangular: {min: age, mode: 3, max: 90}}", "WW0304", "below the min"),
        ("boolean", "{boolean: age}", "WW0305", "never between 0 and 1"),
        ("boolean", "{boolean: -.1}", "WW0305", "is -0.1"),
        ("int", "{binomial: {n: -2, p: .5}}", "WW0306", "-2 trials"),
        ("int", "{beta: {alpha: 2, beta: 2}}", "WW0301", "no int values"),
        ("text", SCORE, "WW0301", "no text values"),
        ("categorical", "{categorical: {a: 1/3, b: 1/3, c: 1/3, d: .1}}", "WW0312", "sum to 1.1"),
    ],
)
def test_figures_that_cannot_be(kind: str, distribution: str, code: str, message: str) -> None:
    found = said(HEAD + AGE + drawn("x", distribution, kind))
    assert message in found[code]


@pytest.mark.parametrize(
    ("kind", "distribution"),
    [
        ("float", "{uniform: {min: age, max: 40}}"),
        ("float", "{normal: {mean: 3, sd: age / 10}}"),
        ("boolean", "{boolean: age / 100}"),
        ("categorical", "{categorical: {a: age / 100, b: 1 - age / 100}}"),
        ("categorical", "{categorical: {a: 1/3, b: 1/3, c: 1/3}}"),
        ("categorical", "{categorical: {a: .3333333, b: .6666667}}"),
    ],
)
def test_figures_that_can_be(kind: str, distribution: str) -> None:
    text = HEAD + AGE + drawn("x", distribution, kind)
    population, diagnostics = load(text)
    assert population is not None and not diagnostics, render_text(diagnostics, lambda _: text)


@pytest.mark.parametrize(
    ("kind", "distribution", "modifier", "code"),
    [
        ("float", SCORE, "when: age > 50, weights: {a: 1}", "WW0401"),
        ("float", SCORE, "when: age > 50, probability: .5", "WW0401"),
        ("float", SCORE, "when: age > 50, scale: 2", "WW0401"),
        ("boolean", "{boolean: .3}", "when: age > 50, add: .1", "WW0401"),
        ("boolean", "{boolean: .3}", "when: age > 50, probability: 1.5", "WW0305"),
        ("boolean", "{boolean: .3}", "when: age > 50, scale: -1", "WW0311"),
        ("float", SCORE, "when: age < 18, add: .1", "WW0402"),
        ("float", SCORE, "when: rank == 'chief' and rank == 'senior', add: .1", "WW0402"),
        ("float", SCORE, "when: age >= 18, add: .1", "WW0403"),
        ("float", SCORE, "when: age > 50, add: 2", "WW0406"),
        ("float", SCORE, "when: age > 50, multiply: 1", "WW0407"),
        ("categorical", "{categorical: {a: .5, b: .5}}", "when: age > 50, weights: {a: .5, c: .5}", "WW0206"),
        ("categorical", "{categorical: {a: .5, b: .5}}", "when: age > 50, scale: {c: 2}", "WW0206"),
        ("categorical", "{categorical: {a: .5, b: .5}}", "when: age > 50, weights: {a: .5, b: .6}", "WW0312"),
        ("categorical", "{categorical: {a: .5, b: .5}}", "when: age > 50, weights: {a: 0, b: 0}", "WW0313"),
    ],
)
def test_modifiers_that_do_not_fit(kind: str, distribution: str, modifier: str, code: str) -> None:
    text = HEAD + AGE + RANK + drawn("x", distribution, kind) + f"    modifiers:\n      - {{{modifier}}}\n"
    assert code in said(text)


def test_replacements_that_exclude_each_other_are_fine() -> None:
    bands = ("age < 30", "30 <= age < 50", "age >= 50 and rank == 'chief'", "age >= 50 and rank != 'chief'")
    listed = "".join(f"      - {{when: {band}, probability: .3}}\n" for band in bands).replace(
        "{when: 30 <= age < 50", '{when: "30 <= age < 50"'
    )
    text = HEAD + AGE + RANK + drawn("x", "{boolean: .2}", "boolean") + "    modifiers:\n" + listed
    assert said(text) == {}


@pytest.mark.parametrize(
    ("expectation", "code"),
    [
        ("{share: rank == 'chief', is: 1.4, within: .1}", "WW0604"),
        ("{correlation: [age, score], is: -1.4, within: .1}", "WW0604"),
        ("{sd: age, is: 40, within: 1}", "WW0604"),
        ("{median: age, is: 17, within: .5}", "WW0604"),
        ("{sd: rank, is: 1, within: 1}", "WW0603"),
        ("{correlation: [age, rank], is: .1, within: .1}", "WW0603"),
        ("{mean: agee, is: 30, within: 1}", "WW0204"),
        ("{mean: age, share: rank == 'chief', is: 30, within: 1}", "WW0134"),
        ("{is: 30, within: 1}", "WW0134"),
        ("{mean: age, is: 30}", "WW0131"),
        ("{mean: age, is: 30, within: -1}", "WW0132"),
        ("{share: age, is: .3, within: .1}", "WW0205"),
        ("{mean: age, is: 49, within: 1, source: nowhere}", "WW0601"),
    ],
)
def test_expectations_that_do_not_fit(expectation: str, code: str) -> None:
    text = HEAD + AGE + RANK + drawn("score") + f"expect:\n  - {expectation}\n"
    assert code in said(text)


def test_the_rescaled_weights_sum_to_one() -> None:
    text = HEAD + drawn("x", "{categorical: {a: .3, b: .3, c: .3}}", "categorical")
    _, (found,) = load(text)
    assert found.fix is not None
    rows = text.splitlines()
    for edit in sorted(found.fix.edits, key=lambda edit: edit.span, reverse=True):
        start, end = edit.span.start, edit.span.end
        row = rows[start.line - 1]
        rows[start.line - 1] = row[: start.column - 1] + edit.replacement + row[end.column - 1 :]
    assert "{a: 0.333334, b: 0.333333, c: 0.333333}" in rows[-1]
    assert said("\n".join(rows)) == {}
