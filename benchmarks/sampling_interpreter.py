"""A loop over agents that reads the spec, as a tool does: each expression is compiled once by Python.

It covers what the spec of the benchmark uses, with the generator of the standard library.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

Person = dict[str, Any]


def _truncated(draw: random.Random, mean: float, sd: float, low: float, high: float) -> float:
    value = draw.gauss(mean, sd)
    while not low <= value <= high:
        value = draw.gauss(mean, sd)
    return value


def _lognormal(draw: random.Random, mean: float, sd: float, low: float, high: float) -> float:
    variance = math.log1p((sd / mean) ** 2)
    return draw.lognormvariate(math.log(mean) - 0.5 * variance, math.sqrt(variance))


def _poisson(draw: random.Random, mean: float, low: float, high: float) -> int:
    count, left, end = 0, draw.random(), math.exp(-mean)
    while left > end:
        left *= draw.random()
        count += 1
    return count


LAWS: dict[str, Callable[..., float]] = {
    "normal": _truncated,
    "lognormal": _lognormal,
    "beta": lambda draw, a, b, low, high: draw.betavariate(a, b),
    "gamma": lambda draw, shape, scale, low, high: draw.gammavariate(shape, scale),
    "poisson": _poisson,
}


def agents_of(population: Any, count: int, seed: int) -> list[Person]:
    """Draw agents one after the other."""
    draw = random.Random(seed)
    plans = [_plan(attribute) for attribute in population.attributes]
    people: list[Person] = []
    for _ in range(count):
        person: Person = {}
        for name, compute in plans:
            person[name] = compute(draw, person)
        people.append(person)
    return people


def _plan(attribute: Any) -> tuple[str, Callable[[random.Random, Person], Any]]:
    from worldwright.spec.expressions.canonical import text

    def code(node: Any) -> Any:
        return None if node is None else compile(text(node), attribute.name, "eval")

    changes = [
        (code(m.when), code(m.multiply), code(m.add), code(m.probability), m.weights and
         {label: code(node) for label, node in m.weights.items()})
        for m in attribute.modifiers
    ]  # fmt: skip
    law = attribute.distribution
    whole = attribute.type.value == "int"

    def weighted(draw: random.Random, person: Person) -> str:
        weights = base
        for when, _, _, _, other in changes:
            if eval(when, {}, person):
                weights = other
        values = [eval(weight, {}, person) for weight in weights.values()]
        return draw.choices(list(weights), values)[0]

    def truth(draw: random.Random, person: Person) -> bool:
        p = eval(chance, {}, person)
        for when, _, _, probability, _ in changes:
            if eval(when, {}, person):
                p = eval(probability, {}, person)
        return draw.random() < p

    def number(draw: random.Random, person: Person) -> float:
        if law is None:
            value = eval(formula, {}, person)
        else:
            given = [eval(parameter, {}, person) for parameter in parameters]
            value = LAWS[law.family](draw, *given, *cuts)
        factor, total = 1.0, 0.0
        for when, multiply, add, _, _ in changes:
            if eval(when, {}, person):
                factor *= 1.0 if multiply is None else eval(multiply, {}, person)
                total += 0.0 if add is None else eval(add, {}, person)
        value = value * factor + total
        if whole:
            value = round(value)
        if low is not None:
            value = max(value, low)
        return value if high is None else min(value, high)

    if attribute.type.value == "categorical":
        base = {label: code(node) for label, node in law.weights.items()}
        return attribute.name, weighted
    if attribute.type.value == "boolean":
        chance = code(law.parameters["p"])
        return attribute.name, truth
    low, high = attribute.clip
    formula = code(attribute.formula)
    if law is not None:
        parameters = [code(node) for node in law.parameters.values()]
        half = 0.5 if whole else 0.0
        cuts = (
            -math.inf if law.minimum is None else float(law.minimum.value) - half,
            math.inf if law.maximum is None else float(law.maximum.value) + half,
        )
    return attribute.name, number
