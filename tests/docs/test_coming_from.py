"""The models of the page run: ours, Mesa's, and Entropy's file, whose import gives the same agents."""

from __future__ import annotations

import re
from pathlib import Path

from .pages import blocks, follow

PAGE = Path(__file__).parents[2] / "docs" / "coming-from.md"


def test_the_page(tmp_path: Path) -> None:
    said = follow(PAGE, tmp_path)
    mesa = float(said.splitlines()[0])
    assert abs(mesa - 0.5) < 0.06  # Boltzmann's law of whole coins, one each on average: 1/2 have none
    broke = float(re.search(r"broke +([\d.]+)", said)[1])  # pyright: ignore[reportOptionalSubscript]
    assert broke > mesa + 0.1  # coins on their way are in no pocket, as the page says
    assert re.search(r"sick +(0\.9|1)", said)
    native = (tmp_path / "specs" / "populations" / "patients.yaml").read_text()
    (shown,) = [text for kind, _, text in blocks(PAGE) if kind == "text"]
    assert shown in native + "\n"
