"""Impossible correlations are refused with the nearest possible ones, unattainable ones with their range."""

from __future__ import annotations

import itertools
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from tests.spec.specs import AGE, HEAD, drawn, errors
from worldwright.diagnostics import Diagnostic
from worldwright.population import plan
from worldwright.population.ranks import Ranks, spearman
from worldwright.population.ranks import score_correlation as sampled_score
from worldwright.spec import Source, load_population
from worldwright.spec.checks.unattainable_correlation import attainable
from worldwright.spec.edits import applied
from worldwright.spec.scores import score_correlation, spearman_correlation

NORMAL = "type: float, assumption: true, distribution: {normal: {mean: 0, sd: 1}}"


def document(laws: list[str], pairs: list[tuple[int, int, float]]) -> str:
    text = "worldwright: population/1\nname: correlated\nattributes:\n"
    text += "".join(f"  v{i:02}: {{{law}}}\n" for i, law in enumerate(laws))
    return text + "correlations:\n" + "".join(f"  - [v{i:02}, v{j:02}, {value}]\n" for i, j, value in pairs)


def found_in(text: str) -> list[Diagnostic]:
    return load_population(Source("p.yaml", text))[1]


def scores(size: int, pairs: list[tuple[int, int, float]]) -> Any:
    matrix = np.eye(size)
    for i, j, value in pairs:
        matrix[i, j] = matrix[j, i] = 2 * np.sin(np.pi * value / 6)
    return matrix


@pytest.mark.parametrize("size", [3, 4, 8, 15, 40])
def test_random_matrices_are_judged_as_their_eigenvalues_are_and_mended(size: int) -> None:
    rng = np.random.default_rng(size)
    for density in (0.1, 0.3, 0.9):
        pairs = [
            (i, j, round(float(rng.uniform(-0.9, 0.9)), 2))
            for i, j in itertools.combinations(range(size), 2)
            if rng.random() < density
        ]
        text = document([NORMAL] * size, pairs)
        refused = [d for d in found_in(text) if d.code == "WW0505"]
        assert bool(refused) == (np.linalg.eigvalsh(scores(size, pairs)).min() <= 1e-12)
        edits = [edit for d in refused if d.fix is not None for edit in d.fix.edits]
        assert all(d.fix is not None for d in refused)
        population, found = load_population(Source("p.yaml", applied(text, edits)))
        assert population is not None and not found
        mended = [(int(c.first[1:]), int(c.second[1:]), c.value) for c in population.correlations]
        assert np.linalg.eigvalsh(scores(size, mended)).min() > 1e-4
        plan(population, 1)


def test_the_offer_is_the_nearest_matrix() -> None:
    pairs = [(0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9)]
    (refused,) = found_in(document([NORMAL] * 3, pairs))
    assert refused.fix is not None
    edits = {edit.span.start.line: float(edit.replacement) for edit in refused.fix.edits}
    offered = list(edits.values())
    start = scores(3, pairs)
    apart = np.linalg.norm(
        scores(3, [(i, j, v) for (i, j, _), v in zip(pairs, offered, strict=True)]) - start
    )
    # no point of a fine grid of possible matrices is nearer
    best = np.inf
    for a, b, c in itertools.product(
        np.arange(0.3, 0.95, 0.025), np.arange(0.3, 0.95, 0.025), np.arange(-0.95, 0.2, 0.025)
    ):
        matrix = np.array([[1, a, c], [a, 1, b], [c, b, 1]])
        if np.linalg.eigvalsh(matrix).min() > 0:
            best = min(best, float(np.linalg.norm(matrix - start)))
    assert apart < best + 0.01


def test_a_scenario_is_mended_without_its_base() -> None:
    base = document([NORMAL] * 2, [(0, 1, 0.9)])
    scenario = (
        "worldwright: scenario/1\nname: s\nextends: correlated\nattributes:\n"
        f"  w: {{{NORMAL}}}\ncorrelations:\n  - [w, v00, .9]\n  - [w, v01, -.9]\n"
    )
    found = load_population(Source("p.yaml", base), Source("s.yaml", scenario))[1]
    (refused,) = [d for d in found if d.code == "WW0505"]
    assert refused.fix is not None
    assert {edit.span.file for edit in refused.fix.edits} == {"s.yaml"}
    mended = applied(scenario, refused.fix.edits)
    assert load_population(Source("p.yaml", base), Source("s.yaml", mended))[0] is not None


