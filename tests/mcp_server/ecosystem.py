"""A predator–prey model as a client of Vivarium would write it: three scripts with their states."""

from __future__ import annotations

from typing import Any

SPAWNER = """spawned = false
function update(current_time, msgs)
  if not spawned then
    for i = 1, 60 do self.spawn_entity("prey_" .. i, "prey", {energy = 50 + i}) end
    for i = 1, 15 do self.spawn_entity("predator_" .. i, "predator", {energy = 30}) end
    spawned = true
  end
  local prey, predators = 0, 0
  for _, id in ipairs(world.list_entities()) do
    if id:sub(1, 5) == "prey_" then prey = prey + 1 end
    if id:sub(1, 9) == "predator_" then predators = predators + 1 end
  end
  world.record_metric("prey", prey)
  world.record_metric("predators", predators)
end
function get_state() return {spawned = spawned} end
function set_state(s) spawned = s.spawned end"""

PREY = """energy, born = 50, 0
function update(current_time, msgs)
  for _, msg in ipairs(msgs) do
    if msg.kind == "hunt" then
      self.send_msg(msg.content.hunter, "meal", {energy = 20}, 0)
      self.destroy(self.id)
      return
    end
  end
  energy = energy + math.random(0, 6)
  if energy > 100 and #world.list_entities() < 150 then
    born = born + 1
    energy = energy - 60
    self.spawn_entity(self.id .. "_" .. born, "prey", {energy = 40})
  end
end
function get_state() return {energy = energy, born = born} end
function set_state(s) energy, born = s.energy, s.born or 0 end"""

PREDATOR = """energy = 30
function update(current_time, msgs)
  for _, msg in ipairs(msgs) do energy = energy + msg.content.energy end
  energy = energy - 2.5
  if energy <= 0 then self.destroy(self.id) return end
  if energy < 60 and math.random() < 0.5 then
    local prey = {}
    for _, id in ipairs(world.list_entities()) do
      if id:sub(1, 5) == "prey_" then prey[#prey + 1] = id end
    end
    if #prey > 0 then self.send_msg(prey[math.random(#prey)], "hunt", {hunter = self.id}, 0) end
  end
  print("hungry", energy)
end
function get_state() return {energy = energy} end
function set_state(s) energy = s.energy end"""


def library(**scripts: str) -> dict[str, Any]:
    return {name: {"id": name, "kind": "lua", "script": text} for name, text in scripts.items()}


def ecosystem(name: str) -> dict[str, Any]:
    """The arguments of create_world."""
    return {
        "name": name,
        "script_library": library(spawner=SPAWNER, prey=PREY, predator=PREDATOR),
        "entities": [{"id": "spawner", "script_id": "spawner"}],
    }
