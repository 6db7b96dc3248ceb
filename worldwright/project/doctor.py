"""Whether everything works here: each finding comes from doing the thing, in a temporary folder."""

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from worldwright.project.locate import system_clock

_SPEC = """\
worldwright: population/1
name: doctor
agents: 100
attributes:
  age:
    type: int
    distribution: {normal: {mean: 40, sd: 10, min: 18, max: 80}}
    assumption: only tried out
"""
_WORLD = """\
worldwright: world/1
name: doctor
entities:
  - {name: one, script: one.lua, count: 10}
metrics:
  ticked: {mean: state.n, of: one}
"""
_SCRIPT = "state = {n = 0}\nfunction update(now, msgs)\n  state.n = state.n + 1\nend\n"
_EXTRAS = (("Dagster", "dagster", "dagster"), ("Ray", "ray", "ray"), ("object stores", "obstore", "s3"))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried."""

    what: str
    ok: bool
    detail: str


def examine() -> list[Finding]:
    """Try everything once."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        return [
            Finding("Python", sys.version_info >= (3, 11), platform.python_version()),
            _try("sampler", lambda: _sample(here)),
            _try("locked worker, LuaJIT", lambda: _run_world(here, "luajit")),
            _try("locked worker, Lua 5.4", lambda: _run_world(here, "lua54")),
            _try("store and DuckDB", lambda: _store(here)),
            *(
                _try(f"{what} (extra)", lambda name=name, extra=extra: _extra(name, extra))
                for what, name, extra in _EXTRAS
            ),
        ]


def _try(what: str, action: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, action())
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the finding)
        return Finding(what, False, f"{type(error).__name__}: {error}")


def _sample(here: Path) -> str:
    from worldwright.project.sample import sample_file

    spec = here / "doctor.yaml"
    spec.write_text(_SPEC, encoding="utf-8")
    sampled = sample_file(spec, 1000, 1, here / "doctor.parquet", lambda done, total: None)
    return f"{sampled.agents} agents, sha256 {sampled.files['doctor.parquet'][:12]}"


def _run_world(here: Path, runtime: str) -> str:
    from worldwright.project.world_run import run_one_world

    world = here / runtime
    world.mkdir()
    (world / "world.yaml").write_text(f"{_WORLD}runtime: {runtime}\n", encoding="utf-8")
    (world / "one.lua").write_text(_SCRIPT, encoding="utf-8")
    run = run_one_world(world, ticks=5, seed=1, parameters={}, populations={})
    if run.result.status != "ok":
        raise RuntimeError(run.result.failure)
    return f"{run.result.final_tick} ticks"


def _store(here: Path) -> str:
    from worldwright.store import Store

    def write(folder: Path) -> None:
        (folder / "note.txt").write_text("fine", encoding="utf-8")

    store = Store(here / "data", clock=system_clock)
    dataset, _ = store.get_or_build(
        "doctor:00000000",
        stage="doctor",
        inputs={},
        parents=[],
        write=write,
    )
    return dataset.digest


def _extra(package: str, extra: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return f"not installed; pip install 'worldwright[{extra}]' where it is wanted"
