"""Weights for a table that exists: raked, so that it has the known margins of a population."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from worldwright.errors import SamplingError, UsageError
from worldwright.population.inspection.reading import column_values
from worldwright.population.values import Floats, Index
from worldwright.spec.population import Attribute, Margin, Marginals, Population
from worldwright.spec.raking.fit import Fit, fitted
from worldwright.spec.raking.tables import Target, margin
from worldwright.spec.resolve.marginals import options_of


@dataclass(frozen=True)
class Reached:
    """A target, and the share that is worst before and after raking."""

    of: tuple[str, ...]
    cells: int
    before: float
    """The largest difference between a share of the table and its target."""
    after: float


@dataclass(frozen=True)
class Raked:
    """A weight for each row, and how the fit went."""

    weights: Floats
    total: float
    """Their sum: the whole of the targets' totals, or the number of rows where all targets are shares."""
    rounds: int
    targets: tuple[Reached, ...]

    @property
    def effective(self) -> float:
        """Kish's effective number of rows, (Σw)² / Σw² (L. Kish, 1965, "Survey Sampling")."""
        return float(self.weights.sum() ** 2 / np.square(self.weights).sum())


def raked_weights(population: Population, table: pa.Table, base: str | None = None) -> Raked:
    """Weights with which a table has the margins that a population's `marginals:` know.

    All targets are met together by iterative proportional fitting over the combinations that occur in the
    table; rows of one combination keep the proportions of their base weights. A `seed:` plays no part: the
    table itself is the prior.

    Args:
        population: A population with marginals.
        table: Rows with a column for each attribute that a target names; further columns do not matter.
        base: A column of weights to begin with, such as design weights; 1 for every row where None.

    Raises:
        UsageError: for no marginals, missing columns or values, unknown labels, and weights that are none.
        SamplingError: where a target needs rows that the table has not, or no weights meet all targets.
    """
    targets = [target for marginals in population.marginals for target in marginals.targets]
    if not targets:
        raise UsageError(
            "the population has no marginals", help="give it `marginals:` with the tables that are known"
        )
    if not table.num_rows:
        raise UsageError("the table has no rows")
    attributes = {a.name: a for a in population.attributes}
    codes = {name: _codes(attributes[name], table) for name in _named(population.marginals)}
    start = _base(table, base)
    keys = [_combined(target, codes, attributes) for target in targets]
    combinations, into = np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)
    into = into.reshape(-1)
    observed = margin(start, into, len(combinations))
    known = [Target((), np.array(target.values)) for target in targets]
    projections = [np.ascontiguousarray(combinations[:, i]) for i in range(len(targets))]
    _demand_rows(targets, projections, observed, attributes)
    made = fitted(observed, known, projections)
    if not made.converged:
        raise _unmet(made, targets, attributes)
    total = next((target.total for target in targets if not target.is_shares), float(table.num_rows))
    factor = np.divide(made.cells, observed, out=np.zeros(len(observed)), where=observed > 0.0)
    weights = start * factor[into] * total
    before = observed / start.sum()
    reached = [
        Reached(target.of, len(target.values), _worst(before, target, at), _worst(made.cells, target, at))
        for target, at in zip(targets, projections, strict=True)
    ]
    return Raked(weights, total, made.rounds, tuple(reached))


def _named(marginals: tuple[Marginals, ...]) -> list[str]:
    return list(dict.fromkeys(name for item in marginals for target in item.targets for name in target.of))


def _codes(attribute: Attribute, table: pa.Table) -> Index:
    if attribute.name not in table.column_names:
        raise UsageError(
            f"the table has no column {attribute.name}", help=f"it has {', '.join(table.column_names)}"
        )
    column: Any = table.column(attribute.name).combine_chunks()
    if column.null_count:
        row = int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
        raise UsageError(
            f"{attribute.name} is missing in row {row} of the table",
            help="leave such rows out, or give the attribute an option for them",
        )
    return column_values(attribute, column).astype(np.int64)


def _base(table: pa.Table, base: str | None) -> Floats:
    if base is None:
        return np.ones(table.num_rows)
    if base not in table.column_names:
        raise UsageError(f"the table has no column {base}", help=f"it has {', '.join(table.column_names)}")
    try:
        column: Any = table.column(base).cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise UsageError(f"{base} is no column of numbers", where=f"column {base}") from None
    weights = np.array(column.to_numpy(), dtype=np.float64)
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0.0)))
    if len(wrong) or not weights.sum() > 0.0:
        place = f" in row {wrong[0]}" if len(wrong) else ""
        raise UsageError(
            f"{base} holds no weights{place}",
            where=f"column {base}",
            help="a weight is 0 or more, and some are above 0",
        )
    return weights


def _combined(target: Margin, codes: dict[str, Index], attributes: dict[str, Attribute]) -> Index:
    found = np.zeros(len(codes[target.of[0]]), dtype=np.int64)
    for name in target.of:
        found = found * len(options_of(attributes[name])) + codes[name]
    return found


def _label(target: Margin, cell: int, attributes: dict[str, Attribute]) -> str:
    found: list[str] = []
    for name in reversed(target.of):
        options = options_of(attributes[name])
        cell, code = divmod(cell, len(options))
        found.append(f"{name} {options[code]!r}")
    return " and ".join(reversed(found))


def _demand_rows(
    targets: list[Margin], projections: list[Index], observed: Floats, attributes: dict[str, Attribute]
) -> None:
    possible = observed > 0.0
    for target, at in zip(targets, projections, strict=True):
        possible &= np.array(target.values)[at] > 0.0
    for target, at in zip(targets, projections, strict=True):
        filled = np.bincount(at[possible], minlength=len(target.values)) > 0
        empty = np.flatnonzero((np.array(target.values) > 0.0) & ~filled)
        if len(empty):
            label = _label(target, int(empty[0]), attributes)
            raise SamplingError(
                f"{label} has a share above 0, and no row of the table can stand for it",
                where=f"the table of {' and '.join(target.of)}",
                help="take options together so that each has rows, or add rows",
            )


def _unmet(made: Fit, targets: list[Margin], attributes: dict[str, Attribute]) -> SamplingError:
    target = targets[made.target]
    return SamplingError(
        f"no weights meet all targets: after {made.rounds:,} rounds {_label(target, made.cell, attributes)} "
        f"misses its share {target.values[made.cell]:.6g} by {made.gap:.2g}",
        where=f"the table of {' and '.join(target.of)}",
        why="combinations that no row has stay empty",
        help="take options together so that more combinations have rows, or rake to fewer tables",
    )


def _worst(cells: Floats, target: Margin, at: Index) -> float:
    sums = margin(cells, at, len(target.values))
    return float(np.abs(sums - np.array(target.values)).max())
