"""What concerns everybody: the rows of `world` itself.

Takes and touches nothing.
"""

from __future__ import annotations

from worldwright.world.entries import Entry

WORLD_API = (
    Entry("world.time", None, "The tick, as `now`.", """assert(world.time == now)"""),
    Entry(
        "world.param",
        None,
        "The world's parameters, one field each. Cannot be changed or listed.",
        """assert(world.param.pace == 0.5)""",
    ),
    Entry(
        "world.count",
        "name?",
        "How many live: of the kind `name`, or in all. Costs nothing.",
        """assert(world.count("a") == 3 and world.count() == 3)""",
    ),
    Entry(
        "world.entities",
        "name",
        "The ids of one kind, oldest first, a new list. A scan in every `update` costs the square of the"
        " number of entities.",
        """local ids = world.entities("a")
assert(ids[1] == "a_1" and #ids == 3)""",
    ),
    Entry(
        "world.list_entities", "", "The ids of all.", """assert(#world.list_entities() == world.count())"""
    ),
    Entry(
        "world.exists",
        "id",
        "Whether an entity of this id lives.",
        """assert(world.exists("a_2") and not world.exists("b"))""",
    ),
    Entry(
        "world.read",
        "id, name",
        "A field of another entity's `state`, which its kind makes public by `public: [NAME]` in the world: a"
        " number, text or boolean; nil where it is not set, or nobody of this id lives. Under `simultaneous`"
        " what stood there when the tick began; where entities run one after another, what stands there now.",
        """state.mood = 10 * now
if now == 3 then assert(world.read("a_2", "mood") == 20 and world.read("a_7", "mood") == nil) end""",
    ),
    Entry(
        "world.record_metric",
        "name, value",
        "Adds `value` to the metric `name` of this tick: what all entities record in a tick is summed. A"
        " name under `metrics:` cannot be used.",
        """world.record_metric("calls", 1)
world.record_metric("age", self.agent.age)""",
    ),
    Entry(
        "world.random",
        "a?, b?",
        "As `self.random`, from one stream for all: the first who asks gets the first draw, so it does"
        " change when somebody else asks more often.",
        """assert(world.random(3) <= 3)""",
    ),
    Entry(
        "world.link",
        "a, b",
        "Makes two entities neighbours of each other at the end of the tick (of the turn, where entities"
        " run one after another); in a directed network, lets `a` point to `b`. Twice is as once; ids that"
        " do not live are no error.",
        """world.unlink("a_1", "a_2")
world.link("a_1", "a_2")
assert(#self.neighbors() == 2)""",
    ),
    Entry(
        "world.unlink",
        "a, b",
        "Ends that.",
        """world.unlink("a_1", "a_2")
if now > 1 and self.id == "a_3" then assert(#self.neighbors() == 2) end
if now > 1 and self.id == "a_1" then assert(#self.neighbors() == 1) end""",
    ),
)
"""In the order of the reference page."""
