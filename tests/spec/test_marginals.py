"""What is wrong with marginals is told before anything is sampled, at its place."""

from __future__ import annotations

import pytest

from worldwright.diagnostics import Diagnostic
from worldwright.spec import Source, load_population
from worldwright.spec.diff import apply, diff
from worldwright.spec.fmt import formatted
from worldwright.spec.plan import plan_of
from worldwright.spec.reader import read
from worldwright.spec.tree import plain

HEAD = """worldwright: population/1
name: people
attributes:
  age: {type: int, assumption: true, distribution: {uniform: {min: 18, max: 80}}}
  sex: {type: categorical, assumption: true, distribution: {categorical: {female: .5, male: .5}}}
  rank: {type: categorical, assumption: true, distribution: {categorical: {low: .5, high: .5}}}
  owner: {type: boolean, assumption: true, distribution: {boolean: .5}}
"""
SEX = "    - {of: sex, assumption: true, shares: {female: .5, male: .5}}\n"
RANK = "    - {of: rank, assumption: true, totals: {low: 50, high: 50}}\n"


def found_in(text: str, scenario: str | None = None) -> list[Diagnostic]:
    over = None if scenario is None else Source("s.yaml", scenario)
    return load_population(Source("p.yaml", text), over)[1]


def told(body: str, head: str = HEAD) -> list[tuple[str, str, str]]:
    """Code, message and the text that is pointed at."""
    text = f"{head}marginals:\n  targets:\n{body}"
    lines = text.splitlines()
    found: list[tuple[str, str, str]] = []
    for diagnostic in found_in(text):
        span = diagnostic.span
        assert span is not None
        line = lines[span.start.line - 1]
        end = span.end.column - 1 if span.end.line == span.start.line else len(line)
        found.append((diagnostic.code, diagnostic.message, line[span.start.column - 1 : end]))
    return found


def test_sound_marginals_are_quiet() -> None:
    assert told(SEX + RANK) == []
    table = (
        "    - of: [sex, rank]\n      assumption: true\n      totals:\n        female: {low: 20, high: 30}\n"
    )
    assert told(table + "        male: {low: 30, high: 20}\n" + RANK) == []


@pytest.mark.parametrize(
    ("body", "code", "words", "place"),
    [
        ("    - {of: sexx, assumption: true, totals: {female: 1, male: 1}}\n", "WW0204", "sexx", "sexx"),
        (SEX.replace("male: .5}", "mael: .5}"), "WW0206", "'mael' is not one of the options", "mael"),
        (SEX.replace(", male: .5}", "}"), "WW0520", "`sex` has no number for 'male'", "{female: .5}"),
        (SEX.replace("male: .5}", "male: -.5}"), "WW0520", "-0.5 is not a share", "-.5"),
        (SEX.replace("male: .5}", "male: a}"), "WW0520", "a number is wanted here", "a"),
        (SEX.replace("male: .5}", "male: {low: 1}}"), "WW0520", "a number is wanted here", "{low: 1}"),
        (SEX.replace("of: sex", "of: [sex, rank]"), "WW0520", "a number for each option of `rank`", ".5"),
        (SEX.replace("of: sex", "of: [sex, sex]"), "WW0521", "named twice", "sex"),
        (SEX + SEX, "WW0521", "the table of `sex` is given twice", "{of: sex"),
        (
            SEX.replace("male: .5}", "male: .4}"),
            "WW0524",
            "the shares of `sex` sum to 0.9, not 1",
            "{of: sex",
        ),
        (
            "    - {of: sex, assumption: true, totals: {female: 0, male: 0}}\n",
            "WW0524",
            "0 everywhere",
            "{of: sex",
        ),
        (SEX.replace("shares", "parts"), "WW0130", "parts", "parts"),
        (SEX.replace("of: sex", "of: age"), "WW0523", "`age` cannot have marginals: it is int", "age"),
    ],
)
def test_a_mistake_is_told_at_its_place(body: str, code: str, words: str, place: str) -> None:
    found = told(body)
    mine = [item for item in found if item[0] == code and words in item[1]]
    assert mine, found
    assert mine[0][2].startswith(place)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("rank: {type: categorical, formula: \"'low' if age > 40 else 'high'\"}", "computed and not drawn"),
        (
            "rank: {type: categorical, assumption: true, only_if: age > 30, "
            "distribution: {categorical: {low: .5, high: .5}}}",
            "missing for some agents",
        ),
        (
            "rank: {type: categorical, assumption: true, "
            'distribution: {categorical: {low: "age / 100", high: "1 - age / 100"}}}',
            "reads `age`, which the marginals would override",
        ),
    ],
)
def test_what_marginals_would_override_is_told(line: str, words: str) -> None:
    old = next(row for row in HEAD.splitlines() if row.strip().startswith("rank:"))
    found = told(RANK, HEAD.replace(old.strip(), line))
    assert [item[0] for item in found if words in item[1]] == ["WW0523"], found


