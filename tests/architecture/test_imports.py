"""The engine stands alone, and light commands stay light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

REFUSE = """
import importlib, pkgutil, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r} or name.startswith({module!r} + "."):
            raise ImportError("refused: " + name)

sys.meta_path.insert(0, Refuse())
import worldwright
count = 0
for found in pkgutil.walk_packages(worldwright.__path__, "worldwright."):
    if ".templates" in found.name or found.name.endswith(".__main__"):
        continue
    importlib.import_module(found.name)
    count += 1
assert count > 50, count
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)


def test_every_module_of_the_engine_imports_without_dagster() -> None:
    done = run(REFUSE.format(module="dagster"))
    assert done.returncode == 0, done.stderr


def test_importing_the_engine_does_nothing() -> None:
    done = run(
        "import sys, threading; import worldwright; "
        "heavy = {'numpy', 'pyarrow', 'duckdb', 'numba', 'lupa', 'matplotlib'} & set(sys.modules); "
        "assert not heavy, heavy; assert threading.active_count() == 1"
    )
    assert done.returncode == 0, done.stderr


def test_check_loads_no_heavy_library() -> None:
    done = run(
        "import sys; from worldwright.cli.main import main\n"
        "try:\n"
        "    main(['check', 'specs/populations/german-surgeons.yaml'])\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0, end.code\n"
        "heavy = {'scipy', 'scipy.stats', 'numba', 'pandas', 'matplotlib', 'duckdb', 'openai', 'mcp'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    assert done.returncode == 0, done.stdout + done.stderr
