"""Expressions as functions of a block: arithmetic as NumPy does it, one array operation a node.

An unknown number is NaN, an unknown label −1, and a condition carries a mask of where it is unknown, so that
`and`, `or` and `not` follow Kleene's three-valued logic: a guarded read of a missing value or a guarded
division decides nothing, an unguarded one reaches whoever asks and becomes an error there.
Python evaluates nothing here: the tree is walked once, when a plan is made. Numbers, conditions and labels
contain each other, hence one module.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from worldwright.errors import SamplingError
from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.values import Codes, Floats, Mask
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute, AttributeType

Number = float | Floats
Unknown = Mask | None


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number for each row; `constant` is its value where it reads nothing, `sound`: never NaN."""

    run: Callable[[Block], Number]
    sound: bool
    constant: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Truth for each row (false where unknown), and where it is unknown."""

    run: Callable[[Block], tuple[Mask, Unknown]]


@dataclass(frozen=True, slots=True)
class Labels:
    """Codes into `options` for each row, −1 where unknown."""

    run: Callable[[Block], Codes]
    options: tuple[str, ...]


Scope = Mapping[str, Attribute]
"""The attributes an expression may read."""

_NUMBERS = (AttributeType.INT, AttributeType.FLOAT, AttributeType.DATE)
_COMPARISONS: dict[str, Callable[..., Mask]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def number(node: Expression, scope: Scope) -> Numeric:
    """Lower an expression whose value is a number or a date (days since 1970-01-01)."""
    lowered = _number(node, scope)
    if lowered.constant is None and not nodes.names(node):
        with np.errstate(all="ignore"):
            value = float(np.ravel(lowered.run(Block(0, 1)))[0])
        return Numeric(lambda _: value, math.isfinite(value), value)
    return lowered


def condition(node: Expression, scope: Scope) -> Condition:
    """Lower an expression whose value is true or false."""
    match node:
        case nodes.Boolean():
            value = node.value
            return Condition(lambda block: (np.full(block.count, value), None))
        case nodes.Name():
            return _boolean_name(scope[node.name])
        case nodes.Not():
            inner = condition(node.operand, scope).run

            def negate(block: Block) -> tuple[Mask, Unknown]:
                value, unknown = inner(block)
                return (~value, None) if unknown is None else (~value & ~unknown, unknown)

            return Condition(negate)
        case nodes.And() | nodes.Or():
            return _connective(node, scope)
        case nodes.Compare():
            return _comparison(node, scope)
        case nodes.In():
            return _membership(node, scope)
        case nodes.IsKnown():
            return _known(scope[node.name.name], node.negated)
        case nodes.IfElse():
            return _chosen_condition(node, scope)
        case _:
            raise _untyped(node, "true or false")


def labels(node: Expression, scope: Scope, options: tuple[str, ...]) -> Labels:
    """Lower an expression whose value is a label, as codes into `options`."""
    match node:
        case nodes.Label():
            code = _code(node, options)
            return Labels(lambda block: np.full(block.count, code, dtype=np.int32), options)
        case nodes.Name():
            attribute = scope[node.name]
            if attribute.type is not AttributeType.CATEGORICAL:
                raise _untyped(node, "a label")
            name = node.name
            if attribute.options == options:
                return Labels(lambda block: block.value(name), options)
            table = np.array(
                [*(options.index(o) if o in options else -2 for o in attribute.options), -1], dtype=np.int32
            )
            return Labels(lambda block: table[block.value(name)], options)
        case nodes.IfElse():
            test = condition(node.condition, scope).run
            then, otherwise = (
                labels(node.then, scope, options).run,
                labels(node.otherwise, scope, options).run,
            )

            def choose(block: Block) -> Codes:
                value, unknown = test(block)
                chosen = np.where(value, then(block), otherwise(block))
                return chosen if unknown is None else np.where(unknown, np.int32(-1), chosen)

            return Labels(choose, options)
        case _:
            raise _untyped(node, "a label")


def is_condition(node: Expression, scope: Scope) -> bool:
    """Whether an expression's value is true or false."""
    match node:
        case nodes.Boolean() | nodes.Not() | nodes.And() | nodes.Or() | nodes.Compare() | nodes.In():
            return True
        case nodes.IsKnown():
            return True
        case nodes.Name():
            return scope[node.name].type is AttributeType.BOOLEAN
        case nodes.IfElse():
            return is_condition(node.then, scope)
        case _:
            return False


