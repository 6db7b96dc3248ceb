"""One mistake, one diagnostic, at its own line and column: what follows from it is not told."""

import pytest

from tests.spec.specs import AGE, HEAD, drawn, formula, load
from worldwright.spec import Source
from worldwright.spec.load import check_scenario

TOP = "worldwright: population/1\n"
DISTRIBUTION = "  x: {type: float, assumption: true, distribution: %s}\n"
MODIFIED = """  x:
    type: categorical
    assumption: true
    distribution: {categorical: {chief: .4, senior: .6}}
    modifiers:
      - when: age > 30
        %s
"""
BLOCK = """  x:
    type: categorical
    assumption: true
    distribution:
      §categorical:
        a: .3
        b: .6
"""
SEX = "  sex: {type: int, assumption: true, distribution: §{categorical: {f: .5, m: .5}}}\n"
UNTYPED = "  §x:\n    assumption: true\n    distribution: {normal: {mean: 3, sd: 1}}\n"
SCALED = "    modifiers: [{when: age > 30, scale: 2}]\n"
DAY = drawn("x", "{uniform: {min: 2020-01-01, max: 2020-02-01}}", "date")
REDRAWN = "constraints:\n  - {require: y < 3, redraw: [x]}\n"
EXCHANGED = drawn("x", "{triangular: {min: 9, mode: 5, max: §4}}")
PAIR = (
    drawn("b", "{boolean: .1}", "boolean") + drawn("x") + "correlations:\n  - [x, age, .5]\n  - §[x, b, .9]\n"
)
LEANING = formula("y", "x if x > 0 else 1") + "expect: [{mean: x, is: 3, within: 1, assumption: true}]\n"
IF = drawn("x") + "    modifiers:\n      - §if: age > 30\n        add: 2\n"
LOST = "  x: {type: §flot, formula: 3}\n" + formula("y", "x + 1") + "constraints:\n  - y > 1\n"
CASES = {
    "a family by another name": (DISTRIBUTION % "{§gaussian: {mean: 1, sd: 2}}", "did you mean `normal`?"),
    "an unknown family": (DISTRIBUTION % "{§zipf: {s: 2}}", "there are normal, "),
    "a parameter by another name": (DISTRIBUTION % "{normal: {mean: 1, §sigma: 2}}", "did you mean `sd`?"),
    "a condition by another name": (AGE + IF, "did you mean `when`?"),
    "an alias": (AGE + "  b: §*age\n", "write the value out"),
    "a number without end": (DISTRIBUTION % f"{{uniform: {{min: 1, max: §{'9' * 400}}}}}", ""),
    "a type that others need": (LOST, "float"),
    "a key that is no other way to come about": (
        "  x: {type: float, §colour: red, assumption: true, distribution: {normal: {mean: 1, sd: 1}}}\n",
        "there are ",
    ),
    "a formula that is misspelt beside a distribution": (
        "  x: {type: float, §formulae: 3, assumption: true, distribution: {normal: {mean: 1, sd: 1}}}\n",
        "there are ",
    ),
    "a family beside a family": (
        DISTRIBUTION % "{normal: {mean: 1, sd: 2}, §nomal: {mean: 1, sd: 2}}",
        "",
    ),
    "weights": (BLOCK, "one share"),
    "a modifier's weights": (AGE + MODIFIED % "weights: §{chief: .5, senior: .4}", "one share"),
    "a day that does not exist": (
        "  d: {type: date, assumption: true, distribution: {uniform: {min: §2021-02-29, max: 2021-03-05}}}\n",
        "year-month-day",
    ),
    "a division by zero": (AGE + "  y:\n    type: float\n    formula: 3 + §age / (2 - 2)\n", ""),
    "a root of what is negative": (AGE + "  y:\n    type: float\n    formula: §sqrt(0 - age)\n", ""),
    "an umlaut in a name": ("  §größe: {type: float, formula: 3}\n", "a-z"),
    "a condition of an attribute": (AGE + drawn("x", only_if="§agee > 3"), "did you mean `age`?"),
    "a type that the family contradicts": (SEX + formula("y", "1 if sex == 'm' else 2"), ""),
    "a type that is missing": (UNTYPED + SCALED + AGE, "float"),
    "arithmetic on a date": (DAY + "  y: {type: date, formula: §x * 2}\n", ""),
    "a formula that a constraint reads": (drawn("x") + formula("y", "x §** 2") + REDRAWN, "x * x"),
    "ends that were exchanged": (EXCHANGED + LEANING, "exchange"),
    "a pair that is not possible by itself": (AGE + PAIR, "in that range"),
    "what a modifier changes": (AGE + MODIFIED % "multiply: §2", "write `weights"),
}
WHOLE = {
    "attributes as a list": (TOP + "name: t\n§attributes:\n  - name: age\n", ""),
    "a number for a name": (TOP + "name: §5\nattributes:\n" + AGE, "put it in quotes"),
    "no attributes": (TOP + "name: t\n§attributes: {}\n", "add one"),
}
ALL = {name: (HEAD + body, help) for name, (body, help) in CASES.items()} | WHOLE


