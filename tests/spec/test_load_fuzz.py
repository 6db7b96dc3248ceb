"""Mutated documents: whatever is done to one, loading gives a population or says why not."""

import copy
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.spec.specs import AGE, HEAD, RANK, RENT, SURGEONS, drawn, formula, load
from worldwright.diagnostics import in_order
from worldwright.render import render_text, to_json

RICH = (
    HEAD
    + AGE
    + RANK
    + RENT
    + drawn("score", "{beta: {alpha: 2, beta: 5, min: .1}}")
    + "    modifiers:\n      - {when: age > 50, multiply: 1.1}\n      - {when: rank == 'chief', add: .2}\n"
    + drawn("visits", "{poisson: {mean: 3}}", "int", clip="{min: 0, max: 20}")
    + drawn("born", "{uniform: {min: 1970-01-01, max: 1990-01-01}}", "date")
    + drawn("married", "{boolean: .4 if age > 30 else .1}", "boolean")
    + "    modifiers:\n      - {when: age > 50, probability: .7}\n      - {when: age < 25, scale: .5}\n"
    + formula("total", "score * 10 + (rent / 1000 if rent is known else 0)")
    + '  label: {type: text, template: "{rank} of {age}"}\n'
    + "correlations:\n  - [score, visits, .3]\n  - [age, score, -.2]\n"
    + "constraints:\n  - score < .9\n  - {require: visits + 1 < age, redraw: [visits], on_fail: drop}\n"
    + "expect:\n  - {share: married, where: age > 30, is: .5, within: .2, assumption: true}\n"
)
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1e308,
    "age",
    "age >",
    "no",
    [],
    {},
    [1, 2],
    {"a": 1},
    "rent",
    "x" * 300,
]
MORE: list[Any] = [
    "score",
    "total + 1",
    "rank == chief",
    "date('2020-01-01')",
    {"normal": {"mean": "rank", "sd": -1}},
]
SUPPRESSED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
KEYS = [
    "min",
    "max",
    "when",
    "source",
    "options",
    "only_if",
    "modifiers",
    "scale",
    "weights",
    "typo",
    "",
    "1",
]


def drawn_value(data: st.DataObject) -> Any:
    """A value to put somewhere; a copy, since it may be mutated in its turn."""
    return copy.deepcopy(data.draw(st.sampled_from([*VALUES, *MORE])))


def mutated(data: st.DataObject, node: Any) -> Any:
    """The tree with one thing in it replaced, removed, renamed or added."""
    path: list[Any] = []
    here = node
    while isinstance(here, (dict, list)) and here and data.draw(st.integers(0, 4)):
        key = data.draw(
            st.sampled_from(sorted(here, key=str) if isinstance(here, dict) else range(len(here)))
        )
        path.append(key)
        here = here[key]
    if not path:
        return drawn_value(data)
    parent = node
    for part in path[:-1]:
        parent = parent[part]
    match data.draw(st.sampled_from(["replace", "replace", "remove", "rename", "add"])):
        case "replace":
            parent[path[-1]] = drawn_value(data)
        case "remove":
            del parent[path[-1]]
        case "rename" if isinstance(parent, dict):
            parent[data.draw(st.sampled_from([*KEYS, str(path[-1]) + "s"]))] = parent.pop(path[-1])
        case _ if isinstance(parent, dict):
            parent[data.draw(st.sampled_from(KEYS))] = drawn_value(data)
        case _:
            parent.append(drawn_value(data))
    return node


def check_loading(text: str) -> None:
    population, diagnostics = load(text)
    assert (population is None) == any(diagnostic.is_error for diagnostic in diagnostics)
    assert diagnostics == in_order(diagnostics)
    render_text(diagnostics, lambda _: text)
    to_json(diagnostics)
    for diagnostic in diagnostics:
        assert diagnostic.span is not None
        assert "\n" not in diagnostic.message
    if population is not None:
        assert {attribute.name for attribute in population.attributes} == set(population.columns)
        placed: set[str] = set()
        for attribute in population.attributes:
            assert set(attribute.reads) <= placed
            placed.add(attribute.name)


def check_mutations(data: st.DataObject) -> None:
    tree = yaml.safe_load(data.draw(st.sampled_from([RICH, SURGEONS])))
    for _ in range(data.draw(st.integers(1, 4))):
        tree = mutated(data, tree)
        if not isinstance(tree, dict):
            break
    check_loading(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, default_flow_style=None))


def test_the_rich_document_has_no_error() -> None:
    population, diagnostics = load(RICH)
    assert population is not None, render_text(diagnostics, lambda _: RICH)


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=SUPPRESSED)
@given(st.data())
def test_mutated_documents_lead_to_no_traceback(data: st.DataObject) -> None:
    check_mutations(data)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=SUPPRESSED)
@given(st.data())
def test_documents_cut_and_spliced_lead_to_no_traceback(data: st.DataObject) -> None:
    lines = RICH.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        i = data.draw(st.integers(0, len(lines) - 1))
        j = data.draw(st.integers(0, len(lines[i])))
        lines[i] = lines[i][:j] + data.draw(st.sampled_from(list("{}[]:,'\"#&*!|>-() =\n"))) + lines[i][j:]
    check_loading("".join(lines))


@pytest.mark.fuzz
@pytest.mark.timeout(1200)
@settings(max_examples=4_000, deadline=None, suppress_health_check=SUPPRESSED)
@given(st.data())
def test_many_mutated_documents_lead_to_no_traceback(data: st.DataObject) -> None:
    check_mutations(data)
