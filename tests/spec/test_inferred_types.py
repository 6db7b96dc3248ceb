"""`type:` may be left out where the way an attribute comes about determines it, and nowhere else."""

from __future__ import annotations

import pytest

from tests.spec.specs import AGE, HEAD, errors, loaded

DETERMINED = (
    ("distribution: {categorical: {a: .4, b: .6}}", "categorical"),
    ("distribution: {boolean: .3}", "boolean"),
    ("distribution: {boolean: age / 100}", "boolean"),
    ('template: "aged {age}"', "text"),
    ("formula: age > 30", "boolean"),
    ("formula: not (age in [30, 40]) or age > 50", "boolean"),
    ("formula: true", "boolean"),
    ("formula: age < 30 if age > 20 else false", "boolean"),
    ("formula: \"'old' if age > 60 else ('young' if age < 30 else 'between')\"", "categorical"),
)
OPEN = (
    "distribution: {normal: {mean: 3, sd: 1}}",
    "distribution: {uniform: {min: 2020-01-01, max: 2021-01-01}}",
    "distribution: {poisson: {mean: 3}}",
    "formula: age",
    "formula: age + 1",
    "formula: date('2020-01-01')",
    "formula: 3",
)


def document(line: str, kind: str | None = None) -> str:
    declared = f"    type: {kind}\n" if kind else ""
    return f"{HEAD}{AGE}  x:\n    assumption: true\n{declared}    {line}\n"


@pytest.mark.parametrize(("line", "kind"), DETERMINED)
def test_the_type_is_the_one_that_could_have_been_declared(line: str, kind: str) -> None:
    population = loaded(document(line))
    assert population.attribute("x").type == kind
    assert population.digest == loaded(document(line, kind)).digest


@pytest.mark.parametrize("line", OPEN)
def test_numbers_and_days_declare_theirs(line: str) -> None:
    (error,) = errors(document(line))
    assert error.code == "WW0131" and "`attributes.x` has no `type`" in error.message
    assert error.span is not None and error.span.start.line == 5


def test_what_reads_an_attribute_of_unknown_type_is_not_blamed() -> None:
    text = document("formula: age + 1") + "  y: {type: int, formula: x}\n  z: {formula: y > x}\n"
    assert [error.code for error in errors(text)] == ["WW0131"]
