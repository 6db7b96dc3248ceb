"""The plan of a population run for one agent, one step after the other.

The plan says what is computed in which order, under which keys, and how scores are weighted; every value is
computed here again, from the population's own expressions.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from worldwright.errors import SamplingError
from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.correlation import ScoreStep
from worldwright.population.explanation import expressions
from worldwright.population.explanation.drawn import Numeric, changes_of, drawn_boolean, drawn_category
from worldwright.population.explanation.expressions import State
from worldwright.population.explanation.raked import cell_of, draws_of
from worldwright.population.explanation.reading import Reading, Texts, stored
from worldwright.population.explanation.record import (
    Attempt,
    AttributeExplanation,
    Draw,
    Formula,
    Redraw,
    Score,
    ScorePart,
    Taken,
    Value,
    changed,
)
from worldwright.population.explanation.scalars import uniform
from worldwright.population.explanation.tables import cumulative
from worldwright.population.kernels import philox
from worldwright.population.keys import Keys
from worldwright.population.planning import Plan
from worldwright.population.steps.boolean import BooleanStep
from worldwright.population.steps.categorical import CategoricalStep
from worldwright.population.steps.derived import KnownStep
from worldwright.population.steps.narrow import LAST, NARROWED_AFTER, TRIES, Narrowing
from worldwright.population.steps.numeric import NumericStep
from worldwright.population.steps.raked import RakedStep
from worldwright.population.steps.redraw import ATTEMPTS, MOST_ATTEMPTS, RedrawStep
from worldwright.population.steps.step import BELOW_ONE, Only, Source, Step, Test
from worldwright.population.steps.table import STREAM, ColumnStep, TableStep
from worldwright.spec.packed import Packed
from worldwright.spec.population import Attribute, AttributeType, Distribution

_TEXT = "(text)"
"""What stands for a text, which is known to be there before it is written."""
_KEPT = 8
"""How many tries of a redraw are kept, besides the last."""


@dataclass
class Known:
    """What is known of the agent so far."""

    values: dict[str, State] = field(default_factory=dict[str, State])
    scores: dict[str, Score] = field(default_factory=dict[str, Score])
    records: dict[str, AttributeExplanation] = field(default_factory=dict[str, AttributeExplanation])
    redraws: list[Redraw] = field(default_factory=list[Redraw])
    row: int = -1
    """The agent's row of the population's table, from 0."""
    first: Mapping[str, float] = field(default_factory=dict[str, float])
    """Its uniforms by stream, at the first attempt."""

    def copy(self) -> Known:
        """The same, to go on from in another way."""
        return Known(
            dict(self.values),
            dict(self.scores),
            dict(self.records),
            list(self.redraws),
            self.row,
            self.first,
        )


@dataclass(frozen=True, slots=True)
class Tries:
    """Which attempt each stream is at, and uniforms that are placed in what constraints leave."""

    attempts: Mapping[str, int] = field(default_factory=dict[str, int])
    placed: Mapping[str, float] = field(default_factory=dict[str, float])
    left: Mapping[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    def uniform(self, keys: Keys, stream: str, agent: int, first: Mapping[str, float]) -> float:
        """The agent's uniform of a stream."""
        if stream in self.placed:
            return self.placed[stream]
        return self.keyed(keys, stream, agent, first)

    def keyed(self, keys: Keys, stream: str, agent: int, first: Mapping[str, float]) -> float:
        """The same, wherever it is placed."""
        attempt = self.attempts.get(stream, 0)
        return uniform(keys.of("attribute", stream), agent, attempt) if attempt else first[stream]

    def at(self, streams: Iterable[str], attempt: int) -> Tries:
        """The same with some streams at an attempt."""
        return replace(self, attempts={**self.attempts, **dict.fromkeys(streams, attempt)})

    def put(self, stream: str, number: int, left: tuple[int, int] | None = None) -> Tries:
        """The same with a uniform given by its number."""
        ends = {} if left is None else {stream: ((2 * left[0] + 1) / 2**53, (2 * left[1] + 1) / 2**53)}
        placed = {**self.placed, stream: (2 * number + 1) / 2**53}
        return replace(self, placed=placed, left={**self.left, **ends})


