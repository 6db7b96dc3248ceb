"""Which class implements which family."""

from __future__ import annotations

from worldwright.errors import SamplingError
from worldwright.population.laws.continuous import Exponential, Lognormal, Normal, Triangular, Uniform
from worldwright.population.laws.counts import Binomial, Poisson
from worldwright.population.laws.empirical import empirical
from worldwright.population.laws.law import Law
from worldwright.population.laws.mixture import Mixture
from worldwright.population.laws.shaped import Beta, Gamma
from worldwright.population.lowering import Scope
from worldwright.spec.population import Attribute, Distribution

FAMILIES: dict[str, type[Law]] = {
    "beta": Beta,
    "binomial": Binomial,
    "gamma": Gamma,
    "normal": Normal,
    "lognormal": Lognormal,
    "uniform": Uniform,
    "exponential": Exponential,
    "poisson": Poisson,
    "triangular": Triangular,
}


def law_of(attribute: Attribute, distribution: Distribution, scope: Scope) -> Law:
    """The law of a numeric attribute.

    Raises:
        SamplingError: for a family that is not one of numbers, or constants that are impossible.
    """
    if distribution.family == "mixture":
        return Mixture(attribute, distribution, scope, law_of)
    if distribution.table is not None:
        return empirical(attribute, distribution, scope)
    family = FAMILIES.get(distribution.family)
    if family is None:
        known = ", ".join(sorted([*FAMILIES, "empirical", "mixture"]))
        raise SamplingError(
            f"{distribution.family} is not a distribution of numbers; there are {known}",
            where=f"attribute {attribute.name}",
        )
    return family(attribute, distribution, scope)
