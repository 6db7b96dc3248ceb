"""The document of docs/marginals.md is sound, and its commands work one after another."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.docs.pages import commands, worldwright, write_documents

PAGE = Path(__file__).parents[2] / "docs" / "marginals.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("marginals")
    write_documents(PAGE, made)
    return made


def test_the_commands_of_the_page_work(folder: Path) -> None:
    said = [worldwright(folder, line.removeprefix("worldwright ")) for line in commands(PAGE)]
    assert len(said) >= 7
    assert "error" not in said[0] and "warning" not in said[0]
    assert "drawn from a joint table: full_time, rank, sex (one draw)" in said[1]
    assert "cell" in said[3]
    weighted = pq.read_table(folder / "weighted.parquet").to_pandas()
    assert weighted.weight.sum() == pytest.approx(1000)
    assert weighted.weight[weighted.sex == "female"].sum() == pytest.approx(470)


def test_whole_numbers_of_the_page_are_whole(folder: Path) -> None:
    text = (folder / "specs/populations/staff.yaml").read_text(encoding="utf-8")
    exact = text.replace("marginals:\n", "marginals:\n  counts: exact\n").replace(
        "name: staff", "name: exact"
    )
    (folder / "specs/populations/exact.yaml").write_text(exact, encoding="utf-8")
    worldwright(folder, "sample specs/populations/exact.yaml --seed 4 --out exact.parquet")
    frame = pq.read_table(folder / "exact.parquet").to_pandas()
    assert len(frame) == 1000
    assert (frame.sex == "female").sum() == 470
    assert frame["rank"].value_counts().to_dict() == {"middle": 570, "low": 340, "high": 90}
    assert ((frame.sex == "female") & frame.full_time).sum() == 290
