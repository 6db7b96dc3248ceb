"""The operations of a population, in the order they run: base attributes first, then the scenario's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from worldwright.errors import SamplingError
from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.correlation import Copula, score_name
from worldwright.population.laws import Law
from worldwright.population.laws.counts import Count
from worldwright.population.laws.empirical import Values as EmpiricalValues
from worldwright.population.laws.empirical import cut_scores
from worldwright.population.laws.mixture import Mixture
from worldwright.population.lowering import Scope
from worldwright.population.ranks import Ranks
from worldwright.population.steps.boolean import BooleanStep
from worldwright.population.steps.categorical import CategoricalStep, cumulative
from worldwright.population.steps.derived import KnownStep, LabelStep, TruthStep
from worldwright.population.steps.narrow import narrowing
from worldwright.population.steps.numeric import NumericStep
from worldwright.population.steps.raked import RakedStep, raked_steps
from worldwright.population.steps.redraw import RedrawStep, Rule
from worldwright.population.steps.step import Only, Source, Step, Test
from worldwright.population.steps.table import ColumnStep, TableStep
from worldwright.spec.expressions import nodes
from worldwright.spec.population import Attribute, AttributeType, Constraint, Origin, Population

_EMPTY: dict[AttributeType, float | int | bool] = {
    AttributeType.INT: float("nan"),
    AttributeType.FLOAT: float("nan"),
    AttributeType.DATE: float("nan"),
    AttributeType.CATEGORICAL: -1,
    AttributeType.BOOLEAN: False,
}
_FEW = 64
"""Numbers with at most this many values are correlated as the step functions they are."""


def steps_of(population: Population, agents: int | None = None) -> tuple[Step, ...]:
    """Lower a population to the steps that compute it, in order, under any seed.

    `agents` is their number, which only `counts: exact` needs.

    Raises:
        SamplingError: for constants no agent can be drawn from; correlations or marginals that cannot hold.
    """
    scope = {attribute.name: attribute for attribute in population.attributes}
    ordered = sorted(
        (a for a in population.attributes if a.type is not AttributeType.TEXT or a.only_if is not None),
        key=lambda attribute: attribute.origin is Origin.SCENARIO,
    )
    ranks = {
        name: _ranks(scope[name], scope)
        for name in dict.fromkeys(n for pair in population.correlations for n in (pair.first, pair.second))
    }
    copula = Copula(population.correlations, scope, ranks)
    raked = {name: step for step in raked_steps(population, agents) for name in step.writes}
    values = {a.name: raked.get(a.name) or _step(a, scope, _source(a, copula)) for a in ordered}
    repairs = _Repairs(population.constraints, [a.name for a in ordered], values, scope, copula)
    steps: list[Step] = [] if population.table is None else [TableStep(population.table)]
    for origin in (Origin.BASE, Origin.SCENARIO):
        steps += copula.steps(origin)
        for attribute in ordered:
            if attribute.origin is origin:
                step = values[attribute.name]
                if attribute.name not in raked or step not in steps:
                    steps.append(step)
                steps += repairs.after(attribute.name)
    return tuple(steps)


def _source(attribute: Attribute, copula: Copula) -> Source:
    return Source(attribute.stream, score_name(attribute.name) if copula.shapes(attribute.name) else None)


def _step(attribute: Attribute, scope: Scope, source: Source) -> Step:
    if attribute.column is not None:
        return ColumnStep(attribute)
    if attribute.type is AttributeType.TEXT:
        return KnownStep(attribute, scope)
    step = _unconditional(attribute, scope, source)
    if attribute.only_if is None:
        return step
    test = Test(attribute, attribute.only_if, scope, "its only_if")
    return Only(step, attribute.name, test, _EMPTY[attribute.type])


def _unconditional(
    attribute: Attribute, scope: Scope, source: Source
) -> NumericStep | CategoricalStep | BooleanStep | LabelStep | TruthStep:
    match attribute.type:
        case AttributeType.CATEGORICAL if attribute.distribution is None:
            return LabelStep(attribute, scope)
        case AttributeType.CATEGORICAL:
            return CategoricalStep(attribute, scope, source)
        case AttributeType.BOOLEAN if attribute.distribution is None:
            return TruthStep(attribute, scope)
        case AttributeType.BOOLEAN:
            return BooleanStep(attribute, scope, source)
        case _:
            return NumericStep(attribute, scope, source)


# ---- the ranks of a correlated attribute


def _ranks(attribute: Attribute, scope: Scope) -> Ranks:
    if attribute.column is not None:
        raise _uncorrelatable(attribute, "it is taken from a table, with its correlations there", None)
    step = _unconditional(attribute, scope, Source(attribute.stream))
    shares: Sequence[float] | None
    match step:
        case NumericStep() if step.law is not None:
            return _number_ranks(step.law)
        case BooleanStep():
            p = step.base.constant
            shares = None if p is None else [1.0 - p]
        case CategoricalStep() if attribute.ordered:
            weights = step.base_weights
            shares = None if weights is None else [share for share in cumulative(weights) if share < 1.0]
        case CategoricalStep():
            raise _uncorrelatable(attribute, "its labels have no order", "say `ordered: true` if they do")
        case _:
            raise _uncorrelatable(attribute, "it has a formula and no draw of its own", None)
    if shares is None:
        why = "its base probabilities differ between agents, so one rank correlation does not describe it"
        raise _uncorrelatable(attribute, why, "give it constant base probabilities and use modifiers")
    inside = sorted({share for share in shares if 0.0 < share < 1.0})
    if not inside:
        raise _uncorrelatable(attribute, "it has one value only", None)
    return Ranks(arrays.rows(arrays.ndtri(np.array(inside)), len(inside)))


def _number_ranks(law: Law) -> Ranks:
    """Few-valued constant laws are step functions; all others count as continuous."""
    if isinstance(law, Mixture):
        why = "its draw chooses a component first, so that its rank is not that of the value"
        raise _uncorrelatable(law.attribute, why, None)
    if isinstance(law, EmpiricalValues) and law.constant and not law.clamp and not law.truncated:
        if len(law.points) == 1:
            raise _uncorrelatable(law.attribute, "it has one value only", None)
        return Ranks(cut_scores(law, _FEW))
    if not law.constant or not (law.integer or isinstance(law, Count)):
        return Ranks(np.empty(0))

    def values(
        scores: np.ndarray[tuple[int], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return law.draw(arrays.rows(arrays.ndtr(scores), len(scores)), Block(0, len(scores)))

    least, greatest = values(np.array([-7.0, 7.0]))
    if greatest - least >= _FEW:
        return Ranks(np.empty(0))
    if greatest == least:
        raise _uncorrelatable(law.attribute, "it has one value only", None)
    wanted = np.arange(least, greatest) + 0.5
    low, high = np.full(len(wanted), -8.0), np.full(len(wanted), 8.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = values(middle) < wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return Ranks(np.unique(low))


def _uncorrelatable(attribute: Attribute, why: str, help: str | None) -> SamplingError:
    return SamplingError(
        f"{attribute.name} cannot be correlated", where=f"attribute {attribute.name}", why=why, help=help
    )


# ---- constraints


class _Repairs:
    """Constraints grouped by common owners, each placed where all it reads is known."""

    def __init__(
        self,
        constraints: Sequence[Constraint],
        order: Sequence[str],
        values: dict[str, Step],
        scope: Scope,
        copula: Copula,
    ) -> None:
        self._order = {name: i for i, name in enumerate(order)}
        self._values = values
        self._scope = scope
        self._copula = copula
        self._placed: list[tuple[int, frozenset[str], frozenset[str], RedrawStep]] = []
        for group in sorted(_grouped(constraints), key=self._place):
            self._add(group)

    def after(self, name: str) -> Sequence[Step]:
        """The repairs that follow the computation of an attribute."""
        return [step for place, _, _, step in self._placed if place == self._order[name]]

    def _place(self, group: Sequence[Constraint]) -> int:
        return max(self._order[name] for name in _mentioned(group) if name in self._order)

    def _add(self, group: Sequence[Constraint]) -> None:
        owners = list(dict.fromkeys(name for constraint in group for name in constraint.owners))
        reads = frozenset(_mentioned(group))
        self._demand_drawn(owners, reads)
        place = self._place(group)
        changed, nested = self._consequences(owners, place)
        score = self._copula.redraw(owners)
        inner: list[Step] = [] if score is None else [score]
        for name in sorted(changed, key=self._order.__getitem__):
            inner.append(self._values[name])
            inner += [step for at, _, _, step in nested if at == self._order[name]]
        writes = dict.fromkeys(name for step in inner for name in step.writes)
        owner = self._scope[owners[-1]]
        narrow = None
        if len(owners) == 1 and not nested:
            narrow = narrowing([c.condition for c in group], self._values[owners[0]], tuple(writes))
        step = RedrawStep(
            rules=tuple(Rule(Test(owner, c.condition, self._scope, "a constraint"), c.drop) for c in group),
            streams=tuple(self._scope[name].stream for name in owners),
            inner=tuple(inner),
            writes=tuple(writes),
            nullable=frozenset(n for n in writes if n in self._scope and self._scope[n].only_if is not None),
            narrowing=narrow,
        )
        self._placed.append((place, frozenset(owners), reads, step))

    def _consequences(
        self, owners: Iterable[str], place: int
    ) -> tuple[set[str], list[tuple[int, frozenset[str], frozenset[str], RedrawStep]]]:
        """What must be computed again when the owners change, among what is computed by then."""
        changed = set(owners)
        while True:
            nested = [entry for entry in self._placed if entry[0] <= place and entry[2] & changed]
            more = {
                name
                for name, at in self._order.items()
                if at <= place and any(read in changed for read in self._scope[name].reads)
            }
            more |= {name for entry in nested for name in entry[1]}
            if more <= changed:
                break
            changed |= more
        if any(rule.drop for entry in nested for rule in entry[3].rules):
            raise SamplingError(
                f"redrawing {', '.join(owners)} would repeat a constraint that says `on_fail: drop`",
                where="constraints",
                why="an agent that was left out cannot come back",
                help="give both constraints the same owners with `redraw:`",
            )
        return changed, nested

    def _demand_drawn(self, owners: Sequence[str], reads: frozenset[str]) -> None:
        for name in owners:
            if isinstance(self._values[name], RakedStep):
                raise SamplingError(
                    f"{name} has marginals and cannot be redrawn",
                    where=f"attribute {name}",
                    why="whom a constraint draws again has other margins afterwards",
                    help="name another attribute with `redraw:`",
                )
            if self._scope[name].distribution is None:
                raise SamplingError(
                    f"{name} has a formula and cannot be redrawn",
                    where=f"attribute {name}",
                    help="name the attributes to redraw with `redraw:`",
                )
            if self._scope[name].origin is Origin.BASE and any(
                self._scope[read].origin is Origin.SCENARIO for read in reads
            ):
                raise SamplingError(
                    f"a constraint that reads scenario attributes cannot redraw {name} of the base",
                    where=f"attribute {name}",
                    why="a scenario never changes its base",
                )


def _mentioned(group: Iterable[Constraint]) -> list[str]:
    found: dict[str, None] = {}
    for constraint in group:
        found.update(dict.fromkeys([*nodes.names(constraint.condition), *constraint.owners]))
    return list(found)


def _grouped(constraints: Sequence[Constraint]) -> list[list[Constraint]]:
    groups: list[list[Constraint]] = []
    for constraint in constraints:
        sharing = [g for g in groups if any(set(c.owners) & set(constraint.owners) for c in g)]
        merged = [c for group in sharing for c in group] + [constraint]
        groups = [group for group in groups if group not in sharing] + [merged]
    return groups
