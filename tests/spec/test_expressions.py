"""The expression language: what it means, where its parts stand, and what it refuses."""

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worldwright.diagnostics import Diagnostic, Position, Span
from worldwright.spec import parse_expression
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import form, text
from worldwright.spec.expressions.nodes import Expression, ValueType
from worldwright.spec.expressions.types import Kind, check, kind_of

HERE = Span("f.yaml", Position(3, 9), Position(3, 9))
NUMBER, BOOLEAN, LABEL = Kind(ValueType.NUMBER), Kind(ValueType.BOOLEAN), ValueType.LABEL
SCOPE = {
    "age": NUMBER,
    "income": NUMBER,
    "married": BOOLEAN,
    "rank": Kind(LABEL, ("junior", "senior", "chief"), ordered=True),
    "town": Kind(LABEL, ("north", "south")),
    "born": Kind(ValueType.DATE),
    "story": Kind(ValueType.TEXT),
    "lost": None,
}


def parsed(source: str) -> Expression:
    node, diagnostics = parse_expression(source, HERE)
    assert not diagnostics, diagnostics[0].message
    assert node is not None
    return node


def refused(source: str) -> Diagnostic:
    node, diagnostics = parse_expression(source, HERE)
    assert node is None
    (diagnostic,) = diagnostics
    return diagnostic


@pytest.mark.parametrize(
    ("source", "same"),
    [
        ("1 + 2 * 3", "1 + (2 * 3)"),
        ("10 - 3 - 2", "(10 - 3) - 2"),
        ("8 / 2 / 2", "(8 / 2) / 2"),
        ("7 // 2 % 3", "(7 // 2) % 3"),
        ("-age * 2", "(-age) * 2"),
        ("- 3", "-3"),
        ("not married and married", "(not married) and married"),
        ("not age == 3", "not (age == 3)"),
        ("married or married and married", "married or (married and married)"),
        ("1 < age < 3", "1 < age and age < 3"),
        ("1 < age <= income < 9", "(1 < age and age <= income) and income < 9"),
        ("1 if married else 2 if age > 3 else 4", "1 if married else (2 if age > 3 else 4)"),
        ("1 if married and age > 3 else 2 + 3", "1 if (married and age > 3) else (2 + 3)"),
        ("age + 1 in [3, 4]", "(age + 1) in [3, 4]"),
        ("rank not in ['chief']", "rank not in ['chief']"),
        ("lost is not known and age>3", "(lost is not known) and (age > 3)"),
        ("+age", "age"),
        ("age\n  + 3", "age + 3"),
        ('rank == "chief"', "rank == 'chief'"),
        ("1e3 + .5 + 2.", "1000 + 0.5 + 2"),
    ],
)
def test_how_tightly_operators_bind(source: str, same: str) -> None:
    assert form(parsed(source)) == form(parsed(same))


@pytest.mark.parametrize(
    ("first", "second"),
    [("1 - (2 - 3)", "1 - 2 - 3"), ("'a' == 'b'", "'a' != 'b'"), ("3", "'3'"), ("a < b", "b > a")],
)
def test_different_expressions_have_different_forms(first: str, second: str) -> None:
    assert form(parsed(first)) != form(parsed(second))


def test_dates_are_days_since_1970() -> None:
    assert form(parsed("date('1970-01-02')")) == ["date", 1]
    assert form(parsed("date('2020-02-29')")) == ["date", 18321]
    assert text(parsed("date('2020-02-29')")) == "date('2020-02-29')"


def test_every_part_knows_its_columns() -> None:
    source = "max(age, 3) > 50 and rank == 'chief'"
    for node in nodes.walk(parsed(source)):
        start, end = node.span.start.column - 9, node.span.end.column - 9
        own = parse_expression(source[start:end], HERE)[0]
        assert own is not None
        assert form(own) == form(node)


def test_columns_follow_the_places_of_folded_text() -> None:
    places = [Position(4, 3 + i) for i in range(5)] + [Position(5, 3 + i) for i in range(3)]
    node, _ = parse_expression("age + 2", HERE, places)
    assert isinstance(node, nodes.Arithmetic)
    assert node.left.span.start == Position(4, 3)
    assert node.right.span.start == Position(5, 4)


