"""Tables show their cells as they are."""

from __future__ import annotations

import pytest

from worldwright.cli.output import echo_rows


def test_a_segment_in_brackets_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    echo_rows(["metric", "value"], [["adopters[rank=chief]", 0.25], ["a [red] one :smile:", None]])
    shown = capsys.readouterr().out
    assert "adopters[rank=chief]" in shown and "a [red] one :smile:" in shown and "–" in shown
