"""What every law of numbers shares: parameters checked agent by agent, truncation, and the grid of integers.

An integer has P(k) = F(k + ½) − F(k − ½) on [min, max] (a continuous family) or its own probabilities
(Poisson, binomial, integer uniform), so truncation cuts an integer law at half-integers.
A law that clamps is not truncated and not on the grid: its values are put on the ends they are beyond.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np

from worldwright.errors import SamplingError
from worldwright.population.block import Block
from worldwright.population.lowering import Number, Numeric, Scope, number
from worldwright.population.refusal import first_row, number_text, refuse
from worldwright.population.values import Floats, Mask
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute, AttributeType, Distribution

LEAST_MASS = 1e-290
"""An interval with less probability than this cannot be inverted in double precision."""


class Law(ABC):
    """The base law of a numeric attribute."""

    names: tuple[str, ...] = ()
    """The parameters of the family, as the language names them."""

    def __init__(self, attribute: Attribute, distribution: Distribution, scope: Scope) -> None:
        self.attribute = attribute
        self.clamp = distribution.clamp
        self.integer = attribute.type in (AttributeType.INT, AttributeType.DATE) and not self.clamp
        self.truncated = distribution.minimum is not None or distribution.maximum is not None
        self._scope = scope
        self._expressions = [distribution.parameters[name] for name in self.names]
        self._expressions += [end for end in (distribution.minimum, distribution.maximum) if end is not None]
        self._parameters = [number(distribution.parameters[name], scope) for name in self.names]
        self._limits = (
            self._end(distribution.minimum, -math.inf),
            self._end(distribution.maximum, math.inf),
        )
        unbounded = (self._end(None, -math.inf), self._end(None, math.inf))
        self._low, self._high = unbounded if self.clamp else self._limits
        self.constant = all(part.constant is not None for part in (*self._parameters, *self._limits))
        """Whether all agents share one law."""
        if self.constant:
            block = Block(0, 1)
            self.fixed_parameters = tuple(float(value) for value in self.parameters(block))
            low, high = self.ends(block)
            self.fixed_ends = (float(low), float(high))

    @abstractmethod
    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        """Pairs of where the parameters are wrong, and what is wrong there."""

    @abstractmethod
    def _invert(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], block: Block
    ) -> Floats:
        """The values at which the law's truncated distribution function reaches the uniforms."""

    def draw(self, uniform: Floats, block: Block) -> Floats:
        """One value for each agent of a block."""
        if self.constant:
            values = self._invert(uniform, self.fixed_parameters, self.fixed_ends, block)
        else:
            values = self._invert(uniform, self.parameters(block), self.ends(block), block)
        return self.clamped(values, block) if self.clamp else values

    def limits(self, block: Block) -> tuple[Number, Number]:
        """Where values are put that lie beyond; the greatest holds where it is below the least."""
        low, high = (end.run(block) for end in self._limits)
        self._demand(np.isnan(low) | np.isnan(high), block, lambda row: "a bound is not a number")
        return low, high

    def clamped(self, values: Floats, block: Block) -> Floats:
        """Values put on the limits they lie beyond."""
        low, high = self.limits(block)
        return np.minimum(np.maximum(values, low), high)

    def parameters(self, block: Block) -> tuple[Number, ...]:
        """The parameters of each agent, checked."""
        values = tuple(part.run(block) for part in self._parameters)
        for name, value, part in zip(self.names, values, self._parameters, strict=True):
            if not part.sound or part.constant is None:
                self._demand(
                    ~np.isfinite(value), block, lambda row, n=name, v=value: f"its {n} is {_at(v, row)}"
                )
        for wrong, text in self._check(values):
            numbers = list(zip(self.names, values, strict=True))
            self._demand(
                wrong,
                block,
                lambda row, t=text, k=numbers: f"{t}: " + ", ".join(f"{n} = {_at(v, row)}" for n, v in k),
            )
        return values

    def ends(self, block: Block) -> tuple[Number, Number]:
        """The least and greatest value of each agent; whole numbers for an integer."""
        low, high = self._low.run(block), self._high.run(block)
        self._demand(np.isnan(low) | np.isnan(high), block, lambda row: "a bound is not a number")
        if self.integer:
            low, high = np.ceil(low), np.floor(high)
        self.demand_interval(low, high, block)
        return low, high

    def demand_interval(self, low: Number, high: Number, block: Block) -> None:
        """Refuse an interval whose least value is above its greatest."""
        kind = " of whole numbers" if self.integer else ""
        self._demand(
            low > high,
            block,
            lambda row: f"the interval{kind} from {_at(low, row)} to {_at(high, row)} is empty",
        )

    def refuse_mass(self, block: Block, row: int, low: Number, high: Number) -> SamplingError:
        """The error for an interval that the law practically never reaches."""
        return refuse(
            self.attribute,
            block,
            row,
            f"the distribution has no probability between {_at(low, row)} and {_at(high, row)}",
            reads=self._reads(),
            why=f"it is below {LEAST_MASS:g}, too little to tell values apart",
            help="move min and max towards the distribution, or the distribution towards them",
        )

    def cuts(self, ends: tuple[Number, Number]) -> tuple[Number, Number]:
        """The ends at which a continuous family is cut: half a step outside for an integer."""
        return (ends[0] - 0.5, ends[1] + 0.5) if self.integer else ends

    def settle(self, values: Floats, ends: tuple[Number, Number]) -> Floats:
        """Put values of the continuous family on the integers where asked, and inside the ends."""
        if self.integer:
            values = np.ceil(values - 0.5)
        low, high = ends
        if not is_number(low, -math.inf):
            values = np.maximum(values, low)
        if not is_number(high, math.inf):
            values = np.minimum(values, high)
        return values

    def _end(self, end: Expression | None, unbounded: float) -> Numeric:
        return Numeric(lambda _: unbounded, True, unbounded) if end is None else number(end, self._scope)

    def _reads(self) -> list[Attribute]:
        found = dict.fromkeys(name for part in self._expressions for name in nodes.names(part))
        return [self._scope[name] for name in found]

    def _demand(self, wrong: Mask | bool | np.bool_, block: Block, text: Callable[[int], str]) -> None:
        if not np.any(wrong):
            return
        row = first_row(np.broadcast_to(np.asarray(wrong), (block.count,)))
        if row >= 0:
            raise refuse(self.attribute, block, row, text(row), reads=[] if self.constant else self._reads())


def is_number(value: Number, wanted: float) -> bool:
    """Whether a value is a number for all agents, and this one."""
    return not isinstance(value, np.ndarray) and value == wanted


def _at(value: Number, row: int) -> str:
    if isinstance(value, np.ndarray) and value.ndim:
        return number_text(float(value[row]))
    return number_text(float(value))