def test_correlations_and_owners_of_raked_attributes_are_refused() -> None:
    head = HEAD.replace("rank: {type: categorical,", "rank: {type: categorical, ordered: true,")
    text = f"{head}marginals:\n  targets:\n{RANK}"
    found = found_in(text + "correlations:\n  - [age, rank, .3]\n")
    assert [d.code for d in found] == ["WW0523"]
    found = found_in(text + "constraints:\n  - {require: \"age > 30 or rank == 'low'\", redraw: [rank]}\n")
    assert [d.code for d in found] == ["WW0530"]
    # without `redraw:` the other attribute is the owner, though rank is named last
    population, found = load_population(
        Source("p.yaml", text + "constraints:\n  - age > 30 or rank == 'low'\n")
    )
    assert not found and population is not None
    assert population.constraints[0].owners == ("age",)


def test_margins_that_contradict_each_other_are_told_with_both_numbers() -> None:
    table = "{female: {low: 20, high: 40}, male: {low: 20, high: 20}}"
    both = f"    - {{of: [sex, rank], assumption: true, totals: {table}}}\n"
    found = told(RANK + both)
    assert ("WW0525", "rank 'low' is 40 by the table of `rank` and `sex` and 50 by that of `rank`") in [
        item[:2] for item in found
    ]
    found = told(RANK + SEX.replace("shares: {female: .5, male: .5}", "totals: {female: 51, male: 50}"))
    assert ("WW0525", "the whole is 101 by the table of `sex` and 100 by that of `rank`") in [
        i[:2] for i in found
    ]


def test_a_cell_that_nothing_can_fill_is_told_where_its_share_stands() -> None:
    seed = "  seed: {of: [sex, rank], table: {female: {low: 0, high: 1}, male: {low: 0, high: 1}}}\n"
    found = told(SEX + RANK + seed)
    assert [(code, place) for code, _, place in found] == [("WW0527", "50")]
    assert "rank 'low' has share 0.5" in found[0][1]


def test_margins_no_table_has_are_told_with_the_gap() -> None:
    seed = "  seed: {of: [sex, rank], table: {female: {low: 5, high: 0}, male: {low: 4, high: 5}}}\n"
    found = told(SEX + RANK + seed)
    assert [code for code, _, _ in found] == ["WW0528"]
    assert "misses its share 0.5 by" in found[0][1]

    # three tables that agree two by two, and no joint table has them
    options = {"sex": ("female", "male"), "rank": ("low", "high"), "owner": ("false", "true")}

    def pair(a: str, b: str, same: int) -> str:
        (a0, a1), (b0, b1) = options[a], options[b]
        table = f"{{{a0}: {{{b0}: {same}, {b1}: {50 - same}}}, {a1}: {{{b0}: {50 - same}, {b1}: {same}}}}}"
        return f"    - {{of: [{a}, {b}], assumption: true, totals: {table}}}\n"

    found = told(pair("sex", "rank", 45) + pair("rank", "owner", 45) + pair("sex", "owner", 5))
    assert [code for code, _, _ in found] == ["WW0528"]


def test_a_scenario_rakes_its_own_attributes_alone() -> None:
    scenario = """worldwright: scenario/1
name: later
extends: people
attributes:
  mood: {type: categorical, assumption: true, distribution: {categorical: {low: .4, high: .6}}}
marginals:
  targets:
    - {of: mood, assumption: true, shares: {low: .4, high: .6}}
"""
    assert found_in(HEAD, scenario) == []
    found = found_in(HEAD, scenario + SEX)
    assert [d.code for d in found] == ["WW0522"]
    assert found[0].span is not None and found[0].span.file == "s.yaml"


def test_a_distribution_that_says_otherwise_gets_a_fix() -> None:
    text = f"{HEAD}marginals:\n  targets:\n{SEX.replace('.5, male: .5', '.3, male: .7')}"
    (found,) = found_in(text)
    assert found.code == "WW0529" and found.fix is not None
    assert [float(edit.replacement) for edit in found.fix.edits] == [0.3, 0.7]


def test_plan_diff_and_fmt_know_marginals() -> None:
    text = f"{HEAD}marginals:\n  counts: exact\n  targets:\n{SEX}{RANK}"
    seed = "  seed: {of: [sex, rank], table: {female: {low: 1, high: 2}, male: {low: 3, high: 1}}}\n"
    population, _ = load_population(Source("p.yaml", text + seed))
    assert population is not None
    made = plan_of(population)
    assert made.raked == (("rank", "sex"),) and made.exact
    by_name = {attribute.name: attribute for attribute in made.attributes}
    assert by_name["rank"].draws == 1 and by_name["sex"].draws == 0
    assert by_name["sex"].how == "raked with rank"
    old, new = (
        plain(node) for node in (read(t, "p")[0] for t in (text + seed, text.replace("50", "20", 1))) if node
    )
    changes = diff(old, new)
    assert {change.path for change in changes} == {
        ("marginals", "targets", 1, "totals", "low"),
        ("marginals", "seed"),
    }
    assert apply(changes, old) == new
    shown, errors = formatted(Source("p.yaml", text + seed))
    assert shown is not None and not errors
    again, _ = load_population(Source("p.yaml", shown))
    assert again is not None and again.digest == population.digest
