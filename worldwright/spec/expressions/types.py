"""The types of expressions: number, boolean, label, text, date, with no conversion between them.

Takes a tree and the kinds of the names in scope, gives the kind of the whole and what does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from worldwright.diagnostics import Diagnostic, Edit, Fix, Span
from worldwright.spec.codes import expressions as codes
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression, ValueType
from worldwright.spec.expressions.tokens import FUNCTIONS, KEYWORDS
from worldwright.spec.suggestions import listed, nearest

NUMBER = ValueType.NUMBER
BOOLEAN = ValueType.BOOLEAN
LABEL = ValueType.LABEL
TEXT = ValueType.TEXT
DATE = ValueType.DATE


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a value: its type, and for labels the options it can have."""

    type: ValueType
    options: tuple[str, ...] = ()
    ordered: bool = False
    written: bool = False
    """Whether it is a label written in the expression, which may also stand for text."""


Scope = Mapping[str, Kind | None]
"""The kind of every name that may be read; None where it exists but its kind could not be found out."""

_WORDS = {
    NUMBER: "a number",
    BOOLEAN: "true or false",
    LABEL: "a label",
    TEXT: "text",
    DATE: "a date",
}

_SCANNED = 1000
"""How many attributes are asked whether an unknown name is one of their options."""


def check(expression: Expression, scope: Scope, want: ValueType | None = None) -> list[Diagnostic]:
    """What in an expression names nothing or does not fit, given that the whole should be `want`."""
    checker = _Checker(scope)
    kind = checker.kind(expression)
    if kind is not None and want is not None and not _fits(kind, want):
        checker.mismatch(expression, f"this is {_WORDS[kind.type]}, and {_WORDS[want]} is wanted", kind, want)
    return checker.diagnostics


def kind_of(expression: Expression, scope: Scope) -> Kind | None:
    """The kind of an expression; None where that cannot be told."""
    return _Checker(scope).kind(expression)


def _fits(kind: Kind, want: ValueType) -> bool:
    return kind.type is want or (want is TEXT and kind.type is LABEL)


