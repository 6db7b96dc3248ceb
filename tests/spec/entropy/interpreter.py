"""An interpreter of Entropy's and Extropy's sampling, agent by agent: the oracle of these tests.

Written from what is known of their samplers (see facts on file formats and semantics), sharing nothing with
`worldwright.spec.entropy`: plain YAML, dictionaries, `random.Random`, and an evaluator of its own over
Python's syntax trees. It does what their sampler did, only more slowly than ours.
"""

from __future__ import annotations

import ast
import math
import operator
import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import yaml

Agent = dict[str, Any]
Evaluate = Callable[[Agent], Any]
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: operator.is_,
}
_CALLS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (abs, min, max, round, int, float, str, len, sum, all, any, bool)
}
_WORDS = {"true": True, "false": False}


def population(text: str, agents: int, seed: int, *, ranked: bool) -> list[Agent]:
    """Sample agents from the text of a population spec."""
    spec = yaml.load(text, Loader=yaml.CSafeLoader)
    attributes = {attribute["name"]: attribute for attribute in spec["attributes"]}
    rng = random.Random(seed)
    found: list[Agent] = []
    for _ in range(agents):
        agent: Agent = {}
        for name in spec["sampling_order"]:
            value = _sample(attributes[name], agent, rng, ranked)
            agent[name] = _bounded(_coerced(value, attributes[name]["type"]), attributes[name])
        found.append(agent)
    return found


def _sample(attribute: dict[str, Any], agent: Agent, rng: random.Random, ranked: bool) -> Any:
    sampling = attribute["sampling"]
    if sampling["strategy"] == "derived":
        return evaluator(sampling["formula"])(agent)
    law = sampling["distribution"]
    matching: list[tuple[int, dict[str, Any]]] = []
    if sampling["strategy"] == "conditional":
        for index, modifier in enumerate(sampling["modifiers"] or []):
            try:
                if evaluator(modifier["when"])(agent):
                    matching.append((index, modifier))
            except Exception:  # noqa: BLE001 - a condition that fails does not apply
                continue
    match law["type"]:
        case "categorical":
            return _label(law, matching, rng, ranked)
        case "boolean":
            return _truth(law, matching, rng, ranked)
        case _:
            return _number(law, matching, agent, rng)


def _label(law: dict[str, Any], matching: list[Any], rng: random.Random, ranked: bool) -> str:
    able = [(index, modifier) for index, modifier in matching if modifier.get("weight_overrides")]
    weights = dict(zip(law["options"], law["weights"], strict=True))
    if able:
        overrides = _winner(able, ranked)["weight_overrides"]
        weights = {option: overrides.get(option, weight) for option, weight in weights.items()}
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def _truth(law: dict[str, Any], matching: list[Any], rng: random.Random, ranked: bool) -> bool:
    p = law["probability_true"]
    if ranked:
        able = [
            (index, modifier)
            for index, modifier in matching
            if modifier.get("probability_override") is not None
            or modifier.get("multiply") not in (None, 1)
            or modifier.get("add") not in (None, 0)
        ]
        applied = [_winner(able, ranked)] if able else []
    else:
        applied = [modifier for _, modifier in matching]
    for modifier in applied:
        if modifier.get("probability_override") is not None:
            p = modifier["probability_override"]
            continue
        if modifier.get("multiply") is not None:
            p *= modifier["multiply"]
        if modifier.get("add") is not None:
            p += modifier["add"]
    return rng.random() < min(1.0, max(0.0, p))


def _number(law: dict[str, Any], matching: list[Any], agent: Agent, rng: random.Random) -> float:
    def given(key: str) -> float | None:
        formula = law.get(f"{key}_formula")
        return float(evaluator(str(formula))(agent)) if formula is not None else law.get(key)

    low, high = given("min"), given("max")

    def clamped(x: float) -> float:
        x = x if low is None else max(x, low)
        return x if high is None else min(x, high)

    kind = law["type"]
    if kind == "uniform":
        value = rng.uniform(law["min"], law["max"])
    elif kind == "beta":
        value = rng.betavariate(law["alpha"], law["beta"])
        value = low + value * (high - low) if low is not None and high is not None else clamped(value)
    else:
        mean, std = given("mean"), given("std")
        assert mean is not None
        if kind == "normal":
            value = clamped(rng.gauss(mean, 1.0 if std is None else std))
        else:
            std = mean / 2 if std is None else std
            variance = math.log(1 + std**2 / mean**2)
            value = clamped(rng.lognormvariate(math.log(mean) - variance / 2, math.sqrt(variance)))
    if not matching:
        return value
    factor = math.prod(1.0 if m.get("multiply") is None else m["multiply"] for _, m in matching)
    value = value * factor + sum(m.get("add") or 0.0 for _, m in matching)
    if kind in ("normal", "lognormal"):
        return clamped(value)
    if kind == "beta" and law.get("min") is None and law.get("max") is None:
        return min(1.0, max(0.0, value))
    return value


