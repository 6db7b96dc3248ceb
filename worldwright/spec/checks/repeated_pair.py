"""WW0503: a pair is correlated once, and nothing with itself."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity, Span
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import TWO

CODE = Code(
    "WW0503",
    "repeated-pair",
    Severity.ERROR,
    "Two attributes have one correlation.",
    bad=TWO + "correlations:\n  - [age, height, .2]\n  - [height, age, .3]\n",
    good=TWO + "correlations:\n  - [age, height, .2]\n",
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Pairs given before, in either order, and attributes paired with themselves."""
    seen: dict[frozenset[str], Span] = {}
    for pair in context.population.correlations:
        key = frozenset((pair.first, pair.second))
        if len(key) == 1:
            yield CODE.at(pair.span, f"`{pair.first}` is correlated with itself")
        elif key in seen:
            related = ((seen[key], "it is first given here"),)
            message = f"the correlation of `{pair.first}` and `{pair.second}` is given twice"
            yield CODE.at(pair.span, message, related=related)
        seen.setdefault(key, pair.span)


RULE = Rule(CODE, check)
