-- Walks to where sheep are, eats one, breeds and starves.
state = {energy = self.random() * 2 * world.param.wolf_gain, born = 0}

local function prey(x, y)
  local n = world.grid.count("sheep", x, y)
  if n < 2 then return world.grid.occupant("sheep", x, y) end
  local k = self.random(n)
  for _, id in ipairs(world.grid.at(x, y)) do
    if string.sub(id, 1, 1) == "s" then
      k = k - 1
      if k == 0 then return id end
    end
  end
end

function update(now, msgs)
  local grid = world.grid
  local x, y = grid.position()
  local a, b = grid.count("sheep", x, y - 1) > 0, grid.count("sheep", x - 1, y) > 0
  local c, d = grid.count("sheep", x + 1, y) > 0, grid.count("sheep", x, y + 1) > 0
  if not (a or b or c or d) then a, b, c, d = true, true, true, true end
  local n = (a and 1 or 0) + (b and 1 or 0) + (c and 1 or 0) + (d and 1 or 0)
  local k = n > 1 and self.random(n) or 1
  if a then k = k - 1 end
  if k == 0 then y = y - 1 else
    if b then k = k - 1 end
    if k == 0 then x = x - 1 else
      if c then k = k - 1 end
      if k == 0 then x = x + 1 else y = y + 1 end
    end
  end
  grid.move(x, y)
  local energy = state.energy - 1
  local caught = prey(x, y)
  if caught then
    energy = energy + world.param.wolf_gain
    self.destroy(caught)
  end
  if energy < 0 then
    self.destroy(self.id)
  elseif self.random() < world.param.wolf_reproduce then
    energy = energy / 2
    state.born = state.born + 1
    self.spawn_entity(self.id .. "." .. state.born, "wolf", {energy = energy}, x, y)
  end
  state.energy = energy
end
