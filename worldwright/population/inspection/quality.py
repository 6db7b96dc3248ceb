"""The quality report of a table of agents."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
from scipy import stats

from worldwright.population.block import Block
from worldwright.population.inspection.branches import Drawn, branch_findings
from worldwright.population.inspection.expectations import expectation_finding
from worldwright.population.inspection.figures import spearman, spearman_error
from worldwright.population.inspection.findings import Finding, table_of
from worldwright.population.inspection.margins import marginal_findings
from worldwright.population.inspection.reading import block_of
from worldwright.population.inspection.redrawn import Redrawn, replayed
from worldwright.population.lowering import Scope
from worldwright.population.planning import plan
from worldwright.population.steps.boolean import BooleanStep
from worldwright.population.steps.categorical import CategoricalStep
from worldwright.population.steps.numeric import NumericStep
from worldwright.population.steps.raked import RakedStep
from worldwright.population.steps.step import Only, Step, Test
from worldwright.population.values import Floats
from worldwright.spec.expressions import nodes
from worldwright.spec.population import Attribute, AttributeType, Correlation, Population

JUDGED = 1_000_000
"""Agents to give to `quality`, from the first on; more would tell no more and take more memory."""
TESTED = 200_000
"""Rows the distribution tests look at, from the first on; figures and shares are of all rows."""
FAMILY_ERROR = 0.01
"""The chance that agents drawn as declared get any warning from all findings with a p-value together."""
CORRECTION = "Holm"
"""How p-values are corrected for their number (Holm 1979, Scandinavian Journal of Statistics 6)."""
REPLAYED = 20_000
"""Agents drawn to measure how many a constraint redraws; a table does not show it."""
CLIPPED = 0.05
"""A larger share at a clip's bounds is a warning; that it is larger is tested."""
PAIRS = 200
"""Agents that a correlation is tested on at least."""
IDLE = 0.001
"""A modifier that acts on fewer agents than this, or on all but so few, is a warning; that is tested too."""


def quality(population: Population, table: pa.Table, *, agents: int | None = None) -> pa.Table:
    """Compare a table of agents with what its population declares.

    Args:
        population: The population the table was sampled from (or should resemble).
        table: Its agents, with a column for each attribute.
        agents: How many the population has, where the table is only its first ones.

    Returns:
        One row for each test: kind (branch, marginal, modifier, clip, correlation, constraint, expectation),
        attribute, branch, declared, achieved, tolerance, p_value, verdict, n, text. Only expectations and
        broken constraints can fail; distribution tests are corrected for their number (Holm) and warn.

    Raises:
        UsageError: for a table that lacks columns or holds values the population does not know.
    """
    block = block_of(population, table)
    scope = {attribute.name: attribute for attribute in population.attributes}
    steps = plan(population, 0, table.num_rows).steps
    moved = moved_attributes(population)
    whole = agents is None or agents == table.num_rows
    findings = _branches(steps, moved, whole, _entangled(population), scope, block)
    for attribute in population.attributes:
        findings += _modifiers(attribute, scope, block)
        findings += _clip(attribute, block)
    findings += [_correlation(pair, scope, moved, block) for pair in population.correlations]
    findings = _corrected(findings)
    findings += _constraints(population, scope, block)
    with np.errstate(all="ignore"):
        findings += [expectation_finding(e, scope, block) for e in population.expectations]
    return table_of(findings)


def _branches(
    steps: tuple[Step, ...],
    moved: set[str],
    whole: bool,
    entangled: dict[str, str],
    scope: Scope,
    block: Block,
) -> list[Finding]:
    head = block.take(np.arange(min(block.count, TESTED)))
    findings: list[Finding] = []
    with np.errstate(all="ignore"):
        for step in steps:
            if isinstance(step, RakedStep):
                findings += marginal_findings(step, bool(moved & set(step.writes)), whole, block)
                continue
            inner, part = step, head
            if isinstance(step, Only):
                inner = step.step
                part = head.take(np.flatnonzero(~head.null(step.name)))
            drawn = _drawn(inner)
            if drawn is None or drawn.attribute.name in moved:
                continue
            name = drawn.attribute.name
            if name in entangled and not isinstance(drawn, NumericStep):
                text = f"not tested: it is correlated with {entangled[name]}, on which it depends as well"
                findings.append(Finding("branch", name, text, part.count))
                continue
            if (
                name in entangled
            ):  # a draw is no longer independent of the branch, but all together are uniform
                findings += branch_findings(drawn, [], part)
                continue
            when = [Test(drawn.attribute, m.when, scope, "a modifier") for m in drawn.attribute.modifiers]
            findings += branch_findings(drawn, when, part)
    return findings


def _drawn(step: Step) -> Drawn | None:
    if isinstance(step, NumericStep):
        return None if step.law is None else step
    return step if isinstance(step, (BooleanStep, CategoricalStep)) else None


def _corrected(findings: list[Finding]) -> list[Finding]:
    """Holm's step-down: the smallest of m p-values against α/m, the next against α/(m − 1), and so on."""
    tested = sorted((f.p_value, i) for i, f in enumerate(findings) if f.p_value is not None)
    warned: set[int] = set()
    for rank, (p_value, place) in enumerate(tested):
        if p_value >= FAMILY_ERROR / (len(tested) - rank):
            break
        warned.add(place)
    return [replace(f, verdict="warn") if i in warned else f for i, f in enumerate(findings)]


