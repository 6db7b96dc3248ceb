"""What the entity that runs can ask and do: the rows of `self`.

Takes and touches nothing.
"""

from __future__ import annotations

from worldwright.world.entries import Entry

SELF_API = (
    Entry(
        "self.id",
        None,
        "Its id, a text.",
        """assert(self.id == "a_" .. string.match(self.id, "%d+"))""",
    ),
    Entry(
        "self.name",
        None,
        "The name under which the world declares its kind, for a script that several kinds share.",
        """assert(self.name == "a" and world.count(self.name) == 3)""",
    ),
    Entry(
        "self.agent",
        None,
        "Its row of the population, one field per column; a missing value is nil, as is every field of an"
        " entity that was born during the run. Cannot be changed or listed.",
        """assert(self.agent.age >= 30 and self.agent.rank == "chief")""",
    ),
    Entry(
        "self.send_msg",
        "to, kind, content?, delay?",
        "Sends a message that arrives `delay` ticks later (1 unless given; 0 is the next tick too;"
        " fractions are cut off). `content` is nil, a number, text, boolean, or a table of those, and is"
        " copied. A receiver that does not live when it arrives gets nothing, and nobody is told.",
        """self.send_msg(self.id, "reminder", {at = now + 3, list = {1, 2}}, 3)
for _, msg in ipairs(msgs) do assert(msg.sender == self.id and msg.content.at == now) end""",
    ),
    Entry(
        "self.broadcast_msg",
        "x, y, radius, kind, content?",
        "Sends a message to everybody who is within `radius` of a point now, the edge included, and the"
        " sender too if it is; it arrives in the next tick. In three dimensions z follows y. Distances are"
        " straight lines, the short way round on a torus: in the space where the world has one, else"
        " between the cells of its grid.",
        """if now == 1 and self.id == "a_1" then self.broadcast_msg(1, 1, 2, "hello", "here") end
if now == 2 then assert(#msgs == 1 and msgs[1].content == "here" and msgs[1].sender == "a_1") end""",
        "space",
        "x, y, z, radius, kind, content?",
    ),
    Entry(
        "self.wake",
        "delay",
        "A timer of `order: event`: it runs again `delay` ticks from now (at least 1; fractions are cut"
        " off), with the messages of that tick, if any. Several timers each stand; two for one tick are"
        " one run. A timer ends with its entity and cannot be taken back: who no longer needs it looks at"
        " `state` and returns.",
        """state.runs = (state.runs or 0) + 1
assert(now == 2 * state.runs - 1)
self.wake(2)""",
        "event",
    ),
    Entry(
        "self.neighbors",
        "",
        "The ids of those it is linked with, a new list; in a directed network, of those it points to.",
        """assert(#self.neighbors() == 2)""",
    ),
    Entry(
        "self.random",
        "a?, b?",
        "A draw of its own: in [0, 1); or a whole number from 1 to `a`; or from `a` to `b`. It depends on"
        " the seed, the replicate, the entity's id, the tick and how many draws came before in this tick,"
        " and on nothing else: what others do leaves it alone. `math.random` is the same.",
        """local u, die, year = self.random(), self.random(6), self.random(1990, 2020)
assert(u >= 0 and u < 1 and die >= 1 and die <= 6 and year >= 1990 and year <= 2020)""",
    ),
    Entry(
        "self.spawn_entity",
        "id, name, state?, x?, y?, z?",
        "A new entity of the kind `name`, with `state` merged into what its script starts with, at x, y"
        " (z) of the space or else the grid where those are given. It is there at the end of the tick and"
        " runs from the next (in `order: event` when it is due). An id that is taken is an error. Where"
        " its cell is full it is not born, and who wanted it gets the message `spawn` with `{ok = false,"
        " id = …}`.",
        """if now == 1 then self.spawn_entity(self.id .. "_child", "a", {generation = 2}) end
if now == 2 then assert(world.exists("a_1_child")) end""",
    ),
    Entry(
        "self.destroy",
        "id",
        "Ends an entity, itself or another, at the end of the tick (of its own turn where entities run"
        " one after another). An id that does not live is no error.",
        """if now == 2 then self.destroy(self.id) end
assert(now < 3)""",
    ),
)
"""In the order of the reference page."""
