"""What all tests share: a small real project to work in, and a fixed clock."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worldwright.project.locate import Project

PROJECTS = Path(__file__).parent / "projects"


def fixed_clock() -> datetime:
    return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def tiny(tmp_path: Path) -> Project:
    """A project of two experiments that run in a second: `rumour` has a population, `growth` has none."""
    root = tmp_path / "tiny"
    shutil.copytree(PROJECTS / "tiny", root)
    return Project(root, root / "data", fixed_clock)
