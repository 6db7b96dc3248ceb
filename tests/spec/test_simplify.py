"""`spec simplify`: what could be simpler, and that no drawn value changes by it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.spec.random_documents import Plain, populations
from tests.spec.specs import AGE, HEAD, SURGEONS, load, loaded
from worldwright.population import plan, sample
from worldwright.spec import Source
from worldwright.spec.expressions.canonical import text
from worldwright.spec.expressions.parser import parse_expression
from worldwright.spec.merge.parts import NOWHERE
from worldwright.spec.population import Population
from worldwright.spec.simplify import Suggestion, simplified
from worldwright.spec.simplify.folding import simpler
from worldwright.spec.writer import write


def meaning(content: str) -> Population | None:
    return load(content)[0]


def simple(content: str) -> tuple[str, list[Suggestion]]:
    return simplified(Source("f.yaml", content), meaning)


@given(populations(marginals=False))
@settings(max_examples=60)
def test_no_drawn_value_changes(document: Plain) -> None:
    content = write(document)
    result, _ = simple(content)
    before, after = (sample(plan(loaded(each), 5), 0, 300) for each in (content, result))
    assert after.equals(before)
    assert simple(result)[1] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("age * (2 + 3)", "age * 5"),
        ("(age + 0) * 1", "age"),
        ("age if 1 < 2 else 3", "age"),
        ("age if age > 3 else age", "age"),
        ("max(1, 2.5) + age", "2.5 + age"),
        ("not (not member)", "member"),
        ("member == false", "not member"),
        ("rank == 'a' or rank == 'b' or rank == 'c'", "rank in ['a', 'b', 'c']"),
        ("age > 3 and true", "age > 3"),
        ("1 if not member else 2", "2 if member else 1"),
        ("not rank in ['a']", "rank not in ['a']"),
        ("exp(1) + 7 // 2", "exp(1) + 7 // 2"),
        ("1 / 0", "1 / 0"),
        ("1e308 * 10", "1e+308 * 10"),
    ],
)
def test_expressions_are_folded_where_that_is_exact(before: str, after: str) -> None:
    expression, found = parse_expression(before, NOWHERE)
    assert expression is not None and not found
    assert text(simpler(expression)) == after


MODIFIED = (
    HEAD
    + AGE
    + """  income:
    type: float
    assumption: true
    distribution: {normal: {mean: 3, sd: 1}}
    # kept
    modifiers:
      - when: age > 90  # never
        multiply: 2
      - when: age > 30  # some
        add: 2 * 3
      - when: age > 40
        multiply: 1
      - when: age > 10
        add: 1
"""
)


def test_modifiers_that_do_nothing_go_and_comments_stay() -> None:
    result, found = simple(MODIFIED)
    assert "# kept" in result and "# some" in result and "add: 6\n" in result
    assert "age > 90" not in result and "age > 40" not in result and "when: true\n" in result
    assert len(found) == 4 and all(item.span.file == "f.yaml" for item in found)


def test_the_last_modifier_takes_its_list_with_it() -> None:
    one = MODIFIED[: MODIFIED.index("      - when: age > 30")]
    assert "modifiers" not in simple(one)[0]
    flow = HEAD + AGE + (
        "  x: {type: float, assumption: true, distribution: {uniform: {min: 0, max: 1}}, "
        "modifiers: [{when: false, add: 3}]}\n"
    )  # fmt: skip
    assert "modifiers" not in simple(flow)[0]


def test_what_is_simple_is_left_alone() -> None:
    assert simple(SURGEONS) == (SURGEONS, [])


def test_a_constraint_keeps_its_owner() -> None:
    content = HEAD + (
        "  a: {type: float, assumption: true, distribution: {uniform: {min: 0, max: 1}}}\n"
        "  b:\n    type: float\n    assumption: true\n    distribution: {uniform: {min: 0, max: 1}}\n"
        "    modifiers:\n      - when: a > 5\n        add: 1\n"
        "constraints:\n  - b <= a + .5\n"
    )
    result, _ = simple(content)
    assert [c.owners for c in loaded(result).constraints] == [c.owners for c in loaded(content).constraints]
    assert sample(plan(loaded(result), 5), 0, 300).equals(sample(plan(loaded(content), 5), 0, 300))
