"""A metric that no run can record is refused before anything runs; one that a script may record is not."""

from __future__ import annotations

import pytest

from worldwright.project.documents import load_closure
from worldwright.project.locate import Project


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("", True),
        ('world.record_metric("others", 1)', True),
        ('world.record_metric("births", 1)', False),
        ("world.record_metric('births' , 1)", False),
        ('for i = 1, 2 do world.record_metric("b" .. "irths", i) end', False),
        ("local record = world.record_metric; record('b' .. 'irths', 1)", False),
    ],
)
def test_metrics_of_scripts(tiny: Project, line: str, refused: bool) -> None:
    script = tiny.specs / "worlds" / "growth" / "cell.lua"
    script.write_text(
        script.read_text().replace("function update(now, msgs)\n", f"function update(now, msgs)\n  {line}\n")
    )
    experiment = tiny.specs / "experiments" / "growth.yaml"
    experiment.write_text(experiment.read_text().replace("metric: cells", "metric: births"))
    codes = [diagnostic.code for diagnostic in load_closure(tiny, "growth").diagnostics]
    assert ("WW0806" in codes) is refused
