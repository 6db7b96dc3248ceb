"""WW0323: what is told of computed probabilities, and what cannot be known to go too far."""

import pytest

from tests.spec.specs import AGE, HEAD, drawn, load


def codes(p: str, more: str = "") -> list[str]:
    return [
        d.code for d in load(HEAD + AGE + drawn("z") + drawn("x", f"{{boolean: {p}}}", "boolean") + more)[1]
    ]


@pytest.mark.parametrize("p", [".02 * age", ".5 - .01 * age", ".5 + .1 * z"])
def test_a_probability_that_leaves_its_range_is_told(p: str) -> None:
    assert codes(p) == ["WW0323"]


@pytest.mark.parametrize(
    "p", [".01 * age", '"clip(.02 * age, 0, 1)"', "exp(z) / (1 + exp(z))", ".02 * age if age < 50 else 1"]
)
def test_one_that_stays_or_may_stay_is_not(p: str) -> None:
    assert codes(p) == []


def test_a_modifier_counts_where_it_applies() -> None:
    young, old, other = (f"{{when: {c}, probability: .02 * age}}" for c in ("age < 40", "age >= 40", "z > 9"))
    assert codes(".3", f"    modifiers: [{young}]\n") == []
    assert codes(".3", f"    modifiers: [{young}, {old}]\n") == ["WW0323"]
    assert codes(".3", f"    modifiers: [{other.replace('.02', '.01')}]\n") == []
