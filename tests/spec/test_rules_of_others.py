"""What the validator of Entropy and Extropy catches is caught in our own language too, and where it stands.

One row a rule: its name there, a document with the fault, our code, and the words the diagnostic points at.
"""

from __future__ import annotations

import pytest

from tests.spec.specs import AGE, HEAD, RANK, load

BASE = HEAD + AGE + RANK + "  flag: {assumption: true, distribution: {boolean: .4}}\n"
NORMAL = "    type: float\n    assumption: true\n    distribution: {normal: {mean: 3, sd: 1}}\n"
LABELS = "    assumption: true\n    distribution: {categorical: {a: .5, b: .3, c: .2}}\n"
YES_NO = "    assumption: true\n    distribution: {boolean: .5}\n"
BETA = "    type: float\n    assumption: true\n    distribution: {beta: {alpha: 2, beta: 3}}\n"


def drawn(law: str, kind: str = "float") -> str:
    return f"  x: {{type: {kind}, assumption: true, distribution: {law}}}\n"


def changed(base: str, *changes: str) -> str:
    return f"  x:\n{base}    modifiers:\n" + "".join(f"      - {change}\n" for change in changes)


def formula(text: str, kind: str = "float") -> str:
    return f"  x:\n    type: {kind}\n    formula: {text}\n"


