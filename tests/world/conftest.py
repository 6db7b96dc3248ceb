from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from worldwright.world import Worker

FIXTURES = Path(__file__).parents[2].parent / "shared" / "fixtures" / "vivarium"


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """One locked process for all tests that do not end it."""
    with Worker(seconds=60) as running:
        yield running


@pytest.fixture(params=["luajit", "lua54"])
def runtime(request: pytest.FixtureRequest) -> str:
    """Both runtimes."""
    return str(request.param)


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of Vivarium's own files."""
    if not FIXTURES.is_dir():
        pytest.skip(f"no fixtures at {FIXTURES}")
    return FIXTURES
