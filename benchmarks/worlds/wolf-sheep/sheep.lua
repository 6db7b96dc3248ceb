-- Walks to grass where no wolf is, eats, breeds and starves.
state = {energy = self.random() * 2 * world.param.sheep_gain, born = 0}

-- 0: a wolf is there; 1: none; 2: none, and grass
local function look(x, y, now)
  if world.grid.count("wolf", x, y) > 0 then return 0 end
  return world.layer.get("grown", x, y) < now and 2 or 1
end

function update(now, msgs)
  local x, y = world.grid.position()
  local a, b, c, d = look(x, y - 1, now), look(x - 1, y, now), look(x + 1, y, now), look(x, y + 1, now)
  local best = math.max(a, b, c, d)
  if best > 0 then
    local n = (a == best and 1 or 0) + (b == best and 1 or 0) + (c == best and 1 or 0) + (d == best and 1 or 0)
    local k = n > 1 and self.random(n) or 1
    if a == best then k = k - 1 end
    if k == 0 then y = y - 1 else
      if b == best then k = k - 1 end
      if k == 0 then x = x - 1 else
        if c == best then k = k - 1 end
        if k == 0 then x = x + 1 else y = y + 1 end
      end
    end
    world.grid.move(x, y)
  end
  local energy = state.energy - 1
  if world.layer.get("grown", x, y) < now then
    energy = energy + world.param.sheep_gain
    world.layer.set("grown", now + world.param.regrowth, x, y)
  end
  if energy < 0 then
    self.destroy(self.id)
  elseif self.random() < world.param.sheep_reproduce then
    energy = energy / 2
    state.born = state.born + 1
    self.spawn_entity(self.id .. "." .. state.born, "sheep", {energy = energy}, x, y)
  end
  state.energy = energy
end
