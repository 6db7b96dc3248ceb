"""The resolved world: what a world document or a Vivarium file means, as frozen plain data.

Made by `load`, read by `runtime`. Can be pickled and written as JSON. Touches nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any

from worldwright.errors import UsageError
from worldwright.hashing import digest

Scalar = float | int | bool | str
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)

ALGORITHM = 3
"""Raised by hand whenever the meaning of the kernel changes; guarded by golden digests."""


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script."""

    file: str
    """Its name in error messages."""
    source: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number or choice that an experiment may vary."""

    type: str
    """float, int, boolean or choice."""
    default: Scalar
    min: float | None = None
    max: float | None = None
    options: tuple[str, ...] = ()
    unit: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of entities: who they are, how many, and what they do."""

    name: str
    script: str
    """A key of the program's scripts."""
    population: str | None = None
    """The population whose rows they are, one each."""
    count: int | None = None
    state: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Merged into the state that the script starts with."""
    place: str | None = None
    """Where they begin: `random`, or `each_cell`: one on each cell of the grid, in the order of the cells."""
    public: tuple[str, ...] = ()
    """Fields of the state that everybody may read."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells in two or three dimensions."""

    size: tuple[int, ...]
    torus: bool = False
    neighbourhood: str = "moore"
    """moore or von_neumann."""
    radius: int = 1
    """How far a neighbourhood reaches unless a script says otherwise."""
    capacity: int | None = None
    """Most entities in one cell."""

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return math.prod(self.size)


@dataclass(frozen=True, slots=True)
class Space:
    """Points in two or three dimensions."""

    size: tuple[float, ...]
    torus: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """A number in each cell of the grid."""

    initial: float = 0.0
    uniform: tuple[float, ...] | None = None
    """Drawn between these instead."""
    bernoulli: float | None = None
    """1 with this probability instead, else 0."""
    diffuse: float = 0.0
    """Share of each value that goes to the neighbours at the end of a tick."""
    decay: float = 0.0
    """Share that is lost after that."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A stock in whole numbers, one for the world or one in each cell."""

    initial: int = 0
    uniform: tuple[int, ...] | None = None
    """Drawn between these instead, both included."""
    per_cell: bool = False
    max: int | None = None
    regrow: int = 0
    """What is added at the end of a tick, up to `max`."""


@dataclass(frozen=True, slots=True)
class Network:
    """A graph among the entities of one kind."""

    of: str
    model: str
    """watts_strogatz (k, p), erdos_renyi (p or mean_degree), barabasi_albert (m), stochastic_block (within,
    between or the matrix), homophily (mean_degree, preference) or edges (the pairs)."""
    settings: Mapping[str, float]
    by: tuple[str, ...] = ()
    """Columns of the population whose values make the groups."""
    sizes: tuple[int, ...] = ()
    """Sizes of the groups, in the order of the entities, instead."""
    matrix: tuple[tuple[float, ...], ...] = ()
    pairs: tuple[tuple[str, ...], ...] = ()
    """Source and target of each link, as the file has them."""
    match: str = "row"
    """What those are: row, id, or a column."""
    directed: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure computed at the end of every tick."""

    how: str
    """One of `aggregates.AGGREGATES`."""
    of: str
    """The kind of entities."""
    path: tuple[str, ...] | None
    """Where in the state; None counts the entities themselves."""
    by: tuple[str, ...] = ()
    """Population columns: one further figure for each combination of their values."""
    where: tuple[str, ...] | None = None
    """Only entities whose state is true here."""
    field: tuple[str, str] | None = None
    """Instead of entities the cells of `("layer", NAME)` or `("resource", NAME)`; `of` is then empty."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a world may use up; reaching a limit is an error of the entity that reaches it."""

    steps: int = 1_000_000
    """Loop rounds and calls of one update."""
    messages: int = 1_000_000
    """Messages sent in one tick."""
    entities: int = 1_000_000
    """Living entities."""
    metrics: int = 1_000
    """Different metric names."""
    seconds: float | None = None
    """Wall-clock time of a run; None is the worker's own limit."""
    memory: int | None = None
    """Megabytes (2**20 bytes) a run may use; None is the worker's own limit."""


