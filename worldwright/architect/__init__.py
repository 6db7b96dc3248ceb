"""The architect: a language model writes documents at compile time; locks record what was asked.

Takes briefs and a configured client, gives documents and their locks.
Touches the documents' folder and, only when asked to author, the network.
"""

from worldwright.architect.author import (
    REPAIRS,
    Authored,
    Check,
    InvalidDocumentError,
    author_population,
    author_scenario,
)
from worldwright.architect.budget import Attempt, Budget, BudgetExceededError, Ledger
from worldwright.architect.client import ChatClient, Message, Reply
from worldwright.architect.lock import (
    HAND,
    Fresh,
    Lock,
    Missing,
    Stale,
    brief_digest,
    brief_path,
    lock_path,
    make_lock,
    read_lock,
    status,
    write_lock,
)
from worldwright.architect.settings import ModelSettings

__all__ = [
    "HAND",
    "REPAIRS",
    "Attempt",
    "Authored",
    "Budget",
    "BudgetExceededError",
    "ChatClient",
    "Check",
    "Fresh",
    "InvalidDocumentError",
    "Ledger",
    "Lock",
    "Message",
    "Missing",
    "ModelSettings",
    "Reply",
    "Stale",
    "author_population",
    "author_scenario",
    "brief_digest",
    "brief_path",
    "lock_path",
    "make_lock",
    "read_lock",
    "status",
    "write_lock",
]
