"""`spec plan`: order, levels, dependencies and costs, before anything is drawn."""

from tests.spec.specs import AGE, HEAD, RANK, SURGEONS, drawn, formula, loaded
from worldwright.spec.plan import plan_of


def test_the_plan_of_the_example() -> None:
    made = plan_of(loaded(SURGEONS))
    by_name = {a.name: a for a in made.attributes}
    assert by_name["age"].strategy == "independent" and by_name["age"].level == 0
    assert by_name["experience"].reads == ("age",) and by_name["experience"].level == 1
    assert by_name["rank"].strategy == "conditional" and by_name["rank"].level == 2
    assert by_name["age"].how == "normal: mean 47, sd 11, min 26, max 72"
    assert "experience" in by_name["age"].read_by
    assert by_name["experience"].redrawn_by == ("experience <= age - 24",)
    assert made.correlated == (("age", "experience"),)
    assert made.levels == 3 and made.draws == 5


def test_costs_count_what_is_computed_anew_for_each_agent() -> None:
    body = HEAD + AGE + RANK + formula("score", "age * 2 + 1") + drawn("x", "{normal: {mean: 3, sd: 1}}")
    by_name = {a.name: a for a in plan_of(loaded(body)).attributes}
    assert (by_name["score"].draws, by_name["score"].operations) == (0, 5)
    assert (by_name["x"].draws, by_name["x"].operations) == (1, 0)
    assert by_name["score"].strategy == "derived" and by_name["score"].how == "age * 2 + 1"


def test_chains_of_correlations_are_one_group() -> None:
    body = HEAD + "".join(drawn(name) for name in "abcde")
    text = body + "correlations:\n  - [a, c, .1]\n  - [e, d, .2]\n  - [c, b, .3]\n"
    assert sorted(plan_of(loaded(text)).correlated) == [("a", "b", "c"), ("d", "e")]
