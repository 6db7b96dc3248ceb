"""The cells of a grid and who is in them: the rows of `world.grid`.

Takes and touches nothing.
"""

from __future__ import annotations

from worldwright.world.entries import Entry


def _entry(name: str, takes: str | None, text: str, example: str) -> Entry:
    return Entry(f"world.grid.{name}", takes, text, example, "grid")


GRID_API = (
    _entry(
        "width",
        None,
        "Cells in a row; `world.grid.height` and `world.grid.depth` (nil in two dimensions) likewise.",
        """assert(world.grid.width == 5)""",
    ),
    _entry("height", None, "Rows.", """assert(world.grid.height == 4)"""),
    _entry("depth", None, "Floors; nil in two dimensions.", """assert(world.grid.depth == nil)"""),
    _entry(
        "move",
        "x, y, z?",
        "Goes to a cell, also the first time. Where the grid has a `capacity` the cell may be full: one"
        " after another the outcome, true or false, is the value; under `simultaneous` it is the message"
        " `move` of the next tick, with `{ok = …, id = …, x = …, y = …}`. Without a capacity it cannot"
        " fail, and nobody is told.",
        """if now == 1 and self.id ~= "a_2" then world.grid.move(4, 4) end
if now == 2 and self.id == "a_1" then assert(msgs[1].kind == "move" and msgs[1].sender == "world") end
if now == 2 then assert(world.grid.count("a", 4, 4) == 1) end""",
    ),
    _entry(
        "place",
        "id, x, y, z?",
        "As `move`, for another entity.",
        """if self.id == "a_1" then world.grid.place("a_2", 5, 4) end
if now == 2 then assert(world.grid.at(5, 4)[1] == "a_2") end""",
    ),
    _entry(
        "remove",
        "id?",
        "Takes itself, or another, off the grid.",
        """world.grid.remove()
if now == 2 then assert(world.grid.position() == nil and world.grid.empty() == 20) end""",
    ),
    _entry(
        "position",
        "id?",
        "x, y (and z) of its own cell, or of another's; nil for who is not on the grid.",
        """local x, y = world.grid.position("a_2")
assert(x == 2 and y == 1)""",
    ),
    _entry(
        "at",
        "x?, y?, z?",
        "The ids in a cell, oldest first, a new list.",
        """assert(#world.grid.at(3, 1) == 1 and #world.grid.at(3, 2) == 0)""",
    ),
    _entry(
        "occupant",
        "name?, x?, y?, z?",
        "The id of the oldest in a cell, of one kind or of all; nil where there is none.",
        """assert(world.grid.occupant("a", 3, 1) == "a_3" and world.grid.occupant(nil, 3, 2) == nil)""",
    ),
    _entry(
        "count",
        "name?, x?, y?, z?",
        "How many are in a cell: of one kind, or in all.",
        """assert(world.grid.count("a") == 1 and world.grid.count(nil, 5, 4) == 0)""",
    ),
    _entry(
        "is_empty",
        "x?, y?, z?",
        "Whether nobody is in a cell.",
        """assert(not world.grid.is_empty(1, 1) and world.grid.is_empty(1, 2))""",
    ),
    _entry(
        "neighbors",
        "name?, radius?, x?, y?, z?",
        "The ids of those in the neighbouring cells, without those in the cell itself; a new list, cell"
        " by cell as `cells` gives them, in each the oldest first.",
        """if self.id == "a_2" then assert(table.concat(world.grid.neighbors(), " ") == "a_1 a_3") end
assert(#world.grid.neighbors("a", 2) == 2 and #world.grid.neighbors(2) == 2)""",
    ),
    _entry(
        "near",
        "name?, radius?, x?, y?, z?",
        "The same ones, for a loop: the id of each, the steps to its cell along each axis (in three"
        " dimensions dx, dy, dz) and its distance in steps to a neighbour, the short way round on a torus."
        " Who is near is settled when the loop begins. No list is made, so this is faster than `neighbors`.",
        """if self.id == "a_2" then
  local found = ""
  for id, dx, dy, distance in world.grid.near("a") do found = found .. id .. dx end
  assert(found == "a_1-1a_31")
end""",
    ),
    _entry(
        "count_neighbors",
        "name?, radius?, x?, y?, z?",
        "How many those are: of one kind, or in all.",
        """assert(world.grid.count_neighbors("a", 1, 2, 2) == 3)""",
    ),
    _entry(
        "count_where",
        "field, value, radius?, x?, y?, z?",
        "How many of those have this value, a number, text or boolean, in a public field of their `state`"
        " (see `world.read`). Who has no such public field is left out.",
        """state.mood = self.id == "a_1" and "good" or "bad"
if now == 2 then assert(world.grid.count_where("mood", "bad", 2, 1, 2) == 2) end""",
    ),
    _entry(
        "cells",
        "radius?, x?, y?, z?",
        "The neighbouring cells, for a loop: their coordinates row by row, the cell itself left out, each"
        " once.",
        """local n = 0
for x, y in world.grid.cells(1, 1, 1) do n = n + 1 end
assert(n == 8)""",
    ),
    _entry(
        "random_neighbor",
        "radius?, x?, y?, z?",
        "x, y (and z) of a neighbouring cell, all equally likely, by a draw of the entity's own.",
        """local x, y = world.grid.random_neighbor()
assert(world.grid.distance(x, y) == 1)""",
    ),
    _entry(
        "random_empty",
        "radius?, x?, y?, z?",
        "x, y (and z) of a cell without anybody: of all cells, or of the neighbouring ones where a radius"
        " is given; nil where there is none. All are equally likely, by one draw of the entity's own.",
        """local x, y = world.grid.random_empty()
assert(world.grid.is_empty(x, y))""",
    ),
    _entry("empty", "", "How many cells have nobody in them.", """assert(world.grid.empty() == 17)"""),
    _entry(
        "distance",
        "x, y, z?",
        "From its own cell to another, in steps to a neighbour; the short way round on a torus.",
        """if self.id == "a_1" then assert(world.grid.distance(5, 2) == 1) end""",
    ),
    _entry(
        "inside",
        "x, y, z?",
        "Whether these are coordinates of a cell, before anything goes round.",
        """assert(world.grid.inside(5, 4) and not world.grid.inside(0, 1))""",
    ),
)
"""In the order of the reference page."""
