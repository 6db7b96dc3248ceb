"""What an explanation tells: each kind of step, in words and as data."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from scipy import stats

from tests.population.builder import build
from worldwright.errors import UsageError
from worldwright.population import Explainer, explain, plan
from worldwright.population.explanation import wording
from worldwright.population.explanation.record import AttributeExplanation, plain
from worldwright.population.explanation.scalars import philox, uniform
from worldwright.spec.population import Population
from worldwright.streams import stream_key

ATTRIBUTES: dict[str, dict[str, Any]] = {
    "age": {"type": "int", "distribution": {"normal": {"mean": 47, "sd": 11, "min": 26, "max": 72}}},
    "years": {"type": "int", "distribution": {"normal": {"mean": "age - 28", "sd": 8, "min": 0}}},
    "rank": {
        "type": "categorical",
        "distribution": {"categorical": {"low": 0.7, "high": 0.3}},
        "modifiers": [{"when": "age > 50", "weights": {"low": 1, "high": 3}}],
    },
    "calm": {
        "distribution": {"beta": {"alpha": 2, "beta": 2}},
        "modifiers": [
            {"when": "rank == 'high'", "multiply": 2},
            {"when": "rank == 'low'", "add": "age / 1000"},
        ],
        "clip": (0, 1),
    },
    "car": {"type": "boolean", "distribution": {"boolean": 0.5}},
    "rent": {"only_if": "car", "distribution": {"exponential": {"mean": 3}}},
    "half": {"formula": "calm / 2"},
}


def population() -> Population:
    return build(ATTRIBUTES, correlations=[("age", "calm", 0.5)], constraints=["years <= age - 24"])


def explained(name: str, agents: int = 200) -> list[AttributeExplanation]:
    explainer = Explainer(plan(population(), 5))
    return [explainer.agent(agent).attribute(name) for agent in range(agents)]


def words(attribute: AttributeExplanation) -> str:
    return "\n".join(f"{label}: {text}" for label, text in wording.steps(attribute))


def test_the_generator_is_that_of_the_published_vectors() -> None:
    # Random123's known answers for philox4x32-10
    assert philox((0, 0, 0, 0), (0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
    ones = (0xFFFFFFFF,) * 4
    assert philox(ones, (0xFFFFFFFF,) * 2) == (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)  # type: ignore[arg-type]


def test_a_draw_is_the_law_at_its_uniform() -> None:
    key = stream_key(5, "attribute", "years", 0)
    for agent, found in enumerate(explained("years")):
        draw = found.draw
        assert draw is not None and draw.keyed == uniform(key, agent, draw.attempt)
        mean, sd = (term.value for term in draw.parameters)
        assert draw.parameters[0].reads[0].name == "age" and mean == draw.parameters[0].reads[0].value - 28  # type: ignore[operator]
        low, high = stats.norm.cdf([-0.5], mean, sd)[0], 1.0
        value = mean + sd * stats.norm.ppf(low + draw.uniform * (high - low))
        assert draw.value == pytest.approx(math.ceil(value - 0.5)) and draw.interval == (0.0, None)


def test_redraws_tell_every_attempt_and_why() -> None:
    redrawn = [found for found in explained("years") if found.redraws]
    assert redrawn
    for found in redrawn:
        (redraw,) = found.redraws
        assert redraw.constraints == ("years <= age - 24",) and redraw.owners == ("years",)
        assert found.draw is not None and found.draw.attempt == redraw.count
        assert redraw.attempts[0].number == 0 and redraw.attempts[0].broken == "years <= age - 24"
        assert redraw.attempts[-1].broken is None
        assert redraw.attempts[-1].values[0].value == found.value
        assert f"attempt {redraw.count}: years = {found.value}: kept" in words(found)
        assert "redrawn" in wording.summary(found)


def test_modifiers_tell_whether_they_fired_and_the_clip_what_it_changed() -> None:
    for found in explained("calm"):
        draw = found.draw
        assert draw is not None and draw.score is not None and isinstance(draw.value, float)
        assert stats.norm.cdf(draw.score.value) == pytest.approx(draw.uniform)
        assert draw.score.value == pytest.approx(sum(p.coefficient * p.score for p in draw.score.parts))
        high, low = found.modifiers
        assert high.when.holds != low.when.holds
        rank = high.when.reads[0].value
        expected = draw.value * 2 if rank == "high" else draw.value + low.effects[0].value
        assert found.modified == expected and high.when.holds == (rank == "high")
        assert (found.clipped is not None) == (expected > 1)
        assert found.value == min(expected, 1.0)
        assert ("clipped: to 0 … 1: 1" in words(found)) == (expected > 1)
        assert words(found).count("does not apply") == 1


def test_a_category_says_which_part_of_the_shares_it_took() -> None:
    for found in explained("rank"):
        assert found.draw is not None
        shares = {share.label: share.share for share in found.draw.shares}
        assert shares["high"] == pytest.approx(0.75 if found.modifiers[0].when.holds else 0.3)
        assert found.value == ("low" if found.draw.uniform < shares["low"] else "high")
        assert f"drawn: {found.value}, which takes" in words(found)


def test_a_missing_value_says_why_and_a_formula_what_it_read() -> None:
    for found in explained("rent"):
        assert found.only_if is not None and found.only_if.holds == (found.value is not None)
        if found.value is None:
            assert found.draw is None and wording.summary(found) == "only if car"
            assert "only if: car (car = false): does not hold: missing" in words(found)
    half = explained("half", 1)[0]
    assert half.formula is not None and half.formula.text == "calm / 2"
    assert half.value == half.formula.reads[0].value / 2  # type: ignore[operator]


def test_an_explanation_is_json_and_comes_back_the_same() -> None:
    found = plain(explain(plan(population(), 5), 3))
    assert json.loads(json.dumps(found)) == found
    assert [attribute["name"] for attribute in found["attributes"]] == list(ATTRIBUTES)


def test_an_agent_left_out_is_said_to_be() -> None:
    constraint = {"condition": "x > 5", "drop": True}
    made = plan(
        build({"x": {"distribution": {"uniform": {"min": 0, "max": 1}}}}, constraints=[constraint]), 1
    )
    found = explain(made, 0)
    assert found.left_out
    assert found.attribute("x").redraws[0].count == 64
    assert all(attempt.broken == "x > 5" for attempt in found.attribute("x").redraws[0].attempts)


def test_there_is_no_agent_before_the_first() -> None:
    with pytest.raises(UsageError, match="no agent -1"):
        explain(plan(population(), 5), -1)