@dataclass(frozen=True, slots=True)
class Individual:
    """One entity of a Vivarium file."""

    id: str
    script: str
    state: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A message of a Vivarium snapshot that is still under way."""

    sender: str
    to: str | None
    """None for a broadcast, which reaches nobody."""
    kind: str
    content: Any
    due: int


@dataclass(frozen=True)
class WorldProgram:
    """A world that can be run."""

    name: str
    scripts: Mapping[str, Script]
    entities: tuple[Entity, ...] = ()
    description: str = ""
    order: str = "simultaneous"
    """simultaneous, random or event."""
    errors: str = "stop"
    """stop, remove or ignore."""
    runtime: str = "auto"
    """auto, luajit or lua54."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    network: Network | None = None
    grid: Grid | None = None
    space: Space | None = None
    layers: Mapping[str, Layer] = field(default_factory=dict[str, Layer])
    resources: Mapping[str, Resource] = field(default_factory=dict[str, Resource])
    metrics: Mapping[str, Metric] = field(default_factory=dict[str, Metric])
    limits: Limits = Limits()
    vivarium: bool = False
    """Whether Vivarium's rules hold: state through get_state and set_state, lenient conversions."""
    individuals: tuple[Individual, ...] = ()
    pending: tuple[Pending, ...] = ()
    start: int = 0
    """The time before the first tick."""
    history: Mapping[str, tuple[tuple[int, float], ...]] = field(
        default_factory=dict[str, tuple[tuple[int, float], ...]]
    )
    """Metric values from before the start."""

    @cached_property
    def digest(self) -> str:
        """Its identity: all that can change a run; descriptions and comments in scripts do not."""
        from worldwright.world.syntax import without_comments

        content = self.to_json()
        # a run that the clock or want of memory ended is never kept
        del content["description"], content["limits"]["seconds"], content["limits"]["memory"]
        for parameter in content["parameters"].values():
            del parameter["description"]
        for script in content["scripts"].values():
            script["source"] = without_comments(script["source"])
        return digest("world", _finite(content))

    def to_json(self) -> dict[str, Any]:
        """As plain data; `from_json` is its inverse."""
        return {
            **{name.name: getattr(self, name.name) for name in fields(self)},
            "scripts": {name: asdict(script) for name, script in self.scripts.items()},
            "entities": [_entity(entity) for entity in self.entities],
            "parameters": {
                name: {**_shallow(p), "options": list(p.options)} for name, p in self.parameters.items()
            },
            "network": self.network and _network(self.network),
            "grid": self.grid and _listed(_shallow(self.grid)),
            "space": self.space and _listed(_shallow(self.space)),
            "layers": {name: _listed(_shallow(layer)) for name, layer in self.layers.items()},
            "resources": {name: _listed(_shallow(resource)) for name, resource in self.resources.items()},
            "metrics": {name: _listed(_shallow(metric)) for name, metric in self.metrics.items()},
            "limits": asdict(self.limits),
            "individuals": [_shallow(one) for one in self.individuals],
            "pending": [_shallow(message) for message in self.pending],
            "history": {name: [list(point) for point in points] for name, points in self.history.items()},
        }

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> WorldProgram:
        """A program from what `to_json` gave."""
        network = content["network"]
        given: dict[str, Any] = dict(content)
        given |= {
            "scripts": {name: Script(**script) for name, script in content["scripts"].items()},
            "entities": tuple(Entity(**_tupled(entity)) for entity in content["entities"]),
            "parameters": {name: Parameter(**_tupled(p)) for name, p in content["parameters"].items()},
            "network": Network(**{key: _nested(value) for key, value in network.items()})
            if network
            else None,
            "grid": Grid(**_tupled(content["grid"])) if content["grid"] else None,
            "space": Space(**_tupled(content["space"])) if content["space"] else None,
            "layers": {name: Layer(**_tupled(layer)) for name, layer in content["layers"].items()},
            "resources": {name: Resource(**_tupled(one)) for name, one in content["resources"].items()},
            "metrics": {name: Metric(**_tupled(metric)) for name, metric in content["metrics"].items()},
            "limits": Limits(**content["limits"]),
            "individuals": tuple(Individual(**one) for one in content["individuals"]),
            "pending": tuple(Pending(**message) for message in content["pending"]),
            "history": {
                name: tuple((int(t), float(v)) for t, v in points)
                for name, points in content["history"].items()
            },
        }
        return WorldProgram(**given)


