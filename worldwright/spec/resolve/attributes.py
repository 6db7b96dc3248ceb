"""Attributes: from what is declared to what is meant."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Diagnostic, Span
from worldwright.spec import documents
from worldwright.spec.codes import names as codes
from worldwright.spec.codes.expressions import UNKNOWN_NAME, UNKNOWN_OPTION
from worldwright.spec.codes.structure import MISSING_KEY
from worldwright.spec.expressions import nodes, types
from worldwright.spec.expressions.nodes import Expression, Name, ValueType
from worldwright.spec.frozen import freeze
from worldwright.spec.population import Attribute, AttributeType, Distribution, Modifier
from worldwright.spec.resolve.kinds import assumed_type, is_contradicted, labels_of, type_of
from worldwright.spec.resolve.laws import distribution_of, labels_in
from worldwright.spec.resolve.layers import Declared, Scene
from worldwright.spec.resolve.table import Taken
from worldwright.spec.resolve.values import Values
from worldwright.spec.templates import BRACES, place
from worldwright.spec.tree import MappingNode, ScalarNode, SequenceNode

VALUE_TYPES: dict[AttributeType, ValueType] = {
    AttributeType.INT: ValueType.NUMBER,
    AttributeType.FLOAT: ValueType.NUMBER,
    AttributeType.CATEGORICAL: ValueType.LABEL,
    AttributeType.BOOLEAN: ValueType.BOOLEAN,
    AttributeType.DATE: ValueType.DATE,
    AttributeType.TEXT: ValueType.TEXT,
}
"""What an expression that reads or gives an attribute of each type has for a type."""
_PLACES = "write {attribute}, or {attribute:.2f} for a number with two decimals"


def kind_of(declared: Declared, formula: Expression | None, table: Taken, scene: Scene) -> types.Kind | None:
    """The kind of an attribute, from its type and options; None where the options cannot be found."""
    document = declared.document
    kind = type_of(document, formula)
    if kind is None:
        if document.formula is None or formula is not None:  # what cannot be parsed has been told
            scene.diagnostics.append(_untyped(declared))
        return None
    unread = document.column is not None and declared.name not in table.cells
    if unread or is_contradicted(document):
        return None
    if kind is not AttributeType.CATEGORICAL:
        return types.Kind(VALUE_TYPES[kind])
    options = _options(declared, formula, table, scene)
    return types.Kind(ValueType.LABEL, options, document.ordered) if options else None


def _untyped(declared: Declared) -> Diagnostic:
    message = f"`attributes.{declared.name}` has no `type`"
    help = "add `type:`"
    if declared.document.column is not None or declared.document.distribution is not None:
        help = "add the `type:` of its values"
        law = declared.document.distribution
        if law is not None and law.empirical is None and law.mixture is None:
            help = "add `type: int`, `float` or `date`"
    if declared.document.formula is not None:
        help = "add `type:`; it can be left out where the formula is a condition or gives labels"
    return MISSING_KEY.at(declared.span, message, help=help)


def _options(declared: Declared, formula: Expression | None, table: Taken, scene: Scene) -> tuple[str, ...]:
    document = declared.document
    weights, from_file = labels_in(declared, scene)
    if document.column is not None:
        weights, from_file = table.labels(declared.name), True
    if document.options is not None:
        return _listed(declared, document.options, () if from_file else weights, scene)
    if weights or document.formula is None:
        return weights
    labels = None if formula is None else labels_of(formula)
    if labels is None:
        if formula is not None:
            message = f"the options of `{declared.name}` cannot be told from its formula"
            help = "list them: `options: [...]`"
            scene.diagnostics.append(codes.OPTIONS.at(declared.span, message, help=help))
        return ()
    return labels


def _listed(
    declared: Declared, options: list[str], weights: tuple[str, ...], scene: Scene
) -> tuple[str, ...]:
    unique = tuple(dict.fromkeys(options))
    listed = declared.find("options")
    if len(unique) < len(options) and isinstance(listed, SequenceNode):
        repeated = next(i for i, option in enumerate(options) if option in options[:i])
        message = f"the option {options[repeated]!r} is listed twice"
        scene.diagnostics.append(codes.OPTIONS.at(listed.items[repeated].span, message))
    if not unique:
        scene.diagnostics.append(codes.OPTIONS.at(declared.span_of("options"), "there are no options"))
    if weights and set(weights) != set(unique):
        odd = sorted(set(weights) ^ set(unique))
        message = f"options and weights differ in {', '.join(map(repr, odd))}"
        help = "the weights list the options already; `options:` may be left out"
        scene.diagnostics.append(codes.OPTIONS.at(declared.span_of("options"), message, help=help))
        return weights
    return unique


def resolve_attribute(
    declared: Declared,
    formula: Expression | None,
    only_if: Expression | None,
    table: Taken,
    scene: Scene,
) -> Attribute:
    """An attribute with its expressions bound; what could not be read is left out, with diagnostics."""
    document = declared.document
    found = type_of(document, formula)
    kind = found or assumed_type(document)
    formula = formula if found is not None else None
    values = Values(scene, scene.scope(declared.origin))
    known = scene.kinds.get(declared.name)
    options = known.options if known is not None else ()
    given = (only_if,)
    distribution = None
    if found is not None or not _is_table(document.distribution):
        distribution = distribution_of(declared, kind, options, values, given, scene)
    modifiers = tuple(_modifiers(declared, options, values, only_if))
    if formula is not None:
        formula = values.typed(formula, VALUE_TYPES[kind], given)
    if formula is not None and options:
        _check_labels(formula, options, scene, scene.scope(declared.origin))
    placed = _template(declared, scene, given)
    expressions = [*_expressions(distribution, modifiers, formula), *([only_if] if only_if else []), *placed]
    reads = tuple(dict.fromkeys(name for part in expressions for name in nodes.names(part)))
    column = table.column(declared, options, scene)
    if column is not None:
        reads = ()  # that it is known is said of itself
    clip = document.clip
    return Attribute(
        name=declared.name,
        type=kind,
        origin=declared.origin,
        stream=document.stream or declared.name,
        span=declared.span,
        distribution=distribution,
        formula=formula,
        modifiers=modifiers,
        only_if=only_if,
        clip=(clip.min, clip.max) if clip else (None, None),
        options=options,
        ordered=document.ordered,
        template=document.template,
        column=column,
        unit=document.unit,
        source=document.source,
        description=document.description,
        reads=reads,
    )


def _is_table(distribution: documents.Distribution | None) -> bool:
    """Whether some values are those of a table, which nobody can read without their type."""
    parts = [] if distribution is None else distribution.mixture or [distribution]
    return any(part.family == "empirical" for part in parts)


def _check_labels(formula: Expression, options: tuple[str, ...], scene: Scene, scope: types.Scope) -> None:
    """That a formula gives nothing but the options."""
    match formula:
        case nodes.Label(value, span) if value not in options:
            message, help, fix = types.not_an_option(value, options, span, quoted=True)

            scene.diagnostics.append(UNKNOWN_OPTION.at(span, message, help=help, fix=fix))
        case nodes.IfElse(_, then, otherwise):
            _check_labels(then, options, scene, scope)
            _check_labels(otherwise, options, scene, scope)
        case Name(name, span) if (kind := scope.get(name)) is not None:
            foreign = [option for option in kind.options if option not in options]
            if foreign:
                message = f"`{name}` can be {foreign[0]!r}, which is not one of the options"
                scene.diagnostics.append(UNKNOWN_OPTION.at(span, message, help="add it to `options:`"))
        case _:
            return


def _modifiers(
    declared: Declared, options: tuple[str, ...], values: Values, only_if: Expression | None
) -> Iterator[Modifier]:
    for position, document in enumerate(declared.document.modifiers):
        when = values.take(declared.find("modifiers", position, "when"), ValueType.BOOLEAN, (only_if,))
        modifier = _modifier(declared, position, document, when, options, values, (only_if, when))
        if modifier is not None:
            yield modifier


def _modifier(
    declared: Declared,
    position: int,
    document: documents.Modifier,
    when: Expression | None,
    options: tuple[str, ...],
    values: Values,
    given: tuple[Expression | None, ...],
) -> Modifier | None:
    """The modifier at a position; None where any part of it cannot be read."""
    numbers: dict[str, Expression | None] = {}
    labels: dict[str, dict[str, Expression] | None] = {}
    for key in ("multiply", "add", "probability", "weights", "scale"):
        if key not in document.model_fields_set:
            continue
        node = declared.find("modifiers", position, key)
        if isinstance(node, MappingNode):
            labels[key] = values.of_options(node, options, given)
        else:
            numbers["scale_odds" if key == "scale" else key] = values.take(node, ValueType.NUMBER, given)
    if when is None or None in numbers.values() or None in labels.values():
        return None
    weights, scale = labels.get("weights"), labels.get("scale")
    return Modifier(
        when,
        declared.span_of("modifiers", position),
        multiply=numbers.get("multiply"),
        add=numbers.get("add"),
        weights=None if weights is None else freeze(weights),
        scale=None if scale is None else freeze(scale),
        probability=numbers.get("probability"),
        scale_odds=numbers.get("scale_odds"),
    )


def _expressions(
    distribution: Distribution | None, modifiers: tuple[Modifier, ...], formula: Expression | None
) -> Iterator[Expression]:
    if distribution is not None:
        yield from distribution.expressions()
    for modifier in modifiers:
        yield modifier.when
        for part in (modifier.multiply, modifier.add, modifier.probability, modifier.scale_odds):
            if part is not None:
                yield part
        yield from (modifier.weights or {}).values()
        yield from (modifier.scale or {}).values()
    if formula is not None:
        yield formula


def _template(declared: Declared, scene: Scene, given: tuple[Expression | None, ...]) -> list[Name]:
    """The attributes a template names."""
    node = declared.find("template")
    if declared.document.template is None or not isinstance(node, ScalarNode):
        return []
    places = node.places()
    scope = scene.scope(declared.origin)
    text = node.text
    found: list[Name] = []
    for match in BRACES.finditer(text):
        inner = place(match.group(1))
        start, length = match.start(1), len(match.group(1))
        if inner is not None:
            start, length = start + inner.offset, len(inner.name)
        if places is None:
            span = node.span.within(start, length)
        else:
            span = Span(node.span.file, places[start], places[start]).within(0, length)
        if inner is None:
            message = f"{{{match.group(1)}}} is no place of a template"
            scene.diagnostics.append(codes.TEMPLATE.at(span, message, help=_PLACES))
            continue
        name = Name(inner.name, span)
        kind = scope.get(name.name)
        if name.name not in scope:
            message = f"there is no attribute `{name.name}`"
            scene.diagnostics.append(UNKNOWN_NAME.at(span, message, **types.name_help(name, scope)))
        elif inner.decimals is not None and kind is not None and kind.type is not ValueType.NUMBER:
            message = f"`{name.name}` is no number and has no decimals"
            scene.diagnostics.append(codes.TEMPLATE.at(span, message, help=f"write {{{name.name}}}"))
        else:
            found.append(name)
            scene.note(name, given)
    if any(brace in BRACES.sub("", text) for brace in "{}"):
        message = "a brace in the template encloses no attribute"
        scene.diagnostics.append(codes.TEMPLATE.at(node.span, message, help=_PLACES))
    return found
