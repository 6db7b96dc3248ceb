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
