"""The architect: a language model writes documents at compile time; locks record what was asked.

Takes briefs and a configured client, gives documents, scripts and their locks.
Touches the documents' folder, recordings and, only when asked to author, the network.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worldwright.architect.assembly import Kept
    from worldwright.architect.authored import REPAIRS, Authored, InvalidAnswerError
    from worldwright.architect.budget import Attempt, Budget, BudgetExceededError, Ledger, Prices, Usage
    from worldwright.architect.client import Client
    from worldwright.architect.lock import (
        HAND,
        Cost,
        Edits,
        Fresh,
        Lock,
        Missing,
        Provenance,
        Stale,
        brief_digest,
        brief_path,
        lock_path,
        make_lock,
        status,
    )
    from worldwright.architect.lock_file import read_lock, write_lock
    from worldwright.architect.planning import Ask, Query, assume
    from worldwright.architect.population import Layer, author_layer
    from worldwright.architect.question import Message, Question, Reply
    from worldwright.architect.settings import ModelSettings

_HOMES = {
    "assembly": ("Kept",),
    "authored": ("REPAIRS", "Authored", "InvalidAnswerError"),
    "budget": ("Attempt", "Budget", "BudgetExceededError", "Ledger", "Prices", "Usage"),
    "client": ("Client",),
    "lock": (
        "HAND",
        "Cost",
        "Edits",
        "Fresh",
        "Lock",
        "Missing",
        "Provenance",
        "Stale",
        "brief_digest",
        "brief_path",
        "lock_path",
        "make_lock",
        "status",
    ),
    "lock_file": ("read_lock", "write_lock"),
    "planning": ("Ask", "Query", "assume"),
    "population": ("Layer", "author_layer"),
    "question": ("Message", "Question", "Reply"),
    "settings": ("ModelSettings",),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "HAND",
    "REPAIRS",
    "Ask",
    "Attempt",
    "Authored",
    "Budget",
    "BudgetExceededError",
    "Client",
    "Cost",
    "Edits",
    "Fresh",
    "InvalidAnswerError",
    "Kept",
    "Layer",
    "Ledger",
    "Lock",
    "Message",
    "Missing",
    "ModelSettings",
    "Prices",
    "Provenance",
    "Query",
    "Question",
    "Reply",
    "Stale",
    "Usage",
    "assume",
    "author_layer",
    "brief_digest",
    "brief_path",
    "lock_path",
    "make_lock",
    "read_lock",
    "status",
    "write_lock",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
