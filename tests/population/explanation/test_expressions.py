"""Expressions for one agent against expressions on arrays, infinities and unknowns included."""

from __future__ import annotations

import struct

import numpy as np
from hypothesis import given, settings

from tests.population.test_lowering import ROWS, SCOPE, block, conditions, numbers
from worldwright.population import lowering
from worldwright.population.explanation import expressions
from worldwright.spec.expressions.nodes import Expression


def bits(value: float) -> bytes:
    return b"unknown" if value != value else struct.pack("<d", value + 0.0)  # zeros have no sign when stored


@settings(max_examples=150, deadline=None, derandomize=True)
@given(numbers())
def test_a_number_is_the_same_for_one_agent_and_for_many(node: Expression) -> None:
    with np.errstate(all="ignore"):
        found = np.broadcast_to(lowering.number(node, SCOPE).run(block()), (len(ROWS),)).tolist()
    for row, many in zip(ROWS, found, strict=True):
        assert bits(expressions.number(node, row, SCOPE)) == bits(many)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(conditions())
def test_a_condition_is_the_same_for_one_agent_and_for_many(node: Expression) -> None:
    with np.errstate(all="ignore"):
        value, unknown = lowering.condition(node, SCOPE).run(block())
    for i, row in enumerate(ROWS):
        lost = unknown is not None and bool(unknown[i])
        assert expressions.truth(node, row, SCOPE) == (None if lost else bool(value[i]))
