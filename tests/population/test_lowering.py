"""Expressions on arrays against a scalar interpreter in plain Python, with None for what is unknown."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.population.builder import SPAN, attribute, expression
from worldwright.population.block import Block
from worldwright.population.lowering import condition, number
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression

OPTIONS = ("low", "middle", "high")
UNIT = {"uniform": {"min": 0, "max": 1}}
SCOPE = {
    "x": attribute("x", {"distribution": UNIT}),
    "y": attribute("y", {"distribution": UNIT, "only_if": "b"}),
    "b": attribute("b", {"type": "boolean", "distribution": {"boolean": 0.5}}),
    "c": attribute("c", {"type": "boolean", "distribution": {"boolean": 0.5}, "only_if": "b"}),
    "k": attribute(
        "k",
        {"type": "categorical", "ordered": True, "distribution": {"categorical": dict.fromkeys(OPTIONS, 1)}},
    ),
}
ROWS: list[dict[str, Any]] = [
    {"x": x, "y": y, "b": b, "c": c, "k": k}
    for x in (-2.0, 0.0, 0.5, 3.0)
    for y in (None, -1.0, 0.0, 2.5)
    for b in (True, False)
    for c in (None, True, False)
    for k in OPTIONS
]


def block() -> Block:
    made = Block(0, len(ROWS))
    for name in ("x", "y"):
        made.write(name, np.array([math.nan if row[name] is None else row[name] for row in ROWS]))
    for name in ("b", "c"):
        made.write(name, np.array([bool(row[name]) for row in ROWS]))
    made.write("k", np.array([OPTIONS.index(row["k"]) for row in ROWS], dtype=np.int32))
    for name in ("y", "c"):
        made.write(name, made.value(name), np.array([row[name] is None for row in ROWS]))
    return made


class TooLargeError(Exception):
    """Beyond double precision, where infinity stands for a large number."""


def in_range(value: float) -> float:
    if not math.isfinite(value) or abs(value) > 1e300:
        raise TooLargeError
    return value


def scalar(node: Expression, row: dict[str, Any]) -> Any:
    """A number, a truth, a label, or None where it is unknown."""
    match node:
        case nodes.Number() | nodes.Boolean() | nodes.Label():
            return node.value
        case nodes.Name():
            return row[node.name]
        case nodes.Negate():
            value = scalar(node.operand, row)
            return None if value is None else -value
        case nodes.Not():
            value = scalar(node.operand, row)
            return None if value is None else not value
        case nodes.And() | nodes.Or():
            a, b = scalar(node.left, row), scalar(node.right, row)
            decisive = isinstance(node, nodes.Or)
            if decisive in (a, b):
                return decisive
            return None if None in (a, b) else not decisive
        case nodes.Compare():
            a, b = scalar(node.left, row), scalar(node.right, row)
            if a is None or b is None:
                return None
            if isinstance(a, str):
                a, b = OPTIONS.index(a), OPTIONS.index(b)
            signs = {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}
            return signs[node.operator]
        case nodes.In():
            value = scalar(node.operand, row)
            values = [scalar(option, row) for option in node.options]
            return None if value is None else (value in values) != node.negated
        case nodes.IsKnown():
            return (row[node.name.name] is not None) != node.negated
        case nodes.IfElse():
            test = scalar(node.condition, row)
            return None if test is None else scalar(node.then if test else node.otherwise, row)
        case nodes.Arithmetic():
            a, b = scalar(node.left, row), scalar(node.right, row)
            if a is None or b is None:
                return None
            if node.operator in ("/", "//", "%") and b == 0:
                return None
            results: dict[str, Any] = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b}
            results |= {"/": lambda: a / b, "//": lambda: a // b, "%": lambda: a % b}
            return in_range(results[node.operator]())
        case nodes.Call():
            values = [scalar(argument, row) for argument in node.arguments]
            if None in values:
                return None
            return called(node.function, values)
        case _:
            raise NotImplementedError(node)


def called(function: str, values: list[float]) -> float | None:
    first = values[0]
    match function:
        case "min" | "max":
            return min(values) if function == "min" else max(values)
        case "clip":
            return min(max(first, values[1]), values[2])
        case "sqrt":
            return math.sqrt(first) if first >= 0 else None
        case "log":
            return math.log(first) if first > 0 else None
        case "exp":
            return math.exp(in_range(first if first < 700 else math.inf))
        case "floor" | "ceil":
            return float(math.floor(first) if function == "floor" else math.ceil(first))
        case "round":
            return float(round(first))
        case _:
            return abs(first)


def joined(*parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*parts)


@st.composite
def numbers(draw: st.DrawFn, depth: int = 3) -> Expression:
    leaf = st.sampled_from(
        [
            *(nodes.Number(v, SPAN) for v in (-1.5, 0.0, 0.5, 2.0, 3.0)),
            nodes.Name("x", SPAN),
            nodes.Name("y", SPAN),
        ]
    )
    if depth == 0:
        return draw(leaf)
    inner = numbers(depth - 1)
    binary = st.builds(
        nodes.Arithmetic, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner, inner, st.just(SPAN)
    )
    unary = st.sampled_from(["abs", "round", "floor", "ceil", "sqrt", "exp", "log"])
    calls = st.builds(lambda f, a: nodes.Call(f, (a,), SPAN), unary, inner)
    several = st.builds(
        lambda f, *a: nodes.Call(f, a, SPAN), st.sampled_from(["min", "max", "clip"]), inner, inner, inner
    )
    choice = st.builds(nodes.IfElse, conditions(depth - 1), inner, inner, st.just(SPAN))
    negation = st.builds(nodes.Negate, inner, st.just(SPAN))
    return draw(joined(leaf, binary, calls, several, choice, negation))


@st.composite
def words(draw: st.DrawFn, depth: int = 2) -> Expression:
    leaf = st.sampled_from([nodes.Name("k", SPAN), *(nodes.Label(option, SPAN) for option in OPTIONS)])
    if depth == 0:
        return draw(leaf)
    inner = words(depth - 1)
    return draw(joined(leaf, st.builds(nodes.IfElse, conditions(depth - 1), inner, inner, st.just(SPAN))))


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> Expression:
    leaf = st.sampled_from(
        [
            nodes.Boolean(True, SPAN),
            nodes.Name("b", SPAN),
            nodes.Name("c", SPAN),
            nodes.IsKnown(nodes.Name("y", SPAN), False, SPAN),
            nodes.IsKnown(nodes.Name("c", SPAN), True, SPAN),
            nodes.Compare("<", nodes.Name("k", SPAN), nodes.Label("high", SPAN), SPAN),
            nodes.Compare(">=", nodes.Label("middle", SPAN), nodes.Name("k", SPAN), SPAN),
            nodes.In(
                nodes.Name("k", SPAN), (nodes.Label("low", SPAN), nodes.Label("high", SPAN)), True, SPAN
            ),
        ]
    )
    if depth == 0:
        return draw(leaf)
    inner, value = conditions(depth - 1), numbers(depth - 1)
    signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    compare = st.builds(nodes.Compare, signs, value, value, st.just(SPAN))
    equality = st.sampled_from(["==", "!="])
    same = st.builds(nodes.Compare, equality, inner, inner, st.just(SPAN))
    word = words(depth - 1)
    same_word = st.builds(nodes.Compare, equality, word, word, st.just(SPAN))
    some = st.lists(st.sampled_from([nodes.Label(option, SPAN) for option in OPTIONS]), min_size=1)
    among_words = st.builds(lambda a, o, n: nodes.In(a, tuple(o), n, SPAN), word, some, st.booleans())
    literals = st.sampled_from([nodes.Number(v, SPAN) for v in (-1.0, 0.0, 0.5, 2.5)])
    among = st.builds(
        lambda a, o, n: nodes.In(a, tuple(o), n, SPAN), value, st.lists(literals, min_size=1), st.booleans()
    )
    both = st.builds(nodes.And, inner, inner, st.just(SPAN))
    either = st.builds(nodes.Or, inner, inner, st.just(SPAN))
    opposite = st.builds(nodes.Not, inner, st.just(SPAN))
    choice = st.builds(nodes.IfElse, inner, inner, inner, st.just(SPAN))
    return draw(joined(leaf, compare, same, same_word, among, among_words, both, either, opposite, choice))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(conditions())
def test_conditions_follow_three_valued_logic(node: Expression) -> None:
    with np.errstate(all="ignore"):
        value, unknown = condition(node, SCOPE).run(block())
    for i, row in enumerate(ROWS):
        try:
            wanted = scalar(node, row)
        except TooLargeError:
            continue
        lost = unknown is not None and bool(unknown[i])
        assert lost == (wanted is None)
        assert bool(value[i]) == bool(wanted)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(numbers())
def test_numbers_are_those_of_real_arithmetic(node: Expression) -> None:
    with np.errstate(all="ignore"):
        found = np.broadcast_to(number(node, SCOPE).run(block()), (len(ROWS),))
    for i, row in enumerate(ROWS):
        try:
            wanted = scalar(node, row)
        except TooLargeError:
            continue
        if wanted is None:
            assert math.isnan(found[i])
        else:
            assert math.isclose(found[i], wanted, rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "('low' if x > 0 else 'high') in ['high']",
        "('low' if x > 0 else 'high') not in ['high']",
        "('low' if x > 0 else 'high') == k",
        "k != ('low' if x > 0 else ('high' if b else 'middle'))",
        "(k if b else 'high') in ['high', 'low']",
        "('low' if b else 'middle') == ('middle' if x > 0 else 'high')",
    ],
)
def test_labels_that_depend_on_a_condition_are_compared_as_what_they_are(text: str) -> None:
    node = expression(text)
    value, unknown = condition(node, SCOPE).run(block())
    assert value.tolist() == [scalar(node, row) for row in ROWS]
    assert unknown is None or not unknown.any()
