"""Files of Entropy and Extropy: read by content, a scenario with the population it names."""

from __future__ import annotations

from pathlib import Path

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.project.texts import Texts
from worldwright.spec import Population, Source
from worldwright.spec.entropy import base_of, is_population, is_scenario, other_file
from worldwright.spec.tree import MappingNode, Node

_ABOVE = 3
"""How many folders above a scenario its population is looked for; theirs is two above."""

BASE_MISSING = Code(
    "WW0813",
    "entropy-base-missing",
    Severity.ERROR,
    "A scenario adds attributes to a population and cannot be sampled without it.",
)


def load_foreign(
    texts: Texts, source: Source, node: Node | None, path: Path
) -> tuple[Population | None, list[Diagnostic]] | None:
    """A population of those projects, or a scenario on the one it names; None for any other document.

    A file of theirs that holds no attributes is refused by what it is.
    """
    if not is_population(node) and not is_scenario(node):
        other = other_file(node)
        return None if other is None else (None, [other])
    from worldwright.spec.entropy import load_entropy  # documents of our own need none of it

    if is_population(node):
        return load_entropy(source)
    base = population_of(node, path)
    if base is None:
        return None, [missing(node)]
    return load_entropy(texts.read(base), source)


def population_of(node: Node | None, path: Path) -> Path | None:
    """The population a scenario names, beside it or in a folder above."""
    named = base_of(node)
    if named is None:
        return None
    name = Path(named).name if named.endswith((".yaml", ".yml")) else f"{named}.yaml"
    folders = [path.absolute().parent, *path.absolute().parent.parents][: _ABOVE + 1]
    found = (folder / name for folder in folders if (folder / name).is_file())
    return next((candidate for candidate in found if candidate != path.absolute()), None)


def missing(node: Node | None) -> Diagnostic:
    """The diagnostic for a scenario whose population is not there."""
    assert isinstance(node, MappingNode)
    named = base_of(node)
    meta = node.entry("meta")
    if named is None:
        message, help = "the scenario names no population", "add `base_population:` to its `meta:`"
    else:
        message, help = f"there is no population {named!r} beside the scenario or above", "put it there"
    return BASE_MISSING.at(meta.key.span if meta else node.span, message, help=help)
