"""A world between two ticks, as a value: whoever has it can let the world go on, here or elsewhere.

Made by a run (`RunRequest.save_at`) or read from a file (`snapshot_file`). Touches nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from worldwright.errors import WorldError
from worldwright.world.program import ALGORITHM, Scalar, WorldProgram, resolve_parameters
from worldwright.world.syntax import facts_of

if TYPE_CHECKING:
    from worldwright.world.runtime import RunRequest

ARRAYS = {
    "entity_id": ("<i4", "entities"), "entity_kind": ("<i4", "entities"), "incarnation": ("<i4", "entities"),
    "row": ("<i4", "entities"), "ordinal": ("<i4", "entities"), "born_at": ("<f8", "entities"),
    "drawn": ("<f8", "entities"), "era": ("<i4", "entities"), "degree": ("<i4", "entities"),
    "neighbor": ("<i4", "links"), "message_to": ("<i4", "messages"), "message_from": ("<i4", "messages"),
    "message_kind": ("<i4", "messages"), "message_due": ("<f8", "messages"),
    "metric_tick": ("<f8", "metrics"), "metric_name": ("<i4", "metrics"),
    "metric_segment": ("<i4", "metrics"), "metric_value": ("<f8", "metrics"),
    "tags": ("u1", "tags"), "numbers": ("<f8", None), "words": ("<i4", None), "shapes": ("<i4", "shapes"),
    "starts": ("<i4", None), "lengths": ("<i4", "texts"), "texts": ("u1", None),
}  # fmt: skip
"""What the kernel keeps (lua/snapshot.lua and lua/values.lua): each array's type and length."""


@dataclass(frozen=True)
class Snapshot:
    """Everything a run needs to go on."""

    program: WorldProgram
    seed: int
    replicate: int
    parameters: Mapping[str, Scalar]
    populations: Mapping[str, pa.Table]
    """The columns that scripts and metrics read."""
    runtime: str
    """luajit or lua54: the one it was made on, and the only one it goes on with."""
    tick: int
    """The last tick that was completed."""
    sizes: Mapping[str, int]
    arrays: Mapping[str, bytes]
    """See `ARRAYS`."""
    algorithm: int = ALGORITHM
    """That of the kernel which made it."""

    def request(self, ticks: int, **changes: Any) -> RunRequest:
        """The run that goes on from here for some ticks; `changes` are fields of the request."""
        from worldwright.world.runtime import RunRequest

        fields: dict[str, Any] = {
            "program": self.program,
            "ticks": ticks,
            "seed": self.seed,
            "replicate": self.replicate,
            "parameters": self.parameters,
            "populations": self.populations,
            "resume": self,
        }
        return RunRequest(**(fields | changes))

    def branch(self, *, seed: int | None = None, parameters: Mapping[str, Scalar] | None = None) -> Snapshot:
        """The same state with another seed or other parameters from here on.

        Raises:
            UsageError: for a parameter that the world does not have, or a value it cannot take.
        """
        values = resolve_parameters(self.program, {**self.parameters, **(parameters or {})})
        return dataclasses.replace(self, seed=self.seed if seed is None else seed, parameters=values)


def taken(request: RunRequest, runtime: str, saved: Mapping[str, Any], buffers: list[bytes]) -> Snapshot:
    """The snapshot in a worker's answer.

    Raises:
        ValueError: where it does not fit itself; also KeyError, TypeError and IndexError.
    """
    arrays = {name: buffers[saved["arrays"][name]] for name in ARRAYS}
    snapshot = Snapshot(
        program=request.program,
        seed=request.seed,
        replicate=request.replicate,
        parameters=resolve_parameters(request.program, request.parameters),
        populations=_needed(request),
        runtime=runtime,
        tick=int(saved["now"]),
        sizes={str(name): int(size) for name, size in saved["sizes"].items()},
        arrays=arrays,
    )
    check(snapshot)
    return snapshot


def check(snapshot: Snapshot) -> None:
    """Nothing reads beyond an array, whoever made the snapshot.

    Raises:
        ValueError: where it does not fit itself.
    """
    sizes = snapshot.sizes
    columns: dict[str, Any] = {}
    for name, (kind, size) in ARRAYS.items():
        content = np.frombuffer(snapshot.arrays[name], dtype=kind)
        if size is not None and len(content) != sizes[size]:
            raise ValueError(f"{len(content)} of {name}, and {sizes[size]} are announced")
        columns[name] = content
    texts = sizes["texts"]
    kinds = len(snapshot.program.scripts if snapshot.program.vivarium else snapshot.program.entities)
    ranges = {
        "entity_id": (0, texts), "entity_kind": (1, kinds + 1), "degree": (0, 2**31),
        "message_to": (0, texts),
        "neighbor": (0, sizes["entities"] + 1), "message_from": (-1, texts), "message_kind": (0, texts),
        "lengths": (0, 2**31), "shapes": (0, 2**31), "starts": (0, 2**31), "row": (-1, 2**31),
    }  # fmt: skip
    for name, (low, high) in ranges.items():
        numbers = columns[name]
        if len(numbers) and (numbers.min() < low or numbers.max() >= high):
            raise ValueError(f"a number of {name} is out of range")
    if int(columns["lengths"].sum(dtype=np.int64)) != len(columns["texts"]):
        raise ValueError("texts of other lengths than announced")
    if int(columns["degree"].sum(dtype=np.int64)) != sizes["links"] or len(columns["starts"]) != 3:
        raise ValueError("other links than announced")
    for entity in snapshot.program.entities:
        if entity.population is not None and entity.population not in snapshot.populations:
            raise ValueError(f"the population {entity.population!r} is missing")


def _needed(request: RunRequest) -> dict[str, pa.Table]:
    needed: dict[str, pa.Table] = {}
    program = request.program
    for name, table in request.populations.items():
        wanted: set[str] | None = set()
        for entity in program.entities:
            if entity.population != name:
                continue
            fields = facts_of(program.scripts[entity.script].source).agent_fields
            wanted = None if fields is None or wanted is None else wanted | fields
            for metric in program.metrics.values():
                if wanted is not None and metric.of == entity.name:
                    wanted |= set(metric.by)
        columns = [column for column in table.column_names if wanted is None or column in wanted]
        if not columns:  # a table without columns would have no rows
            columns = table.column_names[:1]
        needed[name] = table.select(columns)
    return needed


def runtime_of(snapshot: Snapshot, wanted: str, available: tuple[str, ...]) -> str:
    """The runtime a snapshot goes on with.

    Raises:
        WorldError: where the program asks for another, this machine lacks it, or the kernel has changed.
    """
    if snapshot.algorithm != ALGORITHM:
        raise WorldError(
            f"the snapshot was made by kernel {snapshot.algorithm}, and this is kernel {ALGORITHM}",
            where=snapshot.program.name,
            why="the world would not go on as it would have done there",
            help="`worldwright world convert` carries its state over, as a file of Vivarium",
        )
    if wanted not in ("auto", snapshot.runtime):
        raise WorldError(
            f"the snapshot was made on {snapshot.runtime} and cannot go on with {wanted}",
            where=snapshot.program.name,
            help=f"run it with `runtime: {snapshot.runtime}`",
        )
    if snapshot.runtime not in available:
        raise WorldError(
            f"the snapshot was made on {snapshot.runtime}, which cannot run here",
            where=snapshot.program.name,
            help=f"there are {', '.join(available)}",
        )
    return snapshot.runtime