def label_options(node: Expression, scope: Scope) -> tuple[str, ...] | None:
    """The options a label-valued expression takes its values from; None where it is not one."""
    match node:
        case nodes.Name():
            attribute = scope[node.name]
            return attribute.options if attribute.type is AttributeType.CATEGORICAL else None
        case nodes.Label():
            return (node.value,)
        case nodes.IfElse():
            then, otherwise = label_options(node.then, scope), label_options(node.otherwise, scope)
            return None if then is None or otherwise is None else _merged(then, otherwise)
        case _:
            return None


# ---- numbers


def _number(node: Expression, scope: Scope) -> Numeric:
    match node:
        case nodes.Number():
            return _constant(float(node.value))
        case nodes.Date():
            return _constant(float(node.days))
        case nodes.Name():
            attribute = scope[node.name]
            if attribute.type not in _NUMBERS:
                raise _untyped(node, "a number")
            name = node.name
            return Numeric(lambda block: block.value(name), attribute.only_if is None)
        case nodes.Negate():
            inner = number(node.operand, scope)
            return Numeric(lambda block: -inner.run(block), inner.sound)
        case nodes.Arithmetic():
            return _arithmetic(node, scope)
        case nodes.Call():
            return _call(node, scope)
        case nodes.IfElse():
            test = condition(node.condition, scope).run
            then, otherwise = number(node.then, scope), number(node.otherwise, scope)

            def choose(block: Block) -> Number:
                value, unknown = test(block)
                chosen = np.where(value, then.run(block), otherwise.run(block))
                return chosen if unknown is None else np.where(unknown, np.nan, chosen)

            return Numeric(choose, False)
        case _:
            raise _untyped(node, "a number")


def _constant(value: float) -> Numeric:
    return Numeric(lambda _: value, math.isfinite(value), value)


def _arithmetic(node: nodes.Arithmetic, scope: Scope) -> Numeric:
    left, right = number(node.left, scope), number(node.right, scope)
    sound = left.sound and right.sound
    apply: Callable[[Number, Number], Number]
    match node.operator:
        case "+":
            apply = np.add
        case "-":
            apply = np.subtract
        case "*":
            apply = np.multiply
        case "/":
            apply = np.divide
        case "//":
            apply = np.floor_divide
        case "%":
            apply = np.remainder
        case _:
            raise _untyped(node, "a number")
    if node.operator in "+-*" or right.constant:
        return Numeric(lambda block: apply(left.run(block), right.run(block)), sound)

    def divide(block: Block) -> Number:
        divisor = right.run(block)
        # not infinity, which a later `min` or `1 / x` would hide
        return np.where(np.equal(divisor, 0.0), np.nan, apply(left.run(block), divisor))

    return Numeric(divide, False)


def _lesser(a: Number, b: Number) -> Number:
    # not np.minimum: which zero it gives for (0, −0) depends on the CPU
    return np.where((b < a) | (b != b), b, a)


def _greater(a: Number, b: Number) -> Number:
    return np.where((b > a) | (b != b), b, a)


def _logarithm(x: Number) -> Number:
    return np.where(np.equal(x, 0.0), np.nan, arrays.log(x))


