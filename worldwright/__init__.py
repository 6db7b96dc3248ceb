"""Worldwright: compile a question about a population into a world that answers it.

Takes documents (specs, worlds with Lua scripts, experiments), gives populations, runs and tables.
The engine knows no Dagster, reads no environment and does nothing on import.

    import worldwright as ww

    table = ww.sample("specs/populations/german-surgeons.yaml", agents=1000, seed=1)
    print(ww.run("adoption-quick").answer)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from worldwright.version import VERSION

if TYPE_CHECKING:
    from worldwright.api import (
        DocumentError,
        WorldwrightError,
        check,
        explain,
        export,
        new,
        plot_spec,
        quality,
        query,
        results,
        run,
        run_world,
        sample,
    )

__version__ = VERSION
__all__ = [
    "DocumentError",
    "WorldwrightError",
    "check",
    "explain",
    "export",
    "new",
    "plot_spec",
    "quality",
    "query",
    "results",
    "run",
    "run_world",
    "sample",
]


def __getattr__(name: str) -> Any:
    """Load the Python API when a name of it is asked for, so that the engine's parts load alone."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module("worldwright.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