@pytest.mark.parametrize(("text", "help"), ALL.values(), ids=ALL)
def test_a_mistake_is_told_once_where_it_is(text: str, help: str) -> None:
    before = text[: text.index("§")]
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    _, found = load(text.replace("§", ""))
    (only,) = [diagnostic for diagnostic in found if diagnostic.is_error]
    assert only.span is not None
    assert (only.span.start.line, only.span.start.column) == place
    assert help in (only.help or "")


def test_mu_of_a_lognormal_is_not_taken_for_its_mean() -> None:
    _, found = load(HEAD + DISTRIBUTION % "{lognormal: {mu: 1, sigma: 2}}")
    assert all("did you mean" not in (diagnostic.help or "") for diagnostic in found)


@pytest.mark.parametrize(
    "law", ["normal: {mean: b, sd: 1}", "poisson: {mean: b}", "uniform: {min: 0, max: b}"]
)
def test_a_parameter_that_cannot_be_read_leaves_correlations_alone(law: str) -> None:
    text = HEAD + drawn("x", f"{{{law}}}", "int") + AGE + "correlations:\n  - [age, x, .3]\n"
    assert [d.code for d in load(text)[1] if d.is_error] == ["WW0204"]


def test_a_name_that_cannot_be_read_is_offered_to_nobody() -> None:
    found = load(HEAD + drawn("interest rate") + formula("y", "interest_rat + 1"))[1]
    assert "did you mean" not in (next(d for d in found if d.code == "WW0204").help or "")


def test_a_document_without_a_name_is_checked_all_the_same() -> None:
    _, found = load(TOP + "attributes:\n" + AGE + formula("y", "aeg + 1"))
    assert [d.code for d in found if d.is_error] == ["WW0131", "WW0204"]


def test_a_scenario_is_checked_by_itself_where_its_base_is_missing() -> None:
    text = "worldwright: scenario/1\nname: s\nextends: nobody\nattributes:\n  x: {type: flot, formula: 3}\n"
    (found,) = check_scenario(Source("s.yaml", text))
    assert found.code == "WW0132"


def test_a_name_with_accents_is_offered_without() -> None:
    _, (found, *_) = load(HEAD + "  größe_é: {type: float, formula: 3}\n")
    assert found.fix is not None and found.fix.edits[0].replacement == "grosse_e"


def test_a_misspelled_source_is_not_told_again_as_unused() -> None:
    text = HEAD + AGE.replace("assumption: true", "source: dest") + "sources:\n  destatis: {title: Tables}\n"
    assert [diagnostic.code for diagnostic in load(text)[1]] == ["WW0601"]


@pytest.mark.parametrize("guard", ["log(0 - age) if age < 0 else 3", "3 if age > 0 else age / 0"])
def test_arithmetic_that_a_condition_guards_is_not_judged(guard: str) -> None:
    assert not [d for d in load(HEAD + AGE + formula("y", guard))[1] if d.is_error]


def test_a_whole_number_may_have_one_value_only() -> None:
    for family in ("uniform: {min: 5, max: 5}", "poisson: {mean: 3, min: 5, max: 5}"):
        assert not [d for d in load(HEAD + drawn("x", f"{{{family}}}", "int"))[1] if d.is_error]
    assert [d.code for d in load(HEAD + drawn("x", "{uniform: {min: 5, max: 5}}"))[1]] == ["WW0303"]
