"""The documentation builds without a warning: every link leads somewhere, every page is in the contents."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def build(docs: Path, out: Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", str(docs), str(out)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_it_builds(tmp_path: Path) -> None:
    done = build(DOCS, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "python.html").read_text(encoding="utf-8")
    assert "worldwright.api.run_world" in page  # the functions are written from their docstrings


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "conf.py").write_text((DOCS / "conf.py").read_text(encoding="utf-8"), encoding="utf-8")
    (docs / "index.md").write_text("# Here\n\n[nothing](nothing.md)\n", encoding="utf-8")
    done = build(docs, tmp_path / "site")
    assert done.returncode != 0 and "nothing.md" in done.stderr


@pytest.mark.parametrize("page", sorted(path.stem for path in DOCS.glob("*.md")))
def test_every_page_with_blocks_is_run_by_a_test(page: str) -> None:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    kinds = set(re.findall(r"^```([a-z]+)", text, re.MULTILINE)) - {"text"}
    if not kinds:
        return
    tests = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    assert any(re.search(rf"\b{page}(\.md)?\"", test) for test in tests), f"nothing runs {page}.md"
