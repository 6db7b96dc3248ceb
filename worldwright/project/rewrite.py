"""Write a user's document in place: whole or not at all, with its permissions kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from worldwright.errors import UsageError


def rewrite(path: Path, text: str) -> None:
    """Replace a document's text; a crash in between leaves the old one.

    A symbolic link stays one: the file it points to is replaced. A new file is made where there is none.

    Raises:
        UsageError: when it cannot be written.
    """
    target = path.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from None
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
        if target.exists():
            shutil.copymode(target, fresh)
        else:
            fresh.chmod(0o644)
        fresh.replace(target)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from None
