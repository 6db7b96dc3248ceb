"""The flagship population agrees with what is published, and with what one would expect of surgeons."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from worldwright.population import plan, quality, sample
from worldwright.spec import Population, load_population

from .runs import SPECS, source


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(stats.rankdata(first), stats.rankdata(second))[0, 1])


def column(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(table[name].to_pandas())


def mean(table: pa.Table, name: str, where: pc.Expression) -> float:
    return float(table.filter(where)[name].cast(pa.float64()).to_numpy().mean())


def test_every_expectation_is_met(population: Population, many: pa.Table) -> None:
    report = quality(population, many).to_pylist()
    expectations = [row for row in report if row["kind"] == "expectation"]
    assert len(expectations) == len(population.expectations)
    assert [row for row in expectations if row["verdict"] != "pass"] == []


def test_nothing_in_the_quality_report_fails(population: Population, many: pa.Table) -> None:
    assert [row for row in quality(population, many).to_pylist() if row["verdict"] == "fail"] == []


def test_expectations_hold_for_other_seeds(population: Population) -> None:
    # the widest standard error of a mean or share at 20,000 agents lies far inside every `within`
    for seed in (2,):
        report = quality(population, sample(plan(population, seed), 0, 20_000)).to_pylist()
        assert [r for r in report if r["kind"] == "expectation" and r["verdict"] != "pass"] == []


def test_the_gate_judges_the_document_and_not_the_luck_of_a_small_sample(population: Population) -> None:
    for agents in (400, 2000):
        for seed in range(7, 10):
            report = quality(population, sample(plan(population, seed), 0, agents)).to_pylist()
            assert [r["text"] for r in report if r["verdict"] == "fail"] == []


def test_details_exist_where_they_make_sense_and_only_there(many: pa.Table) -> None:
    hospital = column(many, "in_hospital").astype(bool)
    for detail in ("beds", "digital_maturity", "robot_available"):
        assert (many[detail].is_valid().to_numpy() == hospital).all()
    assert (many["cme_due"].is_valid().to_numpy() == (column(many, "rank") != "resident")).all()


def test_careers_are_possible(many: pa.Table) -> None:
    age, experience = column(many, "age"), column(many, "experience")
    assert (experience <= age - 24).all()
    assert (column(many, "doctorate").astype(bool) | ~column(many, "habilitated").astype(bool)).all()
    assert age.min() >= 26
    assert experience[column(many, "rank") == "senior"].min() >= 6
    assert experience[column(many, "rank") == "chief"].min() >= 10


def test_trends_have_the_expected_sign_and_leave_individuals_room(many: pa.Table) -> None:
    age = column(many, "age")
    for name, sign in (("risk_aversion", 1), ("tech_comfort", -1), ("experience", 1)):
        rho = spearman(age, column(many, name))
        assert sign * rho > 0.1, name
        within_a_year = column(many, name)[age == 45]
        assert within_a_year.std() > 0.1 * column(many, name).std(), f"{name}: clones"
    burnout = many["burnout"].combine_chunks().indices.to_numpy()
    assert spearman(column(many, "weekly_hours"), burnout) > 0.1


def test_pay_rises_with_rank(many: pa.Table) -> None:
    full_time = ~pc.field("part_time") & pc.field("in_hospital")
    pay = [
        mean(many, "income", full_time & (pc.field("rank") == rank))
        for rank in ("resident", "specialist", "senior", "chief")
    ]
    assert pay == sorted(pay)
    assert pay[3] > 2 * pay[2]


def test_the_scenario_leaves_the_surgeons_as_they_are(population: Population, many: pa.Table) -> None:
    base, found = load_population(source(SPECS / "populations" / "german-surgeons.yaml"))
    assert base is not None, found
    alone = sample(plan(base, seed=1), 0, 500)
    assert alone.equals(many.slice(0, 500).select(alone.column_names))


def test_opinion_leaders_are_moved_less_and_owners_feel_the_price(many: pa.Table) -> None:
    leader = pc.field("opinion_leader")
    assert mean(many, "peer_influence", leader) < mean(many, "peer_influence", ~leader) - 0.1
    owner = pc.field("employer") == "own_practice"
    assert mean(many, "price_sensitivity", owner) > 1.3 * mean(many, "price_sensitivity", ~owner)
