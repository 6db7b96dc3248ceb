"""What all tests share: a small real project to work in, and a fixed clock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

from tests.object_store import make_bucket, object_store
from tests.ray_nodes import two_nodes
from worldwright.project.locate import Project

PROJECTS = Path(__file__).parent / "projects"

settings.register_profile("worldwright", deadline=None)
settings.load_profile("worldwright")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tests that repeat something at random take the number from the command line."""
    parser.addoption("--kills", type=int, default=200, help="processes killed under readers (long lane)")


def fixed_clock() -> datetime:
    return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def tiny(tmp_path: Path) -> Project:
    """A project of two experiments that run in a second: `rumour` has a population, `growth` has none."""
    root = tmp_path / "tiny"
    shutil.copytree(PROJECTS / "tiny", root)
    return Project(root, root / "data", fixed_clock)


@pytest.fixture(scope="session")
def ray_address() -> Iterator[str]:
    """The address of two Ray nodes on this machine; where Ray is not installed, its tests are skipped."""
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed: pip install 'worldwright[ray]'")
    with two_nodes() as nodes:
        yield nodes.address


@pytest.fixture(scope="session")
def object_store_url() -> Iterator[str]:
    """The URL of an S3-like store on this machine; where moto is not installed, its tests are skipped."""
    if find_spec("moto") is None or find_spec("obstore") is None:
        pytest.skip("moto or obstore is not installed: pip install -e '.[dev]'")
    with object_store() as url:
        yield url


@pytest.fixture
def bucket(object_store_url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an empty bucket of a test's own, with the environment that opens it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", object_store_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    name = f"test-{abs(hash(request.node.nodeid)):x}"
    make_bucket(object_store_url, name)
    return name
