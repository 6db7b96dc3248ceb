"""From text to tree: a recursive-descent parser with exact spans.

Takes the text of one expression and where it stands in its document, gives a tree or diagnostics.

    expression  or_part ["if" or_part "else" expression]
    or_part     and_part {"or" and_part}
    and_part    not_part {"and" not_part}
    not_part    "not" not_part | comparison
    comparison  sum {("==" | "!=" | "<" | "<=" | ">" | ">=") sum}
                | sum ["not"] "in" list | name "is" ["not"] "known"
    sum         product {("+" | "-") product}
    product     sign {("*" | "/" | "//" | "%") sign}
    sign        {"-" | "+"} atom
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from worldwright.diagnostics import Diagnostic, Edit, Fix, Position, Span
from worldwright.spec.codes import expressions as codes
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.cursor import Cursor, Places
from worldwright.spec.expressions.nodes import Expression, Literal
from worldwright.spec.expressions.tokens import FUNCTIONS, KEYWORDS, RefusedError, Token, tokenize
from worldwright.spec.suggestions import listed, nearest

MAX_LENGTH = 2000
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_EPOCH = datetime.date(1970, 1, 1)


def parse_expression(
    text: str, span: Span, places: Sequence[Position] | None = None
) -> tuple[Expression | None, list[Diagnostic]]:
    """The tree of an expression.

    Args:
        text: The expression.
        span: Where it stands; its start is the place of the first character.
        places: The place of each character and of the end, where the text is not one plain stretch
            (quoted, folded or on several lines).

    Returns:
        The tree, or None with the first thing that is wrong. Names and types are not looked at.
    """
    source = Places(span, places)
    if len(text) > MAX_LENGTH:
        message = f"the expression has {len(text)} characters; {MAX_LENGTH:,} are allowed"
        return None, [codes.TOO_LONG.at(span, message, help="split it into several attributes")]
    try:
        return _Parser(tokenize(text), source).whole(), []
    except RefusedError as refused:
        place = source.span(refused.start, refused.end)
        fix = None
        if refused.instead is not None:
            title = f"write `{refused.instead}` instead of `{text[refused.start : refused.end]}`"
            fix = Fix(title, (Edit(place, refused.instead),))
        return None, [refused.code.at(place, refused.message, help=refused.help, fix=fix)]


def day_number(text: str) -> int | None:
    """Days since 1970-01-01 of a date written YYYY-MM-DD; None where it is not one."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        return (datetime.date.fromisoformat(text) - _EPOCH).days
    except ValueError:
        return None


