"""Python expressions of their files: for every agent the value that Python's own rules give."""

from __future__ import annotations

import pytest

from tests.spec.entropy import interpreter
from tests.spec.entropy.files import AGE, FLAG, INCOME, ROLE, agents, attribute, codes, document, load

NUMBERS = (
    "max(0, age - 26)",
    "int(max(2, round(12 - (age / 10.0) + (3 if role == 'senior' else (2 if flag else 0)))))",
    "min(1.0, 0.4 * income + 0.05 * min(age, 10))",
    "(12 * (3500 if role == 'junior' else 5200 if role == 'senior' else 7000)) * (income / 42)",
    "{'senior': 120, 'Chief (Chefarzt)': 250.5}.get(role, 80)",
    "{'senior': 2, 'junior': 1}.get(role, 0) * age + 1",
    "int(income / 7) - int(-income / 7)",
    "int(age * 1.5)",
    "round(income)",
    "round(income, 1) if flag else -age",
    "age // 7 + age % 7 - (-age // 7)",
    "abs(age - 40) ** 2 + 2 ** 3",
    "sum([age, 3, income]) / 3",
    "len(role) + max([1, age, 2])",
    "flag + 2 * (age > 40)",
    "-age + -3 - -2.5",
    "float(age) + True",
    "(1 if role in ['senior', 'junior'] else 0) + (5 if 'Chef' in role else 0)",
    "1 if not flag else 2 if age < 30 else 3",
    "len([age, income]) + len('abc')",
    "0.72 - 0.003*(age - 40)",
    "min(5, age) * 1e-3 - +2",
    "abs(-3) + min(4, 2.5)",
)
TRUTHS = (
    "('oberarzt' in role.lower()) or ('chefarzt' in role.lower())",
    "role.lower().startswith('s') and age >= 30",
    "role.upper() == 'SENIOR'",
    "30 <= age < 50 != 7",
    "age in [30, 31, 32] or age not in (40, 41)",
    "role not in ['senior', 'nobody'] and not flag",
    "flag == True and flag != False or flag == 1",
    "flag == 'yes' or role == 3",
    "role != 'nobody'",
    "(age > 40) == flag",
    "age == '40' or age != 'x'",
    "('old' if age > 50 else 'young') == 'old'",
    "('a' if flag else role) in ['a', 'senior']",
    "any([age > 60, flag, role == 'junior']) and all([age > 20, income > 1])",
    "bool(age - 40) and bool(role)",
    "income > 40 and income / age > 1 and flag in [True]",
    "true and age < 100 and not false",
    "role in 'seniority' or role > 'k'",
    "(role == 'senior') == (age > 40)",
    "str(role) == 'senior' or 'x' + role == 'xjunior'",
    "None == role or flag is True",
)


@pytest.mark.parametrize(("kind", "formulas"), [("float", NUMBERS), ("boolean", TRUTHS)])
def test_each_agent_has_the_value_that_python_gives(kind: str, formulas: tuple[str, ...]) -> None:
    derived = [
        attribute(f"x{i}", kind, "derived", formula=text, depends_on=["age"])
        for i, text in enumerate(formulas)
    ]
    for agent in agents(document([AGE, ROLE, FLAG, INCOME, *derived]), 400):
        seen = {name: agent[name] for name in ("age", "role", "flag", "income")}
        for i, text in enumerate(formulas):
            expected = interpreter.evaluator(text)(seen)
            if kind == "boolean":
                assert agent[f"x{i}"] is bool(expected), (text, seen)
            else:
                assert agent[f"x{i}"] == pytest.approx(float(expected), rel=1e-12, abs=1e-12), (text, seen)


def test_labels_by_formula() -> None:
    formula = "'old ' + role if age > 40 else 'young'"
    text = document([AGE, ROLE, attribute("group", "categorical", "derived", formula=formula)])
    for agent in agents(text, 200):
        assert agent["group"] == interpreter.evaluator(formula)(agent)


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('true')",
        "().__class__.__bases__",
        "(lambda: age)()",
        "[x for x in [1]][0]",
        "age ** income",
        "role.encode('rot13')",
        "f'{age}'",
        "'%s' % age",
        "(age := 3)",
        "max(*[1, 2])",
        "9 ** 9 ** 9",
        "age +",
        "unknown + 1",
        "'a' + 1",
        "1 / 0",
        "1e999",
        "role.replace('a', 'b' * 1000)",
        "((" * 200 + "age" + "))" * 200,
        "-" * 3000 + "1",
        "\x00",
    ],
)
def test_what_cannot_be_lowered_is_an_error_at_its_place(formula: str) -> None:
    text = document([AGE, ROLE, INCOME, attribute("x", "float", "derived", formula=formula)])
    found, diagnostics = load(text)
    errors = [d for d in diagnostics if d.is_error]
    assert found is None
    assert errors and all(d.span is not None for d in errors)


def test_the_place_is_the_part_that_is_wrong() -> None:
    modifiers = [{"when": "age > 30 and role == 'boss'", "probability_override": 0.5}]
    law = {"type": "boolean", "probability_true": 0.1}
    text = document([AGE, ROLE, attribute("x", "boolean", "conditional", law=law, modifiers=modifiers)])
    found, diagnostics = load(text)
    assert found is not None
    (told,) = [d for d in diagnostics if d.code == "WW1003"]
    assert "'boss'" in told.message and told.help is not None and "senior" in told.help
    assert told.span is not None
    assert "age > 30" in text.splitlines()[told.span.start.line - 1]


@pytest.mark.parametrize("when", ["nobody > 3", "age > 'x'", "role > 3", "age >", "x > 1", "1/0 > age"])
def test_a_condition_that_fails_never_applies(when: str) -> None:
    modifiers = [{"when": when, "probability_override": 1.0}]
    law = {"type": "boolean", "probability_true": 0.0}
    text = document([AGE, ROLE, attribute("x", "boolean", "conditional", law=law, modifiers=modifiers)])
    assert not any(agent["x"] for agent in agents(text, 50))
    assert "WW1003" in codes(load(text)[1])


def test_a_division_by_zero_leaves_the_modifier_out_for_that_agent() -> None:
    modifiers = [{"when": "10 / (age - 40) > 0", "probability_override": 1.0}]
    law = {"type": "boolean", "probability_true": 0.0}
    text = document([AGE, attribute("x", "boolean", "conditional", law=law, modifiers=modifiers)])
    found = agents(text, 2_000)
    assert any(agent["age"] == 40 for agent in found)
    assert all(agent["x"] is (agent["age"] > 40) for agent in found)
