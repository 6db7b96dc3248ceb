"""Links that a file lists: read from CSV, and matched with the entities of a world.

Takes texts, programs and populations, gives pairs of numbers. Touches nothing.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from worldwright.errors import WorldError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from worldwright.world.program import Network


def read_ties(text: str, source: str, target: str) -> tuple[tuple[tuple[str, ...], ...], str | None]:
    """The pairs of a CSV text with a header, or nothing and what is wrong with it."""
    rows = csv.reader(text.splitlines())
    header = next(rows, [])
    for name in (source, target):
        if name not in header:
            known = ", ".join(header) or "nothing"
            return (), f"has no column {name!r}; its header has {known}"
    i, j = header.index(source), header.index(target)
    pairs: list[tuple[str, ...]] = []
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) <= max(i, j) or not row[i].strip() or not row[j].strip():
            return (), f"line {number} names no {source if len(row) <= i or not row[i].strip() else target}"
        pairs.append((row[i].strip(), row[j].strip()))
    return tuple(pairs), None


def listed_edges(network: Network, size: int, table: pa.Table | None) -> npt.NDArray[np.int32]:
    """The links as an (n, 2) array of entity numbers, each once, sorted.

    Raises:
        WorldError: for a name that no entity has, and for an entity linked with itself.
    """
    numbers = _numbers(network, size, table)
    import numpy as np

    pairs = np.empty((len(network.pairs), 2), dtype=np.int32)
    for at, pair in enumerate(network.pairs):
        for side, name in enumerate(pair):
            number = numbers.get(name)
            if number is None:
                raise WorldError(
                    f"link {at + 1} of the file names {name!r}, and no {network.of} has that {network.match}",
                    where=network.of,
                    help="`match` says what the file names: row (numbers from 0), id, or a population column",
                )
            pairs[at, side] = number
        if pairs[at, 0] == pairs[at, 1]:
            raise WorldError(f"link {at + 1} of the file ties {pair[0]!r} to itself", where=network.of)
    if not network.directed:
        pairs.sort(axis=1)
    return np.unique(pairs, axis=0)


def _numbers(network: Network, size: int, table: pa.Table | None) -> dict[str, int]:
    """Each entity's number by the name that the file has for it."""
    if network.match == "row":
        return {str(i): i for i in range(size)}
    if network.match == "id":
        return {network.of if size == 1 else f"{network.of}_{i + 1}": i for i in range(size)}
    if table is None or network.match not in table.column_names:
        known = ", ".join(table.column_names) if table is not None else "no population"
        raise WorldError(
            f"links are matched by {network.match!r}, which is no column",
            where=network.of,
            help=f"it has: {known}",
        )
    values = [str(value) for value in table.column(network.match).to_pylist()]
    numbers = {value: i for i, value in enumerate(values)}
    if len(numbers) != len(values):
        raise WorldError(
            f"two agents have the same {network.match!r}, so links cannot tell them", where=network.of
        )
    return numbers
