"""`worldwright store push` and `pull`, and results that are read through a mirror, at the command line."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from worldwright.cli.main import main
from worldwright.project.locate import Project

pytest.importorskip("obstore", reason="obstore is not installed: pip install 'worldwright[s3]'")


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_results_travel_to_another_project_and_are_read_through_a_mirror(
    tiny: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: str
) -> None:
    here, address = ("--project", str(tiny.root)), f"s3://{bucket}/results"
    assert call(capsys, *here, "run", "growth")[0] == 0
    code, out, _ = call(capsys, *here, "store", "push", "--to", address, "--dry-run")
    assert code == 0 and "growth: version 1 would be pushed" in out and "0 were there already" in out
    code, out, _ = call(capsys, *here, "store", "push", "growth", "--to", address, "--json")
    told = json.loads(out)
    assert code == 0 and told["pushed"] and told["mirror"] == address
    assert told["experiments"] == [{"experiment": "growth", "state": "added", "versions": [1], "current": 1}]
    code, out, _ = call(capsys, *here, "--mirror", address, "store", "push")
    assert "growth: version 1 is there already" in out and "0 datasets pushed" in out

    other = tmp_path / "other"
    (other / "specs").mkdir(parents=True)
    there = ("--project", str(other))
    code, out, _ = call(capsys, *there, "store", "pull", "--from", address)
    assert code == 0 and "growth: version 1 pulled" in out
    assert call(capsys, *there, "store", "verify")[1] == "everything is as it was written\n"
    sql = "select count(*) as n from growth.metrics"
    assert call(capsys, *there, "query", sql)[1] == call(capsys, *here, "query", sql)[1]
    assert (other / "data" / "reports" / "growth.html").read_bytes()
    assert "How many cells" in call(capsys, *there, "results", "growth")[1]

    third = tmp_path / "third"
    shutil.copytree(tiny.specs, third / "specs")
    code, out, _ = call(capsys, "--project", str(third), "--mirror", address, "run", "growth", "--json")
    assert code == 0 and json.loads(out)["cached"]


def test_a_mirror_that_is_not_named_or_not_there(
    tiny: Project, capsys: pytest.CaptureFixture[str], bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ("--project", str(tiny.root))
    code, _, err = call(capsys, *here, "store", "pull")
    assert code == 2 and "no mirror is named" in err and "WORLDWRIGHT_MIRROR" in err
    code, _, err = call(capsys, *here, "store", "pull", "--from", "s3://absent")
    assert code == 3 and "there is no bucket 'absent'" in err
    code, _, err = call(capsys, *here, "store", "pull", "--from", f"s3://{bucket}")
    assert code == 2 and "there are no results" in err
    monkeypatch.setenv("WORLDWRIGHT_MIRROR", "s3://absent")
    code, _, err = call(capsys, *here, "run", "growth")
    assert code == 3 and "there is no bucket" in err
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in err
