"""What an expression can be, given what the attributes it reads can be: sound, and never an evaluation.

Takes a tree and the domains of names. Answers err on the side of "possible": what is called impossible is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from math import isfinite
from typing import Any

from worldwright.spec.expressions import intervals, nodes
from worldwright.spec.expressions.intervals import ALL, Interval
from worldwright.spec.expressions.nodes import Expression

Domain = Interval | frozenset[Any]
"""An interval for numbers and dates; the possible values for labels and booleans."""
Domains = Mapping[str, Domain]
"""Names that are missing can be anything."""

BOTH: frozenset[bool] = frozenset({True, False})
_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}

_STEPS = 20_000


class _Spent(Exception):  # noqa: N818 - never leaves this module
    """The expression is too tangled to reason about."""


def constant(node: Expression | None) -> float | None:
    """The number an expression always is, whatever it reads; None where it is not one number."""
    if isinstance(node, nodes.Number):
        return node.value
    if node is None or nodes.names(node):
        return None
    domain = domain_of(node, {})
    return domain.low if isinstance(domain, Interval) and domain.is_point and isfinite(domain.low) else None


def domain_of(node: Expression, domains: Domains) -> Domain | None:
    """Every value an expression can have; None where nothing is known."""
    try:
        return _Reasoner().domain(node, _read(node, domains))
    except _Spent:
        return None


def range_of(node: Expression, domains: Domains) -> Interval:
    """Every number an expression can be."""
    if isinstance(node, nodes.Number):
        return intervals.point(node.value)
    domain = domain_of(node, domains)
    return domain if isinstance(domain, Interval) else ALL


def truth(node: Expression, domains: Domains) -> frozenset[bool]:
    """Whether a condition can hold and whether it can fail."""
    try:
        return _Reasoner().truth(node, _read(node, domains))
    except _Spent:
        return BOTH


def narrowed(node: Expression, domains: Domains, value: bool = True) -> Domains | None:
    """The domains of what a condition reads, where it has the given truth value; None where it never has."""
    own = _read(node, domains)
    try:
        return _Reasoner().narrowed(node, own, value)
    except _Spent:
        return own


def _read(node: Expression, domains: Domains) -> Domains:
    """The domains of the names in an expression, so that narrowing copies no others."""
    return {name: domains[name] for name in nodes.names(node) if name in domains}


class _Reasoner:
    """Works with a bounded number of steps, since a condition is looked at for both of its outcomes."""

    def __init__(self) -> None:
        self._left = _STEPS

    def domain(self, node: Expression, domains: Domains) -> Domain | None:
        self._step()
        match node:
            case nodes.Number(value):
                return intervals.point(value)
            case nodes.Date(days):
                return intervals.point(float(days))
            case nodes.Label(value) | nodes.Boolean(value):
                return frozenset({value})
            case nodes.Name(name):
                return domains.get(name)
            case nodes.Negate(operand):
                return intervals.negate(self._range(operand, domains))
            case nodes.Arithmetic(operator, left, right):
                return intervals.arithmetic(operator, self._range(left, domains), self._range(right, domains))
            case nodes.Call(function, arguments):
                return intervals.call(function, [self._range(argument, domains) for argument in arguments])
            case nodes.IfElse(condition, then, otherwise):
                return self._either(condition, then, otherwise, domains)
            case _:
                return self.truth(node, domains)

    def truth(self, node: Expression, domains: Domains) -> frozenset[bool]:
        return frozenset(value for value in (True, False) if self.narrowed(node, domains, value) is not None)

    def narrowed(self, node: Expression, domains: Domains, value: bool) -> Domains | None:
        self._step()
        match node:
            case nodes.Boolean(own):
                return domains if own is value else None
            case nodes.Not(operand):
                return self.narrowed(operand, domains, not value)
            case nodes.And(left, right):
                return (self._both if value else self._one)(left, right, domains, value)
            case nodes.Or(left, right):
                return (self._one if value else self._both)(left, right, domains, value)
            case nodes.Name(name):
                return _among(name, frozenset({value}), domains)
            case nodes.In(operand, options, negated):
                return self._in(operand, options, domains, value is not negated)
            case nodes.Compare(operator, left, right):
                return self._compare(operator if value else _OPPOSITE[operator], left, right, domains)
            case _:
                return domains

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _Spent

    def _range(self, node: Expression, domains: Domains) -> Interval:
        domain = self.domain(node, domains)
        return domain if isinstance(domain, Interval) else ALL

    def _both(self, left: Expression, right: Expression, domains: Domains, value: bool) -> Domains | None:
        first = self.narrowed(left, domains, value)
        return None if first is None else self.narrowed(right, first, value)

    def _one(self, left: Expression, right: Expression, domains: Domains, value: bool) -> Domains | None:
        first, second = self.narrowed(left, domains, value), self.narrowed(right, domains, value)
        if first is None:
            return second
        if second is None:
            return first
        return {name: _union(first[name], second[name]) for name in first.keys() & second.keys()}

    def _in(
        self, operand: Expression, options: tuple[nodes.Literal, ...], domains: Domains, inside: bool
    ) -> Domains | None:
        domain = self.domain(operand, domains)
        if isinstance(domain, frozenset):
            written = frozenset(option.value for option in options if not isinstance(option, nodes.Date))
            left = domain & written if inside else domain - written
            if not left:
                return None
            return {**domains, operand.name: left} if isinstance(operand, nodes.Name) else domains
        if isinstance(domain, Interval) and inside:
            points = [self._range(option, {}) for option in options]
            least, greatest = min(part.low for part in points), max(part.high for part in points)
            return _within(operand, domain, least, greatest, domains)
        return domains

    def _compare(
        self, operator: str, left: Expression, right: Expression, domains: Domains
    ) -> Domains | None:
        x, y = self.domain(left, domains), self.domain(right, domains)
        if isinstance(x, frozenset) and isinstance(y, frozenset):
            return _same(operator, left, right, x, y, domains)
        if not isinstance(x, Interval) or not isinstance(y, Interval):
            return domains
        found = _bounded(operator, left, x, y, domains)
        return None if found is None else _bounded(_MIRROR[operator], right, y, x, found)

    def _either(
        self, condition: Expression, then: Expression, otherwise: Expression, domains: Domains
    ) -> Domain | None:
        holds, fails = self.narrowed(condition, domains, True), self.narrowed(condition, domains, False)
        first = None if holds is None else self.domain(then, holds)
        second = None if fails is None else self.domain(otherwise, fails)
        if holds is None:
            return second
        if fails is None:
            return first
        return None if first is None or second is None else _union(first, second)


def _union(x: Domain, y: Domain) -> Domain:
    if isinstance(x, Interval):
        return x.hull(y) if isinstance(y, Interval) else ALL
    return x | y if not isinstance(y, Interval) else ALL


def _among(name: str, values: frozenset[Any], domains: Domains) -> Domains | None:
    domain = domains.get(name)
    if domain is None:
        return domains
    if isinstance(domain, Interval):
        return domains
    left = domain & values
    return {**domains, name: left} if left else None


def _same(
    operator: str, left: Expression, right: Expression, x: frozenset[Any], y: frozenset[Any], domains: Domains
) -> Domains | None:
    if operator == "==":
        common = x & y
        if not common:
            return None
        found = dict(domains)
        found.update({side.name: common for side in (left, right) if isinstance(side, nodes.Name)})
        return found
    if operator == "!=":
        if len(x) == 1 and x == y:
            return None
        if len(y) == 1 and isinstance(left, nodes.Name):
            return {**domains, left.name: x - y}
        if len(x) == 1 and isinstance(right, nodes.Name):
            return {**domains, right.name: y - x}
    return domains


def _bounded(operator: str, side: Expression, x: Interval, y: Interval, domains: Domains) -> Domains | None:
    """One side narrowed by `x operator y`; strict bounds are the next number beyond."""
    match operator:
        case "<":
            low, high = -math.inf, _below(y.high, x.whole and y.whole)
        case "<=":
            low, high = -math.inf, y.high
        case ">":
            low, high = _above(y.low, x.whole and y.whole), math.inf
        case ">=":
            low, high = y.low, math.inf
        case "==":
            low, high = y.low, y.high
        case _:
            return None if x.is_point and y.is_point and x.low == y.low else domains
    return _within(side, x, low, high, domains)


def _within(side: Expression, x: Interval, low: float, high: float, domains: Domains) -> Domains | None:
    met = x.meet(low, high)
    if met is None:
        return None
    return {**domains, side.name: met} if isinstance(side, nodes.Name) else domains


def _below(bound: float, whole: bool) -> float:
    return bound - 1 if whole else math.nextafter(bound, -math.inf)


def _above(bound: float, whole: bool) -> float:
    return bound + 1 if whole else math.nextafter(bound, math.inf)
