"""Agents drawn from raked joint tables, through documents, against an independent fit by SciPy."""

from __future__ import annotations

import math
from collections import Counter
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import optimize, stats

from worldwright.errors import SamplingError, UsageError
from worldwright.population import Explainer, batches, plan, quality, sample
from worldwright.population.kernels import shuffle
from worldwright.population.steps.raked import RakedStep
from worldwright.render import render_text
from worldwright.spec import Population, Source, load_population
from worldwright.streams import stream_key

SEED = [[40, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120], [20, 30, 40, 50]]
ROWS, COLUMNS = [150, 300, 400, 150], [200, 300, 400, 100]


def listed(prefix: str, values: Any) -> str:
    return "{" + ", ".join(f"{prefix}{i}: {value!r}" for i, value in enumerate(values)) + "}"


def document(shape: dict[str, int], targets: list[tuple[str, Any]], more: str = "") -> str:
    """A population with categories a0, a1, … of an attribute a, and nested tables for targets."""
    text = "worldwright: population/1\nname: raked\nattributes:\n"
    text += "  height: {type: float, assumption: true, distribution: {normal: {mean: 170, sd: 9}}}\n"
    for name, size in shape.items():
        shares = [1.0 / size] * size
        weights = listed(name, shares)
        text += (
            f"  {name}: {{type: categorical, assumption: true, distribution: {{categorical: {weights}}}}}\n"
        )
    text += "marginals:\n  targets:\n"
    for of, table in targets:
        text += (
            f"    - {{of: [{of}], assumption: true, totals: {nested(of.split(', '), np.asarray(table))}}}\n"
        )
    return text + more


def nested(names: list[str], table: Any) -> str:
    if len(names) == 1:
        return listed(names[0], table.tolist())
    return "{" + ", ".join(f"{names[0]}{i}: {nested(names[1:], part)}" for i, part in enumerate(table)) + "}"


def seed_of(of: str, table: Any) -> str:
    return f"  seed: {{of: [{of}], table: {nested(of.split(', '), np.asarray(table))}}}\n"


def loaded(text: str) -> Population:
    population, found = load_population(Source("raked.yaml", text))
    assert population is not None, render_text(found, lambda _: text)
    return population


def known_answer(more: str = "") -> Population:
    return loaded(document({"a": 4, "b": 4}, [("a", ROWS), ("b", COLUMNS)], seed_of("a, b", SEED) + more))


def step_of(population: Population, agents: int | None = None) -> RakedStep:
    (step,) = (s for s in plan(population, 1, agents).steps if isinstance(s, RakedStep))
    return step


def by_minimising(seed: Any, margins: list[tuple[tuple[int, ...], Any]]) -> Any:
    """The table nearest to a prior in relative entropy: SciPy's minimum over logarithms of factors."""
    seed = np.asarray(seed, dtype=float)
    sizes = [math.prod(seed.shape[axis] for axis in axes) for axes, _ in margins]

    def table(x: Any) -> Any:
        logs, at = np.log(seed), 0
        for (axes, _), size in zip(margins, sizes, strict=True):
            full = [seed.shape[i] if i in axes else 1 for i in range(seed.ndim)]
            logs = logs + x[at : at + size].reshape(full)
            at += size
        return np.exp(logs)

    def loss(x: Any) -> tuple[float, Any]:
        made, at, slopes = table(x), 0, []
        value = made.sum()
        for (axes, goal), size in zip(margins, sizes, strict=True):
            others = tuple(i for i in range(seed.ndim) if i not in axes)
            value -= float(np.sum(x[at : at + size] * np.asarray(goal, dtype=float).ravel()))
            slopes.append((made.sum(axis=others) - goal).ravel())
            at += size
        return float(value), np.concatenate(slopes)

    found = optimize.minimize(
        loss, np.zeros(sum(sizes)), jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 5000}
    )
    return table(found.x)


