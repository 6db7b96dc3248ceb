"""Pictures of where an agent's draws fell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.population.builder import build
from tests.report.pixels import BLUE, VERMILION, decoded, where
from worldwright.population import Explainer, plan
from worldwright.population.explanation.record import Explanation
from worldwright.report.draws import draws

GREY = "#c6ccd3"


def explained(name: str, body: Mapping[str, Any], agent: int = 0) -> Explanation:
    return Explainer(plan(build({name: body}), 3), quantiles=True).agent(agent)


def test_the_line_stands_where_the_draw_fell() -> None:
    body = {"distribution": {"uniform": {"min": 0, "max": 1}}}
    for agent in range(4):
        explanation = explained("x", body, agent)
        png = draws(explanation)
        rows, columns = where(png, GREY, 2)
        grey = columns[rows < np.median(rows)]  # without the axis, which is as grey and reaches further
        _, blue = where(png, BLUE)
        shown = (np.median(blue) - grey.min()) / (grey.max() - grey.min())
        value = explanation.attributes[0].value
        assert isinstance(value, float) and abs(shown - value) < 0.02
        assert len(where(png, VERMILION)[0]) == 0


def test_a_value_that_was_moved_has_a_line_of_its_own() -> None:
    body = {
        "distribution": {"normal": {"mean": 0, "sd": 1}},
        "modifiers": [{"when": "true", "add": 5}],
    }
    png = draws(explained("x", body))
    assert np.median(where(png, VERMILION)[1]) > np.median(where(png, BLUE)[1]) + 50


def test_the_option_that_was_drawn_is_blue_among_many() -> None:
    weights = {f"option {i}": 1 + i for i in range(30)}
    explanation = explained("x", {"type": "categorical", "distribution": {"categorical": weights}})
    png = draws(explanation)
    assert len(where(png, BLUE)[0]) > 1000
    assert draws(explanation) == png
    assert decoded(draws(explanation, theme="dark")).mean() < 100


def test_nothing_drawn_is_said() -> None:
    assert decoded(draws(explained("x", {"formula": "1 + 1"}))).shape[0] < 300
