"""Constraints: whom they redraw, and when they can be judged."""

import pytest

from tests.spec.specs import AGE, HEAD, drawn, errors, formula, load, loaded
from worldwright.spec.expressions.canonical import text

BODY = AGE + drawn("height") + drawn("weight", "{normal: {mean: height - 100, sd: 5}}") + drawn("shoe")


@pytest.mark.parametrize(
    ("constraint", "owners"),
    [
        ("weight < height", ("weight",)),
        ("height > weight and shoe > 1", ("shoe",)),
        ("shoe < age", ("age",)),
        ("age > shoe", ("shoe",)),
        ("shoe > weight", ("weight",)),
        ("weight > height and shoe > height", ("shoe",)),
        ("{require: shoe < age, redraw: [age]}", ("age",)),
        ("{require: shoe < age, redraw: [shoe, age]}", ("age", "shoe")),
        ("{require: weight < 90, redraw: [weight, height]}", ("height", "weight")),
    ],
)
def test_the_owner_is_the_last_one_named_in_dependency_order(
    constraint: str, owners: tuple[str, ...]
) -> None:
    population = loaded(HEAD + BODY + f"constraints:\n  - {constraint}\n")
    assert population.constraints[0].owners == owners


def test_the_order_of_the_file_does_not_decide_who_is_redrawn() -> None:
    for body in (drawn("a") + drawn("b"), drawn("b") + drawn("a")):
        both = loaded(HEAD + body + formula("c", "a - b") + "constraints:\n  - a < b\n  - c < 5\n")
        assert [constraint.owners for constraint in both.constraints] == [("b",), ("a",)]


def test_a_constraint_on_what_could_not_be_read_is_passed_over() -> None:
    spec = HEAD + AGE + drawn("height", kind="flot") + formula("index", "height * 2")
    (found,) = errors(spec + "constraints:\n  - index < 5\n  - height < age\n")
    assert found.code == "WW0132"


def test_agents_may_be_dropped_instead() -> None:
    population = loaded(HEAD + BODY + "constraints:\n  - {require: age > 30, on_fail: drop}\n")
    assert population.constraints[0].drop


def test_what_a_constraint_reads_comes_before_its_last_owner() -> None:
    spec = HEAD + drawn("x") + formula("limit", "age + 3") + AGE
    assert [a.name for a in loaded(spec).attributes] == ["x", "age", "limit"]
    bound = loaded(spec + "constraints:\n  - {require: x < limit, redraw: [x]}\n")
    assert [a.name for a in bound.attributes] == ["age", "limit", "x"]
    assert text(bound.constraints[0].condition) == "x < limit"


def test_a_constraint_on_what_is_computed_is_written_out_over_what_is_drawn() -> None:
    spec = HEAD + BODY + formula("index", "weight / height", "int", clip="{min: 0, max: 9}")
    population = loaded(spec + "constraints:\n  - index < 5\n")
    (constraint,) = population.constraints
    assert constraint.owners == ("weight",)
    assert text(constraint.condition) == "min(max(round(weight / height), 0), 9) < 5"


@pytest.mark.parametrize(
    ("constraint", "code", "message"),
    [
        ("{require: weight < height, redraw: [height]}", "WW0512", "`weight` is drawn from `height`"),
        ("{require: age > 20, redraw: [shoe]}", "WW0510", "does not read `shoe`"),
        ("{require: age > 20, redraw: [agee]}", "WW0204", "there is no attribute `agee`"),
        ("{require: index > 20, redraw: [index]}", "WW0510", "`index` is not drawn"),
        ("3 > 2", "WW0510", "reads no attribute"),
        ("age + 3", "WW0205", "true or false"),
        ("{require: age > 20, on_fail: ignore}", "WW0132", "cannot be the text 'ignore'"),
        ("[age, shoe]", "WW0132", "must be a mapping"),
    ],
)
def test_constraints_that_cannot_be_met_by_redrawing(constraint: str, code: str, message: str) -> None:
    (found,) = errors(HEAD + BODY + formula("index", "weight / height") + f"constraints:\n  - {constraint}\n")
    assert found.code == code
    assert message in found.message


def test_entanglement_names_the_remedy() -> None:
    spec = HEAD + BODY + drawn("hat", "{normal: {mean: weight, sd: 1}}")
    (found,) = errors(spec + "constraints:\n  - {require: hat < height, redraw: [height, hat]}\n")
    assert found.help == "redraw them together: redraw: [height, hat, weight]"


def test_constraints_that_judge_each_others_owners_keep_the_order_of_what_is_read() -> None:
    listed = "constraints:\n  - {require: a < b + 5, redraw: [a]}\n  - {require: b < a + 5, redraw: [b]}\n"
    population = loaded(HEAD + drawn("b") + drawn("a") + formula("c", "a + b") + listed)
    assert [attribute.name for attribute in population.attributes] == ["b", "a", "c"]
    assert [constraint.owners for constraint in population.constraints] == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("kind", "constraint", "end"),
    [
        ("float", "x < 9", "`max: 9`"),
        ("int", "x < 9", "`max: 8`"),
        ("int", "x <= 9", "`max: 9`"),
        ("int", "x > 2.5", "`min: 3`"),
        ("int", "x < age", "`max: ceil(age) - 1`"),
    ],
)
def test_the_bound_that_is_offered_instead_of_a_constraint_is_the_same(
    kind: str, constraint: str, end: str
) -> None:
    text = HEAD + AGE + drawn("x", kind=kind) + f"constraints:\n  - {{require: {constraint}, redraw: [x]}}\n"
    assert [d.help for d in load(text)[1] if d.code == "WW0515"] == [f"write it as a bound: {end}"]


@pytest.mark.parametrize("more", ["modifiers: [{when: age > 30, multiply: 2}]", "clip: {max: 20}"])
def test_no_bound_is_offered_that_would_act_too_early(more: str) -> None:
    text = HEAD + AGE + drawn("x") + f"    {more}\nconstraints:\n  - x < 9\n"
    assert "WW0515" not in [d.code for d in load(text)[1]]
