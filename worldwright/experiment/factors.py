"""What an experiment can vary: parameters of its world, laws of its populations, and their scenarios.

Takes the names of factors as documents write them, gives what they mean. Touches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_WORLD = re.compile(rf"world\.({_NAME})")
_LAW = re.compile(rf"population\.(?:({_NAME})\.)?({_NAME})\.(shift|scale)")
_SCENARIO = re.compile(rf"scenario(?:\.({_NAME}))?")
NO_SCENARIO = "none"
"""The value of a scenario factor where the population is taken as it is."""
FORMS = "world.NAME, population.ATTRIBUTE.shift, population.ATTRIBUTE.scale or scenario"
"""How factors are written; with several populations, `population.USE.ATTRIBUTE.shift` and `scenario.USE`."""


@dataclass(frozen=True, slots=True)
class WorldFactor:
    """A parameter of the world."""

    parameter: str


@dataclass(frozen=True, slots=True)
class LawFactor:
    """The law of an attribute, moved by an amount or multiplied."""

    use: str | None
    """The population, by the name the world knows it by; None for the only one."""
    attribute: str
    change: Literal["shift", "scale"]


@dataclass(frozen=True, slots=True)
class ScenarioFactor:
    """Which scenario is laid over a population."""

    use: str | None


Factor = WorldFactor | LawFactor | ScenarioFactor


def factor_of(name: str) -> Factor | None:
    """What a factor's name means; None where it has none of the forms."""
    if found := _WORLD.fullmatch(name):
        return WorldFactor(found[1])
    if found := _LAW.fullmatch(name):
        return LawFactor(found[1], found[2], "shift" if found[3] == "shift" else "scale")
    if found := _SCENARIO.fullmatch(name):
        return ScenarioFactor(found[1])
    return None


def used_by(factor: LawFactor | ScenarioFactor, uses: Collection[str]) -> str | None:
    """The population a factor is about; None where it does not exist or is left open among several."""
    if factor.use is not None:
        return factor.use if factor.use in uses else None
    return next(iter(uses)) if len(uses) == 1 else None


def scenario_factors(names: Iterable[str], uses: Collection[str]) -> dict[str, str]:
    """The scenario factor of each population that has one."""
    return {
        use: name
        for name in names
        if isinstance(factor := factor_of(name), ScenarioFactor) and (use := used_by(factor, uses))
    }


def short(factor: str) -> str:
    """A factor as labels show it: `price` for `world.price`, `age.shift` for `population.age.shift`."""
    return factor.removeprefix("world.").removeprefix("population.")


def column(factor: str) -> str:
    """A factor as the name of a column, where that is free: `age_shift` for `population.age.shift`."""
    return short(factor).replace(".", "_").replace("-", "_")
