"""Opening the catalog for reading, once its checksum was found right."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb

from worldwright.errors import StoreError
from worldwright.store.checksums import Checksums
from worldwright.store.duck import reading
from worldwright.store.sealed import unseal

LINK = "catalog.duckdb"
MEMORY = ".checksums.json"
"""Where queries remember which files they have already verified."""
REBUILD = "any worldwright command that reads results builds it anew"
_ATTEMPTS = 20


@contextmanager
def attached(root: Path, checksums: Checksums, memory: str = "1GB") -> Generator[duckdb.DuckDBPyConnection]:
    """A connection with the catalog attached for reading, once its checksum was found right.

    Raises:
        StoreError: if there is no catalog, or it is damaged.
    """
    with ExitStack() as stack:
        yield _attach(root, checksums, memory, stack)


def _attach(root: Path, checksums: Checksums, memory: str, stack: ExitStack) -> duckdb.DuckDBPyConnection:
    problem: str | None = None
    for _ in range(_ATTEMPTS):  # it may be replaced twice, and removed, while it is being opened
        try:
            path, size, sha256 = _current(root)
            problem = checksums.problem(path, size, sha256)
            if problem is None:
                return stack.enter_context(reading(path, memory))
        except FileNotFoundError:
            continue
        except OSError as error:
            problem = error.strerror or str(error)
        except duckdb.Error as error:
            problem = str(error)
    where = str(root / LINK)
    if problem is None:
        raise StoreError("there is no catalog", where=where, help=REBUILD)
    raise StoreError("the catalog is damaged", where=where, why=problem, help=f"remove it; {REBUILD}")


def _current(root: Path) -> tuple[Path, int, str]:
    """The file the catalog is in now, with the size in bytes and the checksum it should have."""
    path = root.resolve() / (root / LINK).readlink()
    body = unseal(seal_of(path))
    return path, int(body["bytes"]), str(body["sha256"])


def seal_of(path: Path) -> Path:
    """The file beside a catalog file that holds its size and checksum."""
    return path.with_suffix(".json")
