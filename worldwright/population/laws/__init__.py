"""The laws of numbers: each turns uniforms into values by inverting its (truncated) distribution function.

Takes lowered parameters and uniforms, gives one value for each agent. Touches nothing.
"""

from worldwright.population.laws.families import law_of
from worldwright.population.laws.law import Law

__all__ = ["Law", "law_of"]
