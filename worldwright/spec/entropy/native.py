"""A resolved population as a document of ours, in canonical form: expressions on lines of their own.

Tables of weights stand on one line each. What is written resolves to the population it was written from,
with the same digest and so the same agents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from worldwright.spec.expressions import canonical, nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute, AttributeType, Distribution, Modifier, Origin, Population
from worldwright.spec.scalars import is_ambiguous, resolve

_WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ ./+()%'€&-]*[A-Za-z0-9_./+()%'€-]|[A-Za-z]", re.ASCII)
_PLAIN_EXPRESSION = re.compile(r"[A-Za-z(0-9.-].*")
_BOUNDED = ("uniform", "triangular")


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a document says of figures beside their values."""

    titles: Mapping[str, str] = field(default_factory=dict[str, str])
    """For each attribute that has one, the title of its source."""
    reasons: Mapping[str, str] = field(default_factory=dict[str, str])
    """For each other attribute that is drawn, why its figures are assumed."""


def write(
    population: Population, provenance: Provenance, *, name: str, extends: str | None, descriptions: bool
) -> str:
    """The text of a population, or with `extends` of the scenario over it.

    Args:
        population: A resolved population without correlations, constraints and expectations.
        provenance: Sources and reasons by attribute.
        name: The name of the document.
        extends: The name of the population that a scenario extends; None for the population itself.
        descriptions: Whether each attribute keeps its description.
    """
    origin = Origin.BASE if extends is None else Origin.SCENARIO
    attributes = [population.attribute(column) for column in population.columns]
    attributes = [attribute for attribute in attributes if attribute.origin is origin]
    titles = dict.fromkeys(provenance.titles[a.name] for a in attributes if a.name in provenance.titles)
    sources = {title: f"s{number}" for number, title in enumerate(titles, start=1)}
    lines = [f"worldwright: {'population' if extends is None else 'scenario'}/1", f"name: {scalar(name)}"]
    if extends is not None:
        lines.append(f"extends: {scalar(extends)}")
    if population.description:
        lines.append(f"description: {scalar(population.description)}")
    if extends is None:
        lines.append(f"agents: {population.agents}")
    if sources:
        lines.append("sources:")
        lines += [f"  {key}: {{title: {scalar(title)}}}" for title, key in sources.items()]
    lines.append("attributes:")
    for attribute in attributes:
        lines += _attribute(attribute, provenance, sources, descriptions)
    return "\n".join(lines) + "\n"


def slug(text: str) -> str:
    """A name for a document: small letters, digits and hyphens."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return "-".join(words[:6])[:60].strip("-") or "population"


def scalar(text: str) -> str:
    """Text as a YAML scalar, quoted where it needs to be."""
    if _PLAIN.fullmatch(text) and isinstance(resolve(text), str) and ": " not in text and " #" not in text:
        return text
    escaped = "".join(_escaped(char) for char in text)
    return f'"{escaped}"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char == "\n":
        return "\\n"
    if char < " " or "\x7f" <= char <= "\xa0" or char in "\u2028\u2029\ufeff":
        return f"\\u{ord(char):04x}"
    return char


def _attribute(
    attribute: Attribute, provenance: Provenance, sources: Mapping[str, str], descriptions: bool
) -> Iterator[str]:
    keys: list[tuple[str, str | list[str]]] = [("type", str(attribute.type))]
    if attribute.ordered:
        keys.append(("ordered", "true"))
    if descriptions and attribute.description:
        keys.append(("description", scalar(attribute.description)))
    if attribute.name in provenance.titles:
        keys.append(("source", sources[provenance.titles[attribute.name]]))
    elif attribute.distribution is not None:
        keys.append(("assumption", scalar(provenance.reasons.get(attribute.name, "imported"))))
    if attribute.distribution is not None:
        keys.append(("distribution", _distribution(attribute.distribution)))
    if attribute.formula is not None:
        if attribute.type is AttributeType.CATEGORICAL:
            keys.append(("options", f"[{', '.join(map(_item, attribute.options))}]"))
        keys.append(("formula", _expression(attribute.formula)))
    if attribute.modifiers:
        keys.append(("modifiers", [line for m in attribute.modifiers for line in _modifier(m)]))
    least, most = attribute.clip
    bounds = [f"{key}: {canonical.number(v)}" for key, v in (("min", least), ("max", most)) if v is not None]
    if bounds:
        keys.append(("clip", f"{{{', '.join(bounds)}}}"))
    if all(isinstance(value, str) for _, value in keys) and attribute.formula is None:
        line = f"  {attribute.name}: {{{', '.join(f'{key}: {value}' for key, value in keys)}}}"
        if len(line) <= _WIDTH:
            yield line
            return
    yield f"  {attribute.name}:"
    for key, value in keys:
        if isinstance(value, list):
            yield f"    {key}:"
            yield from (f"      {line}" for line in value)
        else:
            yield f"    {key}: {value}"


def _distribution(law: Distribution) -> str | list[str]:
    """One line where it holds no expression, otherwise a block."""
    if law.family == "categorical":
        return f"{{categorical: {_table(law.weights)}}}"
    if law.family == "boolean":
        p = law.parameters["p"]
        return f"{{boolean: {_expression(p)}}}" if _is_number(p) else [f"boolean: {_expression(p)}"]
    parts = dict(law.parameters)
    if law.family not in _BOUNDED:
        ends = {"min": law.minimum, "max": law.maximum}
        parts |= {key: end for key, end in ends.items() if end is not None}
    written = [f"{key}: {_expression(value)}" for key, value in parts.items()]
    if law.clamp:
        written.append("clamp: true")
    if all(_is_number(value) for value in parts.values()):
        return f"{{{law.family}: {{{', '.join(written)}}}}}"
    return [f"{law.family}:", *(f"  {line}" for line in written)]


def _modifier(modifier: Modifier) -> Iterator[str]:
    yield f"- when: {_expression(modifier.when)}"
    for key in ("multiply", "add", "probability"):
        value: Expression | None = getattr(modifier, key)
        if value is not None:
            yield f"  {key}: {_expression(value)}"
    if modifier.weights is not None:
        yield f"  weights: {_table(modifier.weights)}"


def _table(weights: Mapping[str, Expression]) -> str:
    return f"{{{', '.join(f'{_item(label)}: {_expression(weight)}' for label, weight in weights.items())}}}"


def _item(label: str) -> str:
    """A label within braces or brackets, as a key or an item."""
    bare = re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./+()-]*(?: [A-Za-z0-9_./+()-]+)*", label, re.ASCII)
    if bare and isinstance(resolve(label), str) and not is_ambiguous(label) and not label.endswith(":"):
        return label
    return f'"{"".join(_escaped(char) for char in label)}"'


def _is_number(node: Expression) -> bool:
    return isinstance(node, nodes.Number)


def _expression(node: Expression) -> str:
    """An expression as a scalar on a line of its own."""
    text = canonical.text(node)
    if isinstance(node, nodes.Number):
        return re.sub(r"^(-?)0\.", r"\1.", text)
    if isinstance(node, nodes.Boolean):
        return text
    safe = _PLAIN_EXPRESSION.fullmatch(text) and ": " not in text and " #" not in text
    if safe and not text.endswith(":") and isinstance(resolve(text), str) and not text.startswith("- "):
        return text
    return f'"{"".join(_escaped(char) for char in text)}"'