def resolve_parameters(program: WorldProgram, given: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Every parameter's value: the given ones, checked, and the defaults of the rest.

    Text is read as a value of the parameter's type, as on a command line.

    Raises:
        UsageError: for an unknown name, a value of another type, or one outside the declared range.
    """
    unknown = sorted(set(given) - set(program.parameters))
    if unknown:
        known = ", ".join(program.parameters) or "none"
        raise UsageError(
            f"the world {program.name!r} has no parameter {unknown[0]!r}", help=f"there are: {known}"
        )
    values: dict[str, Scalar] = {}
    for name, parameter in program.parameters.items():
        value = given.get(name, parameter.default)
        problem, values[name] = fitted(parameter, value)
        if problem:
            raise UsageError(f"parameter {name!r} {problem}", where=program.name)
    return values


def fitted(parameter: Parameter, value: Any) -> tuple[str | None, Scalar]:
    """The value as the parameter's type, or what is wrong with it."""
    match parameter.type:
        case "boolean":
            words = {"true": True, "false": False}
            value = words.get(value, value) if isinstance(value, str) else value
            return (None if isinstance(value, bool) else f"is true or false, not {value!r}"), value
        case "choice":
            options = ", ".join(parameter.options)
            return (None if value in parameter.options else f"is one of {options}, not {value!r}"), value
        case _:
            return _fitted_number(parameter, value)


def _fitted_number(parameter: Parameter, value: Any) -> tuple[str | None, Scalar]:
    wanted = "a whole number" if parameter.type == "int" else "a number"
    if isinstance(value, str):
        try:
            value = float(value if _NUMBER.fullmatch(value) else "no number")
        except ValueError:
            return f"is {wanted}, not {value!r}", value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return f"is {wanted}, not {value!r}", value
    if parameter.type == "int":
        if value != int(value):
            return f"is a whole number, not {value!r}", value
        value = int(value)
    else:
        value = float(value)
    if parameter.min is not None and value < parameter.min:
        return f"is at least {_written(parameter.min)}, not {_written(value)}", value
    if parameter.max is not None and value > parameter.max:
        return f"is at most {_written(parameter.max)}, not {_written(value)}", value
    return None, value


def _written(number: float) -> str:
    """With all its digits, and without `.0`."""
    return str(int(number)) if number == int(number) and abs(number) < 2**53 else repr(number)


def _entity(entity: Entity) -> dict[str, Any]:
    content = {**_shallow(entity), "state": dict(entity.state), "public": list(entity.public)}
    if not entity.public:
        del content["public"]  # a world without is the one it was before there was such a thing
    return content


def _network(network: Network) -> dict[str, Any]:
    return {
        **_listed(_shallow(network)),
        "settings": dict(network.settings),
        "matrix": [list(row) for row in network.matrix],
        "pairs": [list(pair) for pair in network.pairs],
    }


def _nested(value: Any) -> Any:
    return tuple(_nested(item) for item in value) if isinstance(value, list) else value


def _shallow(item: Any) -> dict[str, Any]:
    return {name.name: getattr(item, name.name) for name in fields(item)}


def _listed(metric: dict[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in metric.items()}


def _tupled(metric: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in metric.items()}


def _finite(value: Any) -> Any:
    """Numbers that JSON lacks, as text: a history may hold them."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    return value
