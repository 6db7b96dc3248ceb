"""States of worlds through the command line: saved, gone on from, shown, compared, branched, converted."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from worldwright.cli.main import main

PREY = str(Path(__file__).parents[2] / "specs" / "worlds" / "predator-prey")


@dataclass
class Result:
    exit_code: int
    output: str


def called(*arguments: str) -> Result:
    """The command in this process: code, and what it says on both streams."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), pytest.raises(SystemExit) as end:
        main(list(arguments))
    return Result(int(end.value.code or 0), said.getvalue())


def ok(*arguments: str | Path) -> Result:
    result = called("world", *map(str, arguments))
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("state") / "half.arrow"
    said = ok("run", PREY, "-t", "8", "--save-snapshot", path, "--at", "4").output
    assert f"wrote {path}: the state after tick 4" in said
    return path


def test_a_saved_world_goes_on_to_the_same_bytes(half: Path, tmp_path: Path) -> None:
    straight, resumed = tmp_path / "straight.arrow", tmp_path / "resumed.arrow"
    ok("run", PREY, "-t", "8", "--save-snapshot", straight)
    said = json.loads(ok("run", half, "-t", "4", "--save-snapshot", resumed, "--json").output)
    assert said["ticks"] == 8
    assert said["snapshot"] == {"file": str(resumed), "tick": 8, "problem": None}
    assert straight.read_bytes() == resumed.read_bytes()
    assert ok("diff", straight, resumed).output == "no difference\n"


def test_a_snapshot_is_shown(half: Path) -> None:
    found = json.loads(ok("snapshot", half, "--entity", "prey_1", "--json").output)
    assert (found["world"], found["tick"], found["runtime"]) == ("predator-prey", 4, "luajit")
    assert found["entity"]["state"]["age"] == 4
    assert found["entities"]["prey"] == found["metrics"]["prey"]
    assert "entities prey" in ok("snapshot", half).output
    missing = called("world", "snapshot", str(half), "-e", "prey_1x")
    assert missing.exit_code == 2
    assert "did you mean 'prey_1'?" in missing.output


def test_a_branch_has_its_own_seed_and_parameters(half: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.arrow"
    ok("branch", half, other, "--seed", "9", "-p", "capacity=1000")
    assert ok("diff", half, other).output.splitlines() == [
        "~ seed: 0 → 9",
        "~ parameter capacity: 600 → 1000",
    ]
    changes = json.loads(ok("diff", half, other, "--json").output)
    assert changes[1] == {
        "what": "parameter", "entity": None, "field": "capacity", "before": 600, "after": 1000
    }  # fmt: skip


def test_it_is_converted_to_vivarium_and_run(half: Path, tmp_path: Path) -> None:
    for name in ("v.yaml", "v.json"):
        said = ok("convert", half, tmp_path / name)
        assert "Vivarium has no parameters" in said.output
    assert ok("diff", tmp_path / "v.yaml", tmp_path / "v.json").output == "no difference\n"
    back = tmp_path / "back.arrow"
    ok("convert", tmp_path / "v.json", back)
    assert json.loads(ok("snapshot", back, "--json").output)["tick"] == 4


def test_what_does_not_fit_is_refused_before_anything_is_lost(half: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.arrow"
    kept.write_bytes(half.read_bytes())
    damaged = tmp_path / "damaged.arrow"
    damaged.write_bytes(half.read_bytes()[:-7])
    for arguments, words in (
        (["run", str(damaged), "-t", "1", "--save-snapshot", str(kept)], "the snapshot is damaged"),
        (["branch", str(damaged), str(kept)], "the snapshot is damaged"),
        (["convert", str(damaged), str(kept)], "the snapshot is damaged"),
        (["run", str(half), "-t", "1", "--save-snapshot", str(kept), "--at", "9"], "no snapshot at 9"),
        (["run", str(half), "-t", "1", "--save-snapshot", str(tmp_path / "x.txt")], "names no format"),
        (["run", str(half), "-t", "1", "--at", "4"], "add --save-snapshot"),
        (["run", str(half), "-t", "1", "--population", "main=x.yaml"], "carries its populations"),
        (["branch", str(half), str(kept), "-p", "nothing=1"], "has no parameter 'nothing'"),
    ):
        result = called("world", *arguments)
        assert result.exit_code == 2, result.output
        assert words in result.output
        assert kept.read_bytes() == half.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["damaged.arrow", "kept.arrow"]


def test_of_a_failed_world_the_last_good_state_is_kept(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(
        "worldwright: world/1\nname: w\nentities: [{name: a, script: a.lua, count: 1}]\n"
    )
    (tmp_path / "a.lua").write_text(
        "state = {n = 0}\nfunction update(now, msgs)\n  state.n = now\n"
        "  if now == 3 then error('no') end\nend\n"
    )
    path = tmp_path / "s.arrow"
    result = called("world", "run", str(tmp_path), "-t", "9", "--save-snapshot", str(path))
    assert result.exit_code == 3
    assert "a: a.lua:4: no" in result.output
    found = json.loads(ok("snapshot", path, "-e", "a", "--json").output)
    assert (found["tick"], found["entity"]["state"]) == (2, {"n": 2})


def test_a_state_that_cannot_be_kept_fails_the_command(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(
        "worldwright: world/1\nname: w\nentities: [{name: a, script: a.lua, count: 1}]\n"
    )
    (tmp_path / "a.lua").write_text("state = {}\nfunction update(now, msgs) state.f = print end\n")
    path = tmp_path / "s.arrow"
    result = called("world", "run", str(tmp_path), "-t", "1", "--save-snapshot", str(path))
    assert result.exit_code == 3
    assert "no snapshot was written: a: a.lua: state.f is a function" in result.output
    assert not path.exists()
