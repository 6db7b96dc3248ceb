-- An animal that may die or have one offspring in each tick (Harris 1963, The Theory of Branching Processes).
--
-- shows     births and deaths at the end of a tick; a newborn runs from the next tick on
-- state     born (offspring so far, which makes their names)
-- expected  after 100 ticks a mean of 100 * 1.01^100 = 270.48 and a standard deviation of 70.8
--
--   worldwright world run specs/worlds/births --ticks 100

local DIES, BREEDS = .05, .11  -- bounds of one draw

state = {born = 0}

function update(now, msgs)
  local u = self.random()
  if u < DIES then
    self.destroy(self.id)
  elseif u < BREEDS then
    state.born = state.born + 1
    self.spawn_entity(self.id .. "." .. state.born, "animal")
  end
end
