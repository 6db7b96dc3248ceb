"""WW0405: of two replacements, at most one matches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import modified
from worldwright.spec.expressions.nodes import And, walk
from worldwright.spec.expressions.reasoning import narrowed
from worldwright.spec.population import Modifier

CODE = Code(
    "WW0405",
    "overlapping-replacements",
    Severity.WARNING,
    "Where several replacements match, the last one wins; what the others say is lost.",
    bad=modified(
        "boolean", "{boolean: .2}", "when: age > 30, probability: .3", "when: age > 60, probability: .5"
    ),
    good=modified(
        "boolean",
        "{boolean: .2}",
        "when: age > 30 and age <= 60, probability: .3",
        "when: age > 60, probability: .5",
    ),
)
_MOST = 400
"""Pairs of one attribute that are looked at,"""
_LARGEST = 12_000
"""and parts of their conditions; a person has seen the first of them long before."""
"""Pairs looked at in one attribute; more than 28 replacements are not compared to the last."""


def check(context: Context) -> Iterator[Diagnostic]:
    """Pairs of replacements whose conditions can hold together."""
    for attribute in context.population.attributes:
        replacing = [modifier for modifier in attribute.modifiers if _replaces(modifier)]
        sizes = {id(modifier): sum(1 for _ in walk(modifier.when)) for modifier in replacing}
        looked_at = 0
        for count, (first, second) in enumerate(combinations(replacing, 2)):
            looked_at += sizes[id(first)] + sizes[id(second)]
            if count >= _MOST or looked_at > _LARGEST:
                break
            together = And(first.when, second.when, second.when.span)
            if narrowed(together, context.reach, True) is None:
                continue
            message = f"two replacements in `{attribute.name}` can both match; the later one wins"
            related = ((first.when.span, "the other stands here"),)
            help = "make the conditions exclude each other, or use `scale:`"
            yield CODE.at(second.when.span, message, help=help, related=related)


def _replaces(modifier: Modifier) -> bool:
    return modifier.weights is not None or modifier.probability is not None


RULE = Rule(CODE, check)
