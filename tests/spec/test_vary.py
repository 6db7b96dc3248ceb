"""Laws moved in a resolved population are those that `spec perturb` writes."""

from __future__ import annotations

import pytest

from tests.spec.specs import HEAD, loaded
from worldwright.errors import UsageError
from worldwright.population import plan, sample
from worldwright.spec import Source
from worldwright.spec.perturb import Perturbation, Scale, Shift, perturbed
from worldwright.spec.population import Population
from worldwright.spec.vary import Variation, varied

BODY = (
    HEAD
    + """  age: {type: int, assumption: true, distribution: {normal: {mean: 45, sd: 12, min: 18, max: 80}}}
  hours:
    type: float
    assumption: true
    distribution:
      normal:
        mean: 60 - age / 4
        sd: 3
  span: {type: float, assumption: true, distribution: {uniform: {min: 1, max: 3}}}
  day: {type: date, assumption: true, distribution: {uniform: {min: 2020-01-01, max: 2020-12-31}}}
  share: {type: float, assumption: true, distribution: {beta: {alpha: 2, beta: 3}}}
  older: {type: float, formula: age + 1}
"""
)


def _same_agents(one: Population, other: Population) -> bool:
    return sample(plan(one, 5), 0, 2000).equals(sample(plan(other, 5), 0, 2000))


@pytest.mark.parametrize(
    ("attribute", "change", "written"),
    [
        ("age", Variation(shift=4), Shift("age", 4)),
        ("age", Variation(scale=1.5), Scale("age", 1.5)),
        ("hours", Variation(shift=-2.5), Shift("hours", -2.5)),
        ("hours", Variation(scale=0.5), Scale("hours", 0.5)),
        ("span", Variation(shift=10), Shift("span", 10)),
    ],
)
def test_a_law_moves_as_perturb_writes_it(attribute: str, change: Variation, written: Perturbation) -> None:
    as_text = loaded(perturbed(Source("base.yaml", BODY), [written]))
    moved = varied(loaded(BODY), {attribute: change})
    assert _same_agents(moved, as_text)
    assert not _same_agents(moved, loaded(BODY))


def test_dates_are_shifted_by_days() -> None:
    before, after = (
        sample(plan(one, 5), 0, 200).column("day").to_numpy()
        for one in (loaded(BODY), varied(loaded(BODY), {"day": Variation(shift=10)}))
    )
    assert set((after - before).astype("timedelta64[D]").astype(int)) == {10}


def test_what_changes_nothing_is_the_same_population() -> None:
    population = loaded(BODY)
    assert varied(population, {"age": Variation()}) is population


def test_each_variation_has_an_identity_of_its_own() -> None:
    population = loaded(BODY)
    changes = [{"age": Variation(shift=1)}, {"age": Variation(shift=2)}, {"hours": Variation(shift=1)}]
    digests = {varied(population, change).digest for change in changes}
    assert len({population.digest, *digests}) == 4


@pytest.mark.parametrize(
    ("attribute", "change", "words"),
    [
        ("agee", Variation(shift=1), "age"),
        ("older", Variation(shift=1), "no distribution"),
        ("share", Variation(shift=1), "cannot be shifted"),
        ("age", Variation(scale=0), "above 0"),
        ("day", Variation(scale=1.1), "shift it by days"),
    ],
)
def test_what_cannot_be_moved_is_refused(attribute: str, change: Variation, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        varied(loaded(BODY), {attribute: change})
    assert words in f"{caught.value.what} {caught.value.help}"