def _coerced(value: Any, kind: str) -> Any:
    match kind:
        case "int" if isinstance(value, str):
            return int(re.sub(r"\D", "", value) or 0)
        case "int":
            return round(value)
        case "float" if isinstance(value, str):
            return float(re.sub(r"[^\d.]", "", value) or 0)
        case "float":
            return float(value)
        case "boolean":
            return bool(value)
        case _:
            return str(value)


def _bounded(value: Any, attribute: dict[str, Any]) -> Any:
    if attribute["type"] not in ("int", "float"):
        return value
    for constraint in attribute["constraints"] or []:
        if constraint.get("value") is None:
            continue
        if constraint["type"] in ("hard_min", "min"):
            value = max(value, constraint["value"])
        elif constraint["type"] in ("hard_max", "max"):
            value = min(value, constraint["value"])
    return value


# ---- expressions


@cache
def evaluator(text: str) -> Evaluate:
    """A function of the agent for a Python expression; raises as Python would."""
    return _compiled(ast.parse(text.strip(), mode="eval").body)


def _compiled(node: ast.expr) -> Evaluate:
    match node:
        case ast.Constant(value=value):
            return lambda agent: value
        case ast.Name(id=name):
            return lambda agent: agent[name] if name in agent else _WORDS[name]
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            parts = [_compiled(item) for item in items]
            return lambda agent: [part(agent) for part in parts]
        case ast.Dict(keys=keys, values=values):
            pairs = [(_compiled(k), _compiled(v)) for k, v in zip(keys, values, strict=True) if k is not None]
            return lambda agent: {key(agent): value(agent) for key, value in pairs}
        case ast.UnaryOp(op=sign, operand=operand):
            apply, inner = _OPERATORS[type(sign)], _compiled(operand)
            return lambda agent: apply(inner(agent))
        case ast.BinOp(left=left, op=sign, right=right):
            apply, first, second = _OPERATORS[type(sign)], _compiled(left), _compiled(right)
            return lambda agent: apply(first(agent), second(agent))
        case ast.BoolOp(op=sign, values=values):
            parts = [_compiled(value) for value in values]
            if isinstance(sign, ast.And):
                return lambda agent: all(part(agent) for part in parts)
            return lambda agent: any(part(agent) for part in parts)
        case ast.Compare(left=left, ops=signs, comparators=others):
            sides = [_compiled(side) for side in (left, *others)]
            tests = [_OPERATORS[type(sign)] for sign in signs]
            return lambda agent: _chained(tests, [side(agent) for side in sides])
        case ast.IfExp(test=test, body=body, orelse=orelse):
            question, yes, no = _compiled(test), _compiled(body), _compiled(orelse)
            return lambda agent: yes(agent) if question(agent) else no(agent)
        case ast.Call(func=ast.Name(id=name), args=args):
            parts = [_compiled(arg) for arg in args]
            return lambda agent: _CALLS[name](*(part(agent) for part in parts))
        case ast.Call(func=ast.Attribute(value=owner, attr=method), args=args):
            whose, parts = _compiled(owner), [_compiled(arg) for arg in args]
            assert method in ("lower", "upper", "startswith", "get")
            return lambda agent: getattr(whose(agent), method)(*(part(agent) for part in parts))
        case _:
            raise ValueError(ast.dump(node))


def _chained(tests: list[Callable[..., Any]], values: list[Any]) -> bool:
    return all(test(a, b) for test, a, b in zip(tests, values, values[1:], strict=False))


# ---- precedence


def _winner(matching: list[tuple[int, dict[str, Any]]], ranked: bool) -> dict[str, Any]:
    """The last of those that match; since February 2026 the best by balance, specificity and position."""
    if not ranked:
        return matching[-1][1]
    return matching[best([modifier["when"] for _, modifier in matching])][1]


