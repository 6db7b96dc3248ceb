"""What is called impossible is: intervals and conditions against evaluation at many points."""

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.spec.specs import AGE, HEAD, RANK, drawn, formula, loaded
from worldwright.diagnostics import Position, Span
from worldwright.spec import parse_expression
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.intervals import Interval
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import Domain, constant, domain_of, narrowed, truth
from worldwright.spec.reach import reach

HERE = Span("f.yaml", Position(1, 1), Position(1, 1))
DOMAINS: dict[str, Domain] = {
    "a": Interval(-3.0, 4.0, True),
    "b": Interval(0.0, 2.5),
    "c": Interval(2.0, math.inf),
    "on": frozenset({True, False}),
    "label": frozenset({"x", "y", "z"}),
}


def parsed(text: str) -> Expression:
    node, diagnostics = parse_expression(text, HERE)
    assert node is not None, diagnostics
    return node


def value(node: Expression, at: dict[str, Any]) -> Any:
    """The value of an expression by the plain meaning of its parts: the oracle."""
    match node:
        case nodes.Number(own) | nodes.Boolean(own) | nodes.Label(own):
            return own
        case nodes.Name(name):
            return at[name]
        case nodes.Negate(operand):
            return -value(operand, at)
        case nodes.Not(operand):
            return not value(operand, at)
        case nodes.And(left, right):
            return value(left, at) and value(right, at)
        case nodes.Or(left, right):
            return value(left, at) or value(right, at)
        case nodes.IfElse(condition, then, otherwise):
            return value(then, at) if value(condition, at) else value(otherwise, at)
        case nodes.In(operand, options, negated):
            return (value(operand, at) in [value(option, at) for option in options]) is not negated
        case nodes.Arithmetic(operator, left, right):
            x, y = value(left, at), value(right, at)
            steps = {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y}
            steps |= {"/": lambda: x / y, "//": lambda: math.floor(x / y), "%": lambda: x % y}
            return steps[operator]()
        case nodes.Compare(operator, left, right):
            x, y = value(left, at), value(right, at)
            tests = {"==": x == y, "!=": x != y}
            if operator in tests:
                return tests[operator]
            return {"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y}[operator]
        case nodes.Call(function, arguments):
            found = [value(argument, at) for argument in arguments]
            if function == "clip":
                return min(max(found[0], found[1]), found[2])
            plain = {"min": min, "max": max}
            if function in plain:
                return plain[function](found)
            single = {"abs": abs, "round": round, "floor": math.floor, "ceil": math.ceil}
            single |= {"sqrt": math.sqrt, "exp": math.exp, "log": math.log}
            return single[function](found[0])
        case _:
            raise AssertionError(node)


NUMBERS = st.one_of(st.integers(-5, 5).map(float), st.sampled_from([0.5, 2.5, 1e6]))


def number(value: float) -> nodes.Number:
    return nodes.Number(value, HERE)


@st.composite
def numeric(draw: st.DrawFn, depth: int = 3) -> Expression:
    """A numeric expression over a, b and c."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(NUMBERS.map(number) | st.sampled_from("abc").map(lambda name: nodes.Name(name, HERE)))
    first, second = draw(numeric(depth - 1)), draw(numeric(depth - 1))
    match draw(st.sampled_from(["arithmetic", "arithmetic", "negate", "single", "pair", "clip", "if"])):
        case "arithmetic":
            operator = draw(st.sampled_from(["+", "-", "*", "/", "//", "%"]))
            return nodes.Arithmetic(operator, first, second, HERE)
        case "negate":
            return nodes.Negate(first, HERE)
        case "single":
            function = draw(st.sampled_from(["abs", "round", "floor", "ceil", "sqrt", "exp", "log"]))
            return nodes.Call(function, (first,), HERE)
        case "pair":
            return nodes.Call(draw(st.sampled_from(["min", "max"])), (first, second), HERE)
        case "clip":
            return nodes.Call("clip", (draw(numeric(0)), first, second), HERE)
        case _:
            return nodes.IfElse(draw(conditions(1)), first, second, HERE)


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2) -> Expression:
    """A condition over all names."""
    if depth > 0 and draw(st.booleans()):
        first, second = draw(conditions(depth - 1)), draw(conditions(depth - 1))
        kinds = [nodes.And(first, second, HERE), nodes.Or(first, second, HERE), nodes.Not(first, HERE)]
        return draw(st.sampled_from(kinds))
    label = nodes.Name("label", HERE)
    negated = draw(st.booleans())
    match draw(st.sampled_from(["compare", "compare", "on", "among labels", "is label", "among numbers"])):
        case "compare":
            operator = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
            return nodes.Compare(operator, draw(numeric(1)), draw(numeric(1)), HERE)
        case "on":
            return nodes.Name("on", HERE)
        case "among labels":
            labels = draw(st.lists(st.sampled_from("xyzw"), min_size=1, max_size=3))
            return nodes.In(label, tuple(nodes.Label(text, HERE) for text in labels), negated, HERE)
        case "is label":
            text = draw(st.sampled_from("xyzw"))
            return nodes.Compare("!=" if negated else "==", label, nodes.Label(text, HERE), HERE)
        case _:
            options = draw(st.lists(NUMBERS, min_size=1, max_size=3))
            return nodes.In(draw(numeric(1)), tuple(map(number, options)), negated, HERE)


POINTS = st.fixed_dictionaries(
    {
        "a": st.integers(-3, 4).map(float),
        "b": st.floats(0, 2.5),
        "c": st.floats(2, 1e9),
        "on": st.booleans(),
        "label": st.sampled_from("xyz"),
    }
)
LAWS = settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def inside(domain: Domain | None, found: Any) -> bool:
    if domain is None:
        return True
    if not isinstance(domain, Interval):
        return found in domain
    slack = 1e-9 * max(1.0, abs(found)) if math.isfinite(found) else 0.0
    return domain.low - slack <= found <= domain.high + slack


@LAWS
@given(numeric(), POINTS)
def test_no_value_lies_outside_the_range(expression: Expression, at: dict[str, Any]) -> None:
    try:
        found = value(expression, at)
    except (ValueError, OverflowError, ZeroDivisionError):
        return
    if isinstance(found, complex) or not math.isfinite(found):
        return
    assert inside(domain_of(expression, DOMAINS), found)


@LAWS
@given(conditions(), POINTS)
def test_a_condition_that_holds_somewhere_is_not_called_impossible(
    expression: Expression, at: dict[str, Any]
) -> None:
    try:
        found = value(expression, at)
    except (ValueError, OverflowError, ZeroDivisionError):
        return
    left = narrowed(expression, DOMAINS, found)
    assert left is not None
    assert all(inside(domain, at[name]) for name, domain in left.items())


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("a > 4", False),
        ("a >= 4", True),
        ("b < 0", False),
        ("b < 1 and b >= 1", False),
        ("b <= 1 and b >= 1", True),
        ("a < 1 and a > 0", False),
        ("b < 1 and b > 0", True),
        ("b < 1 and (b > 2 or b > 3)", False),
        ("label == 'x' and label == 'y'", False),
        ("label in ['x', 'y'] and label not in ['x', 'y', 'z']", False),
        ("label == 'x' and not (label in ['x', 'z'])", False),
        ("on and not on", False),
        ("not (a <= 4)", False),
        ("c + 1 < b", False),
        ("unknown > 3 and a > 0", True),
        ("-3 <= a <= 4", True),
        ("a in [7, 9]", False),
        ("(1 if b < 1 else 2) > 2", False),
    ],
)
def test_what_can_hold_and_what_cannot(text: str, possible: bool) -> None:
    assert (narrowed(parsed(text), DOMAINS, True) is not None) is possible


def test_what_always_holds() -> None:
    assert truth(parsed("a >= -3 and c > 1"), DOMAINS) == {True}
    assert truth(parsed("a == 0"), DOMAINS) == {True, False}


@pytest.mark.parametrize(
    ("text", "found"), [("1 / 4", 0.25), ("-(2 + 3)", -5.0), ("a", None), ("log(0)", None)]
)
def test_constants(text: str, found: float | None) -> None:
    assert constant(parsed(text)) == found


def test_tangled_conditions_take_bounded_time() -> None:
    text = "b"
    for _ in range(15):
        text = f"(1 if {text} > 0 else 2)"
    assert domain_of(parsed(text), {"b": Interval(-1, 1)}) in (None, Interval(1, 2, True))


def test_the_reach_of_attributes() -> None:
    found = reach(
        loaded(
            HEAD
            + AGE
            + RANK
            + drawn("score", "{beta: {alpha: 2, beta: 5}}")
            + "    modifiers:\n      - {when: age > 50, multiply: 3}\n"
            + "      - {when: age > 90, multiply: 100}\n"
            + drawn("points", "{normal: {mean: 3, sd: 1, min: 0, max: age / 10}}", "int", clip="{max: 6}")
            + drawn("gone", "{categorical: {a: 0, b: .5, c: .5}}", "categorical")
            + formula("older", "age + 1 if rank == 'chief' else age", "int")
            + drawn("never", "{boolean: 0}", "boolean")
            + drawn("born", "{uniform: {min: 1970-01-01, max: 1970-01-31}}", "date")
            + drawn("hits", "{binomial: {n: 7, p: .5}}", "int")
        )
    )
    assert found == {
        "age": Interval(18, 80, True),
        "rank": {"chief", "senior"},
        "score": Interval(0, 3),
        "points": Interval(0, 6, True),
        "gone": {"b", "c"},
        "older": Interval(18, 81, True),
        "never": {False},
        "born": Interval(0, 30, True),
        "hits": Interval(0, 7, True),
    }