@pytest.mark.parametrize(
    ("source", "code", "column", "message", "help"),
    [
        ("", "WW0201", 9, "missing", None),
        ("   ", "WW0201", 12, "missing", None),
        ("age = 3", "WW0202", 13, "`=`", "=="),
        ("age > 3 && married", "WW0202", 17, "`&&`", "and"),
        ("married || married", "WW0202", 17, "`||`", "or"),
        ("age ^ 2", "WW0202", 13, "`^`", "no power operator"),
        ("age ** 2", "WW0202", 13, "`**`", "no power operator"),
        ("!married", "WW0202", 9, "`!`", "not"),
        ("rank.lower() == 'x'", "WW0202", 13, "`.lower()`", "label"),
        ("married == True", "WW0202", 20, "`True`", "true"),
        ("rank is None", "WW0201", 17, "`is`", "is known"),
        ("rank == None", "WW0202", 17, "`None`", "is known"),
        ("age > 3 AND married", "WW0202", 17, "`AND`", "and"),
        ("(age + 3", "WW0201", 9, "never closed", ")"),
        ("age + 3)", "WW0201", 16, "closes nothing", None),
        ("rank in ['a', 'b'", "WW0201", 17, "never closed", "]"),
        ("rank in ('a', 'b')", "WW0201", 17, "list", "['a', 'b']"),
        ("rank in [chief]", "WW0201", 18, "list", "'chief' in quotes"),
        ("rank in []", "WW0201", 18, "empty", None),
        ("age +", "WW0201", 14, "too early", None),
        ("age 3", "WW0201", 13, "operator", None),
        ("1 if married", "WW0201", 21, "no `else`", "else"),
        ("if married then 1", "WW0201", 9, "`if`", None),
        ("rank == 'chief", "WW0201", 17, "never closed", "comment"),
        ("minimum(age, 3)", "WW0201", 9, "no function", "did you mean min?"),
        ("tanh(age)", "WW0201", 9, "no function", "there are min"),
        ("maxx(age, 3)", "WW0201", 9, "no function", "max"),
        ("min(age)", "WW0208", 9, "takes 2 or more", None),
        ("clip(age, 3)", "WW0208", 9, "takes 3", "clip(x, lowest, highest)"),
        ("1_000", "WW0201", 9, "neither", "1000"),
        ("5years", "WW0201", 9, "neither", "unit"),
        ("1.2.3", "WW0201", 9, "neither", None),
        ("age ≤ 3", "WW0202", 13, "`≤`", "<="),
        ("date(2020)", "WW0201", 14, "date", None),
        ("date('2020-13-01')", "WW0201", 14, "not a date", "year-month-day"),
        ("3 is known", "WW0201", 9, "only an attribute", None),
        ("age ? 1 : 2", "WW0202", 13, "`?`", "if condition else"),
        ("x[0]", "WW0201", 10, "operator", None),
        ("__import__('os')", "WW0201", 9, "no function", None),
        ("lambda: 3", "WW0202", 15, "`:`", None),
        ("(" * 65 + "1" + ")" * 65, "WW0203", 73, "64 deep", "split"),
        ("1" + "+1" * 70, "WW0203", None, "64 deep", "split"),
        ("age + " * 400 + "1", "WW0203", 9, "2401 characters", "split"),
        ("not " * 80 + "married", "WW0203", None, "64 deep", "split"),
        ("-" * 80 + "age", "WW0203", None, "64 deep", "split"),
        ("1e999", "WW0201", 9, "too large", None),
    ],
)
def test_mistakes_are_answered_where_they_are(
    source: str, code: str, column: int | None, message: str, help: str | None
) -> None:
    diagnostic = refused(source)
    assert diagnostic.code == code
    assert message in diagnostic.message
    assert diagnostic.span is not None
    assert column is None or diagnostic.span.start.column == column
    assert help is None or (diagnostic.help is not None and help in diagnostic.help)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("age + 3 * income", ValueType.NUMBER),
        ("min(age, income, 3)", ValueType.NUMBER),
        ("age > 3", ValueType.BOOLEAN),
        ("rank", ValueType.LABEL),
        ("'a' if married else rank", ValueType.LABEL),
        ("born - date('2020-01-01')", ValueType.NUMBER),
        ("born + 30", ValueType.DATE),
        ("30 + born", ValueType.DATE),
        ("born < date('2020-01-01')", ValueType.BOOLEAN),
        ("rank < 'chief'", ValueType.BOOLEAN),
        ("rank in ['chief', 'junior']", ValueType.BOOLEAN),
        ("born in [date('2020-01-01')]", ValueType.BOOLEAN),
        ("story == 'once'", ValueType.BOOLEAN),
        ("married == (age > 3)", ValueType.BOOLEAN),
        ("lost + 3 > 2", ValueType.BOOLEAN),
        ("story if married else 'x'", ValueType.TEXT),
        ("lost is known", ValueType.BOOLEAN),
    ],
)
def test_types_of_well_typed_expressions(source: str, kind: ValueType) -> None:
    expression = parsed(source)
    assert not check(expression, SCOPE)
    found = kind_of(expression, SCOPE)
    assert found is not None
    assert found.type is kind


