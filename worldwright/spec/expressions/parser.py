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
from worldwright.spec.expressions.nodes import Expression, Literal
from worldwright.spec.expressions.tokens import FUNCTIONS, KEYWORDS, RefusedError, Token, tokenize
from worldwright.spec.suggestions import listed, nearest

MAX_LENGTH = 2000
MAX_DEPTH = 64
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
    source = _Source(span, places)
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


class _Source:
    """Turns offsets in the expression into spans of the document."""

    def __init__(self, span: Span, places: Sequence[Position] | None) -> None:
        self._span = span
        self._places = places

    def span(self, start: int, end: int) -> Span:
        if self._places is None:
            return self._span.within(start, end - start)
        last = len(self._places) - 1
        first = self._places[min(start, last)]
        final = self._places[min(max(end - 1, start), last)]
        return Span(self._span.file, first, Position(final.line, final.column + 1))


class _Parser:
    def __init__(self, tokens: list[Token], source: _Source) -> None:
        self._tokens = tokens
        self._source = source
        self._at = 0
        self._nesting = 0
        self._depths: dict[int, int] = {}

    def whole(self) -> Expression:
        """All of the text as one expression."""
        if self._token.kind == "end":
            raise self._refused("an expression is missing", self._token)
        node = self._expression()
        if self._token.kind != "end":
            raise self._leftover()
        return node

    def _expression(self) -> Expression:
        self._enter()
        start = self._token
        node = self._left(("or",), self._and, nodes.Or)
        if self._word("if"):
            condition = self._left(("or",), self._and, nodes.Or)
            if not self._word("else"):
                message = "`if` has no `else`"
                help = "write `a if condition else b`; a condition alone needs no `if`"
                raise self._refused(message, self._token, help)
            otherwise = self._expression()
            span = self._from(start)
            node = self._kept(nodes.IfElse(condition, node, otherwise, span), condition, node, otherwise)
        self._nesting -= 1
        return node

    def _left(
        self,
        words: tuple[str, ...],
        part: Callable[[], Expression],
        kind: type[nodes.And] | type[nodes.Or],
    ) -> Expression:
        start = self._token
        node = part()
        while self._token.kind == "name" and self._token.text in words:
            self._at += 1
            right = part()
            node = self._kept(kind(node, right, self._from(start)), node, right)
        return node

    def _and(self) -> Expression:
        return self._left(("and",), self._not, nodes.And)

    def _not(self) -> Expression:
        start = self._token
        if not self._word("not"):
            return self._comparison()
        self._enter()
        operand = self._not()
        self._nesting -= 1
        return self._kept(nodes.Not(operand, self._from(start)), operand)

    def _comparison(self) -> Expression:
        start = self._token
        left = self._sum()
        if self._token.kind == "operator" and self._token.text in _COMPARISONS:
            return self._chain(start, left)
        negated = self._peek("not") and self._peek("in", 1)
        if negated or self._peek("in"):
            self._at += 2 if negated else 1
            options = self._options()
            return self._kept(nodes.In(left, options, negated, self._from(start)), left)
        if self._word("is"):
            negated = self._word("not")
            if not self._word("known"):
                help = "write `x is known` or `x is not known`; values are compared with `==`"
                raise self._refused("`is` asks only whether something is known", self._token, help)
            if not isinstance(left, nodes.Name):
                raise self._refused("only an attribute can be `known`", start)
            return self._kept(nodes.IsKnown(left, negated, self._from(start)), left)
        return left

    def _chain(self, start: Token, left: Expression) -> Expression:
        whole: Expression | None = None
        while self._token.kind == "operator" and self._token.text in _COMPARISONS:
            begin = left.span.start
            operator = self._take().text
            right = self._sum()
            span = Span(left.span.file, begin, self._from(start).end)
            part = self._kept(nodes.Compare(operator, left, right, span), left, right)
            whole = (
                part if whole is None else self._kept(nodes.And(whole, part, self._from(start)), whole, part)
            )
            left = right
        assert whole is not None
        return whole

    def _sum(self) -> Expression:
        return self._arithmetic(("+", "-"), self._product)

    def _product(self) -> Expression:
        return self._arithmetic(("*", "/", "//", "%"), self._sign)

    def _arithmetic(self, operators: tuple[str, ...], part: Callable[[], Expression]) -> Expression:
        start = self._token
        node = part()
        while self._token.kind == "operator" and self._token.text in operators:
            operator = self._take().text
            right = part()
            node = self._kept(nodes.Arithmetic(operator, node, right, self._from(start)), node, right)
        return node

    def _sign(self) -> Expression:
        start = self._token
        if start.kind != "operator" or start.text not in "+-":
            return self._atom()
        self._at += 1
        self._enter()
        operand = self._sign()
        self._nesting -= 1
        if start.text == "+":
            return operand
        if isinstance(operand, nodes.Number):
            return nodes.Number(-operand.value, self._from(start))
        return self._kept(nodes.Negate(operand, self._from(start)), operand)

    def _atom(self) -> Expression:
        token = self._token
        if token.kind == "number" or token.kind == "label":
            return self._literal()
        if token.kind == "name":
            return self._named(token)
        if token.kind == "operator" and token.text == "(":
            self._at += 1
            node = self._expression()
            self._close(")", token)
            return node
        if token.kind == "operator" and token.text == "[":
            help = "a list stands only after `in`: x in ['a', 'b']"
            raise self._refused("a list is not a value", token, help)
        if token.kind == "end":
            raise self._refused("the expression ends too early", token, "something is missing at the end")
        raise self._refused(f"a value is expected, not `{token.text}`", token)

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
            raise self._refused(f"a value is expected, not `{token.text}`", token)
        self._at += 1
        if self._token.kind == "operator" and self._token.text == "(":
            return self._call(token)
        if token.text in FUNCTIONS:
            raise self._refused(f"`{token.text}` is a function", token, f"write {token.text}(…)")
        return nodes.Name(token.text, self._from(token))

    def _call(self, name: Token) -> Expression:
        opening = self._take()
        if name.text not in FUNCTIONS:
            near = nearest(name.text, FUNCTIONS)
            help = f"did you mean {near}?" if near else listed(FUNCTIONS)
            raise self._refused(f"there is no function `{name.text}`", name, help)
        arguments: list[Expression] = []
        if not self._operator(")"):
            arguments.append(self._expression())
            while self._operator(","):
                arguments.append(self._expression())
            self._close(")", opening)
        least, most = FUNCTIONS[name.text]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} or more"
            message = f"{name.text} takes {wanted} value{'' if wanted == '1' else 's'}, not {len(arguments)}"
            help = "clip(x, lowest, highest)" if name.text == "clip" else None
            raise RefusedError(codes.ARGUMENTS, message, name.start, self._last.end, help)
        return self._kept(nodes.Call(name.text, tuple(arguments), self._from(name)), *arguments)

    def _options(self) -> tuple[Literal, ...]:
        opening = self._token
        if not self._operator("["):
            raise self._refused("`in` needs a list", opening, "write x in ['a', 'b']")
        options: list[Literal] = []
        if self._token.text == "]":
            raise self._refused("the list is empty", self._token, "nothing is ever in an empty list")
        while True:
            options.append(self._literal())
            if not self._operator(","):
                break
        self._close("]", opening)
        return tuple(options)

    def _literal(self) -> Literal:
        token = self._token
        minus = self._operator("-")
        word = self._take()
        if word.kind == "number":
            value = float(word.text)
            if value == float("inf"):
                raise self._refused(f"{word.text} is too large", word)
            return nodes.Number(-value if minus else value, self._from(token))
        if not minus and word.kind == "label":
            quote = word.text[0]
            return nodes.Label(word.text[1:-1].replace(quote * 2, quote), self._from(token))
        if not minus and word.text in ("true", "false") and word.kind == "name":
            return nodes.Boolean(word.text == "true", self._from(token))
        if not minus and word.text == "date" and word.kind == "name":
            return self._date(token)
        help = f"did you mean '{word.text}' in quotes?" if word.kind == "name" else None
        raise self._refused("a list holds only numbers, labels in quotes and dates", word, help)

    def _date(self, start: Token) -> nodes.Date:
        opening = self._token
        if not self._operator("("):
            raise self._refused("a date is written date('2020-01-05')", start)
        written = self._take()
        if written.kind != "label":
            raise self._refused("a date is written date('2020-01-05')", written)
        self._close(")", opening)
        days = day_number(written.text[1:-1])
        if days is None:
            help = "a date is year-month-day, such as '2020-01-05'"
            raise self._refused(f"{written.text} is not a date", written, help)
        return nodes.Date(days, self._from(start))

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    @property
    def _last(self) -> Token:
        return self._tokens[max(self._at - 1, 0)]

    def _take(self) -> Token:
        token = self._token
        if token.kind == "end":
            raise self._refused("the expression ends too early", token, "something is missing at the end")
        self._at += 1
        return token

    def _peek(self, word: str, ahead: int = 0) -> bool:
        at = min(self._at + ahead, len(self._tokens) - 1)
        return self._tokens[at].kind == "name" and self._tokens[at].text == word

    def _word(self, word: str) -> bool:
        found = self._peek(word)
        self._at += found
        return found

    def _operator(self, text: str) -> bool:
        found = self._token.kind == "operator" and self._token.text == text
        self._at += found
        return found

    def _close(self, closer: str, opening: Token) -> None:
        if self._operator(closer):
            return
        if self._token.kind == "end":
            raise self._refused(f"`{opening.text}` is never closed", opening, f"add `{closer}`")
        raise self._leftover(closer)

    def _leftover(self, closer: str = "") -> RefusedError:
        token = self._token
        if token.kind == "operator" and token.text in ")]":
            return self._refused(f"`{token.text}` closes nothing", token)
        if token.kind == "name" and token.text == "then":
            return self._refused("there is no `then`", token, "write `a if condition else b`")
        if token.kind == "name" and token.text in ("AND", "OR", "IN", "IF", "ELSE"):
            word = token.text.lower()
            message = f"`{token.text}` is written in small letters"
            return RefusedError(codes.FOREIGN, message, token.start, token.end, f"write `{word}`", word)
        wanted = f"`{closer}` or an operator" if closer else "an operator"
        return self._refused(f"{wanted} is expected before `{token.text}`", token)

    def _refused(self, message: str, token: Token, help: str | None = None) -> RefusedError:
        return RefusedError(codes.SYNTAX, message, token.start, token.end, help)

    def _from(self, start: Token) -> Span:
        return self._source.span(start.start, self._last.end)

    def _enter(self) -> None:
        self._nesting += 1
        if self._nesting > MAX_DEPTH:
            raise self._too_deep()

    def _kept(self, node: Expression, *parts: Expression) -> Expression:
        depth = 1 + max((self._depths.get(id(part), 1) for part in parts), default=0)
        if depth > MAX_DEPTH:
            raise self._too_deep()
        self._depths[id(node)] = depth
        return node

    def _too_deep(self) -> RefusedError:
        message = f"the expression is nested more than {MAX_DEPTH} deep"
        token = self._token
        return RefusedError(
            codes.TOO_LONG, message, token.start, token.end, "split it into several attributes"
        )