def _call(node: nodes.Call, scope: Scope) -> Numeric:
    arguments = [number(argument, scope) for argument in node.arguments]
    runs = [argument.run for argument in arguments]
    sound = all(argument.sound for argument in arguments)
    first = runs[0]
    match node.function, len(runs):
        case (("min" | "max"), _):
            pick = _lesser if node.function == "min" else _greater

            def extreme(block: Block) -> Number:
                value = first(block)
                for run in runs[1:]:
                    value = pick(value, run(block))
                return value

            return Numeric(extreme, sound)
        case "clip", 3:
            low, high = runs[1], runs[2]
            return Numeric(lambda block: _lesser(_greater(first(block), low(block)), high(block)), sound)
        case "abs", 1:
            return Numeric(lambda block: np.abs(first(block)), sound)
        case "round", 1:
            return Numeric(lambda block: np.rint(first(block)), sound)
        case "floor", 1:
            return Numeric(lambda block: np.floor(first(block)), sound)
        case "ceil", 1:
            return Numeric(lambda block: np.ceil(first(block)), sound)
        case "sqrt", 1:
            return Numeric(lambda block: np.sqrt(first(block)), False)
        case "exp", 1:
            return Numeric(lambda block: arrays.exp(first(block)), sound)
        case "log", 1:
            return Numeric(lambda block: _logarithm(first(block)), False)
        case _:
            raise SamplingError(
                f"the sampler does not know {node.function} of {len(runs)} arguments", where=_place(node)
            )


# ---- conditions


def _boolean_name(attribute: Attribute) -> Condition:
    if attribute.type is not AttributeType.BOOLEAN:
        raise SamplingError(
            f"{attribute.name} is {attribute.type.value}, and a condition needs a boolean",
            where=f"attribute {attribute.name}",
        )
    name = attribute.name
    if attribute.only_if is None:
        return Condition(lambda block: (block.value(name), None))
    return Condition(lambda block: (block.value(name), block.null(name)))


def _connective(node: nodes.And | nodes.Or, scope: Scope) -> Condition:
    left, right = condition(node.left, scope).run, condition(node.right, scope).run
    if isinstance(node, nodes.And):

        def both(block: Block) -> tuple[Mask, Unknown]:
            a, ua = left(block)
            b, ub = right(block)
            if ua is None and ub is None:
                return a & b, None
            maybe_a, maybe_b = (a if ua is None else a | ua), (b if ub is None else b | ub)
            value = a & b
            return value, maybe_a & maybe_b & ~value

        return Condition(both)

    def either(block: Block) -> tuple[Mask, Unknown]:
        a, ua = left(block)
        b, ub = right(block)
        value = a | b
        unknown = _joined(ua, ub)
        return value, None if unknown is None else unknown & ~value

    return Condition(either)


def _comparison(node: nodes.Compare, scope: Scope) -> Condition:
    compare = _COMPARISONS[node.operator]
    options = _common_options(node, scope)
    if options is not None:
        first, second = labels(node.left, scope, options).run, labels(node.right, scope, options).run
        fixed = isinstance(node.right, nodes.Label)
        code = _code(node.right, options) if isinstance(node.right, nodes.Label) else 0
        nullable = _nullable(node, scope)

        def compare_codes(block: Block) -> tuple[Mask, Unknown]:
            a = first(block)
            b = np.int32(code) if fixed else second(block)
            if not nullable:
                return compare(a, b), None
            unknown = (a == -1) | (b == -1)
            return compare(a, b) & ~unknown, unknown

        return Condition(compare_codes)
    if is_condition(node.left, scope):
        this, that = condition(node.left, scope).run, condition(node.right, scope).run
        equal = node.operator == "=="

        def compare_truth(block: Block) -> tuple[Mask, Unknown]:
            a, ua = this(block)
            b, ub = that(block)
            same = (a == b) if equal else (a != b)
            unknown = _joined(ua, ub)
            return (same, None) if unknown is None else (same & ~unknown, unknown)

        return Condition(compare_truth)
    left, right = number(node.left, scope), number(node.right, scope)
    sound = left.sound and right.sound
    operation = node.operator

    def compare_numbers(block: Block) -> tuple[Mask, Unknown]:
        a, b = left.run(block), right.run(block)
        value = _for_each(_COMPARISONS[operation](a, b), block)
        if sound:
            return value, None
        unknown = _for_each(~(np.isfinite(a) & np.isfinite(b)), block)
        return (value & ~unknown, unknown) if unknown.any() else (value, None)

    return Condition(compare_numbers)