class _Parser(Cursor):
    def whole(self) -> Expression:
        """All of the text as one expression."""
        if self.token.kind == "end":
            raise self.refused("an expression is missing", self.token)
        node = self._expression()
        if self.token.kind != "end":
            raise self.unexpected()
        return node

    def _expression(self) -> Expression:
        self.enter()
        start = self.token
        node = self._left(("or",), self._and, nodes.Or)
        if self.word("if"):
            condition = self._left(("or",), self._and, nodes.Or)
            if not self.word("else"):
                message = "`if` has no `else`"
                help = "write `a if condition else b`; a condition alone needs no `if`"
                raise self.refused(message, self.token, help)
            otherwise = self._expression()
            span = self.since(start)
            node = self.kept(nodes.IfElse(condition, node, otherwise, span), condition, node, otherwise)
        self.leave()
        return node

    def _left(
        self,
        words: tuple[str, ...],
        part: Callable[[], Expression],
        kind: type[nodes.And] | type[nodes.Or],
    ) -> Expression:
        start = self.token
        node = part()
        while self.token.kind == "name" and self.token.text in words:
            self.skip()
            right = part()
            node = self.kept(kind(node, right, self.since(start)), node, right)
        return node

    def _and(self) -> Expression:
        return self._left(("and",), self._not, nodes.And)

    def _not(self) -> Expression:
        start = self.token
        if not self.word("not"):
            return self._comparison()
        self.enter()
        operand = self._not()
        self.leave()
        return self.kept(nodes.Not(operand, self.since(start)), operand)

    def _comparison(self) -> Expression:
        start = self.token
        left = self._sum()
        if self.token.kind == "operator" and self.token.text in _COMPARISONS:
            return self._chain(start, left)
        negated = self.peek("not") and self.peek("in", 1)
        if negated or self.peek("in"):
            self.skip(2 if negated else 1)
            options = self._options()
            return self.kept(nodes.In(left, options, negated, self.since(start)), left)
        if self.word("is"):
            negated = self.word("not")
            if not self.word("known"):
                help = "write `x is known` or `x is not known`; values are compared with `==`"
                raise self.refused("`is` asks only whether something is known", self.token, help)
            if not isinstance(left, nodes.Name):
                raise self.refused("only an attribute can be `known`", start)
            return self.kept(nodes.IsKnown(left, negated, self.since(start)), left)
        return left

    def _chain(self, start: Token, left: Expression) -> Expression:
        whole: Expression | None = None
        while self.token.kind == "operator" and self.token.text in _COMPARISONS:
            begin = left.span.start
            operator = self.take().text
            right = self._sum()
            span = Span(left.span.file, begin, self.since(start).end)
            part = self.kept(nodes.Compare(operator, left, right, span), left, right)
            whole = (
                part if whole is None else self.kept(nodes.And(whole, part, self.since(start)), whole, part)
            )
            left = right
        assert whole is not None
        return whole

    def _sum(self) -> Expression:
        return self._arithmetic(("+", "-"), self._product)

    def _product(self) -> Expression:
        return self._arithmetic(("*", "/", "//", "%"), self._sign)

    def _arithmetic(self, operators: tuple[str, ...], part: Callable[[], Expression]) -> Expression:
        start = self.token
        node = part()
        while self.token.kind == "operator" and self.token.text in operators:
            operator = self.take().text
            right = part()
            node = self.kept(nodes.Arithmetic(operator, node, right, self.since(start)), node, right)
        return node

    def _sign(self) -> Expression:
        start = self.token
        if start.kind != "operator" or start.text not in "+-":
            return self._atom()
        self.skip()
        self.enter()
        operand = self._sign()
        self.leave()
        if start.text == "+":
            return operand
        if isinstance(operand, nodes.Number):
            return nodes.Number(-operand.value, self.since(start))
        return self.kept(nodes.Negate(operand, self.since(start)), operand)

    def _atom(self) -> Expression:
        token = self.token
        if token.kind == "number" or token.kind == "label":
            return self._literal()
        if token.kind == "name":
            return self._named(token)
        if token.kind == "operator" and token.text == "(":
            self.skip()
            node = self._expression()
            self.close(")", token)
            return node
        if token.kind == "operator" and token.text == "[":
            help = "a list stands only after `in`: x in ['a', 'b']"
            raise self.refused("a list is not a value", token, help)
        if token.kind == "end":
            raise self.refused("the expression ends too early", token, "something is missing at the end")
        raise self.refused(f"a value is expected, not `{token.text}`", token)

    def _named(self, token: Token) -> Expression:
        if token.text in ("true", "false", "date"):
            return self._literal()
        foreign = {"True": "true", "False": "false", "TRUE": "true", "FALSE": "false"}
        if token.text in foreign:
            word = foreign[token.text]
            raise RefusedError(
                codes.FOREIGN, f"`{token.text}` is Python", token.start, token.end, f"write `{word}`", word
            )
        if token.text in ("None", "null", "nil", "nan", "NaN"):
            help = "whether an attribute has a value is asked with `x is known`"
            raise RefusedError(codes.FOREIGN, f"there is no `{token.text}`", token.start, token.end, help)
        if token.text in ("AND", "OR", "NOT", "IN", "IF", "ELSE"):
            word = token.text.lower()
            message = f"`{token.text}` is written in small letters"
            raise RefusedError(codes.FOREIGN, message, token.start, token.end, f"write `{word}`", word)
        if token.text in KEYWORDS:
            raise self.refused(f"a value is expected, not `{token.text}`", token)
        self.skip()
        if self.token.kind == "operator" and self.token.text == "(":
            return self._call(token)
        if token.text in FUNCTIONS:
            raise self.refused(f"`{token.text}` is a function", token, f"write {token.text}(…)")
        return nodes.Name(token.text, self.since(token))

    def _call(self, name: Token) -> Expression:
        opening = self.take()
        if name.text not in FUNCTIONS:
            near = nearest(name.text, FUNCTIONS)
            help = f"did you mean {near}?" if near else listed(FUNCTIONS)
            raise self.refused(f"there is no function `{name.text}`", name, help)
        arguments: list[Expression] = []
        if not self.operator(")"):
            arguments.append(self._expression())
            while self.operator(","):
                arguments.append(self._expression())
            self.close(")", opening)
        least, most = FUNCTIONS[name.text]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} or more"
            message = f"{name.text} takes {wanted} value{'' if wanted == '1' else 's'}, not {len(arguments)}"
            help = "clip(x, lowest, highest)" if name.text == "clip" else None
            raise RefusedError(codes.ARGUMENTS, message, name.start, self.before.end, help)
        return self.kept(nodes.Call(name.text, tuple(arguments), self.since(name)), *arguments)

    def _options(self) -> tuple[Literal, ...]:
        opening = self.token
        if not self.operator("["):
            raise self.refused("`in` needs a list", opening, "write x in ['a', 'b']")
        options: list[Literal] = []
        if self.token.text == "]":
            raise self.refused("the list is empty", self.token, "nothing is ever in an empty list")
        while True:
            options.append(self._literal())
            if not self.operator(","):
                break
        self.close("]", opening)
        return tuple(options)

    def _literal(self) -> Literal:
        token = self.token
        minus = self.operator("-")
        word = self.take()
        if word.kind == "number":
            value = float(word.text)
            if value == float("inf"):
                raise self.refused(f"{word.text} is too large", word)
            return nodes.Number(-value if minus else value, self.since(token))
        if not minus and word.kind == "label":
            quote = word.text[0]
            return nodes.Label(word.text[1:-1].replace(quote * 2, quote), self.since(token))
        if not minus and word.text in ("true", "false") and word.kind == "name":
            return nodes.Boolean(word.text == "true", self.since(token))
        if not minus and word.text == "date" and word.kind == "name":
            return self._date(token)
        help = f"did you mean '{word.text}' in quotes?" if word.kind == "name" else None
        raise self.refused("a list holds only numbers, labels in quotes and dates", word, help)

    def _date(self, start: Token) -> nodes.Date:
        opening = self.token
        if not self.operator("("):
            raise self.refused("a date is written date('2020-01-05')", start)
        written = self.take()
        if written.kind != "label":
            raise self.refused("a date is written date('2020-01-05')", written)
        self.close(")", opening)
        days = day_number(written.text[1:-1])
        if days is None:
            help = "a date is year-month-day, such as '2020-01-05'"
            raise self.refused(f"{written.text} is not a date", written, help)
        return nodes.Date(days, self.since(start))
