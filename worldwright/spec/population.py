"""The resolved intermediate representation: what a population *means*, with every name bound.

`spec.load` makes it from documents; the sampler, the checks and the tools on specs read it.
All nodes are frozen. Expressions are typed trees; labels are known options; dates are days since 1970-01-01.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from worldwright.diagnostics import Span
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.packed import Packed


class AttributeType(StrEnum):
    """What kind of values an attribute has."""

    INT = "int"
    FLOAT = "float"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATE = "date"
    TEXT = "text"


class Strategy(StrEnum):
    """How an attribute comes about; inferred, never written down."""

    INDEPENDENT = "independent"
    """A distribution with constants alone."""
    CONDITIONAL = "conditional"
    """Parameters or modifiers read other attributes."""
    DERIVED = "derived"
    """A formula alone."""


class Origin(StrEnum):
    """The layer that declares an attribute; a scenario reads the base and never changes it."""

    BASE = "base"
    SCENARIO = "scenario"


@dataclass(frozen=True, slots=True)
class Empirical:
    """The table of an empirical distribution of numbers or dates (as days).

    Of `values`, `shares` are their weights, counts as well as probabilities; of quantiles they are the
    probabilities, from 0 to 1, and between two of them values lie on a straight line.
    """

    points: Packed
    """The values, each more than the one before (quantiles: not less)."""
    shares: Packed
    quantiles: bool
    origin: str = field(default="", compare=False)
    """The file and column it was read from; says nothing of what is drawn."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a mixture."""

    share: Expression
    law: Distribution


@dataclass(frozen=True, slots=True)
class Distribution:
    """A family with its parameters, named as in the language.

    normal (mean, sd), lognormal (mean, sd of the variable itself), uniform (min, max), beta (alpha, beta),
    gamma (shape, scale), exponential (mean), triangular (min, mode, max), poisson (mean), binomial (n, p),
    boolean (p), categorical (no parameters; `weights` by option). Each is an expression, often a bare number.
    empirical and mixture have a `table` and `components` instead. Of labels and of booleans they are resolved
    to the categorical or boolean distribution that they are; its `components` are kept for the checks.
    """

    family: str
    parameters: dict[str, Expression]
    span: Span
    weights: dict[str, Expression] = field(default_factory=dict)
    """For a categorical distribution: the weight of each option, in the order of the options."""
    minimum: Expression | None = None
    """Lower end of the truncation."""
    maximum: Expression | None = None
    """Upper end of the truncation."""
    clamp: bool = False
    """Instead of a truncation, values beyond the ends are put on them: the draw, and again what modifiers
    make of it. An integer is then drawn as a number and rounded once, after its modifiers."""
    table: Empirical | None = None
    """Of an empirical distribution."""
    components: tuple[Component, ...] = ()
    """Of a mixture."""
    origin: str = field(default="", compare=False)
    """Of weights that were read from a file: which."""

    def expressions(self) -> Iterator[Expression]:
        """Every expression that decides what is drawn, those of components too."""
        yield from self.parameters.values()
        yield from self.weights.values()
        yield from (end for end in (self.minimum, self.maximum) if end is not None)
        if self.family == "mixture":
            for component in self.components:
                yield component.share
                yield from component.law.expressions()


@dataclass(frozen=True, slots=True)
class Modifier:
    """A change that applies where `when` holds; which fields are set depends on the attribute's type."""

    when: Expression
    span: Span
    multiply: Expression | None = None
    add: Expression | None = None
    weights: dict[str, Expression] | None = None
    """Categorical: replaces the weights (options left out have weight 0); the last match wins."""
    scale: dict[str, Expression] | None = None
    """Categorical: multiplies the weights of the named options; all matches apply, after the replacement."""
    probability: Expression | None = None
    """Boolean: replaces the probability; the last match wins."""
    scale_odds: Expression | None = None
    """Boolean (`scale:` in a document): multiplies the odds; all matches apply, after the replacement."""


@dataclass(frozen=True, slots=True)
class Column:
    """The values of an attribute that is taken from the population's table, one for each of its rows."""

    name: str = field(compare=False)
    """As the file calls it."""
    values: Packed | tuple[str | None, ...]
    """Numbers, days, positions of options, 1 and 0 for booleans, NaN where missing; texts as themselves."""


