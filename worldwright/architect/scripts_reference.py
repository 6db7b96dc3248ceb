"""The reference of worlds that a model reads, written from the table of what scripts may call.

`python -m worldwright.architect.reference` writes it into `prompts/scripts.md`, and what concerns places into
`prompts/places.md`, for worlds that have some; a test holds the files to it and runs the example.
"""

from __future__ import annotations

from worldwright.architect.drafting import fenced
from worldwright.architect.prompting import prompt
from worldwright.world.aggregates import AGGREGATES
from worldwright.world.reference import short

MOST_TOKENS = 3_000
"""The most tokens each page may have."""

_PLACES = ("world.grid.", "world.space.", "world.layer.", "world.resource.")

EXAMPLE = {
    "world.yaml": """\
worldwright: world/1
name: adoption
description: A tool spreads among surgeons, week by week, by advertising and by example
parameters:
  peer_weight: {type: float, default: .3, min: 0, max: 1, description: "Weekly chance if all use it"}
  reach: {type: float, default: .1, min: 0, max: 1, description: "Share reached by a week of advertising"}
entities:
  - {name: surgeon, script: surgeon.lua, population: main}
  - {name: vendor, script: vendor.lua, count: 1}
network: {of: surgeon, watts_strogatz: {k: 8, p: .1}}
metrics:
  adopters: {share: state.adopted, of: surgeon}
  aware: {share: state.aware, of: surgeon}
""",
    "surgeon.lua": """\
-- surgeon.lua
-- reads self.agent: age; receives advert, adopted; sends adopted to each colleague
local OLD = 55 -- years

state = {adopted = false, aware = false, users = 0}

local function listen(msgs)
  for _, msg in ipairs(msgs) do
    state.aware = true
    if msg.kind == "adopted" then
      state.users = state.users + 1
    end
  end
end

function update(now, msgs)
  listen(msgs)
  if state.adopted or not state.aware then
    return
  end
  local colleagues = self.neighbors()
  local share = #colleagues > 0 and state.users / #colleagues or 0
  local age = self.agent.age
  local ease = (age ~= nil and age > OLD) and .5 or 1
  if self.random() < ease * (.02 + world.param.peer_weight * share) then
    state.adopted = true
    for _, id in ipairs(colleagues) do
      self.send_msg(id, "adopted")
    end
  end
end
""",
    "vendor.lua": """\
-- vendor.lua
-- sends advert to a share of the surgeons each week
state = {sent = 0}

function update(now, msgs)
  for _, id in ipairs(world.entities("surgeon")) do
    if self.random() < world.param.reach then
      self.send_msg(id, "advert")
      state.sent = state.sent + 1
    end
  end
end
""",
}


def scripts_reference() -> str:
    """The reference in Markdown."""
    scripts = {name: text for name, text in EXAMPLE.items() if name.endswith(".lua")}
    return prompt(
        "scripts_template",
        world=EXAMPLE["world.yaml"],
        scripts=fenced(scripts)
        .replace("```lua surgeon.lua", "```lua")
        .replace("```lua vendor.lua", "```lua"),
        aggregates=", ".join(f"`{name}`" for name in AGGREGATES),
        functions=_functions(places=False),
    )


def places_reference() -> str:
    """The page of places, in Markdown."""
    return prompt("places_template", functions=_functions(places=True))


def _functions(*, places: bool) -> str:
    lines = [line for line in short().splitlines() if line.startswith(_PLACES) is places]
    return "\n".join(f"- `{line}".replace(": ", "`: ", 1) for line in lines)
