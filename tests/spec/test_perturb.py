"""`spec perturb`: what it moves, by how much, and that all else stays as it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec.random_documents import populations
from tests.spec.specs import HEAD, SURGEONS, drawn, loaded
from worldwright.errors import UsageError
from worldwright.spec import Source, plain, read
from worldwright.spec.diff import Replaced, diff
from worldwright.spec.expressions.reasoning import range_of
from worldwright.spec.perturb import SCALED, SHIFTED, Perturbation, Reweigh, Scale, Shift, perturbed
from worldwright.spec.writer import write


def changes(*wanted: Perturbation, text: str = SURGEONS) -> dict[str, tuple[object, object]]:
    out = perturbed(Source("f.yaml", text), wanted)
    loaded(out)
    old, new = (plain(node) for node in (read(text, "f")[0], read(out, "f")[0]) if node is not None)
    found = diff(old, new)
    assert all(isinstance(change, Replaced) for change in found)
    return {str(c.path[-1]): (c.old, c.new) for c in found if isinstance(c, Replaced)}


def test_a_shift_moves_the_mean_and_nothing_else() -> None:
    assert changes(Shift("age", 2.5)) == {"mean": (47, 49.5)}
    assert changes(Shift("experience", -1)) == {"mean": ("age - 28", "age - 28 - 1")}


def test_a_scale_stretches_mean_and_spread() -> None:
    assert changes(Scale("practice_rent", 1.1)) == {"mean": (5200, 5720), "sd": (1900, 2090)}
    assert changes(Scale("experience", 0.9)) == {"mean": ("age - 28", "(age - 28) * 0.9"), "sd": (3, 2.7)}


def test_a_share_is_set_and_the_others_keep_their_proportions() -> None:
    text = SURGEONS.replace("chief: .09", "chief: .09")
    found = changes(Reweigh("rank", "chief", 0.18), text=text)
    assert found["chief"] == (0.09, 0.18)
    new = {option: float(str(pair[1])) for option, pair in found.items()}
    assert sum(new.values()) == pytest.approx(1, abs=1e-9)
    assert new["resident"] / new["senior"] == pytest.approx(0.34 / 0.27)
    assert changes(Reweigh("private_practice", None, 0.3)) == {"boolean": (0.18, 0.3)}


def test_an_expression_in_braces_is_not_cut() -> None:
    flow = "distribution: {normal: {mean: base, sd: 1}}"
    text = (
        "worldwright: population/1\nname: x\nattributes:\n"
        "  base: {type: float, assumption: true, distribution: {uniform: {min: 0, max: 1}}}  # the base\n"
        f"  x: {{type: float, assumption: true, {flow}}}  # kept\n"
    )
    out = perturbed(Source("f.yaml", text), [Scale("x", 2)], "y")
    assert '{mean: "base * 2", sd: 2}' in out and "# the base" in out and "# kept" in out
    assert loaded(out).name == "y"


DATED = HEAD + drawn(
    "day", "{triangular: {min: 2024-02-20, mode: date('2024-02-28'), max: 2024-03-05}}", "date"
)


def test_dates_are_shifted_by_days() -> None:
    out = perturbed(Source("f.yaml", DATED), [Shift("day", 10)])
    before, after = (loaded(text).attribute("day").distribution for text in (DATED, out))
    assert before is not None and after is not None
    assert "min: 2024-03-01" in out and "max: 2024-03-15" in out
    for name, expression in before.parameters.items():
        assert range_of(after.parameters[name], {}).low == range_of(expression, {}).low + 10


@pytest.mark.parametrize("change", [Scale("day", 1.1), Shift("day", 0.5)])
def test_dates_are_moved_by_whole_days_alone(change: Perturbation) -> None:
    with pytest.raises(UsageError, match="date"):
        perturbed(Source("f.yaml", DATED), [change])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Shift("aeg", 1), "did you mean age"),
        (Shift("rank", 1), "cannot be shifted"),
        (Reweigh("rank", "chef", 0.2), "'chef' is not an option"),
        (Reweigh("rank", "chief", 1.2), "not a share"),
        (Reweigh("age", "chief", 0.2), "no such shares"),
    ],
)
def test_what_cannot_be_moved_is_refused(change: Perturbation, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        perturbed(Source("f.yaml", SURGEONS), [change])
    assert said in str(caught.value)


def test_one_attribute_is_changed_once() -> None:
    with pytest.raises(UsageError, match="twice"):
        perturbed(Source("f.yaml", SURGEONS), [Shift("age", 1), Scale("age", 2)])


@settings(max_examples=25)
@given(populations(marginals=False), st.data())
def test_laws_over_random_documents(document: dict[str, Any], data: st.DataObject) -> None:
    """What moves nothing is the same population; a share that is set leaves the others their proportions."""
    text = write(document)
    before = loaded(text)
    for name, declared in document["attributes"].items():
        law = declared.get("distribution", {})
        if SHIFTED.keys() & law.keys():
            assert loaded(perturbed(Source("f.yaml", text), [Shift(name, 0)])).digest == before.digest
        if SCALED.keys() & law.keys():
            assert loaded(perturbed(Source("f.yaml", text), [Scale(name, 1)])).digest == before.digest
        weights = law.get("categorical", {})
        if len(weights) > 1 and all(isinstance(weight, float) for weight in weights.values()):
            option = data.draw(st.sampled_from(list(weights)))
            share = data.draw(st.sampled_from([0.0, 0.25, 0.9]))
            if sum(weight for each, weight in weights.items() if each != option) > 0:
                out = perturbed(Source("f.yaml", text), [Reweigh(name, option, share)])
                node, _ = read(out, "f.yaml")
                assert node is not None
                new = plain(node)["attributes"][name]["distribution"]["categorical"]
                assert sum(new.values()) == pytest.approx(1)
                assert new[option] == pytest.approx(share)
                others = [each for each in weights if each != option]
                rest = sum(weights[each] for each in others)
                for each in others:
                    assert new[each] == pytest.approx((1 - share) * weights[each] / rest, abs=1e-11)
