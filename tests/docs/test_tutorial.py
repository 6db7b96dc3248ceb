"""Whoever follows the tutorial gets its answer, to the digit."""

from __future__ import annotations

from pathlib import Path

from .pages import blocks, follow

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"


def test_the_tutorial(tmp_path: Path) -> None:
    said = follow(PAGE, tmp_path)
    (shown,) = [text for kind, _, text in blocks(PAGE) if kind == "text" and "charge=" in text]
    rows = [line.split() for line in shown.splitlines() if "charge=" in line]
    told = [line.split() for line in said.splitlines()]
    assert len(rows) == 6
    for row in rows:
        assert row in told, row
    assert any(row[:1] == ["charge=12,"] for row in told)  # the last section adds cells


def test_the_mistake_that_it_shows_is_told_so(tmp_path: Path) -> None:
    from worldwright import check

    (spec,) = [text for _, file, text in blocks(PAGE) if file.endswith("residents.yaml")]
    (tmp_path / "residents.yaml").write_text(spec.replace("income < 1800", "incme < 1800"))
    (shown,) = [text for kind, _, text in blocks(PAGE) if kind == "text" and "incme" in text]
    told = str(check(tmp_path / "residents.yaml"))
    for line in shown.splitlines()[1:]:
        assert line.strip() in told
