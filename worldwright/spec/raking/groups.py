"""The joint tables that marginals describe: attributes that hang together by targets or by the prior.

Axes are in the order of streams, never in that of the file, and so are targets, so that neither order
changes a bit of a fitted table. Without a prior of their own, attributes begin independent, with the shares
of their declared distributions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from worldwright.spec.expressions.reasoning import constant
from worldwright.spec.plan import members_of
from worldwright.spec.population import Attribute, AttributeType, Margin, Marginals
from worldwright.spec.raking.tables import Floats, Group, Target, projection
from worldwright.spec.resolve.marginals import options_of


def groups_of(marginals: Marginals, attributes: Mapping[str, Attribute]) -> list[Group]:
    """The tables of marginals whose attributes all have constant shares, in the order of their streams."""
    return [_group(members, marginals, attributes) for members in members_of(marginals, attributes)]


def cells_of(members: Sequence[str], attributes: Mapping[str, Attribute]) -> int:
    """The number of cells of a joint table."""
    return math.prod(len(options_of(attributes[name])) for name in members)


def declared_shares(attribute: Attribute) -> tuple[float, ...] | None:
    """The shares of an attribute's options by its own distribution; None where they are not constant."""
    law = attribute.distribution
    if law is None:
        return None
    if attribute.type is AttributeType.BOOLEAN:
        p = constant(law.parameters.get("p"))
        return None if p is None or not 0 <= p <= 1 else (1.0 - p, p)
    weights = [constant(law.weights.get(option)) for option in attribute.options]
    known = [weight for weight in weights if weight is not None]
    if len(known) < len(attribute.options) or min(known, default=-1.0) < 0 or sum(known) <= 0:
        return None
    whole = math.fsum(known)
    return tuple(weight / whole for weight in known)


def _group(members: tuple[str, ...], marginals: Marginals, attributes: Mapping[str, Attribute]) -> Group:
    labels = tuple(options_of(attributes[name]) for name in members)
    shape = [len(options) for options in labels]
    seed = np.ones(math.prod(shape))
    inner = marginals.seed if marginals.seed and set(marginals.seed.of) <= set(members) else None
    for axis, name in enumerate(members):
        if inner is not None and name in inner.of:
            continue
        shares = declared_shares(attributes[name])
        assert shares is not None
        seed = seed * np.array(shares)[projection(shape, (axis,))]
    if inner is not None:
        axes, values = aligned(inner, members, shape)
        seed = seed * values[projection(shape, axes)]
    targets = sorted(_targets(members, marginals.targets, shape), key=lambda found: found[0].axes)
    return Group(
        members, labels, seed, tuple(target for target, _ in targets), tuple(place for _, place in targets)
    )


def _targets(
    members: Sequence[str], targets: Sequence[Margin], shape: Sequence[int]
) -> Iterator[tuple[Target, int]]:
    for position, table in enumerate(targets):
        if set(table.of) <= set(members):
            yield Target(*aligned(table, members, shape)), position


def aligned(table: Margin, members: Sequence[str], shape: Sequence[int]) -> tuple[tuple[int, ...], Floats]:
    """The axes of a table in ascending order, and its values with the axes in that order."""
    axes = [members.index(name) for name in table.of]
    values = np.array(table.values).reshape([shape[axis] for axis in axes])
    order = sorted(range(len(axes)), key=axes.__getitem__)
    return tuple(sorted(axes)), np.ascontiguousarray(values.transpose(order)).ravel()
