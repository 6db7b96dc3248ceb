"""Numbers and stocks on the cells of a grid: the rows of `world.layer` and `world.resource`.

Takes and touches nothing.
"""

from __future__ import annotations

from worldwright.world.entries import Entry


def _layer(name: str, takes: str, text: str, example: str) -> Entry:
    return Entry(f"world.layer.{name}", takes, text, example, "grid")


def _resource(name: str, takes: str, text: str, example: str) -> Entry:
    return Entry(f"world.resource.{name}", takes, text, example, "grid")


LAYER_API = (
    _layer(
        "get",
        "name, x?, y?, z?",
        "The value in a cell.",
        """assert(world.layer.get("grass") == 1 and world.layer.get("grass", 5, 4) == 1)""",
    ),
    _layer(
        "set",
        "name, value, x?, y?, z?",
        "Sets it. Under `simultaneous` it counts from the end of the tick; of several who set one cell, a"
        " keyed draw says who stands.",
        """world.layer.set("grass", now)
assert(world.layer.get("grass") == (now == 1 and 1 or now - 1))""",
    ),
    _layer(
        "add",
        "name, amount, x?, y?, z?",
        "Adds to it; under `simultaneous` at the end of the tick, after what is set.",
        """if now == 1 then world.layer.add("grass", 2, 5, 4) end
if now == 2 then assert(world.layer.get("grass", 5, 4) == 7) end""",
    ),
    _layer(
        "sum",
        "name",
        "The sum over all cells.",
        """assert(world.layer.sum("grass") == 20)""",
    ),
    _layer(
        "neighbor_sum",
        "name, radius?, x?, y?, z?",
        "The sum over the neighbouring cells, the cell itself left out.",
        """assert(world.layer.neighbor_sum("grass") == 8)""",
    ),
    _layer(
        "uphill",
        "name, radius?, x?, y?, z?",
        "x, y (and z) of the highest value among a cell and its neighbours; of equal ones the cell"
        " itself, then the first in the order of `cells`.",
        """local x, y = world.layer.uphill("grass", 1, 2, 3)
assert(x == 2 and y == 3)""",
    ),
    _layer(
        "downhill",
        "name, radius?, x?, y?, z?",
        "The same of the lowest.",
        """local x, y = world.layer.downhill("grass", 1, 2, 3)
assert(x == 2 and y == 3)""",
    ),
    _layer(
        "diffuse",
        "name, rate",
        "Once: every cell gives the share `rate` of its value away, in equal parts to its neighbours; at"
        " an edge, what would go beyond stays. For every tick, declare it.",
        """if self.id == "a_1" then world.layer.diffuse("grass", .5) end
assert(math.abs(world.layer.sum("grass") - 20) < 1e-9)""",
    ),
    _layer(
        "decay",
        "name, rate",
        "Once: every value loses the share `rate`.",
        """if now == 1 and self.id == "a_1" then world.layer.decay("grass", .5) end
if now == 2 then assert(world.layer.sum("grass") == 10) end""",
    ),
)
"""In the order of the reference page."""

RESOURCE_API = (
    _resource(
        "stock",
        "name, x?, y?, z?",
        "How much there is: in a cell, or in the world where the resource is not `per_cell`.",
        """assert(world.resource.stock("food") == 10 and world.resource.stock("sugar", 5, 4) == 4)""",
    ),
    _resource(
        "total",
        "name",
        "How much there is in all cells.",
        """assert(world.resource.total("sugar") == 80)""",
    ),
    _resource(
        "take",
        "name, amount, x?, y?, z?",
        "Takes a whole amount, or what is left of it. One after another, what was got is the value; under"
        " `simultaneous` all ask and are served in an order keyed by tick and entity, and each gets the"
        " message `take` of the next tick, with `{resource = …, asked = …, got = …}`, and x, y of a cell.",
        """if now == 1 then world.resource.take("food", 4) end
for _, msg in ipairs(msgs) do assert(msg.kind == "take" and msg.content.got <= 4) end
if now == 2 then assert(world.resource.stock("food") == 0) end""",
    ),
    _resource(
        "give",
        "name, amount, x?, y?, z?",
        "Puts a whole amount there, up to the resource's `max`; under `simultaneous` after all that is"
        " taken.",
        """if now == 1 then world.resource.give("food", 5) end
if now == 2 then assert(world.resource.stock("food") == 25) end""",
    ),
)
"""In the order of the reference page."""
