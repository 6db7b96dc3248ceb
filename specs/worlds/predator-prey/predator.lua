-- One predator: it lives on what it catches, breeds when well fed, and dies of hunger or old age.
--
-- reads     world.count of both kinds, world.entities("prey");
--           world.param: hunting, scarcity, interference, meal, metabolism
-- receives  caught (prey): the strike of two ticks ago succeeded
-- sends     hunt: to a prey drawn at random
-- state     energy, age, born (offspring so far, which makes their names)
--
-- The chance to strike saturates with the number of prey (Holling 1959, type II) and falls with the number of rivals
-- (Beddington 1975; DeAngelis, Goldstein and O'Neill 1975), which is what lets the two kinds settle instead of crashing.

local SATED, BREEDS, BIRTH, NEWBORN, OLD = 60, 50, 30, 25, 120  -- energy; OLD in ticks

state = {energy = 40, age = 0, born = 0}

function update(now, msgs)
  local param = world.param
  for _, msg in ipairs(msgs) do
    if msg.kind == "caught" then
      state.energy = state.energy + param.meal
    end
  end
  state.age = state.age + 1
  state.energy = state.energy - param.metabolism
  if state.energy <= 0 or state.age > OLD then
    self.destroy(self.id)
    return
  end

  if state.energy > BREEDS then
    state.energy = state.energy - BIRTH
    state.born = state.born + 1
    self.spawn_entity(self.id .. "." .. state.born, "predator", {energy = NEWBORN, age = 0, born = 0})
  end

  local prey = world.count("prey")
  local crowd = param.scarcity + param.interference * world.count("predator")
  if state.energy < SATED and self.random() < param.hunting * prey / (prey + crowd) then
    local chosen = 1 + math.floor(self.random() * prey)
    self.send_msg(world.entities("prey")[chosen], "hunt")
  end
end