@pytest.mark.parametrize(
    ("first", "second"),
    [([0.9], []), ([], [0.2, 0.7]), ([0.9], [0.3]), ([0.5], [0.5]), ([0.1, 0.4, 0.8], [0.25, 0.5])],
)
def test_the_attainable_range_is_that_of_the_sampler(first: list[float], second: list[float]) -> None:
    least, greatest = attainable(first, second)
    assert abs(spearman(ranks(first), ranks(second), -1 + 1e-9) - least) < 1e-4
    assert abs(spearman(ranks(first), ranks(second), 1 - 1e-9) - greatest) < 1e-4


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        ("type: boolean, assumption: true, distribution: {boolean: .1}", NORMAL, 0.6),
        (
            "type: boolean, assumption: true, distribution: {boolean: .1}",
            "type: boolean, assumption: true, distribution: {boolean: .9}",
            0.2,
        ),
        ("type: int, assumption: true, distribution: {poisson: {mean: .3}}", NORMAL, 0.9),
        ("type: int, assumption: true, distribution: {uniform: {min: 1, max: 2}}", NORMAL, -0.9),
    ],
)
def test_what_is_out_of_reach_is_told_with_the_range_at_its_place(
    first: str, second: str, value: float
) -> None:
    text = document([first, second], [(0, 1, value)])
    (found,) = found_in(text)
    assert found.code == "WW0506" and "is attainable" in found.message
    assert (
        found.span is not None
        and text.splitlines()[found.span.start.line - 1].strip() == f"- [v00, v01, {value}]"
    )
    greatest = float(found.message.split(" to ")[-1].split()[0])
    least = float(found.message.split("from ")[1].split()[0])
    reachable = round(0.95 * (greatest if value > 0 else least), 3)
    assert found_in(document([first, second], [(0, 1, reachable)])) == []


@pytest.mark.parametrize(
    ("kind", "distribution", "words"),
    [
        ("boolean", "{boolean: .2 if age > 30 else .5}", "differ between agents"),
        ("categorical", '{categorical: {a: "age / 80", b: .5}}', "differ between agents"),
        ("boolean", "{boolean: 1}", "one value only"),
        ("categorical", "{categorical: {a: 1, b: 0}}", "one value only"),
    ],
)
def test_what_planning_would_refuse_is_told_before(kind: str, distribution: str, words: str) -> None:
    more = {"ordered": "true"} if kind == "categorical" else {}
    text = HEAD + AGE + drawn("x", distribution, kind, **more) + drawn("y")
    (found,) = errors(text + "correlations:\n  - [x, y, .1]\n")
    assert found.code == "WW0504" and words in found.message


def ranks(below: list[float]) -> Ranks:
    return Ranks(np.array([NormalDist().inv_cdf(p) for p in below], dtype=np.float64))


@pytest.mark.parametrize("first", [[], [0.5], [0.9], [0.1, 0.4, 0.8], [0.02, 0.5, 0.7, 0.9, 0.99]])
@pytest.mark.parametrize("second", [[0.3], [0.97], [0.25, 0.5, 0.75]])
def test_scores_are_those_that_the_sampler_solves_for(first: list[float], second: list[float]) -> None:
    least, greatest = attainable(first, second)
    for share in (-0.95, -0.5, -0.01, 0.2, 0.6, 0.9, 0.97):
        value = -share * least if share < 0 else share * greatest
        ours = score_correlation(first, second, value)
        assert abs(ours - sampled_score(ranks(first), ranks(second), value, "a and b")) < 1e-5
        assert abs(spearman_correlation(first, second, ours) - value) < 1e-8


BOOLEAN = "type: boolean, assumption: true, distribution: {{boolean: {}}}"


def test_attributes_with_few_values_are_judged_by_their_own_scores() -> None:
    """Rare booleans need stronger scores than ranks without ties, so that less is possible together."""
    pairs = [(0, 1, 0.55), (1, 2, 0.55), (0, 2, 0.0)]
    assert not found_in(document([NORMAL] * 3, pairs))
    text = document([BOOLEAN.format(p) for p in (0.2, 0.3, 0.25)], pairs)
    (refused,) = found_in(text)
    assert refused.code == "WW0505" and refused.fix is not None
    population, found = load_population(Source("p.yaml", applied(text, refused.fix.edits)))
    assert population is not None and not found
    plan(population, 1)


@pytest.mark.parametrize("seed", range(40))
def test_the_check_and_the_sampler_agree_on_what_is_possible(seed: int) -> None:
    rng = np.random.default_rng(seed)
    laws = [
        BOOLEAN.format(round(float(rng.uniform(0.1, 0.9)), 2)) if rng.random() < 0.7 else NORMAL
        for _ in range(5)
    ]
    pairs = [
        (i, j, round(float(rng.uniform(-0.5, 0.5)), 2))
        for i, j in itertools.combinations(range(len(laws)), 2)
    ]
    found = found_in(document(laws, pairs))
    if "WW0506" in {d.code for d in found}:
        return
    text = document(laws, pairs)
    for refused in found:
        assert refused.code == "WW0505" and refused.fix is not None
        text = applied(text, refused.fix.edits)
    population, left = load_population(Source("p.yaml", text))
    assert population is not None and not left
    plan(population, 1)


@pytest.mark.parametrize("count", [11, 16, 20, 40])
def test_many_steps_are_taken_as_fewer(count: int) -> None:
    steps = [k / count for k in range(1, count)]
    found = score_correlation(steps, [0.3], 0.5)
    assert abs(found - sampled_score(ranks(steps), ranks([0.3]), 0.5, "a and b")) < 0.01
