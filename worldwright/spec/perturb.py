"""A spec with a figure moved: shifted, scaled or reweighed, as edits of its text, so that comments stay.

Takes a document's text and what to change, gives the new text in canonical form. Bounds of a truncation stay
where they are: they say what is possible, not what is usual.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from worldwright.diagnostics import DocumentError, Edit
from worldwright.errors import UsageError
from worldwright.spec.declaration import value_of
from worldwright.spec.edits import applied
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.parser import day_number, parse_expression
from worldwright.spec.fmt import formatted
from worldwright.spec.reader import read
from worldwright.spec.source import Source
from worldwright.spec.suggestions import listed, nearest
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode, find
from worldwright.spec.wrecks import quoted

SHIFTED: Mapping[str, tuple[str, ...]] = {
    "normal": ("mean",),
    "lognormal": ("mean",),
    "exponential": ("mean",),
    "poisson": ("mean",),
    "uniform": ("min", "max"),
    "triangular": ("min", "mode", "max"),
}
SCALED: Mapping[str, tuple[str, ...]] = {
    "normal": ("mean", "sd"),
    "lognormal": ("mean", "sd"),
    "exponential": ("mean",),
    "poisson": ("mean",),
    "gamma": ("scale",),
    "uniform": ("min", "max"),
    "triangular": ("min", "mode", "max"),
}
"""The parameters that move a family's values by an amount, or stretch them by a factor."""
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Shift:
    """Move the values of a number by an amount."""

    attribute: str
    by: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiply the values of a number."""

    attribute: str
    by: float


@dataclass(frozen=True, slots=True)
class Reweigh:
    """Give an option a share and scale the others so that they sum to 1; of a boolean, its probability."""

    attribute: str
    option: str | None
    share: float


Perturbation = Shift | Scale | Reweigh


def perturbed(source: Source, changes: Sequence[Perturbation], name: str | None = None) -> str:
    """The document with its figures moved; each attribute may be changed once.

    Args:
        source: A population or scenario; only attributes it declares itself can be changed.
        changes: What to move.
        name: The new document's name.

    Raises:
        DocumentError: when the document cannot be read.
        UsageError: for what does not exist or cannot be moved so.
    """
    node, found = read(source.text, source.file)
    if not isinstance(node, MappingNode) or any(d.is_error for d in found):
        raise DocumentError(found)
    names = [change.attribute for change in changes]
    repeated = next((one for one in names if names.count(one) > 1), None)
    if repeated is not None:
        raise UsageError(f"`{repeated}` is changed twice", help="change the result once more instead")
    edits = [edit for change in changes for edit in _edits(node, change)]
    own = find(node, "name")
    if name is not None and own is not None:
        edits.append(Edit(own.span, name))
    text, errors = formatted(Source(source.file, applied(source.text, edits)))
    if text is None:
        raise DocumentError(errors)
    return text


def _edits(document: MappingNode, change: Perturbation) -> Iterator[Edit]:
    attributes = find(document, "attributes")
    attribute = find(attributes, change.attribute)
    known = attributes.keys() if isinstance(attributes, MappingNode) else ()
    if attribute is None:
        near = nearest(change.attribute, known)
        raise UsageError(
            f"the document declares no attribute `{change.attribute}`",
            help=f"did you mean {near}?" if near else listed(known),
        )
    law = find(attribute, "distribution")
    if not isinstance(law, MappingNode) or len(law.entries) != 1:
        raise UsageError(f"`{change.attribute}` has no distribution", help="change what it is computed from")
    family, parameters = law.entries[0].key.text, law.entries[0].value
    marginals = find(document, "marginals", "targets")
    targets = marginals.items if isinstance(marginals, SequenceNode) else ()
    if any(change.attribute in _texts(find(target, "of")) for target in targets):
        raise UsageError(
            f"`{change.attribute}` has marginals, which decide its shares", help="change the table by hand"
        )
    if isinstance(change, Reweigh):
        yield from _reweighed(change, family, parameters)
        return
    table = SHIFTED if isinstance(change, Shift) else SCALED
    if family not in table:
        verb = "shifted" if isinstance(change, Shift) else "scaled"
        raise UsageError(f"`{change.attribute}` is {family}, which cannot be {verb}", help=listed(table))
    if change in (Shift(change.attribute, 0), Scale(change.attribute, 1)):
        return
    kind = find(attribute, "type")
    if isinstance(change, Scale) and isinstance(kind, ScalarNode) and kind.text == "date":
        raise UsageError(
            f"`{change.attribute}` is a date, which cannot be scaled",
            help="days have no zero to be counted from; shift it",
        )
    for name in table[family]:
        value = find(parameters, name)
        if isinstance(value, ScalarNode):
            yield Edit(value.span, _moved(value, change))


def _texts(node: Node | None) -> tuple[str, ...]:
    if isinstance(node, SequenceNode):
        return tuple(item.text for item in node.items if isinstance(item, ScalarNode))
    return (node.text,) if isinstance(node, ScalarNode) else ()


def _moved(value: ScalarNode, change: Shift | Scale) -> str:
    """A figure with something added or multiplied; of an expression, the expression that says so."""
    plain = value.value
    if isinstance(plain, (int, float)) and not isinstance(plain, bool):
        return _figure(plain + change.by if isinstance(change, Shift) else plain * change.by)
    if isinstance(change, Shift) and (days := day_number(value.text)) is not None:
        if not float(change.by).is_integer():
            raise UsageError(
                f"`{change.attribute}` is a date, and {number(change.by)} is no whole number of days"
            )
        return str(value_of(nodes.Date(days + int(change.by), value.span)))
    expression, found = parse_expression(value.text, value.span, value.places())
    if expression is None:
        raise DocumentError(found)
    if isinstance(change, Shift):
        inner = value.text if _binds(expression, "+") else f"({value.text})"
        sign = "-" if change.by < 0 else "+"
        return quoted(f"{inner} {sign} {_figure(abs(change.by))}")
    inner = value.text if _binds(expression, "*") else f"({value.text})"
    return quoted(f"{inner} * {_figure(change.by)}")


def _binds(expression: nodes.Expression, operator: str) -> bool:
    """Whether an expression may stand without brackets left of an operator."""
    match expression:
        case nodes.Name() | nodes.Number() | nodes.Call():
            return True
        case nodes.Arithmetic(own):
            return operator == "+" or own in "*/"
        case _:
            return False


def _reweighed(change: Reweigh, family: str, parameters: Node) -> Iterator[Edit]:
    if not 0 <= change.share <= 1:
        raise UsageError(f"{number(change.share)} is not a share", help="a share is a number from 0 to 1")
    if family == "boolean" and change.option in (None, "true"):
        yield Edit(parameters.span, _figure(change.share))
        return
    if family != "categorical" or not isinstance(parameters, MappingNode):
        raise UsageError(f"`{change.attribute}` is {family}, which has no such shares")
    weights = {entry.key.text: entry.value for entry in parameters.entries}
    if change.option not in weights:
        raise UsageError(f"{change.option!r} is not an option of `{change.attribute}`", help=listed(weights))
    shares: dict[str, float] = {}
    for option, weight in weights.items():
        value = weight.value if isinstance(weight, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise UsageError(f"the weight of {option!r} is an expression", help="change it by hand")
        shares[option] = float(value)
    others = math.fsum(share for option, share in shares.items() if option != change.option)
    if others <= 0:
        raise UsageError("no other option has a share that could make up for it")
    factor = (1 - change.share) / others
    for option, share in shares.items():
        new = change.share if option == change.option else share * factor
        yield Edit(weights[option].span, _figure(new))


def _figure(value: float) -> str:
    return number(float(f"{value:.{_DIGITS}g}"))
