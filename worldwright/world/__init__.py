"""Worlds: sandboxed Lua agents that exchange messages, run tick by tick inside one VM.

Takes a world program, parameters, populations and a seed; gives metrics, final states and errors as tables.
Scripts run only in a locked worker process; this package is the one home of lupa.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worldwright.world.codes import WORLD_CODES
    from worldwright.world.load import load_world
    from worldwright.world.program import ALGORITHM, WorldProgram, resolve_parameters
    from worldwright.world.runtime import EventLog, Record, RunRequest, WorldResult
    from worldwright.world.snapshot import Snapshot
    from worldwright.world.vivarium import is_vivarium
    from worldwright.world.worker import Worker

_HOMES = {
    "ALGORITHM": "program",
    "WORLD_CODES": "codes",
    "EventLog": "runtime",
    "Record": "runtime",
    "RunRequest": "runtime",
    "Snapshot": "snapshot",
    "Worker": "worker",
    "WorldProgram": "program",
    "WorldResult": "runtime",
    "is_vivarium": "vivarium",
    "load_world": "load",
    "resolve_parameters": "program",
}

__all__ = [
    "ALGORITHM",
    "WORLD_CODES",
    "EventLog",
    "Record",
    "RunRequest",
    "Snapshot",
    "Worker",
    "WorldProgram",
    "WorldResult",
    "is_vivarium",
    "load_world",
    "resolve_parameters",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