def test_the_known_table_is_fitted() -> None:
    # known answer c
    step = step_of(known_answer())
    fitted = step.fit.cells.reshape(4, 4) * 1000
    assert np.allclose(fitted[0], [64.5585, 46.2325, 35.3843, 3.8247], atol=5e-5)
    assert np.allclose(fitted.sum(axis=1), ROWS, atol=1e-7)
    assert np.allclose(fitted.sum(axis=0), COLUMNS, atol=1e-7)


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize(
    "families",
    [[(0,), (1,)], [(0,), (1,), (2,)], [(0, 1), (1, 2)], [(0, 1), (2,)], [(0, 1), (1, 2), (0, 2)]],
)
def test_a_fit_is_the_nearest_table_with_the_margins(families: list[tuple[int, ...]], number: int) -> None:
    rng = np.random.default_rng([number, len(families)])
    size = 1 + max(axis for axes in families for axis in axes)
    shape = tuple(int(k) for k in rng.integers(2, 5, size))
    truth, prior = rng.gamma(2.0, size=shape) + 0.05, rng.gamma(2.0, size=shape) + 0.05
    truth /= truth.sum()
    names = "abc"[:size]
    margins = [(axes, truth.sum(axis=tuple(i for i in range(size) if i not in axes))) for axes in families]
    targets = [(", ".join(names[axis] for axis in axes), goal) for axes, goal in margins]
    text = document(dict(zip(names, shape, strict=True)), targets, seed_of(", ".join(names), prior))
    step = step_of(loaded(text))
    fitted = step.fit.cells.reshape(shape)
    assert np.allclose(fitted, by_minimising(prior / prior.sum(), margins), atol=2e-7)
    if families == [(0,), (1,)]:
        # the cross-product ratios are those of the prior
        def odds(table: Any) -> Any:
            return table[:-1, :-1] * table[1:, 1:] / (table[1:, :-1] * table[:-1, 1:])

        assert np.allclose(odds(fitted) / odds(prior), 1, rtol=1e-9)


def test_agents_have_the_fitted_shares_and_any_range_is_the_same() -> None:
    population = known_answer()
    made = plan(population, 7)
    agents = 100_000
    whole = sample(made, 0, agents)
    frame = whole.to_pandas()
    counts = Counter(zip(frame.a, frame.b, strict=True))
    expected = step_of(population).fit.cells.reshape(4, 4) * agents
    observed = np.array([[counts[(f"a{i}", f"b{k}")] for k in range(4)] for i in range(4)])
    assert stats.chisquare(observed.ravel(), expected.ravel()).pvalue > 1e-4
    assert sample(made, 40_001, 777).equals(whole.slice(40_001, 777))
    assert sample(plan(population, 7), 0, 50).equals(whole.slice(0, 50))
    # the other attributes are what they are without marginals, and no two streams hang together
    plain = document({"a": 4, "b": 4}, [("a", [1, 1, 1, 1])]).split("marginals:")[0]
    free = sample(plan(loaded(plain), 7), 0, 1000).to_pandas()
    assert free.height.equals(frame.height[:1000])
    joint = pd_codes(frame)
    assert abs(np.corrcoef(joint, frame.height)[0, 1]) < 4 / math.sqrt(agents)


def pd_codes(frame: Any) -> Any:
    return frame.a.cat.codes.to_numpy().astype(float) * 4 + frame.b.cat.codes.to_numpy()


def test_the_order_of_the_file_changes_nothing() -> None:
    one = document(
        {"a": 3, "b": 2}, [("a", [2, 3, 5]), ("b", [4, 6])], seed_of("a, b", [[1, 2], [3, 1], [2, 2]])
    )
    other = document(
        {"a": 3, "b": 2}, [("b", [4, 6]), ("a", [2, 3, 5])], seed_of("b, a", [[1, 3, 2], [2, 1, 2]])
    )
    first, second = loaded(one), loaded(other)
    assert first.digest == second.digest
    assert sample(plan(first, 1), 0, 500).equals(sample(plan(second, 1), 0, 500))
    assert first.digest != loaded(one.replace("a0: 2", "a0: 3").replace("a2: 5", "a2: 4")).digest