class _Checker:
    def __init__(self, scope: Scope) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._scope = scope

    def kind(self, node: Expression) -> Kind | None:
        match node:
            case nodes.Number():
                return Kind(NUMBER)
            case nodes.Boolean():
                return Kind(BOOLEAN)
            case nodes.Date():
                return Kind(DATE)
            case nodes.Label(value):
                return Kind(LABEL, (value,), written=True)
            case nodes.Name():
                return self._name(node, ())
            case nodes.Negate(operand):
                self._want(operand, NUMBER)
                return Kind(NUMBER)
            case nodes.Not(operand):
                self._want(operand, BOOLEAN)
                return Kind(BOOLEAN)
            case nodes.And(left, right) | nodes.Or(left, right):
                self._want(left, BOOLEAN)
                self._want(right, BOOLEAN)
                return Kind(BOOLEAN)
            case nodes.Arithmetic():
                return self._arithmetic(node)
            case nodes.Compare():
                self._compare(node)
                return Kind(BOOLEAN)
            case nodes.In():
                self._in(node)
                return Kind(BOOLEAN)
            case nodes.IfElse():
                return self._if_else(node)
            case nodes.IsKnown(name):
                self._name(name, ())
                return Kind(BOOLEAN)
            case nodes.Call():
                for argument in node.arguments:
                    self._want(argument, NUMBER)
                return Kind(NUMBER)

    def mismatch(self, node: Expression, message: str, kind: Kind, want: ValueType) -> None:
        help = None
        if kind.type is BOOLEAN and want is NUMBER:
            help = "write `1 if … else 0`"
        elif kind.type is NUMBER and want is BOOLEAN:
            help = "compare it with something, such as `x > 0`"
        elif kind.type is LABEL and want is BOOLEAN:
            help = "compare it with one of its options"
        self.diagnostics.append(codes.TYPE.at(node.span, message, help=help))

    def _want(self, node: Expression, want: ValueType) -> None:
        kind = self.kind(node)
        if kind is not None and kind.type is not want:
            message = f"{_WORDS[want]} is wanted here, not {_WORDS[kind.type]}"
            self.mismatch(node, message, kind, want)

    def _name(self, node: nodes.Name, labels: tuple[str, ...]) -> Kind | None:
        if node.name in self._scope:
            return self._scope[node.name]
        message = f"there is no attribute `{node.name}`"
        if node.name in labels or (not labels and self._is_option(node.name)):
            quoted = f"'{node.name}'"
            fix = Fix(f"write {quoted}", (Edit(node.span, quoted),))
            help = f"did you mean {quoted} in quotes?"
            self.diagnostics.append(codes.UNKNOWN_NAME.at(node.span, message, help=help, fix=fix))
            return None
        self.diagnostics.append(codes.UNKNOWN_NAME.at(node.span, message, **name_help(node, self._scope)))
        return None

    def _is_option(self, name: str) -> bool:
        some = islice(self._scope.values(), _SCANNED)
        return any(kind is not None and kind.options and name in kind.options for kind in some)

    def _arithmetic(self, node: nodes.Arithmetic) -> Kind | None:
        left, right = self.kind(node.left), self.kind(node.right)
        if left is None or right is None:
            return Kind(NUMBER) if DATE not in (left and left.type, right and right.type) else None
        if node.operator == "-" and left.type is DATE and right.type is DATE:
            return Kind(NUMBER)
        if left.type is DATE and right.type is NUMBER and node.operator in "+-":
            return Kind(DATE)
        if left.type is NUMBER and right.type is DATE and node.operator == "+":
            return Kind(DATE)
        for part, kind in ((node.left, left), (node.right, right)):
            if kind.type is not NUMBER:
                message = f"`{node.operator}` needs numbers, and this is {_WORDS[kind.type]}"
                self.mismatch(part, message, kind, NUMBER)
        return None if DATE in (left.type, right.type) else Kind(NUMBER)

    def _compare(self, node: nodes.Compare) -> None:
        left, right = self._side(node.left, node.right), self._side(node.right, node.left)
        if left is None or right is None:
            return
        if left.type is not right.type:
            if {left.type, right.type} == {LABEL, TEXT} and (left.written or right.written):
                self._order(node, left if right.written else right)
                return
            message = f"{_WORDS[left.type]} is compared with {_WORDS[right.type]}"
            help = None
            if {left.type, right.type} == {DATE, LABEL}:
                help = "a date is written date('2020-01-05')"
            elif {left.type, right.type} == {NUMBER, LABEL}:
                help = "labels are in quotes, also where they look like numbers"
            self.diagnostics.append(codes.TYPE.at(node.span, message, help=help))
            return
        self._order(node, right if left.written else left)
        if left.type is LABEL:
            self._same_labels(node, left, right)

    def _side(self, node: Expression, other: Expression) -> Kind | None:
        """The kind of one side; an unknown name beside a label attribute is probably an unquoted option."""
        if isinstance(node, nodes.Name) and isinstance(other, nodes.Name):
            known = self._scope.get(other.name)
            return self._name(node, known.options if known else ())
        return self.kind(node)

    def _order(self, node: nodes.Compare, kind: Kind) -> None:
        if node.operator in ("==", "!=") or kind.type in (NUMBER, DATE):
            return
        if kind.type is LABEL and not kind.written:
            if kind.ordered:
                return
            message = f"labels without an order are compared with `{node.operator}`"
            help = (
                "say `ordered: true` where the options are listed from least to greatest, or use `in [...]`"
            )
            self.diagnostics.append(codes.UNORDERED.at(node.span, message, help=help))
            return
        message = f"`{node.operator}` does not compare {_WORDS[kind.type]}"
        self.diagnostics.append(codes.TYPE.at(node.span, message, help="use == or !="))

    def _same_labels(self, node: nodes.Compare, left: Kind, right: Kind) -> None:
        for written, part, kind in ((left, node.left, right), (right, node.right, left)):
            if written.written and isinstance(part, nodes.Label) and not kind.written:
                self._option(part, kind.options)
        if left.written or right.written or not left.options or not right.options:
            return
        if node.operator in ("==", "!=") and not set(left.options) & set(right.options):
            message = "these labels have no option in common"
            self.diagnostics.append(codes.UNKNOWN_OPTION.at(node.span, message))
        elif node.operator not in ("==", "!=") and left.options != right.options:
            message = f"`{node.operator}` compares labels of different lists"
            self.diagnostics.append(codes.UNORDERED.at(node.span, message))

    def _option(self, label: nodes.Label, options: tuple[str, ...]) -> None:
        if not options or label.value in options:
            return
        message, help, fix = not_an_option(label.value, options, label.span, quoted=True)
        self.diagnostics.append(codes.UNKNOWN_OPTION.at(label.span, message, help=help, fix=fix))

    def _in(self, node: nodes.In) -> None:
        kind = self.kind(node.operand)
        if kind is None:
            return
        for option in node.options:
            own = self.kind(option)
            assert own is not None
            if own.type is LABEL and kind.type is TEXT:
                continue
            if own.type is not kind.type:
                message = f"{_WORDS[own.type]} is among values compared with {_WORDS[kind.type]}"
                self.diagnostics.append(codes.TYPE.at(option.span, message))
            elif isinstance(option, nodes.Label) and not kind.written:
                self._option(option, kind.options)

    def _if_else(self, node: nodes.IfElse) -> Kind | None:
        self._want(node.condition, BOOLEAN)
        then, otherwise = self.kind(node.then), self.kind(node.otherwise)
        if then is None or otherwise is None:
            return then or otherwise
        if then.type is not otherwise.type and {then.type, otherwise.type} != {LABEL, TEXT}:
            message = f"one branch is {_WORDS[then.type]}, the other {_WORDS[otherwise.type]}"
            self.diagnostics.append(codes.TYPE.at(node.span, message))
            return None
        if TEXT in (then.type, otherwise.type):
            return Kind(TEXT)
        options = tuple(dict.fromkeys((*then.options, *otherwise.options)))
        return Kind(
            then.type, options, then.ordered and otherwise.ordered and then.options == otherwise.options
        )


def name_help(node: nodes.Name, scope: Scope) -> dict[str, Any]:
    """The help and fix for an unknown name, as keywords for a diagnostic."""
    near = nearest(node.name, scope, is_writable)
    if near:
        fix = Fix(f"write {near}", (Edit(node.span, near),))
        return {"help": f"did you mean `{near}`?", "fix": fix}
    return {"help": listed(scope)}


def is_writable(name: str) -> bool:
    """Whether an expression can read a name; a misnamed attribute is offered to nobody."""
    return name.isascii() and name.isidentifier() and name not in KEYWORDS and name not in FUNCTIONS


def not_an_option(
    label: str, options: tuple[str, ...], span: Span, *, quoted: bool
) -> tuple[str, str, Fix | None]:
    """The message, help and fix for a label that is not one of the options."""
    near = nearest(label, options)
    message = f"{label!r} is not one of the options"
    if near is None:
        return message, listed(options), None
    replacement = f"'{near}'" if quoted else near
    fix = Fix(f"write {replacement}", (Edit(span, replacement),))
    return message, f"did you mean {near!r}? {listed(options).capitalize()}", fix
