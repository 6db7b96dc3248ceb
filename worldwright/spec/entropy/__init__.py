"""Files of Entropy and Extropy: population specs and what their scenarios add, as resolved populations.

Takes the text of documents, gives a `Population` with notes that declare their meaning, or a native spec.
Touches no disk, and never runs the Python that those files hold.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worldwright.spec.entropy.importing import Imported, import_spec
    from worldwright.spec.entropy.load import load_entropy
    from worldwright.spec.entropy.recognise import base_of, is_population, is_scenario, other_file

_HOMES = {
    "Imported": "importing",
    "base_of": "recognise",
    "import_spec": "importing",
    "is_population": "recognise",
    "is_scenario": "recognise",
    "load_entropy": "load",
    "other_file": "recognise",
}

__all__ = ["Imported", "base_of", "import_spec", "is_population", "is_scenario", "load_entropy", "other_file"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