def _membership(node: nodes.In, scope: Scope) -> Condition:
    negated = node.negated
    options = label_options(node.operand, scope)
    if options is not None:
        codes = labels(node.operand, scope, options).run
        wanted = np.zeros(len(options) + 1, dtype=np.bool_)
        for option in node.options:
            if isinstance(option, nodes.Label) and option.value in options:
                wanted[options.index(option.value)] = True
        table = np.append(~wanted[:-1], False) if negated else wanted
        nullable = _nullable(node, scope)

        def among_codes(block: Block) -> tuple[Mask, Unknown]:
            code = codes(block)
            return table[code], (code == -1) if nullable else None

        return Condition(among_codes)
    if is_condition(node.operand, scope):
        inner = condition(node.operand, scope).run
        truths = {option.value for option in node.options if isinstance(option, nodes.Boolean)}
        if_true, if_false = (True in truths) != negated, (False in truths) != negated

        def among_truths(block: Block) -> tuple[Mask, Unknown]:
            value, unknown = inner(block)
            found = np.where(value, if_true, if_false)
            return (found, None) if unknown is None else (found & ~unknown, unknown)

        return Condition(among_truths)
    operand = number(node.operand, scope)
    values = [float(option.days) for option in node.options if isinstance(option, nodes.Date)]
    values += [float(option.value) for option in node.options if isinstance(option, nodes.Number)]

    def among_numbers(block: Block) -> tuple[Mask, Unknown]:
        x = arrays.rows(operand.run(block), block.count)
        found = np.zeros(block.count, dtype=np.bool_)
        for value in values:
            found |= x == value
        found = ~found if negated else found
        if operand.sound:
            return found, None
        unknown = ~np.isfinite(x)
        return found & ~unknown, unknown

    return Condition(among_numbers)


def _known(attribute: Attribute, negated: bool) -> Condition:
    name = attribute.name
    if attribute.only_if is None:
        return Condition(lambda block: (np.full(block.count, not negated), None))
    if negated:
        return Condition(lambda block: (block.null(name), None))
    return Condition(lambda block: (~block.null(name), None))


def _chosen_condition(node: nodes.IfElse, scope: Scope) -> Condition:
    test = condition(node.condition, scope).run
    then, otherwise = condition(node.then, scope).run, condition(node.otherwise, scope).run

    def choose(block: Block) -> tuple[Mask, Unknown]:
        value, unknown = test(block)
        a, ua = then(block)
        b, ub = otherwise(block)
        chosen = np.where(value, a, b)
        if unknown is None and ua is None and ub is None:
            return chosen, None
        none = np.zeros(block.count, dtype=np.bool_)
        lost = np.where(value, none if ua is None else ua, none if ub is None else ub)
        if unknown is not None:
            lost = lost | unknown
        return chosen & ~lost, lost

    return Condition(choose)


# ---- small parts


def _for_each(mask: Mask | np.bool_, block: Block) -> Mask:
    return mask if isinstance(mask, np.ndarray) and mask.ndim else np.full(block.count, bool(mask))


def _joined(a: Unknown, b: Unknown) -> Unknown:
    if a is None:
        return b
    return a if b is None else a | b


def _nullable(node: Expression, scope: Scope) -> bool:
    if any(isinstance(part, nodes.IfElse) for part in nodes.walk(node)):
        return True
    return any(scope[name].only_if is not None for name in nodes.names(node))


def _common_options(node: nodes.Compare, scope: Scope) -> tuple[str, ...] | None:
    left, right = label_options(node.left, scope), label_options(node.right, scope)
    if left is None or right is None:
        return None
    if node.operator in ("==", "!="):
        return _merged(left, right)
    return right if isinstance(node.left, nodes.Label) else left


def _merged(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """The options of both; the very options of one where it has them all, so that codes stay as they are."""
    if set(first) <= set(second):
        return second
    return first if set(second) <= set(first) else tuple(dict.fromkeys((*first, *second)))


def _code(node: nodes.Label, options: tuple[str, ...]) -> int:
    if node.value not in options:
        return -2  # equal to no option; the checks have already said so
    return options.index(node.value)


def _place(node: Expression) -> str:
    span = node.span
    return f"{span.file}:{span.start.line}:{span.start.column}"


def _untyped(node: Expression, wanted: str) -> SamplingError:
    return SamplingError(
        f"an expression has no value of the kind needed here: {wanted}",
        where=_place(node),
        help="worldwright check tells what is wrong with it",
    )
