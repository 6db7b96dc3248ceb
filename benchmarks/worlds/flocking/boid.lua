-- A bird that flies with those it sees: towards them, not too near, and their way.
state = {dx = self.random() * 2 - 1, dy = self.random() * 2 - 1}

function update(now, msgs)
  local space, separation = world.space, world.param.separation
  local n, sx, sy = 0, 0, 0
  for id, ax, ay, distance in space.near(world.param.vision) do
    n = n + 1
    sx, sy = sx + .03 * ax + .05 * world.read(id, "dx"), sy + .03 * ay + .05 * world.read(id, "dy")
    if distance < separation then sx, sy = sx - .015 * ax, sy - .015 * ay end
  end
  if n > 0 then
    local dx, dy = state.dx + sx / n, state.dy + sy / n
    local length = math.sqrt(dx * dx + dy * dy)
    state.dx, state.dy = dx / length, dy / length
  end
  local x, y = space.position()
  space.move(x + state.dx, y + state.dy)
end
