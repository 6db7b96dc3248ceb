"""Each rule of their validator, on files of their format: the same fault is told, and where it stands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.entropy.files import AGE, FLAG, ROLE, attribute, document, load

NORMAL = {"type": "normal", "mean": 5.0, "std": 1.0}
TONES = {"type": "categorical", "options": ["a", "b"], "weights": [0.5, 0.5]}
YES_NO = {"type": "boolean", "probability_true": 0.3}
BETA = {"type": "beta", "alpha": 2.0, "beta": 2.0}


def drawn(kind: str, law: dict[str, Any], *modifiers: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """An attribute `x`; with modifiers it is a conditional one."""
    strategy = "conditional" if modifiers else "independent"
    return attribute("x", kind, strategy, law=law, modifiers=list(modifiers), **parts)


def limited(kind: str, value: float, *modifiers: dict[str, Any]) -> dict[str, Any]:
    constraint = {"type": kind, "value": value, "expression": None, "reason": None}
    return drawn("float", NORMAL, *modifiers, constraints=[constraint])


def of_the_spec(text: str, kind: str = "spec_expression") -> dict[str, Any]:
    constraint = {"type": kind, "value": None, "expression": text, "reason": None}
    return drawn("categorical", TONES, constraints=[constraint])


TWICE = ({"when": "flag", "multiply": 2.0}, {"when": "age > 40", "multiply": 2.0})
HALF = ({"when": "flag", "multiply": 0.4}, {"when": "age > 40", "multiply": 0.4})
BOUNDLESS = drawn("float", {"type": "normal", "mean_formula": "age + 3", "std": 1.0}, depends_on=["age"])
UPON_AGE = [{"type": "expression", "value": None, "expression": "x <= age", "reason": None}]

RULES = (
    ("TYPE_MISMATCH", drawn("float", NORMAL, {"when": "flag", "weight_overrides": {"a": 1.0}}), "WW1008"),
    ("TYPE_MISMATCH", drawn("float", NORMAL, {"when": "flag", "probability_override": 0.5}), "WW1008"),
    ("TYPE_MISMATCH", drawn("categorical", TONES, {"when": "flag", "multiply": 2.0}), "WW1008"),
    ("TYPE_MISMATCH", drawn("categorical", TONES, {"when": "flag", "add": 2.0}), "WW1008"),
    ("TYPE_MISMATCH", drawn("categorical", TONES, {"when": "flag", "probability_override": 0.5}), "WW1008"),
    ("TYPE_MISMATCH", drawn("boolean", YES_NO, {"when": "flag", "weight_overrides": {"a": 1.0}}), "WW1008"),
    ("RANGE_VIOLATION", drawn("boolean", YES_NO, {"when": "flag", "probability_override": 1.5}), "WW1016"),
    ("WEIGHT_INVALID: no options", drawn("categorical", {**TONES, "options": [], "weights": []}), "WW1015"),
    ("WEIGHT_INVALID: lengths", drawn("categorical", {**TONES, "weights": [1.0]}), "WW1015"),
    ("WEIGHT_INVALID: sum", drawn("categorical", {**TONES, "weights": [0.5, 0.9]}), "WW1010"),
    (
        "WEIGHT_INVALID: option",
        drawn("categorical", TONES, {"when": "flag", "weight_overrides": {"z": 1.0}}),
        "WW1008",
    ),
    (
        "WEIGHT_INVALID: override sum",
        drawn("categorical", TONES, {"when": "flag", "weight_overrides": {"a": 0.9, "b": 0.9}}),
        "WW1010",
    ),
    ("DIST_PARAM_INVALID: std < 0", drawn("float", {**NORMAL, "std": -1.0}), "WW1016"),
    ("DIST_PARAM_INVALID: std = 0", drawn("float", {**NORMAL, "std": 0.0}), "WW1016"),
    ("DIST_PARAM_INVALID: min >= max", drawn("float", {**NORMAL, "min": 6.0, "max": 4.0}), "WW1016"),
    ("DIST_PARAM_INVALID: uniform", drawn("float", {"type": "uniform", "min": 3.0, "max": 1.0}), "WW1016"),
    ("DIST_PARAM_INVALID: alpha", drawn("float", {**BETA, "alpha": 0.0}), "WW1015"),
    ("DIST_PARAM_INVALID: probability", drawn("boolean", {**YES_NO, "probability_true": 1.2}), "WW1016"),
    ("DEPENDENCY_INVALID", drawn("float", NORMAL, depends_on=["nobody"]), "WW1011"),
    ("CONDITION_SYNTAX", drawn("boolean", YES_NO, {"when": "age >", "probability_override": 0.5}), "WW1003"),
    (
        "CONDITION_REFERENCE",
        drawn("boolean", YES_NO, {"when": "nobody", "probability_override": 0.5}),
        "WW1003",
    ),
    ("FORMULA_SYNTAX", attribute("x", "float", "derived", formula="age +"), "WW1015"),
    ("FORMULA_REFERENCE", attribute("x", "float", "derived", formula="nobody + 1"), "WW1015"),
    ("STRATEGY_INVALID: no distribution", attribute("x", "float"), "WW1015"),
    ("STRATEGY_INVALID: no formula", attribute("x", "float", "derived"), "WW1015"),
    ("STRATEGY_INCONSISTENT", attribute("x", "float", law=NORMAL, formula="age"), "WW1008"),
    ("STRATEGY_INCONSISTENT", attribute("x", "float", "derived", law=NORMAL, formula="age"), "WW1008"),
    ("NO_OP", drawn("float", NORMAL, {"when": "flag", "multiply": 1.0, "add": 0.0}), "WW1013"),
    ("CONDITION_VALUE", drawn("float", NORMAL, {"when": "role == 'boss'", "add": 1.0}), "WW1003"),
    (
        "MODIFIER_OVERLAP",
        drawn(
            "boolean",
            YES_NO,
            {"when": "flag", "probability_override": 0.5},
            {"when": "age > 40", "probability_override": 0.6},
        ),
        "WW0405",
    ),
    (
        "WEIGHT_INCOMPLETE",
        drawn("categorical", TONES, {"when": "flag", "weight_overrides": {"a": 0.5}}),
        "WW1019",
    ),
    ("MODIFIER_STACKING: over", limited("hard_max", 10.0, *TWICE), "WW1020"),
    ("MODIFIER_STACKING: under", limited("hard_min", 4.0, *HALF), "WW1020"),
    ("RANGE_VIOLATION: beta", drawn("float", BETA, {"when": "flag", "add": 0.7}), "WW1020"),
    ("hole: spec_expression", of_the_spec("sum(weights)==7"), "WW1021"),
    ("hole: spec_expression", of_the_spec("len(options) > 2 or weights[0] > weights[1]"), "WW1021"),
    ("hole: spec_expression", of_the_spec("sum(shares)==1"), "WW1005"),
    ("LLM_RESPONSE: no type", drawn("float", {"mean": 3.0}), "WW0131"),
    ("LLM_RESPONSE: unknown type", drawn("float", {"type": "cauchy"}), "WW0132"),
    ("LLM_RESPONSE: no distribution", attribute("x", "float", "conditional"), "WW1015"),
    ("LLM_RESPONSE: no options", drawn("categorical", {"type": "categorical"}), "WW1015"),
    ("LLM_RESPONSE: no probability", drawn("boolean", {"type": "boolean"}), "WW1015"),
    ("LLM_RESPONSE: formula safety", attribute("x", "float", "derived", formula="(1).real"), "WW1004"),
    ("LLM_RESPONSE: no when", drawn("float", NORMAL, {"add": 1.0}), "WW0131"),
    (
        "LLM_RESPONSE: field of another type",
        drawn("boolean", YES_NO, {"when": "flag", "weight_overrides": {"a": 1.0}}),
        "WW1008",
    ),
    ("LLM_RESPONSE: about weights", of_the_spec("sum(weights)==1", "expression"), "WW1006"),
    ("LLM_RESPONSE: inequality without a bound", {**BOUNDLESS, "constraints": UPON_AGE}, "WW1005"),
    ("STRATEGY_INVALID: depends_on", drawn("float", NORMAL, depends_on=["age"]), "WW1018"),
    ("STRATEGY_INVALID: depends on nothing", attribute("x", "float", "derived", formula="3"), "WW1018"),
    (
        "STRATEGY_INCONSISTENT: depends on nothing",
        attribute("x", "float", "conditional", law=NORMAL),
        "WW1018",
    ),
    (
        "binder: not listed",
        attribute("x", "float", "derived", formula="age + 1", depends_on=["flag"]),
        "WW1018",
    ),
    ("binder: a cycle", attribute("x", "float", "derived", formula="x + 1", depends_on=["x"]), "WW1011"),
    ("hole: std_formula", drawn("float", {"type": "normal", "mean": 1.0, "std_formula": "nobody"}), "WW1015"),
    ("hole: min_formula", drawn("float", {**NORMAL, "min_formula": "nobody"}), "WW1015"),
    ("hole: max_formula", drawn("float", {**NORMAL, "max_formula": "age +"}), "WW1015"),
    ("hole: formula safety", attribute("x", "float", "derived", formula="age.real"), "WW1004"),
    ("hole: duplicate options", drawn("categorical", {**TONES, "options": ["a", "a"]}), "WW1016"),
    ("hole: negative weights", drawn("categorical", {**TONES, "weights": [1.5, -0.5]}), "WW1015"),
    ("hole: type against distribution", drawn("categorical", NORMAL), "WW1004"),
    ("hole: conditions that never hold", drawn("float", NORMAL, {"when": "age > 99", "add": 1.0}), "WW0402"),
)


@pytest.mark.parametrize(("rule", "x", "code"), RULES)
def test_the_fault_is_told_where_it_stands(rule: str, x: dict[str, Any], code: str) -> None:
    text = document([AGE, ROLE, FLAG, x])
    found = load(text)[1]
    told = [diagnostic for diagnostic in found if diagnostic.code == code]
    assert told, (rule, [(d.code, d.message) for d in found])
    first = next(i for i, line in enumerate(text.splitlines(), 1) if line == "- name: x")
    assert all(d.span is not None and d.span.start.line >= first for d in told), rule


@pytest.mark.parametrize(
    ("rule", "order"),
    [("missing from the order", ["age"]), ("ghost", ["age", "x", "y"]), ("repeated", ["age", "x", "x"])],
)
def test_what_is_wrong_with_the_order_is_told(rule: str, order: list[str]) -> None:
    found = load(document([AGE, drawn("float", NORMAL)], order))[1]
    assert [d.code for d in found if d.code == "WW1011"] == ["WW1011"], rule


def test_a_name_given_twice_is_told_at_the_second() -> None:
    text = document([AGE, drawn("float", NORMAL), drawn("float", BETA)])
    (told,) = [d for d in load(text)[1] if "declared twice" in d.message]
    assert told.code == "WW1011" and told.span is not None
    assert told.span.start.line > text.count("\n", 0, text.index("- name: x"))


@pytest.mark.parametrize("text", ["sum(weights) == 1", "abs(sum(weights) - 1.0) < 1e-6", "len(options)==2"])
def test_what_holds_of_the_spec_is_not_told(text: str) -> None:
    assert not [d for d in load(document([AGE, of_the_spec(text)]))[1] if d.code in ("WW1005", "WW1021")]


def test_modifiers_that_exclude_each_other_do_not_stack() -> None:
    apart = ({"when": "age < 40", "multiply": 2.0}, {"when": "age >= 40", "multiply": 2.0})
    assert "WW1020" not in {d.code for d in load(document([AGE, limited("hard_max", 10.0, *apart)]))[1]}


def test_a_cycle_by_name_is_told_though_nothing_is_listed() -> None:
    ring = [attribute("a", "float", "derived", formula="b"), attribute("b", "float", "derived", formula="a")]
    told = [d for d in load(document(ring))[1] if "a -> b -> a" in d.message]
    assert [d.code for d in told] == ["WW1011"] and told[0].span is not None
