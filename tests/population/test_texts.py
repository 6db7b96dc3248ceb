"""Texts: decimals in templates, missing values, and whether a text is known."""

from __future__ import annotations

import pytest

from tests.spec.data import HEAD, load, loaded
from worldwright.population import Explainer, plan, quality, sample

TEXTS = (
    HEAD
    + """attributes:
  owner: {assumption: true, distribution: {boolean: .5}}
  x: {type: float, only_if: owner, assumption: true, distribution: {normal: {mean: 0, sd: 1}}}
  n: {type: int, assumption: true, distribution: {poisson: {mean: 3}}}
  day: {type: date, assumption: true, distribution: {uniform: {min: 2020-02-27, max: 2020-03-02}}}
  note: {type: text, only_if: owner, template: "{x:.2f} or {x:.0f}, {n:.1f} or { n }, {day}, {owner}"}
  noted: {formula: note is known}
  paid:
    type: float
    assumption: true
    distribution: {uniform: {min: 0, max: 1}}
    modifiers:
      - {when: note is not known, add: 10}
"""
)


def rounded(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return "0" if text == "-0" else "0.00" if text == "-0.00" else text


def test_templates_write_values_with_the_decimals_they_ask_for() -> None:
    made = plan(loaded(TEXTS), 1)
    table = sample(made, 0, 2000)
    for row in table.to_pylist():
        known = row["owner"]
        assert row["noted"] is known and (row["note"] is not None) is known and (row["paid"] > 1) is not known
        if known:
            x, n = row["x"], row["n"]
            assert row["note"] == f"{rounded(x, 2)} or {rounded(x, 0)}, {n}.0 or {n}, {row['day']}, true"
    assert not any("-0.00 " in (note or "") for note in table.column("note").to_pylist())
    explainer = Explainer(made)
    for agent in range(100):
        told = {item.name: item.value for item in explainer.agent(agent).attributes}
        assert told == table.slice(agent, 1).to_pylist()[0]
    assert sample(made, 500, 40).equals(table.slice(500, 40))
    assert "fail" not in quality(loaded(TEXTS), table).column("verdict").to_pylist()


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ('t: {type: text, template: "{n:2d}"}', "WW0216", "{n:2d} is no place"),
        ('t: {type: text, template: "{owner:.1f}"}', "WW0216", "`owner` is no number"),
        ('t: {type: text, template: "{m:.1f}"}', "WW0204", "no attribute `m`"),
        ('t: {type: text, template: "{x:.1f}"}', "WW0209", "`x` has a value only where owner"),
        ('t: {type: text, template: "{note}"}', "WW0316", "which is a text itself"),
        ("t: {type: text, formula: note}", "WW0316", "nothing can be computed from it"),
        ("t: {formula: note == 'x'}", "WW0316", "nothing can be computed from it"),
        ("t: {type: float, formula: 1 if note == 'x' else 2}", "WW0316", "nothing can be computed from it"),
    ],
)
def test_what_a_text_cannot_do_is_told_before_anything_is_sampled(line: str, code: str, words: str) -> None:
    population, found = load(TEXTS + f"  {line}\n")
    assert population is None
    assert any(d.code == code and words in d.message for d in found), found