@cache
def _facts(when: str) -> tuple[bool, dict[str, list[tuple[str, Any]]]]:
    """The clauses of a condition by name, and whether it is nothing but clauses joined by `and`."""
    clauses: dict[str, list[tuple[str, Any]]] = {}
    names: dict[type[ast.cmpop], str] = {ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in"}
    names |= {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
    mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

    def visit(node: ast.expr) -> bool:
        if isinstance(node, ast.BoolOp):
            return isinstance(node.op, ast.And) and all(visit(value) for value in node.values)
        if not isinstance(node, ast.Compare):
            return False
        sides = [node.left, *node.comparators]
        for left, sign, right in zip(sides, node.ops, sides[1:], strict=False):
            word = names[type(sign)]
            if isinstance(right, ast.Name):
                left, right, word = right, left, mirrored.get(word, word)
            if not isinstance(left, ast.Name):
                return False
            value = ast.literal_eval(right)
            if word in ("<", "<=", ">", ">=") and isinstance(value, (bool, str)):
                return False
            clauses.setdefault(left.id, []).append((word, value))
        return True

    plain = visit(ast.parse(when, mode="eval").body)
    return plain, clauses if plain else {}


def best(conditions: list[str]) -> int:
    """The position of the condition that wins when all of these match."""
    balance = [0] * len(conditions)
    for i, first in enumerate(conditions):
        for j, second in enumerate(conditions):
            if i < j:
                narrower, wider = implies(first, second), implies(second, first)
                balance[i] += narrower - wider
                balance[j] += wider - narrower
    return max(range(len(conditions)), key=lambda i: (balance[i], score(conditions[i]), i))


def _bounds(clauses: list[tuple[str, Any]]) -> tuple[set[Any] | None, set[Any], Any, Any]:
    allowed: set[Any] | None = None
    excluded: set[Any] = set()
    low: tuple[float, bool] | None = None
    high: tuple[float, bool] | None = None
    for word, value in clauses:
        if word in ("==", "in"):
            own = {value} if word == "==" or isinstance(value, str) else set(value)
            allowed = own if allowed is None else allowed & own
        elif word in ("!=", "not in"):
            excluded |= {value} if word == "!=" or isinstance(value, str) else set(value)
        elif word in (">", ">="):
            low = max(filter(None, (low, (float(value), word == ">"))))
        else:
            high = min(filter(None, (high, (float(value), word == "<="))))
    return (None if allowed is None else allowed - excluded), excluded, low, high


def implies(left: str, right: str) -> bool:
    """Whether all that meets one condition meets the other, as their check sees it."""
    (plain, mine), (other, theirs) = _facts(left), _facts(right)
    if not plain or not other:
        return False
    for name, clauses in theirs.items():
        if name not in mine:
            return False
        a, ex, lo, hi = _bounds(mine[name])
        b, excluded, low, high = _bounds(clauses)
        if b is not None and (a is None or not a <= b):
            return False
        if low is not None or high is not None:
            if a is not None:
                if not all(_inside(value, low, high) for value in a):
                    return False
            elif (low is not None and (lo is None or lo < low)) or (
                high is not None and (hi is None or hi > high)
            ):
                return False
        if any((a is None or v in a) and v not in ex and _inside(v, lo, hi) for v in excluded):
            return False
    return True


def _inside(value: Any, low: tuple[float, bool] | None, high: tuple[float, bool] | None) -> bool:
    if isinstance(value, (bool, str)):
        return low is None and high is None
    if low is not None and (value < low[0] or (value == low[0] and low[1])):
        return False
    return high is None or value < high[0] or (value == high[0] and high[1])


def score(when: str) -> int:
    """Their specificity score."""
    plain, names = _facts(when)
    if not plain:
        text = when.strip().lower()
        weights = {" and ": 6, "==": 4, " in ": 4, "!=": 3, ">=": 3, "<=": 3, ">": 2, "<": 2}
        words = len(re.findall(r"[a-z_][a-z0-9_]*", text))
        return words + sum(weight * text.count(word) for word, weight in weights.items())
    total = 20 * sum(len(clauses) for clauses in names.values())
    for clauses in names.values():
        allowed, excluded, low, high = _bounds(clauses)
        total += 4 * len(excluded)
        if allowed is not None:
            total += max(0, 60 - 6 * min(max(1, len(allowed)), 10))
        total += 9 * (low is not None) + 9 * (high is not None)
        if low is not None and high is not None:
            width = high[0] - low[0]
            table = ((0, 30), (1, 20), (5, 14), (20, 9), (100, 5))
            total += next((bonus for limit, bonus in table if width <= limit), 0)
    return total