@pytest.mark.parametrize(
    ("source", "code", "marked", "help"),
    [
        ("agee + 3", "WW0204", "agee", "did you mean `age`?"),
        ("zzz + 3", "WW0204", "zzz", "there are age"),
        ("rank == chief", "WW0204", "chief", "'chief' in quotes"),
        ("south if married else 'north'", "WW0204", "south", "'south' in quotes"),
        ("married + 1", "WW0205", "married", "1 if … else 0"),
        ("age and married", "WW0205", "age", "x > 0"),
        ("not rank", "WW0205", "rank", "one of its options"),
        ("rank + 'a'", "WW0205", "rank", None),
        ("age == 'chief'", "WW0205", "age == 'chief'", "quotes"),
        ("born > '2020-01-01'", "WW0205", "born > '2020-01-01'", "date('2020-01-05')"),
        ("1 if married else 'a'", "WW0205", "1 if married else 'a'", None),
        ("1 if age else 2", "WW0205", "age", "x > 0"),
        ("married < true", "WW0205", "married < true", "=="),
        ("story < 'a'", "WW0205", "story < 'a'", None),
        ("rank == 'chef'", "WW0206", "'chef'", "did you mean 'chief'?"),
        ("'chef' != rank", "WW0206", "'chef'", "did you mean 'chief'?"),
        ("rank in ['chief', 'boss']", "WW0206", "'boss'", "there are junior"),
        ("rank == town", "WW0206", "rank == town", None),
        ("town < 'south'", "WW0207", "town < 'south'", "ordered: true"),
        ("rank in [1]", "WW0205", "1", None),
        ("max(age, married)", "WW0205", "married", None),
        ("born * 2", "WW0205", "born", None),
        ("born + born", "WW0205", "born", None),
    ],
)
def test_what_does_not_fit(source: str, code: str, marked: str, help: str | None) -> None:
    diagnostic = check(parsed(source), SCOPE)[0]
    assert diagnostic.code == code
    assert diagnostic.span is not None
    start, end = diagnostic.span.start.column - 9, diagnostic.span.end.column - 9
    assert source[start:end] == marked
    assert help is None or (diagnostic.help is not None and help in diagnostic.help)


def test_all_mistakes_of_one_expression_are_told() -> None:
    found = check(parsed("agee > 3 and rank == 'chef' and married + 1 > 2"), SCOPE)
    assert [diagnostic.code for diagnostic in found] == ["WW0204", "WW0206", "WW0205"]


def test_the_wanted_type_is_checked() -> None:
    assert check(parsed("age > 3"), SCOPE, ValueType.NUMBER)[0].code == "WW0205"
    assert not check(parsed("'a'"), SCOPE, ValueType.TEXT)
    assert not check(parsed("lost"), SCOPE, ValueType.NUMBER)


def _expressions() -> st.SearchStrategy[Expression]:
    numbers = st.one_of(
        st.integers(0, 1000).map(float),
        st.floats(allow_nan=False, allow_infinity=False, width=64),
    ).map(lambda value: nodes.Number(value + 0.0, HERE))
    leaves = st.one_of(
        numbers,
        st.booleans().map(lambda value: nodes.Boolean(value, HERE)),
        st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=5).map(
            lambda value: nodes.Label(value, HERE)
        ),
        st.integers(-700_000, 2_900_000).map(lambda days: nodes.Date(days, HERE)),
        st.sampled_from(["age", "rank", "x_1"]).map(lambda name: nodes.Name(name, HERE)),
        st.tuples(st.sampled_from(["age", "lost"]), st.booleans()).map(
            lambda pair: nodes.IsKnown(nodes.Name(pair[0], HERE), pair[1], HERE)
        ),
    )

    def grown(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        arithmetic = st.sampled_from(["+", "-", "*", "/", "//", "%"])
        return st.one_of(
            st.builds(lambda o, a, b: nodes.Arithmetic(o, a, b, HERE), arithmetic, parts, parts),
            st.builds(lambda a, b: nodes.And(a, b, HERE), parts, parts),
            st.builds(lambda a, b: nodes.Or(a, b, HERE), parts, parts),
            st.builds(lambda a: nodes.Not(a, HERE), parts),
            st.builds(
                lambda o, a, b: nodes.Compare(o, a, b, HERE),
                st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
                parts,
                parts,
            ),
            st.builds(lambda c, a, b: nodes.IfElse(c, a, b, HERE), parts, parts, parts),
            st.builds(lambda a, n: nodes.In(a, (nodes.Label("a", HERE),), n, HERE), parts, st.booleans()),
            st.builds(lambda a, b: nodes.Call("max", (a, b), HERE), parts, parts),
            parts.filter(lambda part: not isinstance(part, nodes.Number)).map(
                lambda part: nodes.Negate(part, HERE)
            ),
        )

    return st.recursive(leaves, grown, max_leaves=12)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(_expressions())
def test_writing_and_reading_an_expression_gives_it_back(expression: Expression) -> None:
    assert form(parsed(text(expression))) == form(expression)


LANGUAGE = (
    "age rank and or not in is known if else true date ( ) [ ] , + - * / // % == != < <= = . 'a' ' 1 .5"
)
WORDS = st.sampled_from(
    [*LANGUAGE.split(), "min(", "clip(", "&&", "**", "é", "\n", "'2020-01-01'", "1e5", "\x00", "\ud800"]
)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.one_of(st.lists(WORDS, max_size=14).map(" ".join), st.text(max_size=20)))
def test_no_text_leads_to_anything_but_a_tree_or_a_diagnostic(source: str) -> None:
    node, diagnostics = parse_expression(source, HERE)
    assert (node is None) == bool(diagnostics)
    if node is not None:
        check(node, SCOPE)
        assert form(parsed(text(node))) == form(node)
        assert not any(isinstance(n, nodes.Number) and math.isinf(n.value) for n in nodes.walk(node))
