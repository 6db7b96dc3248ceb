"""What a step is, and the parts all steps share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from worldwright.errors import SamplingError
from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.lowering import Condition, Numeric, Scope, condition, number
from worldwright.population.refusal import first_row, number_text, refuse
from worldwright.population.values import Floats, Mask, Values
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute

BELOW_ONE = 1.0 - 2.0**-53
"""The greatest uniform."""


class Step(Protocol):
    """One operation of a plan."""

    @property
    def writes(self) -> tuple[str, ...]:
        """The attributes it sets."""
        ...

    def run(self, block: Block) -> None:
        """Compute them for a block that holds everything they read."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where the base draws of an attribute come from: its own stream, or its place in a copula."""

    stream: str
    score: str | None = None
    """The name under which a block holds the attribute's correlated normal scores."""

    def uniform(self, block: Block) -> Floats:
        """The uniforms of a block's agents."""
        if self.score is None:
            return block.uniform(self.stream)
        uniform = arrays.rows(arrays.ndtr(block.value(self.score)), block.count)
        # at the ends that a bisection asks for, a score can be so high that no probability is left above it
        return np.minimum(uniform, BELOW_ONE) if block.placed else uniform


@dataclass(frozen=True, slots=True)
class Test:
    """A condition of an attribute, which must be decided wherever it is asked."""

    attribute: Attribute
    expression: Expression
    scope: Scope
    role: str
    lowered: Condition = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lowered", condition(self.expression, self.scope))

    def holds(self, block: Block) -> Mask:
        """Where it holds.

        Raises:
            SamplingError: where a missing value or a number that is not finite leaves it undecided.
        """
        value, unknown = self.lowered.run(block)
        if unknown is not None:
            row = first_row(unknown)
            if row >= 0:
                raise refuse(
                    self.attribute,
                    block,
                    row,
                    f"{self.role} is undecided",
                    reads=[self.scope[name] for name in nodes.names(self.expression)],
                    why="it reads a missing value, divides by zero or leaves the range of numbers",
                    help="guard it: `x is known and …`, `y != 0 and …`",
                )
        return value


@dataclass(frozen=True, slots=True)
class Operand:
    """A number that an attribute is changed by."""

    expression: Expression
    scope: Scope
    lowered: Numeric = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lowered", number(self.expression, self.scope))

    @property
    def constant(self) -> float | None:
        """Its value where it reads nothing."""
        return self.lowered.constant


def demand_finite(attribute: Attribute, values: Floats, block: Block, scope: Scope) -> None:
    """Refuse a number that is infinite or undefined."""
    finite = np.isfinite(values)
    if finite.all():
        return
    row = first_row(~finite)
    raise refuse(
        attribute,
        block,
        row,
        f"its value is {number_text(float(values[row]))}",
        reads=[scope[name] for name in attribute.reads if name in scope and name != attribute.name],
        why="only finite numbers can be stored; a missing value, a division by zero, "
        "a logarithm or root of a negative number or an overflow led to this",
    )


@dataclass(frozen=True, slots=True)
class Only:
    """A step that runs for some agents; the attribute of the others is null."""

    step: Step
    name: str
    test: Test
    empty: float | int | bool | str
    """What stands in the array where the attribute is null."""

    @property
    def writes(self) -> tuple[str, ...]:
        """The attribute of the inner step."""
        return self.step.writes

    def run(self, block: Block) -> None:
        """Run the inner step where the condition holds."""
        holds = self.test.holds(block)
        index = np.flatnonzero(holds)
        inner = block if len(index) == block.count else block.take(index)
        self.step.run(inner)
        if inner is block:
            block.write(self.name, block.value(self.name), ~holds)
            return
        found: Values = inner.value(self.name)
        values = np.full(block.count, self.empty, dtype=found.dtype)
        values[index] = found
        block.write(self.name, values, ~holds)


def impossible(attribute: Attribute, what: str, help: str | None = None) -> SamplingError:
    """An attribute that no agent can have."""
    return SamplingError(what, where=f"attribute {attribute.name}", help=help)
