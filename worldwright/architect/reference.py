"""The language reference that a model reads, written from the models that documents are bound to.

At most 3,000 tokens with two complete examples. `python -m worldwright.architect.reference` writes it anew
into `prompts/language.md`, a test holds the file to it, and each prompt names the version it was written for.
"""

from __future__ import annotations

import typing
from importlib.resources import files
from pathlib import Path

from worldwright.architect.prompting import prompt
from worldwright.hashing import bytes_digest
from worldwright.spec.documents import STATISTICS, Attribute
from worldwright.spec.expressions.tokens import FUNCTIONS
from worldwright.spec.families import Distribution, Truncated
from worldwright.spec.reference.page import parameters_of

MOST_TOKENS = 3_000
"""The most tokens it may have."""

POPULATION = """\
worldwright: population/1
name: german-surgeons
description: Surgeons practising in Germany, 2024
agents: 2000
attributes:
  age:
    type: int
    unit: years
    distribution: {normal: {mean: 47, sd: 7.5, min: 25, max: 70}}
    assumption: read off the age groups of the physicians' register
  experience:
    type: int
    unit: years
    distribution:
      normal:
        mean: age - 28
        sd: 3
        min: 0
        max: age - 24
    assumption: licensure at 24 at the earliest and at 28 on average
  rank:
    type: categorical
    ordered: true
    distribution: {categorical: {resident: .34, specialist: .3, senior: .27, chief: .09}}
    modifiers:
      - when: experience > 15
        weights: {resident: .01, specialist: .28, senior: .5, chief: .21}
    assumption: shares estimated from staff plans
  private_practice:
    type: boolean
    distribution: {boolean: .18}
    modifiers:
      - when: rank == 'chief'
        scale: .5
    assumption: about one in five, fewer among heads of departments
  practice_rent:
    type: float
    unit: EUR/month
    only_if: private_practice
    distribution: {lognormal: {mean: 5200, sd: 1900}}
    assumption: 250 square metres at 14 to 21 EUR
correlations:
  - [age, experience, .6]
constraints:
  - experience <= age - 24
expect:
  - mean: age
    is: 47.1
    within: 1
    assumption: the mean of the register
"""

SCENARIO = """\
worldwright: scenario/1
name: ai-tool
extends: german-surgeons
description: Adds what decides whether a surgeon uses an AI tool
attributes:
  trust_in_ai:
    type: float
    distribution: {beta: {alpha: 4.5, beta: 4}}
    modifiers:
      - when: age > 55
        multiply: .9
      - when: practice_rent is known and practice_rent > 6000
        add: .05
    clip: {min: 0, max: 1}
    assumption: slightly above the middle
  uses_it:
    type: boolean
    distribution:
      boolean: .1 + .5 * trust_in_ai
    assumption: up to six in ten of those who trust it
"""


def reference() -> str:
    """The reference in Markdown."""
    given = typing.get_args(Attribute.model_fields["type"].annotation)
    kinds = [kind for part in given for kind in typing.get_args(part)]
    families = {name: parameters_of(name) for name in Distribution.model_fields}
    named = {
        name: [key for key in model.model_fields if key not in ("clamp", *_ends(model))]
        for name, model in families.items()
        if model is not None and name not in ("empirical", "mixture")
    }
    cut = [name for name, model in families.items() if model is not None and issubclass(model, Truncated)]
    words = {
        "types": f"{', '.join(kinds[:-1])} or {kinds[-1]}",
        "families": ", ".join(f"`{name}` ({', '.join(keys)})" for name, keys in named.items()),
        "truncated": ", ".join(name for name in cut if name != "empirical"),
        "statistics": ", ".join(f"`{name}`" for name in STATISTICS if name not in ("share", "correlation")),
    }
    return prompt(
        "language_template",
        population=POPULATION,
        scenario=SCENARIO,
        functions=" ".join(FUNCTIONS),
        **words,
    )


def version(page: str) -> str:
    """The version of a page of reference: eight digits of its digest."""
    return bytes_digest(page.encode())[:8]


def _ends(model: type) -> tuple[str, ...]:
    return ("min", "max") if issubclass(model, Truncated) else ()


def main() -> None:
    """Write all pages into the package's own folder."""
    from worldwright.architect.scripts_reference import places_reference, scripts_reference

    folder = Path(str(files("worldwright.architect"))) / "prompts"
    (folder / "language.md").write_text(reference(), encoding="utf-8")
    (folder / "scripts.md").write_text(scripts_reference(), encoding="utf-8")
    (folder / "places.md").write_text(places_reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