def moved_attributes(population: Population) -> set[str]:
    """Attributes whose law a constraint changes: its owners; all it names and reads where it drops agents."""
    moved: set[str] = set()
    for constraint in population.constraints:
        moved |= set(constraint.owners)
        if constraint.drop:
            moved |= set(nodes.names(constraint.condition))
    if any(constraint.drop for constraint in population.constraints):
        ties = [{pair.first, pair.second} for pair in population.correlations]
        moved |= {name for tie in ties if tie & moved for name in tie}
        for attribute in reversed(population.attributes):
            if attribute.name in moved:
                moved |= set(attribute.reads)
    return moved


def _entangled(population: Population) -> dict[str, str]:
    """Attributes correlated with something they depend on, directly or through others."""
    behind: dict[str, set[str]] = {}
    for attribute in population.attributes:
        reads = set(attribute.reads)
        behind[attribute.name] = reads.union(*(behind.get(name, set[str]()) for name in reads))
    found: dict[str, str] = {}
    for pair in population.correlations:
        if pair.second in behind.get(pair.first, set()):
            found[pair.first] = pair.second
        if pair.first in behind.get(pair.second, set()):
            found[pair.second] = pair.first
    return found


def _modifiers(attribute: Attribute, scope: Scope, block: Block) -> list[Finding]:
    findings: list[Finding] = []
    known = block
    if attribute.only_if is not None and attribute.modifiers:
        known = block.take(np.flatnonzero(~block.null(attribute.name)))
    for number, modifier in enumerate(attribute.modifiers, start=1):
        with np.errstate(all="ignore"):
            fired = Test(attribute, modifier.when, scope, "a modifier").holds(known)
        share = float(np.count_nonzero(fired)) / known.count if known.count else 0.0
        idle = "never fires" if share == 0.0 else "always fires" if share == 1.0 else f"fires for {share:.2%}"
        findings.append(
            Finding(
                "modifier",
                attribute.name,
                f"modifier {number} (line {modifier.span.start.line}) {idle}",
                known.count,
                branch=f"modifier {number}",
                achieved=share,
                p_value=(1.0 - IDLE) ** known.count if share in (0.0, 1.0) else None,
            )
        )
    return findings


def _clip(attribute: Attribute, block: Block) -> list[Finding]:
    low, high = attribute.clip
    if low is None and high is None:
        return []
    integer = attribute.type in (AttributeType.INT, AttributeType.DATE)
    values: Floats = block.value(attribute.name)
    values = values[np.isfinite(values)]
    findings: list[Finding] = []
    for bound, side in ((low, "least"), (high, "greatest")):
        if bound is None:
            continue
        edge = float(bound)
        if integer:
            edge = float(math.ceil(bound) if side == "least" else math.floor(bound))
        clipped = int(np.count_nonzero(values == edge))
        share = clipped / len(values) if len(values) else 0.0
        findings.append(
            Finding(
                "clip",
                attribute.name,
                f"{share:.2%} at the {side} value {edge:g} that `clip` leaves",
                len(values),
                branch=side,
                achieved=share,
                tolerance=CLIPPED,
                p_value=None if integer else float(stats.binom.sf(clipped - 1, len(values), CLIPPED)),
            )
        )
    return findings


def _correlation(pair: Correlation, scope: Scope, moved: set[str], block: Block) -> Finding:
    known = np.ones(block.count, dtype=np.bool_)
    for name in (pair.first, pair.second):
        if scope[name].only_if is not None:
            known &= ~block.null(name)
    first = block.value(pair.first)[known].astype(np.float64)
    second = block.value(pair.second)[known].astype(np.float64)
    n = len(first)
    achieved: float | None = None
    if n > 2 and np.ptp(first) > 0 and np.ptp(second) > 0:
        achieved = spearman(first, second)
    plain = not any(
        scope[name].modifiers or scope[name].reads or name in moved for name in (pair.first, pair.second)
    )
    p_value: float | None = None
    tolerance = 4.0 / math.sqrt(max(n, 1)) + 0.1
    near = achieved is None or plain or abs(achieved - pair.value) <= tolerance
    if plain and achieved is not None and n >= PAIRS:
        error = spearman_error(first, second)
        tolerance = 2.0 * error
        p_value = float(2.0 * stats.norm.sf(abs(achieved - pair.value) / error))
    shown = "cannot be measured" if achieved is None else f"{achieved:.3f}"
    note = "" if plain else " (declared for the base draws; parameters, modifiers or constraints move it)"
    return Finding(
        "correlation",
        f"{pair.first} and {pair.second}",
        f"Spearman {shown}, {pair.value:g} declared{note}",
        n,
        verdict="pass" if near else "warn",
        declared=pair.value,
        achieved=achieved,
        tolerance=tolerance,
        p_value=p_value,
    )


def _constraints(population: Population, scope: Scope, block: Block) -> list[Finding]:
    if not population.constraints:
        return []
    redrawn = replayed(population, REPLAYED)
    findings: list[Finding] = []
    for constraint in population.constraints:
        owner = scope[constraint.owners[-1]]
        with np.errstate(all="ignore"):
            holds = Test(owner, constraint.condition, scope, "a constraint").holds(block)
        share = float(np.count_nonzero(holds)) / block.count if block.count else 1.0
        drawn, moved = redrawn.get(owner.name, Redrawn(0.0, ""))
        findings.append(
            Finding(
                "constraint",
                ", ".join(constraint.owners),
                f"holds for {share:.2%}; {drawn:.2%} of {REPLAYED:,} replayed agents were drawn again{moved}",
                block.count,
                verdict="pass" if share == 1.0 else "fail",
                branch=f"line {constraint.span.start.line}",
                declared=drawn,
                achieved=share,
            )
        )
    return findings