STRUCTURAL = (
    ("TYPE_MISMATCH", changed(NORMAL, "{when: flag, weights: {a: 1}}"), "WW0401", "{a: 1}"),
    ("TYPE_MISMATCH", changed(NORMAL, "{when: flag, probability: .5}"), "WW0401", ".5"),
    ("TYPE_MISMATCH", changed(LABELS, "{when: flag, multiply: 2}"), "WW0401", "2"),
    ("TYPE_MISMATCH", changed(LABELS, "{when: flag, add: 2}"), "WW0401", "2"),
    ("TYPE_MISMATCH", changed(LABELS, "{when: flag, probability: .5}"), "WW0401", ".5"),
    ("TYPE_MISMATCH", changed(YES_NO, "{when: flag, multiply: 2}"), "WW0401", "2"),
    ("TYPE_MISMATCH", changed(YES_NO, "{when: flag, add: .2}"), "WW0401", "2"),
    ("TYPE_MISMATCH", changed(YES_NO, "{when: flag, weights: {a: 1}}"), "WW0401", "{a: 1}"),
    ("RANGE_VIOLATION", changed(BETA, "{when: flag, add: .7}"), "WW0406", "add: .7"),
    ("RANGE_VIOLATION", changed(YES_NO, "{when: flag, probability: 1.4}"), "WW0305", "1.4"),
    ("RANGE_VIOLATION", changed(YES_NO, "{when: flag, probability: -.1}"), "WW0305", "-.1"),
    ("WEIGHT_INVALID", drawn("{categorical: {}}", "categorical"), "WW0132", "{}"),
    ("WEIGHT_INVALID", drawn("{categorical: {a: .5, b: .6}}", "categorical"), "WW0312", "a: .5"),
    ("WEIGHT_INVALID", changed(LABELS, "{when: flag, weights: {a: .5, b: .5, d: 0}}"), "WW0206", "d: 0"),
    ("WEIGHT_INVALID", changed(LABELS, "{when: flag, weights: {a: .5, b: .5, c: .5}}"), "WW0312", "a: .5"),
    (
        "WEIGHT_INVALID",
        "  x: {options: [a, b, c], assumption: true, distribution: {categorical: {a: .5, b: .5}}}\n",
        "WW0214",
        "[a, b, c]",
    ),
    ("WEIGHT_INCOMPLETE", changed(LABELS, "{when: flag, weights: {a: .5, b: .5}}"), "WW0404", "a: .5"),
    ("DIST_PARAM_INVALID", drawn("{normal: {mean: 3, sd: -1}}"), "WW0302", "-1"),
    ("DIST_PARAM_INVALID", drawn("{normal: {mean: 3, sd: 0}}"), "WW0302", "0"),
    ("DIST_PARAM_INVALID", drawn("{lognormal: {mean: 3, sd: -1}}"), "WW0302", "-1"),
    ("DIST_PARAM_INVALID", drawn("{normal: {mean: 3, sd: 1, min: 5, max: 4}}"), "WW0303", "4"),
    ("DIST_PARAM_INVALID", drawn("{lognormal: {mean: 3, sd: 1, min: 5, max: 5}}"), "WW0303", "5"),
    ("DIST_PARAM_INVALID", drawn("{uniform: {min: 5, max: 4}}"), "WW0303", "4"),
    ("DIST_PARAM_INVALID", drawn("{beta: {alpha: 0, beta: 1}}"), "WW0302", "0"),
    ("DIST_PARAM_INVALID", drawn("{beta: {alpha: 1, beta: -1}}"), "WW0302", "-1"),
    ("DIST_PARAM_INVALID", drawn("{boolean: 1.5}", "boolean"), "WW0305", "1.5"),
    ("DEPENDENCY_INVALID", formula("nobody + 1"), "WW0204", "nobody"),
    ("SAMPLING_ORDER_INVALID", formula("y + 1") + "  y: {type: float, formula: x + 1}\n", "WW0210", "x:"),
    ("CONDITION_SYNTAX", changed(NORMAL, '{when: "age >", add: 1}'), "WW0201", ""),
    ("CONDITION_REFERENCE", changed(NORMAL, '{when: "nobody > 3", add: 1}'), "WW0204", "nobody"),
    ("FORMULA_SYNTAX", formula("age +"), "WW0201", ""),
    ("FORMULA_SYNTAX", drawn('{normal: {mean: "age +", sd: 1}}'), "WW0201", ""),
    ("FORMULA_REFERENCE", formula("agee + 1"), "WW0204", "agee"),
    ("FORMULA_REFERENCE", drawn("{normal: {mean: agee, sd: 1}}"), "WW0204", "agee"),
    ("DUPLICATE", drawn("{boolean: .5}", "boolean") * 2, "WW0108", "x:"),
    ("STRATEGY_INVALID", "  x: {type: float}\n", "WW0134", "{type: float}"),
    (
        "STRATEGY_INVALID",
        "  x: {type: float, formula: age, distribution: {normal: {mean: 1, sd: 1}}}\n",
        "WW0134",
        "formula: age",
    ),
    (
        "STRATEGY_INVALID",
        "  x:\n    type: float\n    formula: age\n    modifiers:\n      - {when: flag, add: 1}\n",
        "WW0401",
        "when: flag",
    ),
)
SEMANTIC = (
    ("NO_OP", changed(NORMAL, "{when: flag, multiply: 1}"), "WW0407", "when: flag"),
    ("NO_OP", changed(NORMAL, "{when: flag, add: 0}"), "WW0407", "when: flag"),
    (
        "MODIFIER_STACKING",
        changed(
            "    type: float\n    assumption: true\n    distribution: {uniform: {min: 0, max: 10}}\n",
            "{when: flag, multiply: 2}",
            '{when: "age > 40", multiply: 2}',
        ),
        "WW0406",
        "multiply: 2",
    ),
    ("CONDITION_VALUE", changed(NORMAL, "{when: \"rank == 'boss'\", add: 1}"), "WW0206", "'boss'"),
    (
        "MODIFIER_OVERLAP",
        changed(
            LABELS,
            '{when: "age > 30", weights: {a: 1, b: 0, c: 0}}',
            "{when: flag, weights: {a: 0, b: 1, c: 0}}",
        ),
        "WW0405",
        "flag",
    ),
    (
        "MODIFIER_OVERLAP",
        changed(YES_NO, '{when: "age > 30", probability: .2}', '{when: "age > 50", probability: .3}'),
        "WW0405",
        "age > 50",
    ),
)
RESPONSES = (
    ("LLM_RESPONSE: type unknown", drawn("{cauchy: {mean: 1}}"), "WW0130", "cauchy"),
    ("LLM_RESPONSE: type missing", drawn("{}"), "WW0134", "{}"),
    ("LLM_RESPONSE: unsafe formula", formula("__import__('os').system('true')"), "WW0202", ".system"),
    ("LLM_RESPONSE: modifier without when", changed(NORMAL, "{add: 1}"), "WW0131", "{add: 1}"),
    ("LLM_RESPONSE: weights as a list", drawn("{categorical: [a, b]}", "categorical"), "WW0132", "[a, b]"),
    (
        "LLM_RESPONSE: inequality without a bound",
        drawn('{normal: {mean: "age + 3", sd: 1}}') + "constraints:\n  - x <= age\n",
        "WW0515",
        "x <= age",
    ),
)
BINDER = (
    (
        "cycle through others",
        formula("y") + "  y: {type: float, formula: z}\n  z: {type: float, formula: x}\n",
        "WW0210",
        "x:",
    ),
    (
        "LLM_RESPONSE: options missing",
        drawn("{categorical: }", "categorical"),
        "WW0132",
        "categorical",
    ),
    (
        "LLM_RESPONSE: override as a list",
        changed(LABELS, "{when: flag, weights: [1, 2]}"),
        "WW0132",
        "[1, 2]",
    ),
    (
        "LLM_RESPONSE: a condition on weights among those on agents",
        drawn("{normal: {mean: 3, sd: 1}}") + "constraints:\n  - sum(weights) == 7\n",
        "WW0201",
        "sum(weights)",
    ),
    (
        "household: no configuration",
        "  x: {type: float, level: household, assumption: true, distribution: {normal: {mean: 1, sd: 1}}}\n",
        "WW0133",
        "household",
    ),
)
HOLES = (
    ("std_formula is never checked", drawn("{normal: {mean: 1, sd: nobody}}"), "WW0204", "nobody"),
    ("min_formula is never checked", drawn("{normal: {mean: 1, sd: 1, min: nobody}}"), "WW0204", "nobody"),
    ("max_formula is never checked", drawn('{normal: {mean: 1, sd: 1, max: "age +"}}'), "WW0201", ""),
    (
        "spec_expression is never evaluated",
        drawn("{categorical: {a: 3, b: 4}}", "categorical"),
        "WW0312",
        "a: 3",
    ),
    ("formula safety", formula("age.real"), "WW0202", ".real"),
    ("formula safety", formula("(i for i in [1])"), "WW0201", "for"),
    (
        "the overlap check runs raw eval",
        changed(YES_NO, '{when: "().__class__.__mro__ == flag", probability: .5}'),
        "WW0202",
        ".__class__",
    ),
    (
        "that eval lacks max, min and abs",
        changed(YES_NO, '{when: "max(age, 3) > 30", probability: .2}', '{when: "age > 50", probability: .3}'),
        "WW0405",
        "age > 50",
    ),
    (
        "duplicate options",
        "  x: {options: [a, a, b], assumption: true, distribution: {categorical: {a: .5, b: .5}}}\n",
        "WW0214",
        "a",
    ),
    ("duplicate options", drawn("{categorical: {a: .5, a: .5}}", "categorical"), "WW0108", "a: .5"),
    ("negative weights", drawn("{categorical: {a: 1.5, b: -.5}}", "categorical"), "WW0311", "-.5"),
    ("type against distribution", drawn("{normal: {mean: 1, sd: 1}}", "categorical"), "WW0301", "normal"),
    ("type against distribution", drawn("{categorical: {a: 1}}", "float"), "WW0301", "categorical"),
    ("conditions that never hold", changed(NORMAL, '{when: "age > 99", add: 1}'), "WW0402", "age > 99"),
    (
        "conditions that never hold",
        changed(NORMAL, '{when: "age > 50 and age < 40", add: 1}'),
        "WW0402",
        "age > 50",
    ),
    ("cycles by name", formula("x + 1"), "WW0210", "x:"),
)


