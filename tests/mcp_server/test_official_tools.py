"""The official conformance suite and the MCP inspector, where node and they are installed.

    npm install node@22 @modelcontextprotocol/conformance@0.1.16 @modelcontextprotocol/inspector

in a folder that the environment variable WORLDWRIGHT_NODE_MODULES names (its `node_modules`), or on the path.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAILURES = Path(__file__).with_name("conformance-failures.yaml")

pytestmark = pytest.mark.slow


def installed(package: str, entry: str) -> tuple[str, Path]:
    """node and the entry of a package; skips where they are not there."""
    modules = Path(os.environ.get("WORLDWRIGHT_NODE_MODULES", str(ROOT / "node_modules")))
    found = modules / "@modelcontextprotocol" / package / entry
    node = shutil.which("node", path=f"{modules / '.bin'}:{os.environ['PATH']}")
    if node is None or not found.is_file():
        pytest.skip(f"@modelcontextprotocol/{package} is not in {modules}: npm install it, with node 22")
    return node, found


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.mcp_server.conformance_server", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_the_official_suite_passes_but_for_what_is_written_down(address: str) -> None:
    node, suite = installed("conformance", "dist/index.js")
    done = subprocess.run(
        [node, str(suite), "server", "--url", address, "--expected-failures", str(FAILURES)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert len(re.findall(r"^✓ ", done.stdout, re.MULTILINE)) >= 21


def test_the_inspector_lists_and_calls_tools(tmp_path: Path) -> None:
    node, inspector = installed("inspector", "cli/build/cli.js")
    (tmp_path / "specs").mkdir()
    server = [sys.executable, "-m", "worldwright.cli.main", "--project", str(tmp_path), "mcp"]

    def asked(*arguments: str) -> dict[str, object]:
        done = subprocess.run(
            [node, str(inspector), "--cli", *server, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    tools = asked("--method", "tools/list")["tools"]
    assert isinstance(tools, list)
    assert "create_world" in {tool["name"] for tool in tools}
    called = asked("--method", "tools/call", "--tool-name", "list_worlds")
    assert called["structuredContent"] == {"worlds": []}
