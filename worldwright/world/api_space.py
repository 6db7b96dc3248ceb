"""Points in continuous space: the rows of `world.space`.

Takes and touches nothing.
"""

from __future__ import annotations

from worldwright.world.entries import Entry


def _entry(name: str, takes: str | None, text: str, example: str) -> Entry:
    return Entry(f"world.space.{name}", takes, text, example, "space")


SPACE_API = (
    _entry(
        "width",
        None,
        "How far x goes; `world.space.height` and `world.space.depth` (nil in two dimensions) likewise.",
        """assert(world.space.width == 10)""",
    ),
    _entry("height", None, "How far y goes.", """assert(world.space.height == 10)"""),
    _entry("depth", None, "How far z goes; nil in two dimensions.", """assert(world.space.depth == nil)"""),
    _entry(
        "move",
        "x, y, z?",
        "Goes to a point, also the first time: at the end of the tick, or at once where entities run one"
        " after another. On a torus coordinates go round; outside of a bounded space is an error.",
        """if now == 1 then world.space.move(-1, 5) end
if now == 2 then assert(world.space.position() == 9) end""",
    ),
    _entry(
        "place",
        "id, x, y, z?",
        "As `move`, for another entity.",
        """if self.id == "a_1" then world.space.place("a_2", 7, 7) end
if now == 2 then assert(world.space.position("a_2") == 7) end""",
    ),
    _entry(
        "remove",
        "id?",
        "Takes itself, or another, out of the space.",
        """world.space.remove()
if now == 2 then assert(world.space.position() == nil) end""",
    ),
    _entry(
        "position",
        "id?",
        "x, y (and z) of itself or another; nil for who is not in the space.",
        """local x, y = world.space.position("a_2")
assert(x == 2 and y == 1)""",
    ),
    _entry(
        "velocity",
        "id?",
        "The last step of itself or another, by its parts; 0 for who has been put there and never moved. With"
        " `position` all that a flock needs.",
        """if now == 1 then world.space.move(world.space.width - .5, 1) end
if now == 2 then assert(world.space.velocity("a_1") == -1.5) end""",
    ),
    _entry(
        "near",
        "radius, name?, x?, y?, z?",
        "Those within a radius of itself or a point, for a loop: the id of each, the parts of the way to it"
        " (in three dimensions dx, dy, dz) and the distance, the short way round on a torus. The edge is"
        " included and itself left out; of one kind, or all. Who is near and how far is settled when the"
        " loop begins; the order depends on where everybody is and on nothing else. The fastest way to ask,"
        " since no list is made.",
        """if self.id == "a_1" then
  local sum = 0
  for id, dx, dy, distance in world.space.near(2, "a") do sum = sum + dx end
  assert(sum == 1 - 2)
end""",
    ),
    _entry(
        "within",
        "radius, name?, x?, y?, z?",
        "The ids of those within a radius of itself or a point, the edge included and itself left out: of"
        " one kind, or all; a new list, oldest first.",
        """if self.id == "a_1" then assert(table.concat(world.space.within(2), " ") == "a_2 a_3") end""",
    ),
    _entry(
        "count_within",
        "radius, name?, x?, y?, z?",
        "How many those are.",
        """assert(world.space.count_within(2, "a", 5, 6) == 0)""",
    ),
    _entry(
        "nearest",
        "name?, x?, y?, z?",
        "The id of the nearest other entity (of one kind), and how far it is; nil where there is none. Of"
        " two as near, the older.",
        """if self.id == "a_1" then
  local id, distance = world.space.nearest()
  assert(id == "a_2" and distance == 1)
end""",
    ),
    _entry(
        "vector",
        "x, y?, z?",
        "The parts of the way from itself to a point, or to the entity whose id is given: the short way"
        " round on a torus.",
        """if self.id == "a_1" then assert(world.space.vector("a_3") == -2) end""",
    ),
    _entry(
        "distance",
        "x, y?, z?",
        "The length of that way.",
        """if self.id == "a_1" then assert(world.space.distance(1, 4) == 3) end""",
    ),
    _entry(
        "inside",
        "x, y, z?",
        "Whether these are coordinates of the space, before anything goes round.",
        """assert(world.space.inside(9.5, 0) and not world.space.inside(-1, 0))""",
    ),
)
"""In the order of the reference page."""
