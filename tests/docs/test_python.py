"""The page on Python and the notebook run as they stand."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from .pages import blocks

ROOT = Path(__file__).parents[2]
PAGE, NOTEBOOK = ROOT / "docs" / "python.md", ROOT / "docs" / "first-look.ipynb"


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    code = [text for kind, _, text in blocks(PAGE) if kind == "python"]
    assert len(code) > 4
    for text in code:
        exec(text, names)
    assert (tmp_path / "surgeons.png").is_file() and (tmp_path / "results.duckdb").is_file()


@pytest.mark.filterwarnings("ignore:Proactor event loop|.*zmq.*|.*Jupyter is migrating.*")
def test_the_notebook_runs_and_shows_pictures(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in shown) >= 3
    assert all(output.output_type != "error" for output in shown)
