"""From the text of documents to tables, through the front end."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from worldwright.population import plan, quality, sample
from worldwright.spec import Population, Source, load_population

BASE = """\
worldwright: population/1
name: german-surgeons
agents: 2000
attributes:
  age:
    type: int
    distribution: {normal: {mean: 47, sd: 11, min: 26, max: 72}}
  experience:
    type: int
    unit: years
    distribution:
      normal:
        mean: age - 28
        sd: 3
        min: 0
        max: age - 24
  rank:
    type: categorical
    ordered: true
    distribution: {categorical: {resident: .34, specialist: .30, senior: .27, chief: .09}}
    modifiers:
      - when: experience > 15
        weights: {resident: .01, specialist: .28, senior: .50, chief: .21}
  private_practice:
    type: boolean
    distribution: {boolean: .18}
  practice_rent:
    type: float
    unit: EUR/month
    only_if: private_practice
    distribution: {lognormal: {mean: 5200, sd: 1900}}
  since:
    type: date
    distribution:
      uniform:
        min: date('2000-01-01')
        max: date('2009-12-31')
  note:
    type: text
    template: "{rank} since {since}"
correlations:
  - [age, experience, .6]
constraints:
  - experience <= age - 25
expect:
  - {mean: age, is: 47.6, within: .5}
"""
SCENARIO = """\
worldwright: scenario/1
name: tool
extends: german-surgeons
attributes:
  trust:
    type: float
    distribution: {beta: {alpha: 2, beta: 2}}
    modifiers:
      - when: rank == 'chief'
        multiply: .8
"""


def loaded(scenario: bool = False) -> Population:
    extra = Source("tool.yaml", SCENARIO) if scenario else None
    population, found = load_population(Source("surgeons.yaml", BASE), extra)
    assert population is not None, found
    return population


def test_a_document_becomes_a_table() -> None:
    population = loaded()
    rows = sample(plan(population, 1), 0, 3000).to_pylist()
    assert all(26 <= row["age"] <= 72 and row["experience"] <= row["age"] - 25 for row in rows)
    assert all((row["practice_rent"] is not None) == row["private_practice"] for row in rows)
    assert all(2000 <= row["since"].year <= 2009 for row in rows)
    assert all(row["note"] == f"{row['rank']} since {row['since']}" for row in rows)
    seniors = [row["rank"] for row in rows if row["experience"] > 15]
    share = np.mean([rank == "senior" for rank in seniors])
    assert abs(share - 0.5) < 4 * 0.5 / np.sqrt(len(seniors))


def test_its_quality_is_reported() -> None:
    population = loaded(scenario=True)
    report = quality(population, sample(plan(population, 1), 0, 20_000)).to_pylist()
    # experience follows age by its mean, so far more than the declared .6 between their base draws
    assert [row["kind"] for row in report if row["verdict"] != "pass"] == ["correlation"]
    kinds = {"branch", "modifier", "correlation", "constraint", "expectation"}
    assert {row["kind"] for row in report} == kinds


def test_a_scenario_rests_on_the_same_base() -> None:
    base = sample(plan(loaded(), 1), 0, 2000)
    both = sample(plan(loaded(scenario=True), 1), 0, 2000)
    assert both.column_names == [*base.column_names, "trust"]
    assert both.drop_columns(["trust"]).equals(base)


def test_naming_the_package_loads_nothing_heavy() -> None:
    program = (
        "import sys, worldwright.population as p; p.__all__;"
        "print([m for m in ('numba', 'scipy', 'pyarrow', 'pandas', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sampling_loads_no_statistics_and_no_pandas() -> None:
    program = (
        "import sys; from worldwright.population import sample, plan; import worldwright.population.columns;"
        "print([m for m in ('scipy.stats', 'pandas', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
