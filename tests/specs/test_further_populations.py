"""Populations from other fields: their figures hold, and the file one of them reads can be made again."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from worldwright.population import plan, quality, sample
from worldwright.project.locate import find_project
from worldwright.project.specs import load_spec
from worldwright.project.texts import Texts
from worldwright.spec import Population

from .runs import SPECS


def loaded(name: str) -> Population:
    project = find_project(SPECS)
    population, found = load_spec(project, Texts(project), project.document("population", name))
    assert population is not None, found
    return population


@pytest.mark.parametrize("name", ["commuters", "customers"])
@pytest.mark.parametrize("seed", [1, 7])
def test_what_is_expected_holds(name: str, seed: int) -> None:
    population = loaded(name)
    assert population.expectations
    report = quality(population, sample(plan(population, seed), 0, 20_000)).to_pylist()
    assert [row["text"] for row in report if row["verdict"] == "fail"] == []
    assert {row["verdict"] for row in report if row["kind"] == "expectation"} == {"pass"}


def test_a_charge_would_meet_those_who_drive_into_the_centre() -> None:
    table: pa.Table = sample(plan(loaded("commuters"), 1), 0, 5_000)
    frame = table.to_pandas()
    drivers = frame["mode"] == "car"
    assert frame.loc[drivers, "car_available"].eq(True).all()
    assert (frame["would_pay"] == (drivers & (frame["work"] == "centre") & (frame["home"] != "centre"))).all()
    # who walks lives near, and who has a long way to the stop takes the bus less often
    assert frame.loc[frame["mode"] == "walk", "distance"].mean() < frame["distance"].mean() / 2
    near = frame["transit_access"] < 5
    assert (frame["mode"] == "transit")[near].mean() > (frame["mode"] == "transit")[~near].mean()


def test_rows_of_the_file_stay_together() -> None:
    frame = sample(plan(loaded("customers"), 1), 0, 2_000).to_pandas()
    lines = (SPECS / "data" / "customers.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = {line.split(",")[0]: line.split(",") for line in lines}
    assert set(frame["id"]) <= rows.keys()
    for agent in frame.head(200).itertuples():
        row = rows[str(agent.id)]
        assert row[1:5] == [agent.region, agent.channel, str(agent.member).lower(), str(agent.months)]
        assert np.isclose(agent.spent, int(row[5]) * float(row[6]))


def test_the_file_is_what_its_generator_makes() -> None:
    folder: Path = SPECS / "data"
    made = runpy.run_path(str(folder / "make_customers.py"))["customers"]()
    assert (folder / "customers.csv").read_bytes() == made.encode()
