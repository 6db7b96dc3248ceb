"""The values of a document as typed expressions."""

from __future__ import annotations

import re

from worldwright.spec.codes.expressions import SYNTAX, UNKNOWN_OPTION
from worldwright.spec.expressions import types
from worldwright.spec.expressions.nodes import Boolean, Date, Expression, Number, ValueType
from worldwright.spec.expressions.parser import day_number, parse_expression
from worldwright.spec.resolve.layers import Scene
from worldwright.spec.tree import MappingNode, Node, ScalarNode

_DATE = re.compile(r"[0-9]{1,4}([-./])[0-9]{1,2}\1[0-9]{1,4}")


class Values:
    """Reads the values of one layer: parses, checks types, and remembers what must be known where."""

    def __init__(self, scene: Scene, scope: types.Scope) -> None:
        self._scene = scene
        self._scope = scope

    def parse(self, node: Node | None, want: ValueType | None = None) -> Expression | None:
        """The tree of a value, with types unchecked; None, with a diagnostic, where it cannot be read."""
        if not isinstance(node, ScalarNode):
            return None
        if not node.quoted:
            if isinstance(node.value, bool):
                return Boolean(node.value, node.span)
            if isinstance(node.value, (int, float)):
                return Number(float(node.value), node.span)
        if want is ValueType.DATE and (days := day_number(node.text)) is not None:
            return Date(days, node.span)
        if want is ValueType.DATE and _DATE.fullmatch(node.text):
            message = f"{node.text!r} is not a date"
            help = "a date is year-month-day, such as 2020-01-05"
            self._scene.diagnostics.append(SYNTAX.at(node.span, message, help=help))
            return None
        expression, diagnostics = parse_expression(node.text, node.span, node.places())
        self._scene.diagnostics += diagnostics
        return expression

    def take(
        self, node: Node | None, want: ValueType, given: tuple[Expression | None, ...] = ()
    ) -> Expression | None:
        """The value as an expression of the wanted type, evaluated where `given` holds.

        None, with diagnostics, where it is not that.
        """
        if want is ValueType.NUMBER and isinstance(node, ScalarNode) and not node.quoted:
            value = node.value
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return Number(float(value), node.span)
        expression = self.parse(node, want)
        return None if expression is None else self.typed(expression, want, given)

    def typed(
        self, expression: Expression, want: ValueType, given: tuple[Expression | None, ...] = ()
    ) -> Expression | None:
        """A parsed expression, if its names and types are right."""
        found = types.check(expression, self._scope, want)
        self._scene.diagnostics += found
        if found:
            return None
        self._scene.note(expression, given)
        return expression

    def of_options(
        self, node: Node | None, options: tuple[str, ...], given: tuple[Expression | None, ...]
    ) -> dict[str, Expression] | None:
        """Numbers by option, in the order of the options; None where any of them cannot be read."""
        if not isinstance(node, MappingNode):
            return None
        values: dict[str, Expression] = {}
        known = frozenset(options)
        complete = True
        for entry in node.entries:
            label = entry.key.text
            if known and label not in known:
                message, help, fix = types.not_an_option(label, options, entry.key.span, quoted=False)
                self._scene.diagnostics.append(UNKNOWN_OPTION.at(entry.key.span, message, help=help, fix=fix))
                complete = False
                continue
            value = self.take(entry.value, ValueType.NUMBER, given)
            if value is None:
                complete = False
            else:
                values[label] = value
        if not complete:
            return None
        return {option: values[option] for option in options if option in values}