@pytest.mark.parametrize(
    ("rule", "body", "code", "where"),
    [*STRUCTURAL, *SEMANTIC, *RESPONSES, *BINDER, *HOLES],
    ids=lambda part: part[:40],
)
def test_the_fault_is_caught_where_it_stands(rule: str, body: str, code: str, where: str) -> None:
    text = BASE + body
    told = [diagnostic for diagnostic in load(text)[1] if diagnostic.code == code]
    assert told, (rule, [(d.code, d.message) for d in load(text)[1]])
    span = told[0].span
    assert span is not None and span.start.line > BASE.count("\n"), rule
    assert where in text.splitlines()[span.start.line - 1][span.start.column - 1 :], (rule, span)


Y = "attributes:\n  y: {type: float, formula: age}\n"
OF_SCENARIOS = (
    ("scenario_extension", "", "WW0131", "worldwright"),
    ("scenario_extension", "attributes: {}\n", "WW0131", "attributes"),
    ("attribute_reference", "attributes:\n  y: {type: float, formula: nobody + 1}\n", "WW0204", "nobody"),
    ("attribute_reference", f"{Y}constraints:\n  - nobody > y\n", "WW0204", "nobody"),
    (
        "attribute_literal",
        "attributes:\n  y:\n    type: boolean\n    formula: rank == 'boss'\n",
        "WW0206",
        "'boss'",
    ),
    (
        "attribute_literal",
        f"{Y}expect:\n  - {{share: \"rank == 'boss'\", is: .3, within: .1}}\n",
        "WW0206",
        "'boss'",
    ),
    ("duplicate of the base", "attributes:\n  age: {type: float, formula: 3}\n", "WW0211", "age:"),
)


@pytest.mark.parametrize(("rule", "body", "code", "where"), OF_SCENARIOS, ids=lambda part: part[:40])
def test_the_fault_of_a_scenario_is_caught_where_it_stands(
    rule: str, body: str, code: str, where: str
) -> None:
    text = "worldwright: scenario/1\nname: s\nextends: people\n" + body
    (told,) = [diagnostic for diagnostic in load(BASE, text)[1] if diagnostic.code == code]
    assert told.span is not None, rule
    assert where in text.splitlines()[told.span.start.line - 1][told.span.start.column - 1 :], rule


def test_the_base_has_no_fault() -> None:
    assert load(BASE + changed(NORMAL, "{when: flag, add: 1}"))[1] == []
