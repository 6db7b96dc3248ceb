"""Small stores for tests, and functions for processes that are killed or race."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from worldwright.hashing import digest, file_digest
from worldwright.store import Dataset, Store

bytes_of = file_digest


def noon() -> datetime:
    return datetime(2026, 1, 2, 12, tzinfo=UTC)


def open_store(root: Path) -> Store:
    return Store(root, noon, host="here")


def numbers(seed: int, rows: int = 100) -> pa.Table:
    return pa.table(
        {
            "agent": pa.array(range(rows), pa.int64()),
            "income": pa.array([float(seed * 1000 + row) for row in range(rows)], pa.float64()),
            "rank": pa.array(
                ["chief" if row % 7 == 0 else "other" for row in range(rows)]
            ).dictionary_encode(),
        }
    )


def writer(seed: int, rows: int = 100) -> Callable[[Path], dict[str, Any]]:
    def write(folder: Path) -> dict[str, Any]:
        pq.write_table(numbers(seed, rows), folder / "agents.parquet")
        (folder / "notes").mkdir()
        (folder / "notes" / "reading.txt").write_text(f"seed {seed}\n")
        return {"mean": seed * 1000 + (rows - 1) / 2}

    return write


def key_of(seed: int) -> str:
    return digest("run", {"seed": seed})


def publish(store: Store, seed: int, rows: int = 100, parents: tuple[str, ...] = ()) -> Dataset:
    return store.publish(
        key_of(seed), stage="runs", inputs={"seed": seed}, write=writer(seed, rows), parents=parents
    )


def main() -> None:
    """Race for versions: `python -m making race ROOT WHO COUNT`, each line of output a number won."""
    root, who, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    store = open_store(root)
    won = [store.publish_version("races", {"who": who, "try": turn}) for turn in range(count)]
    shared = store.publish_version("shared", {"same": "content"})
    print(json.dumps({"won": won, "shared": shared}))  # noqa: T201


if __name__ == "__main__":
    main()
