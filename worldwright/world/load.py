"""From files to a program: native world documents with their scripts, and Vivarium files by content.

Takes a path and a way to read texts, gives a `WorldProgram` or diagnostics. Reads only through that way.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from worldwright.diagnostics import Code, Diagnostic, Position, Span, in_order
from worldwright.errors import UsageError
from worldwright.spec.binding import bind
from worldwright.spec.heading import expect_kind
from worldwright.spec.pauses import without_collection
from worldwright.spec.reader import read
from worldwright.spec.tree import MappingNode, Node, find, key_span
from worldwright.world import codes
from worldwright.world.aggregates import OF_FIELDS
from worldwright.world.beginnings import never_begins
from worldwright.world.checks import Dialect, check_script
from worldwright.world.documents import EntityDocument, MetricDocument, WorldDocument
from worldwright.world.network import impossible
from worldwright.world.network_documents import MODELS, Edges, Homophily, NetworkDocument, StochasticBlock
from worldwright.world.place_documents import Part
from worldwright.world.places import declared_parts, is_solid, place_problems, places_of
from worldwright.world.program import (
    Entity,
    Limits,
    Metric,
    Network,
    Parameter,
    Script,
    WorldProgram,
    fitted,
)
from worldwright.world.syntax import facts_of
from worldwright.world.ties import read_ties
from worldwright.world.vivarium import is_vivarium, load_vivarium
from worldwright.world.vivarium_project import is_project, load_project

ReadText = Callable[[Path], str]
Show = Callable[[Path], str]

_FIELD = re.compile(r"(?:layer|resource)\.[^.]+")
_PATH = re.compile(r"state((?:\.[A-Za-z_][A-Za-z0-9_]*)+)")
MANY = 2**31
"""In place of a size that only the population will tell: no rule about small numbers applies."""
_LUA = re.compile(r"(?:[^/\\\x00]+/)*[^/\\\x00]+")


@without_collection
def load_world(
    path: Path, read_text: ReadText, show: Show | None = None, *, portable: bool = False
) -> tuple[WorldProgram | None, list[Diagnostic]]:
    """A world from its folder or `world.yaml`, or from a Vivarium config, snapshot or project.

    Args:
        path: A folder with a `world.yaml` in it, a file, or the folder of a snapshot in a Vivarium project.
        read_text: Gives the text of a path; may raise `UsageError` or `OSError`.
        show: How a path is named in diagnostics; as it is, unless given.
        portable: Whether to warn of what differs between LuaJIT and Lua 5.4. Vivarium's files run on Lua 5.4.

    Returns:
        The program, None where there are errors, and all diagnostics.
    """
    show = show or Path.as_posix
    path = path if path.suffix in (".yaml", ".yml", ".json") else path / "world.yaml"
    snapshot: Path | None = None
    try:
        text = read_text(path)
    except (OSError, UsageError) as error:
        if path.parent.parent.name != "snapshots":
            if isinstance(error, UsageError):
                raise
            raise UsageError(f"cannot be read: {error.strerror}", where=show(path)) from None
        snapshot, path = path.parent, path.parents[2] / "world.yaml"
        text = read_text(path)
    if snapshot is not None or is_project(text):
        return load_project(path.parent, snapshot, read_text, show)
    if path.suffix == ".json" or is_vivarium(text):
        return load_vivarium(text, show(path))
    node, found = read(text, show(path))
    if node is None:
        return None, found
    heading, problems = expect_kind(node, "world")
    if heading is None or any(d.is_error for d in problems):
        return None, in_order([*found, *problems])
    document, problems = bind(WorldDocument, node)
    found = [*found, *problems]
    if document is None or not isinstance(node, MappingNode):
        return None, in_order(found)
    loading = _Loading(node, document, path.parent, read_text, show, portable=portable)
    program = loading.program()
    found = in_order([*found, *loading.found])
    return (None if any(d.is_error for d in found) else program), found


class _Loading:
    """One native document on its way to a program."""

    def __init__(
        self,
        node: MappingNode,
        document: WorldDocument,
        folder: Path,
        read_text: ReadText,
        show: Show,
        *,
        portable: bool,
    ) -> None:
        self.found: list[Diagnostic] = []
        self._node = node
        self._document = document
        self._folder = folder
        self._read_text = read_text
        self._show = show
        self._portable = portable

    def program(self) -> WorldProgram:
        """The program; whole only where nothing was found."""
        document = self._document
        parameters = {name: self._parameter(name) for name in document.parameters}
        self.found += place_problems(document, self._span)
        entities = tuple(self._entity(i, entity) for i, entity in enumerate(document.entities))
        scripts = self._scripts()
        if document.order == "event" and len(scripts) == len({e.script for e in document.entities}):
            self.found += never_begins((one.source for one in scripts.values()), self._span("order"))
        metrics = {name: self._metric(name, metric) for name, metric in document.metrics.items()}
        for name, metric in metrics.items():
            self._mentioned(name, metric, scripts)
        for i, entity in enumerate(document.entities):
            for j, field in enumerate(entity.public):
                self._in_state(field, entity, scripts, codes.PUBLIC, "entities", i, "public", j)
        return WorldProgram(
            name=document.name,
            description=document.description,
            order=document.order,
            errors=document.errors,
            runtime=document.runtime,
            parameters=parameters,
            entities=entities,
            scripts=scripts,
            network=self._network(document.network) if document.network else None,
            **places_of(document),
            metrics=metrics,
            limits=Limits(**{k: v for k, v in document.limits.model_dump().items() if v is not None}),
        )

    def _span(self, *path: str | int) -> Span:
        found: Node | None = find(self._node, *path)
        return found.span if found else key_span(self._node, *path[:-1]) or self._node.span

    def _parameter(self, name: str) -> Parameter:
        given = self._document.parameters[name]
        parameter = Parameter(
            type=given.type,
            default=given.default,
            min=given.min,
            max=given.max,
            options=tuple(given.options),
            unit=given.unit,
            description=given.description,
        )
        if given.type == "choice" and not given.options:
            self._say(
                codes.PARAMETER.at(self._span("parameters", name), f"the choice {name!r} has no `options`")
            )
            return parameter
        unread = ["options"] if given.type != "choice" and given.options else []
        if given.type in ("choice", "boolean"):
            unread += [key for key in ("min", "max") if getattr(given, key) is not None]
        if unread:
            span = self._span("parameters", name, unread[0])
            self._say(codes.PARAMETER.at(span, f"`{unread[0]}` means nothing for a {given.type}"))
            return parameter
        if given.min is not None and given.max is not None and given.min > given.max:
            span = self._span("parameters", name, "min")
            self._say(
                codes.PARAMETER.at(span, f"the range of {name!r} is empty: {given.min:g} to {given.max:g}")
            )
            return parameter
        problem = (
            "must not be text" if given.type in ("int", "float") and isinstance(given.default, str) else None
        )
        said, value = fitted(parameter, given.default)
        if problem or said:
            span = self._span("parameters", name, "default")
            self._say(codes.PARAMETER.at(span, f"the default of {name!r} {problem or said}"))
            return parameter
        return dataclasses.replace(parameter, default=value)

    def _entity(self, i: int, entity: EntityDocument) -> Entity:
        names = [other.name for other in self._document.entities[:i]]
        if entity.name in names:
            span = self._span("entities", i, "name")
            self._say(codes.DUPLICATE.at(span, f"the entity {entity.name!r} is declared twice"))
        return Entity(
            entity.name,
            entity.script,
            entity.population,
            entity.count,
            entity.state,
            entity.place,
            tuple(dict.fromkeys(entity.public)),
        )

    def _scripts(self) -> dict[str, Script]:
        scripts: dict[str, Script] = {}
        document = self._document
        dialect = Dialect(
            runtime=document.runtime,
            parameters=frozenset(document.parameters),
            entities=frozenset(e.name for e in document.entities)
            | {e.script for e in document.entities}
            | {e.script.removesuffix(".lua") for e in document.entities},
            parts=declared_parts(document),
            layers=frozenset(document.layers),
            resources=frozenset(document.resources),
            order=document.order,
            solid=is_solid(document),
            floats=frozenset(name for name, one in document.parameters.items() if one.type == "float"),
            public=frozenset(name for entity in document.entities for name in entity.public),
            portable=self._portable,
        )
        for i, entity in enumerate(document.entities):
            if entity.script in scripts:
                continue
            span = self._span("entities", i, "script")
            source = self._source(entity.script, span)
            if source is None:
                continue
            scripts[entity.script] = Script(entity.script, source)
            alone = [other.count == 1 for other in document.entities if other.script == entity.script]
            own = dataclasses.replace(dialect, alone=alone == [True])
            self.found += check_script(source, self._show(self._folder / entity.script), own)
        return scripts

    def _source(self, name: str, span: Span, what: str = "script") -> str | None:
        parts = Path(name).parts
        if not _LUA.fullmatch(name) or ".." in parts or Path(name).is_absolute():
            self._say(codes.SCRIPT_MISSING.at(span, f"the {what} {name!r} is not a file beside the world"))
            return None
        try:
            return self._read_text(self._folder / name)
        except (OSError, UsageError) as error:
            reason = error.what if isinstance(error, UsageError) else (error.strerror or "cannot be read")
            message = f"the {what} {name!r} cannot be read: {reason}"
            self._say(codes.SCRIPT_MISSING.at(span, message, help="put it beside world.yaml"))
            return None
        except UnicodeDecodeError:
            self._say(codes.SCRIPT_MISSING.at(span, f"the {what} {name!r} is not UTF-8 text"))
            return None

    def _network(self, given: NetworkDocument) -> Network:
        of = self._known_entity(given.of, "network", "of")
        for model in MODELS:
            settings = getattr(given, model)
            if settings is None:
                continue
            network = self._graph(given, model, settings)
            size = of.count if of is not None else None
            problem = impossible(network, size if size is not None else MANY)
            if problem:
                self._say(codes.NETWORK.at(self._span("network", model), problem))
            return network
        raise AssertionError("the model has one kind of graph")

    def _graph(self, given: NetworkDocument, model: str, settings: Part) -> Network:
        values = {name: value for name, value in settings.model_dump().items() if value is not None}
        if isinstance(settings, Edges):
            span = self._span("network", model, "file")
            text = self._source(settings.file, span, what="file of links")
            pairs, problem = (
                read_ties(text, settings.source, settings.target) if text is not None else ((), None)
            )
            if problem:
                self._say(codes.NETWORK.at(span, f"the file {settings.file!r} {problem}"))
            return Network(given.of, model, {}, pairs=pairs, match=settings.match, directed=settings.directed)
        if isinstance(settings, StochasticBlock):
            matrix = tuple(tuple(row) for row in settings.p or ())
            numbers = {key: values[key] for key in ("within", "between") if key in values}
            return Network(
                given.of, model, numbers, tuple(settings.by or ()), tuple(settings.sizes or ()), matrix
            )
        if isinstance(settings, Homophily):
            return Network(
                given.of, model, {k: v for k, v in values.items() if k != "by"}, tuple(settings.by)
            )
        return Network(given.of, model, values)

    def _metric(self, name: str, given: MetricDocument) -> Metric:
        how, target = given.given()[0]
        if _FIELD.fullmatch(target):
            return self._field_metric(name, given, how, target)
        path: tuple[str, ...] | None = None
        of = given.of
        if how == "count" and any(target == e.name for e in self._document.entities):
            if of is not None and of != target:
                span = self._span("metrics", name, "of")
                self._say(codes.METRIC.at(span, f"the metric {name!r} counts {target!r} and is `of` {of!r}"))
            of = target
        else:
            path = self._state_path(target, "metrics", name, how)
        if of is None and len(self._document.entities) == 1:
            of = self._document.entities[0].name
        if of is None:
            known = ", ".join(e.name for e in self._document.entities)
            span = self._span("metrics", name)
            self._say(codes.METRIC.at(span, f"the metric {name!r} needs `of`", help=f"there are {known}"))
            of = ""
        elif given.of is not None:
            self._known_entity(given.of, "metrics", name, "of")
        entity = next((e for e in self._document.entities if e.name == of), None)
        if given.by and entity is not None and entity.population is None:
            span = self._span("metrics", name, "by")
            message = f"`by` needs the columns of a population, and {of!r} has none"
            self._say(codes.METRIC.at(span, message))
        where = self._state_path(given.where, "metrics", name, "where") if given.where else None
        return Metric(how, of, path, tuple(given.by), where)

    def _field_metric(self, name: str, given: MetricDocument, how: str, target: str) -> Metric:
        """A figure over the cells of a layer or a resource."""
        part, _, field = target.partition(".")
        known = self._document.layers if part == "layer" else self._document.resources
        if field not in known:
            span = self._span("metrics", name, how)
            near = get_close_matches(field, known, 1)
            help = f"did you mean `{part}.{near[0]}`?" if near else f"there are: {', '.join(known) or 'none'}"
            self._say(codes.METRIC.at(span, f"the world has no {part} {field!r}", help=help))
        unread = [key for key in ("of", "by", "where") if getattr(given, key)]
        for key in [*unread, *([how] if how not in OF_FIELDS else [])]:
            span = self._span("metrics", name, key)
            help = f"there are {', '.join(OF_FIELDS)}" if key == how else None
            self._say(codes.METRIC.at(span, f"`{key}` means nothing for a figure over cells", help=help))
        return Metric(how, "", None, field=(part, field))

    def _mentioned(self, name: str, metric: Metric, scripts: dict[str, Script]) -> None:
        """A place in a state that nothing sets would be a metric without a value, and nobody would notice."""
        entity = next((e for e in self._document.entities if e.name == metric.of), None)
        if entity is None:
            return
        for place, path in ((metric.how, metric.path), ("where", metric.where)):
            if path:
                self._in_state(path[0], entity, scripts, codes.METRIC, "metrics", name, place)

    def _in_state(
        self, name: str, entity: EntityDocument, scripts: dict[str, Script], code: Code, *place: str | int
    ) -> None:
        if entity.script not in scripts:
            return
        facts = facts_of(scripts[entity.script].source)
        known = facts.names | facts.fields | frozenset(entity.state)
        if name in known or facts.computes_names:
            return
        near = get_close_matches(name, known, 1)
        help = f"did you mean `state.{near[0]}`?" if near else f"set it there: `state.{name} = …`"
        message = f"`state.{name}` is nowhere in {entity.script!r}"
        self._say(code.at(self._span(*place), message, help=help))

    def _state_path(self, text: str, *place: str | int) -> tuple[str, ...]:
        match = _PATH.fullmatch(text)
        if match:
            return tuple(match.group(1)[1:].split("."))
        message = f"{text!r} is not a place in a state"
        help = "write `state.NAME`"
        if place[-1] == "count":
            help = f"write `state.NAME` or an entity: {', '.join(e.name for e in self._document.entities)}"
        self._say(codes.METRIC.at(self._span(*place), message, help=help))
        return ()

    def _known_entity(self, name: str, *place: str | int) -> EntityDocument | None:
        for entity in self._document.entities:
            if entity.name == name:
                return entity
        known = ", ".join(e.name for e in self._document.entities)
        message = f"there is no entity {name!r}"
        self._say(codes.UNKNOWN_ENTITY.at(self._span(*place), message, help=f"there are {known}"))
        return None

    def _say(self, diagnostic: Diagnostic) -> None:
        self.found.append(diagnostic)


def nowhere(file: str) -> Span:
    """The beginning of a file, for what has no better place."""
    return Span(file, Position(1, 1), Position(1, 2))
