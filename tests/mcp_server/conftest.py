from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import fixed_clock
from worldwright.project.locate import Project


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    """A project without documents."""
    root = tmp_path / "empty"
    (root / "specs").mkdir(parents=True)
    return Project(root, root / "data", fixed_clock)
