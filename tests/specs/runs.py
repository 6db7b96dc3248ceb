"""The documents under `specs/`, and runs of their worlds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from worldwright.diagnostics import Diagnostic
from worldwright.spec import Population, Source, load_population
from worldwright.world import Record, RunRequest, Worker, WorldProgram, WorldResult, load_world

SPECS = Path(__file__).parents[2] / "specs"


def source(path: Path) -> Source:
    """A document as the engine takes it, named as people see it."""
    return Source(path.relative_to(SPECS.parent).as_posix(), path.read_text(encoding="utf-8"))


def surgeons() -> tuple[Population | None, list[Diagnostic]]:
    """The flagship population with its scenario."""
    return load_population(
        source(SPECS / "populations" / "german-surgeons.yaml"),
        source(SPECS / "scenarios" / "ai-diagnostic-tool.yaml"),
    )


def world(name: str) -> WorldProgram:
    """A world of `specs/worlds`, which must be free of problems."""
    program, found = load_world(SPECS / "worlds" / name, lambda path: path.read_text(encoding="utf-8"))
    assert program is not None, found
    return program


def series(result: WorldResult, metric: str, segment: str = "") -> npt.NDArray[np.float64]:
    """One metric of one run, in the order of ticks."""
    assert result.status == "ok", result.errors.to_pylist()
    table = result.metrics.filter((pc.field("metric") == metric) & (pc.field("segment") == segment)).sort_by(
        "tick"
    )
    return np.asarray(table["value"].to_numpy(), dtype=np.float64)


@dataclass(frozen=True)
class Runs:
    """Runs of one world, each replicate with its own agents."""

    worker: Worker
    program: WorldProgram
    agents: Callable[[int], dict[str, pa.Table]]
    ticks: int

    def __call__(self, replicate: int, **parameters: float) -> WorldResult:
        """One run; equal replicates have equal agents and equal luck, whatever the parameters."""
        return self.worker.run(
            RunRequest(
                program=self.program,
                ticks=self.ticks,
                seed=11,
                replicate=replicate,
                parameters=parameters,
                populations=self.agents(replicate),
                record=Record(agents_at=("last",)),
            )
        )
