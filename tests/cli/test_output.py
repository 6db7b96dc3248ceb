"""Tables show their cells as they are."""

from __future__ import annotations

import pytest

from worldwright.cli.output import echo_rows


def test_a_segment_in_brackets_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    echo_rows(["metric", "value"], [["adopters[rank=chief]", 0.25], ["a [red] one :smile:", None]])
    shown = capsys.readouterr().out
    assert "adopters[rank=chief]" in shown and "a [red] one :smile:" in shown and "–" in shown


def test_a_number_is_never_broken_over_lines(capsys: pytest.CaptureFixture[str]) -> None:
    echo_rows(["text", "number", "other"], [["word " * 30, 0.001875, 123456.789] for _ in range(2)])
    assert capsys.readouterr().out.count("0.001875") == 2