def test_attributes_without_common_tables_are_independent() -> None:
    population = loaded(document({"a": 2, "b": 3}, [("a", [30, 70]), ("b", [20, 30, 50])]))
    steps = [s for s in plan(population, 1).steps if isinstance(s, RakedStep)]
    assert [s.writes for s in steps] == [("a",), ("b",)]
    frame = sample(plan(population, 1), 0, 50_000).to_pandas()
    table = np.array(
        [[((frame.a == f"a{i}") & (frame.b == f"b{k}")).sum() for k in range(3)] for i in range(2)]
    )
    independent: Any = stats.chi2_contingency(table)
    assert independent.pvalue > 1e-4
    assert stats.chisquare(table.sum(axis=1), np.array([0.3, 0.7]) * 50_000).pvalue > 1e-4


def test_booleans_are_raked_as_well() -> None:
    text = (
        "worldwright: population/1\nname: raked\nattributes:\n"
        "  owner: {type: boolean, assumption: true, distribution: {boolean: .3}}\n"
        "  rank: {type: categorical, assumption: true, distribution: {categorical: {low: .6, high: .4}}}\n"
        "marginals:\n  targets:\n"
        "    - of: [owner, rank]\n      assumption: true\n      shares:\n"
        "        true: {low: .1, high: .2}\n        false: {low: .5, high: .2}\n"
    )
    frame = sample(plan(loaded(text), 3), 0, 50_000).to_pandas()
    observed = [
        ((frame.owner == o) & (frame["rank"] == r)).sum() for o, r in product([True, False], ["low", "high"])
    ]
    assert stats.chisquare(observed, np.array([0.1, 0.2, 0.5, 0.2]) * 50_000).pvalue > 1e-4


# ---- whole numbers


def test_whole_counts_have_the_margins_and_agents_their_places() -> None:
    population = known_answer("  counts: exact\n")
    made = plan(population, 5, 1000)
    whole = sample(made, 0, 1000)
    frame = whole.to_pandas()
    assert [int((frame.a == f"a{i}").sum()) for i in range(4)] == ROWS
    assert [int((frame.b == f"b{i}").sum()) for i in range(4)] == COLUMNS
    expected = step_of(population).fit.cells * 1000
    observed = np.bincount(pd_codes(frame).astype(int), minlength=16)
    assert np.abs(observed - expected).max() < 1
    # any range by itself, in blocks, and again
    assert sample(made, 333, 100).equals(whole.slice(333, 100))
    assert [t.num_rows for t in batches(made, 1000, 400)] == [400, 400, 200]
    # which agent is in which cell does not follow from its number
    ranks: Any = stats.spearmanr(np.arange(1000), pd_codes(frame))
    assert abs(ranks.statistic) < 4 / math.sqrt(1000)
    # other seeds put others there
    assert not sample(plan(population, 6, 1000), 0, 1000).equals(whole)


