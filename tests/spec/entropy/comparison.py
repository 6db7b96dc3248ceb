"""Comparing what was sampled here with what an interpreter of their semantics gives."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

Array = np.ndarray[Any, np.dtype[Any]]
ALPHA = 1e-7
"""The chance that a comparison of equal distributions fails; seeds are fixed."""


def decoded(column: Any) -> Array:
    values = column.combine_chunks()
    return np.array(values.cast("string") if "dictionary" in str(values.type) else values)


def halves(ours: Array, theirs: Array) -> list[tuple[Array, Array]]:
    """Two parts of the agents by an attribute: about its median, or its commonest value and the others."""
    if ours.dtype.kind in "OUb":
        values, counts = np.unique(theirs, return_counts=True)
        common = values[np.argmax(counts)]
        return [(ours == common, theirs == common), (ours != common, theirs != common)]
    middle = np.median(theirs)
    return [(ours > middle, theirs > middle), (ours <= middle, theirs <= middle)]


def same(ours: Array, theirs: Array) -> bool:
    """Whether two samples are of one distribution."""
    if min(len(ours), len(theirs)) < 30:
        return True
    labels = ours.dtype.kind in "OUb"
    ours, theirs = (part.astype(str) if labels else part.astype(float).round(9) for part in (ours, theirs))
    values, codes = np.unique(np.concatenate([ours, theirs]), return_inverse=True)
    if not labels and len(values) > 60:
        continuous: Any = stats.ks_2samp(ours, theirs)
        return continuous.pvalue > ALPHA
    parts = (codes[: len(ours)], codes[len(ours) :])
    counts = np.array([np.bincount(part, minlength=len(values)) for part in parts])
    rare = counts.sum(axis=0) < 40
    counts = np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)])
    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] < 2:
        return True
    result: Any = stats.chi2_contingency(counts)
    return result.pvalue > ALPHA
