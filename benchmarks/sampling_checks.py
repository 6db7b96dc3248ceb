"""Whether the contenders draw the same agents: means, products, theory, backends, and Entropy's own file."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

CHECKED = {"Python loop": 5_000, "Python loop that reads the spec": 5_000}
PAIRS = [("age", "experience"), ("experience", "rank"), ("rank", "income"), ("age", "comfort")]
PAIRS += [("comfort", "trust"), ("comfort", "adopts"), ("income", "burden"), ("wait", "burden")]
"""Attributes one of which depends on the other, within a group."""
LIMIT = 6.0
"""Standard errors: 112 means × 5 contenders exceed it by chance with a probability below 2e-6."""


def check() -> list[str]:
    """What differs between the contenders' agents beyond chance."""
    from sampling_contenders import CONTENDERS, ours_streaming

    tables = {name: make(CHECKED.get(name, 40_000), None) for name, make in CONTENDERS.items()}
    found = [text for name in tables for text in differences(name, tables[name], tables["pandas and SciPy"])]
    if digest(tables["Worldwright, in memory"]) != digest(tables["Worldwright, 2 processes"]):
        found.append("processes give other agents than memory")
    with tempfile.TemporaryDirectory() as folder:
        import pyarrow.parquet as pq

        path = Path(folder) / "ours.parquet"
        ours_streaming(40_000, path)
        if digest(pq.read_table(path)) != digest(tables["Worldwright, in memory"]):
            found.append("the file holds other agents than memory")
    return found + against_theory(tables["Worldwright, in memory"])


def against_entropy(theirs: dict[str, list[Any]], ours: Any) -> list[str]:
    """Means of numbers, and shares of labels and truths, that are further apart than chance allows."""
    import numpy as np

    found: list[str] = []
    for name in ours.column_names:
        mine, other = ours.column(name).to_pylist(), theirs[name]
        if isinstance(mine[0], str):
            pairs = [(f"{name} {label}", [v == label for v in mine], [v == label for v in other])
                     for label in dict.fromkeys(mine)]  # fmt: skip
        else:
            pairs = [(name, mine, other)]
        for label, first, second in pairs:
            a, b = np.array(first, dtype=np.float64), np.array(second, dtype=np.float64)
            # a label that few of them have is compared by our own share of it
            error = float(np.sqrt(a.var() * (1 / len(a) + 1 / len(b)) + b.var() / len(b)))
            if abs(a.mean() - b.mean()) > LIMIT * error:
                found.append(f"{label} has mean {a.mean():.5g}, and {b.mean():.5g} with Entropy")
    return found


def differences(name: str, table: Any, reference: Any) -> list[str]:
    """Means of values, squares and products that are further apart than chance allows."""
    import numpy as np
    from sampling_contenders import columns

    found: list[str] = []
    pairs = [(column, column) for column in columns()]
    pairs += [(f"{g}_{x}", f"{g}_{y}") for g in "abcd" for x, y in PAIRS]
    both = [{name: numbers(t.column(name)) for name in columns()} for t in (table, reference)]
    for first, second in pairs:
        for power in (0, 1) if first == second else (1,):
            a, b = (values[first] * values[second] ** power for values in both)
            # tables of 1,000 quantiles lose up to 1 % of a standard deviation of a square in the tails
            slack = 0.012 * b.std() if name.startswith("DuckDB") else 0.0
            error = float(np.sqrt(a.var() / len(a) + b.var() / len(b)))
            if abs(a.mean() - b.mean()) > LIMIT * error + slack:
                found.append(
                    f"{name}: {first} × {second}**{power} has mean {a.mean():.5g}, not {b.mean():.5g}"
                )
    return found


def against_theory(table: Any) -> list[str]:
    """Our draws against SciPy's distribution functions, by Kolmogorov and Smirnov."""
    import numpy as np
    from scipy import stats

    low, high = stats.norm.cdf([(25.5 - 47) / 11, (72.5 - 47) / 11])
    found: list[str] = []
    for g in "abcd":
        p = stats.kstest(numbers(table.column(f"{g}_wait")), stats.gamma(2, scale=3).cdf).pvalue
        found += [f"{g}_wait is no gamma(2, 3): p = {p:.2g}"] if p < 1e-6 else []
        for name, first, cdf in (
            ("age", 26, lambda k: (stats.norm.cdf(k + 0.5, 47, 11) - low) / (high - low)),
            ("cases", 0, stats.poisson(3.5).cdf),
        ):
            values = numbers(table.column(f"{g}_{name}"))
            grid = np.arange(first, values.max() + 1)
            gap = np.abs((values[:, None] <= grid).mean(axis=0) - cdf(grid)).max()
            # Dvoretzky, Kiefer and Wolfowitz: exceeded with a probability below 2·exp(−2·16) = 3e-14
            found += [f"{g}_{name} is off by {gap:.3g}"] if gap > 4 / np.sqrt(len(values)) else []
    return found


def numbers(column: Any) -> Any:
    import numpy as np

    values = column.to_pylist()
    if isinstance(values[0], str):
        ranks = {"resident": 0, "specialist": 1, "senior": 2, "chief": 3}
        values = [ranks[value] for value in values]
    return np.array(values, dtype=np.float64)


def digest(table: Any) -> str:
    from sampling_contenders import columns

    values = (table.column(name).combine_chunks() for name in columns())
    state = hashlib.sha256()
    for column in values:
        state.update(repr(column.to_pylist()).encode())
    return state.hexdigest()