_FIRST = Tries()


class LeftOutError(Exception):
    """A constraint with `on_fail: drop` leaves the agent out."""


class Interpreter:
    """Computes agents of one plan, one at a time."""

    def __init__(self, plan: Plan, *, quantiles: bool = False) -> None:
        self._plan = plan
        self._steps = plan.steps
        self._keys = plan.keys
        self._streams = sorted({attribute.stream for attribute in plan.population.attributes})
        self._stream_keys = np.array(
            [plan.keys.of("attribute", stream) for stream in self._streams], dtype=np.uint64
        )
        self._scope: Mapping[str, Attribute] = {a.name: a for a in plan.population.attributes}
        self._texts = Texts()
        self._quantiles = quantiles

    def run(self, agent: int) -> tuple[Known, bool]:
        """All values of an agent but its texts, and whether it is left out.

        Raises:
            SamplingError: for an agent that cannot be drawn.
        """
        state = Known(first=self._first_uniforms(agent))
        try:
            for step in self._steps:
                self._step(step, agent, state, _FIRST)
        except LeftOutError:
            return state, True
        return state, False

    def _first_uniforms(self, agent: int) -> Mapping[str, float]:
        out = np.empty(len(self._streams))
        philox.uniforms_under(self._stream_keys, np.uint64(agent), out)
        return dict(zip(self._streams, out.tolist(), strict=True))

    def reading(self, attribute: Attribute, agent: int, state: Known) -> Reading:
        """What an attribute may read of an agent."""
        return Reading(attribute, agent, state.values, self._scope, self._texts)

    def _step(self, step: Step, agent: int, state: Known, tries: Tries) -> None:
        match step:
            case ScoreStep():
                self._scores(step, agent, state, tries)
            case RedrawStep():
                self._redraw(step, agent, state, tries)
            case RakedStep():
                self._rake(step, agent, state)
            case TableStep():
                state.row = self._row(step, agent)
            case ColumnStep():
                self._column(step.attribute, agent, state)
            case KnownStep():
                reading = self.reading(step.attribute, agent, state)
                assert step.attribute.only_if is not None
                known = reading.decide(step.attribute.only_if, "its only_if").holds
                state.values[step.attribute.name] = _TEXT if known else None
            case _:
                (name,) = step.writes
                inner = step.step if isinstance(step, Only) else step
                drawing = isinstance(inner, NumericStep | BooleanStep | CategoricalStep)
                source = inner.source if drawing else None
                record = self._attribute(self._scope[name], source, agent, state, tries)
                state.records[name] = record

    # ---- rows of a table

    def _row(self, step: TableStep, agent: int) -> int:
        table = step.table
        if table.in_order:
            if agent >= table.count:
                raise SamplingError(
                    f"the table {table.file} has {table.count:,} rows, so there is no agent {agent}",
                    where="table",
                )
            return agent
        u = uniform(self._keys.of("table", STREAM), agent, 0)
        if table.weights is None:
            return min(int(u * float(table.count)), table.count - 1)
        return min(bisect_right(cumulative(table.weights), u) - 1, table.count - 1)

    def _column(self, attribute: Attribute, agent: int, state: Known) -> None:
        column = attribute.column
        assert column is not None
        if not isinstance(column.values, Packed):
            state.values[attribute.name] = None if column.values[state.row] is None else _TEXT
            return
        cell = column.values[state.row]
        value: State = cell
        if math.isnan(cell):
            value = None
        elif attribute.type is AttributeType.CATEGORICAL:
            value = attribute.options[int(cell)]
        elif attribute.type is AttributeType.BOOLEAN:
            value = cell == 1.0
        state.values[attribute.name] = value
        state.records[attribute.name] = self.taken(attribute, stored(attribute, value), agent, state)

    def taken(self, attribute: Attribute, value: Value, agent: int, state: Known) -> AttributeExplanation:
        """The record of a value from the agent's row."""
        table, column = self._plan.population.table, attribute.column
        assert table is not None and column is not None
        keyed = None if table.in_order else uniform(self._keys.of("table", STREAM), agent, 0)
        found = Taken(table.file, column.name, state.row + 1, table.count, keyed, value)
        return changed(blank(attribute), value=value, taken=found)

    # ---- draws

    def _scores(self, step: ScoreStep, agent: int, state: Known, tries: Tries) -> None:
        fresh = [
            float(arrays.ndtri(tries.uniform(self._keys, member.stream, agent, state.first)))
            for member in step.members
        ]
        known = [(name, False, state.scores[name].value) for name in step.given]
        known += [(member.name, True, score) for member, score in zip(step.members, fresh, strict=True)]
        for member, weights, factors in zip(step.members, step.weights, step.factor, strict=True):
            parts = tuple(
                ScorePart(name, new, coefficient, score)
                for coefficient, (name, new, score) in zip([*weights, *factors], known, strict=True)
                if coefficient != 0.0
            )
            total = 0.0
            for part in parts:
                total += part.coefficient * part.score
            state.scores[member.name] = Score(total, parts)

    def _draw(self, name: str, source: Source, agent: int, state: Known, tries: Tries) -> Draw:
        attempt = tries.attempts.get(source.stream, 0)
        keyed = tries.keyed(self._keys, source.stream, agent, state.first)
        score = None if source.score is None else state.scores[name]
        own = tries.placed.get(source.stream, keyed)
        used = own if score is None else float(arrays.ndtr(score.value))
        draw = Draw(
            source.stream, attempt, keyed, score, used, "", (), None, None, False, (None, None), (), None
        )
        if not tries.placed:
            return draw
        left, placed = tries.left.get(source.stream), tries.placed.get(source.stream)
        return changed(draw, uniform=min(used, BELOW_ONE), left=left, placed=placed)

    def _rake(self, step: RakedStep, agent: int, state: Known) -> None:
        at, number, cell = cell_of(step, agent, self._keys)
        for name, draw in zip(step.writes, draws_of(step, at, number), strict=True):
            assert isinstance(draw.value, bool | str)
            state.values[name] = draw.value
            state.records[name] = changed(blank(self._scope[name]), draw=draw, cell=cell, value=draw.value)

    # ---- attributes

    def _attribute(
        self,
        attribute: Attribute,
        source: Source | None,
        agent: int,
        state: Known,
        tries: Tries,
    ) -> AttributeExplanation:
        reading = self.reading(attribute, agent, state)
        record = self._texts.made("blank", attribute, lambda: blank(attribute))
        if attribute.only_if is not None:
            record = changed(record, only_if=reading.decide(attribute.only_if, "its only_if"))
            if record.only_if is not None and not record.only_if.holds:
                state.values[attribute.name] = None
                return record
        if attribute.distribution is None or source is None:
            return self._derived(attribute, record, reading, state)
        draw = self._draw(attribute.name, source, agent, state, tries)
        changes = changes_of(attribute, reading)
        if attribute.type is AttributeType.BOOLEAN:
            draw = drawn_boolean(attribute, attribute.distribution, changes, draw, reading)
        elif attribute.type is AttributeType.CATEGORICAL:
            draw = drawn_category(attribute, attribute.distribution, changes, draw, reading)
        else:
            numeric = Numeric(attribute, reading, self._quantiles)
            draw = numeric.drawn(attribute.distribution, draw)
            assert isinstance(draw.value, float)
            record = changed(record, modifiers=changes, draw=draw) if changes else changed(record, draw=draw)
            return _settled(numeric, record, draw.value, attribute.distribution, state)
        assert isinstance(draw.value, bool | str)
        state.values[attribute.name] = draw.value
        return changed(record, modifiers=changes, draw=draw, value=draw.value)

    def _derived(
        self, attribute: Attribute, record: AttributeExplanation, reading: Reading, state: Known
    ) -> AttributeExplanation:
        assert attribute.formula is not None
        written, names = self._texts.of(attribute.formula)
        reads = reading.reads(names)
        found: bool | str | None
        if attribute.type is AttributeType.BOOLEAN:
            found = reading.decide(attribute.formula, "its formula").holds
        elif attribute.type is AttributeType.CATEGORICAL:
            found = expressions.label(attribute.formula, state.values, self._scope)
            if found not in attribute.options:
                raise reading.refusal("its formula gives none of its options", names)
        else:
            value = reading.number(attribute.formula)
            changes = changes_of(attribute, reading)
            record = changed(record, formula=Formula(written, reads, value), modifiers=changes)
            return _settled(Numeric(attribute, reading, False), record, value, None, state)
        state.values[attribute.name] = found
        return changed(record, formula=Formula(written, reads, found), value=found)

    # ---- constraints

    def _redraw(self, step: RedrawStep, agent: int, state: Known, tries: Tries) -> None:
        broken = self._broken(step, agent, state)
        if broken is None:
            return
        owners = [
            name for name in step.writes if name in self._scope and self._scope[name].stream in step.streams
        ]
        tried = [self._attempt(0, owners, agent, state, broken)]
        droppable = any(rule.drop for rule in step.rules)
        most = NARROWED_AFTER if step.narrowing else ATTEMPTS
        for number in self._numbers(step, agent, most, further=not droppable and step.narrowing is None):
            trial, broken = self._tried(step, agent, state, tries.at(step.streams, number))
            if broken is None or number < _KEPT:
                tried.append(self._attempt(number, owners, agent, trial, broken))
            if broken is None:
                self._keep(step, owners, number, tried, state, trial)
                return
        if step.narrowing is not None:
            most = self._narrow(step, step.narrowing, owners, tried, agent, state, tries)
            if not most:
                return
        state.redraws.append(self._record(step, owners, most, tried))
        self._give_up(step, agent, state)

    def _numbers(self, step: RedrawStep, agent: int, most: int, *, further: bool) -> Iterator[int]:
        """The attempts to replay: the first ones, and then the one that is kept.

        Where the sampler tries an agent on for millions of attempts, they are sought in arrays, as it does;
        the one that it keeps is replayed here like any other.
        """
        yield from range(1, most + 1)
        if not further:
            return
        if step not in self._steps:  # within another redraw
            yield from range(most + 1, MOST_ATTEMPTS + 1)
            return
        block = Block(agent, 1, self._keys)
        with np.errstate(all="ignore"):
            for earlier in self._steps:
                if earlier is step:
                    break
                earlier.run(block)
            kept = step.kept_attempt(block)
        if kept:
            yield kept

    def _tried(self, step: RedrawStep, agent: int, state: Known, tries: Tries) -> tuple[Known, str | None]:
        trial = state.copy()
        for inner in step.inner:
            self._step(inner, agent, trial, tries)
        return trial, self._broken(step, agent, trial)

    def _keep(
        self,
        step: RedrawStep,
        owners: list[str],
        number: int,
        tried: list[Attempt],
        state: Known,
        trial: Known,
    ) -> None:
        made = self._record(step, owners, number, tried)
        state.values, state.scores, state.records = trial.values, trial.scores, trial.records
        state.redraws = [*trial.redraws, made]

    def _narrow(
        self,
        step: RedrawStep,
        narrowing: Narrowing,
        owners: list[str],
        tried: list[Attempt],
        agent: int,
        state: Known,
        tries: Tries,
    ) -> int:
        """Place attempts in what the inequalities leave; how many were made, or 0 where one was kept."""
        first, last = self._left(step, narrowing, agent, state, tries)
        number = NARROWED_AFTER
        while first <= last and number < NARROWED_AFTER + TRIES:
            number += 1
            drawn = uniform(self._keys.of("attribute", narrowing.stream), agent, number)
            count = last - first + 1
            place = first + min(int(drawn * float(count)), count - 1)
            at = tries.at(step.streams, number).put(narrowing.stream, place, (first, last))
            trial, broken = self._tried(step, agent, state, at)
            tried.append(self._attempt(number, owners, agent, trial, broken))
            if broken is None:
                self._keep(step, owners, number, tried, state, trial)
                return 0
        return number

    def _left(
        self, step: RedrawStep, narrowing: Narrowing, agent: int, state: Known, tries: Tries
    ) -> tuple[int, int]:
        """The first and the last number of a uniform that meets every inequality, by bisection."""
        first, last = 0, LAST
        for test in narrowing.inequalities:

            def holds(number: int, test: Test = test) -> bool:
                trial, _ = self._tried(step, agent, state, tries.put(narrowing.stream, number))
                reading = self.reading(test.attribute, agent, trial)
                return reading.decide(test.expression, "a constraint").holds

            low, high = 0, LAST
            at_low, at_high = holds(low), holds(high)
            if at_low == at_high:
                last = last if at_low else -1
                continue
            while high - low > 1:
                middle = low + (high - low) // 2
                if holds(middle) == at_low:
                    low = middle
                else:
                    high = middle
            first, last = (max(first, high), last) if at_high else (first, min(last, low))
        return first, last

    def _record(self, step: RedrawStep, owners: list[str], count: int, tried: list[Attempt]) -> Redraw:
        constraints = tuple(self._texts.of(rule.test.expression)[0] for rule in step.rules)
        return Redraw(constraints, tuple(owners), step.writes, count, tuple(tried))

    def _give_up(self, step: RedrawStep, agent: int, state: Known) -> None:
        for rule in step.rules:
            reading = self.reading(rule.test.attribute, agent, state)
            if not reading.decide(rule.test.expression, "a constraint").holds and not rule.drop:
                written, names = self._texts.of(rule.test.expression)
                raise reading.refusal(f"the constraint {written} still fails after all its redraws", names)
        raise LeftOutError

    def _broken(self, step: RedrawStep, agent: int, state: Known) -> str | None:
        decided = [
            self.reading(rule.test.attribute, agent, state).decide(rule.test.expression, "a constraint")
            for rule in step.rules
        ]
        return next((found.text for found in decided if not found.holds), None)

    def _attempt(
        self, number: int, owners: list[str], agent: int, state: Known, broken: str | None
    ) -> Attempt:
        reading = self.reading(self._scope[owners[0]], agent, state)
        return Attempt(number, reading.reads(owners), broken)


def blank(attribute: Attribute) -> AttributeExplanation:
    """Nothing has happened yet."""
    return AttributeExplanation(
        attribute.name,
        attribute.type.value,
        attribute.unit,
        None,
        None,
        None,
        (),
        None,
        None,
        None,
        None,
        None,
    )


def _settled(
    numeric: Numeric,
    record: AttributeExplanation,
    value: float,
    distribution: Distribution | None,
    state: Known,
) -> AttributeExplanation:
    modified = numeric.modified(value, record.modifiers)
    if modified is not None:
        value = modified
    clamped = None
    if distribution is not None and distribution.clamp and record.modifiers:
        clamped = numeric.clamped(value, distribution)
        value = clamped.value
    whole, clipped, final = numeric.settled(value)
    state.values[record.name] = final
    return changed(
        record,
        modified=modified,
        clamped=clamped,
        rounded=whole,
        clipped=clipped,
        value=numeric.reading.reads([record.name])[0].value,
    )
