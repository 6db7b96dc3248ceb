"""Grids, spaces, layers and resources: from a document to a program, and from a program to the kernel.

Takes documents and programs, gives plain data and diagnostics. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from worldwright.diagnostics import Diagnostic, Span
from worldwright.world import codes
from worldwright.world.documents import WorldDocument
from worldwright.world.place_documents import LayerDocument, RandomStock, RandomValues, ResourceDocument
from worldwright.world.program import Grid, Layer, Resource, Space, WorldProgram

_A_GRID = "add `grid: {size: [20, 20]}`"


def places_of(document: WorldDocument) -> dict[str, Any]:
    """The fields of a program that say where things are."""
    grid, space = document.grid, document.space
    return {
        "grid": grid and Grid(tuple(grid.size), grid.torus, grid.neighbourhood, grid.radius, grid.capacity),
        "space": space and Space(tuple(space.size), space.torus),
        "layers": {name: _layer(layer) for name, layer in document.layers.items()},
        "resources": {name: _resource(resource) for name, resource in document.resources.items()},
    }


def _layer(given: LayerDocument) -> Layer:
    initial = given.initial
    if isinstance(initial, RandomValues):
        uniform = tuple(initial.uniform) if initial.uniform is not None else None
        return Layer(0.0, uniform, initial.bernoulli, given.diffuse, given.decay)
    return Layer(initial, None, None, given.diffuse, given.decay)


def _resource(given: ResourceDocument) -> Resource:
    initial = given.initial
    if isinstance(initial, RandomStock):
        return Resource(0, tuple(initial.uniform), given.per_cell, given.max, given.regrow)
    return Resource(initial, None, given.per_cell, given.max, given.regrow)


def declared_parts(document: WorldDocument) -> frozenset[str]:
    """Which of `world.grid`, `space`, `layer` and `resource` there will be."""
    declared = {
        "grid": document.grid,
        "space": document.space,
        "layer": document.layers,
        "resource": document.resources,
    }
    return frozenset(part for part, given in declared.items() if given)


def is_solid(document: WorldDocument) -> bool:
    """Whether the space, or else the grid, has three dimensions."""
    places = document.space or document.grid
    return places is not None and len(places.size) == 3


def place_problems(document: WorldDocument, span: Callable[..., Span]) -> Iterator[Diagnostic]:
    """Parts that need a grid, or any places, where there are none."""
    if document.grid is None:
        for name in document.layers:
            yield codes.UNDECLARED.at(span("layers", name), f"the layer {name!r} needs a grid", help=_A_GRID)
        for name, resource in document.resources.items():
            if resource.per_cell:
                message = f"the resource {name!r} is one stock for each cell, and there is no grid"
                yield codes.UNDECLARED.at(span("resources", name), message, help=_A_GRID)
    for i, entity in enumerate(document.entities):
        if entity.place == "each_cell" and document.grid is None:
            message = f"{entity.name!r} is one for each cell, and there is no grid"
            yield codes.UNDECLARED.at(span("entities", i, "place"), message, help=_A_GRID)
        elif entity.place == "random" and document.grid is None and document.space is None:
            message = f"{entity.name!r} is placed at random, and there is neither a grid nor a space"
            yield codes.UNDECLARED.at(span("entities", i, "place"), message, help=_A_GRID)


def place_fields(program: WorldProgram) -> dict[str, Any]:
    """Places, layers and resources as the kernel reads them."""
    grid, space = program.grid, program.space
    return {
        "grid": grid
        and {
            "size": list(grid.size),
            "torus": grid.torus,
            "moore": grid.neighbourhood == "moore",
            "radius": grid.radius,
            "capacity": grid.capacity,
        },
        "space": space and {"size": list(space.size), "torus": space.torus},
        "layers": [
            {
                "name": name,
                "initial": layer.initial,
                **_ends(layer.uniform),
                "chance": layer.bernoulli,
                "diffuse": layer.diffuse,
                "decay": layer.decay,
            }
            for name, layer in program.layers.items()
        ],
        "resources": [
            {
                "name": name,
                "per_cell": resource.per_cell,
                "initial": resource.initial,
                **_ends(resource.uniform),
                "max": resource.max,
                "regrow": resource.regrow,
            }
            for name, resource in program.resources.items()
        ],
    }


def _ends(uniform: tuple[float, ...] | None) -> dict[str, Any]:
    return {"low": uniform[0], "high": uniform[1]} if uniform is not None else {}