@pytest.mark.parametrize(
    "families", [["a", "b"], ["a", "b", "c"], ["a, b", "b, c"], ["a, b", "c"]], ids="; ".join
)
def test_whole_counts_keep_all_margins_of_any_number_of_agents(families: list[str]) -> None:
    rng = np.random.default_rng(3)
    shape = {"a": 3, "b": 4, "c": 2}
    truth = rng.integers(1, 40, tuple(shape.values()))
    prior = rng.integers(1, 9, tuple(shape.values()))
    names = list(shape)
    targets = []
    for family in families:
        others = tuple(i for i, name in enumerate(names) if name not in family.split(", "))
        targets.append((family, truth.sum(axis=others)))
    text = document(shape, targets, seed_of("a, b, c", prior) + "  counts: exact\n")
    population = loaded(text)
    total = int(truth.sum())
    for agents in (1, 2, 17, total, 2 * total, 5003):
        frame = sample(plan(population, 2, agents), 0, agents).to_pandas()
        for family, goal in targets:
            of = family.split(", ")
            codes = [frame[name].cat.codes.to_numpy() for name in of]
            found = np.zeros(goal.shape, dtype=int)
            np.add.at(found, tuple(codes), 1)
            assert np.abs(found - goal * (agents / total)).max() < 1 + 1e-9
            if agents % total == 0:
                assert (found == goal * (agents // total)).all()


def test_whole_counts_need_the_number_of_agents() -> None:
    population = known_answer("  counts: exact\n")
    with pytest.raises(UsageError, match="none is known here"):
        sample(plan(population, 5), 0, 10)
    with pytest.raises(UsageError, match="planned for 100 agents"):
        sample(plan(population, 5, 100), 90, 20)
    with pytest.raises(UsageError, match="no number 100"):
        Explainer(plan(population, 5, 100)).agent(100)


def test_the_keyed_order_is_a_random_permutation() -> None:
    def order(key: int, n: int) -> tuple[int, ...]:
        out = np.empty(n, dtype=np.int64)
        shuffle.places(
            np.uint64(key), np.uint64(n), np.uint64(shuffle.bits_of(n)), np.arange(n, dtype=np.int64), out
        )
        return tuple(out.tolist())

    for n in (1, 2, 255, 256, 257, 1000):
        assert sorted(order(12345, n)) == list(range(n))
    for n in (3, 4):  # all orders are equally likely; each test errs once in 10,000
        times = 6000
        found = Counter(order(stream_key(seed, "order"), n) for seed in range(times))
        assert len(found) == math.factorial(n)
        assert stats.chisquare(list(found.values())).pvalue > 1e-4


# ---- explained and judged


@pytest.mark.parametrize("more", ["", "  counts: exact\n"])
def test_explanations_agree_with_the_rows(more: str) -> None:
    made = plan(known_answer(more), 9, 400)
    rows = sample(made, 0, 400).to_pylist()
    explainer = Explainer(made)
    for agent in range(0, 400, 7):
        told = explainer.agent(agent)
        assert {a.name: a.value for a in told.attributes} == rows[agent]
        cell = told.attribute("b").cell
        assert cell is not None and cell.members == ("a", "b")
        assert cell.labels == (rows[agent]["a"], rows[agent]["b"])
        draw = told.attribute("b").draw
        assert draw is not None
        if more:
            assert cell.place is not None and cell.first is not None and cell.count is not None
            assert cell.first <= cell.place < cell.first + cell.count
        else:
            assert cell.below <= draw.keyed <= cell.below + cell.share + 1e-12


def test_the_quality_report_tells_of_margins() -> None:
    population = known_answer()
    table = sample(plan(population, 4), 0, 20_000)
    rows = [row for row in quality(population, table).to_pylist() if row["kind"] == "marginal"]
    assert [row["attribute"] for row in rows] == ["a", "b", "a, b"]
    assert {row["verdict"] for row in rows} == {"pass"}
    assert "fitted in" in rows[2]["text"]
    # a table of another population is noticed
    other = loaded(document({"a": 4, "b": 4}, [("a", ROWS[::-1]), ("b", [240, 260, 400, 100])]))
    foreign = sample(plan(other, 4), 0, 20_000)
    verdicts = [
        row["verdict"] for row in quality(population, foreign).to_pylist() if row["kind"] == "marginal"
    ]
    assert "warn" in verdicts[:2] and verdicts[2] == "warn"


def test_the_first_agents_of_a_counted_table_differ_by_chance() -> None:
    population = known_answer("  counts: exact\n")
    whole = sample(plan(population, 4, 20_000), 0, 20_000)

    def judged(table: pa.Table, agents: int) -> list[tuple[str, bool]]:
        report = quality(population, table, agents=agents).to_pylist()
        return [(row["verdict"], row["p_value"] is None) for row in report if row["kind"] == "marginal"]

    assert judged(whole, 20_000) == [("pass", True)] * 3
    assert judged(whole.slice(0, 5000), 20_000) == [("pass", False)] * 3
    assert ("warn", True) in judged(whole.slice(0, 5000), 5000)  # as a whole population they are miscounted


def test_margins_without_a_table_are_refused_by_the_sampler_too() -> None:
    text = document({"a": 2, "b": 2}, [("a", [5, 5]), ("b", [4, 6])])
    population = loaded(text)
    (marginals,) = population.marginals
    from dataclasses import replace

    seed = replace(marginals.targets[0], of=("a", "b"), values=(0.5, 0.0, 0.5, 0.0))
    with pytest.raises(SamplingError, match="b 'b1' has a share"):
        plan(replace(population, marginals=(replace(marginals, seed=seed),)), 1)
