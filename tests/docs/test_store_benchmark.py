"""The benchmark of the store runs, small, and its checks see an answer that is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "store.py"
SMALL = ("--cells", "2", "--replicates", "40", "--ticks", "20")


@pytest.mark.slow
def test_a_small_store_is_filled_asked_and_verified(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), *SMALL, "--folder", str(tmp_path)]
    told = subprocess.check_output(command, text=True)
    assert "80 runs, 16,000 rows" in told
    assert '"made": 80' in told and '"made": 0' in told and '"problems": []' in told
    wrong = subprocess.run(
        [*command, "--cells", "3", "--only", "queries"], capture_output=True, text=True, check=False
    )
    assert wrong.returncode != 0 and "AssertionError" in wrong.stderr