@dataclass(frozen=True, slots=True)
class RowTable:
    """The table whose rows are agents."""

    file: str = field(compare=False)
    count: int
    in_order: bool
    """Agent i is row i; otherwise its row is drawn."""
    weights: Packed | None = None
    """How likely each row is drawn, up to a common factor; all alike where None."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute, resolved."""

    name: str
    type: AttributeType
    origin: Origin
    stream: str
    """The name its randomness is keyed by; the attribute's own name unless it says otherwise."""
    span: Span
    distribution: Distribution | None = None
    formula: Expression | None = None
    modifiers: tuple[Modifier, ...] = ()
    only_if: Expression | None = None
    """Null wherever this does not hold."""
    clip: tuple[float | None, float | None] = (None, None)
    """Bounds applied after modifiers and rounding."""
    options: tuple[str, ...] = ()
    """Categorical: every label, in order; codes are positions in it."""
    ordered: bool = False
    template: str | None = None
    """Text: a template with {attribute} places."""
    column: Column | None = None
    """Its values by row of the population's table. Where some are missing, `only_if` is that it is known."""
    unit: str | None = None
    source: str | None = None
    description: str | None = None
    reads: tuple[str, ...] = ()
    """Attributes that its parameters, modifiers, formula, condition or template read."""

    @property
    def strategy(self) -> Strategy:
        """Inferred from what it reads."""
        if self.distribution is None:
            return Strategy.DERIVED if self.column is None else Strategy.INDEPENDENT
        return Strategy.CONDITIONAL if self.reads else Strategy.INDEPENDENT


@dataclass(frozen=True, slots=True)
class Correlation:
    """The Spearman correlation of two attributes' base draws."""

    first: str
    second: str
    value: float
    span: Span


@dataclass(frozen=True, slots=True)
class Constraint:
    """A condition every agent meets; its owner is redrawn until it does."""

    condition: Expression
    owners: tuple[str, ...]
    """The attributes redrawn, jointly: by default the last one named, in dependency order."""
    drop: bool
    """With `on_fail: drop`, agents that cannot meet it are left out instead of being an error."""
    span: Span


@dataclass(frozen=True, slots=True)
class Margin:
    """A table of weights over the options of some attributes: a known margin, or the prior of a fit."""

    of: tuple[str, ...]
    """By the alphabet."""
    values: tuple[float, ...]
    """In the order of the options (false before true), those of the last attribute running fastest."""
    total: float
    """What the values were divided by, so that they sum to 1; 0 where they are all 0."""
    is_shares: bool
    """Whether the document gives shares, and not counts or weights."""
    source: str | None
    span: Span
    places: tuple[Span, ...]
    """Where the values stand."""


@dataclass(frozen=True, slots=True)
class Marginals:
    """Known margins of the joint table of some attributes, which agents are drawn from."""

    targets: tuple[Margin, ...]
    seed: Margin | None
    """How its attributes hang together; all others, and all without it, begin independent."""
    exact: bool
    """Whether counts are whole numbers fixed by the number of agents, and not drawn."""
    span: Span

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes it draws."""
        tables = (*self.targets, *([self.seed] if self.seed else []))
        return tuple(dict.fromkeys(name for table in tables for name in table.of))


@dataclass(frozen=True, slots=True)
class Expectation:
    """A known figure of the population: the quality gate.

    `statistic` is one of mean, sd, median, share, correlation; `of` names the attributes (two for a
    correlation, none for a share); `where` restricts the agents; a share is that of agents with `condition`.
    """

    statistic: str
    of: tuple[str, ...]
    condition: Expression | None
    where: Expression | None
    value: float
    within: float
    source: str | None
    span: Span
    label: str = ""
    """The expectation as a person would write it, for tables."""


@dataclass(frozen=True, slots=True)
class Population:
    """A population, checked and resolved: attributes in dependency order (ties in file order, base first)."""

    name: str
    description: str | None
    agents: int
    """The suggested size; it does not enter the digest."""
    attributes: tuple[Attribute, ...]
    columns: tuple[str, ...]
    """Attribute names in document order, base before scenario: the order of columns."""
    correlations: tuple[Correlation, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    marginals: tuple[Marginals, ...] = ()
    """At most one of each layer."""
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    table: RowTable | None = None
    """What attributes with a `column` are taken from."""
    scenario: str | None = None
    digest: str = ""
    """Identity of the meaning: comments, descriptions, sources, expectations and `agents` do not enter it."""
    base_digest: str = ""
    """The digest of the base alone; equal to `digest` where there is no scenario."""

    @property
    def raked(self) -> frozenset[str]:
        """The attributes drawn from joint tables that marginals are known of."""
        return frozenset(name for item in self.marginals for name in item.names)

    @property
    def most_agents(self) -> int | None:
        """How many agents there can be; None for as many as one likes."""
        return self.table.count if self.table is not None and self.table.in_order else None

    def attribute(self, name: str) -> Attribute:
        """Look an attribute up by name; a KeyError lists what exists."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise KeyError(f"no attribute {name!r}; there are {', '.join(self.columns)}")
