-- A bird that flies with those it sees: towards them, not too near, and their way.
state = {dx = self.random() * 2 - 1, dy = self.random() * 2 - 1}

-- Its first step lies behind it, so that others see from the beginning which way it flies.
local x, y = world.space.position()
world.space.move(x + state.dx, y + state.dy)

function update(now, msgs)
  local space, separation = world.space, world.param.separation
  local x, y = space.position()
  local dx, dy = state.dx, state.dy
  local n, sx, sy = 0, 0, 0
  for id, ax, ay, distance in space.near(world.param.vision) do
    local vx, vy = space.velocity(id)
    n, sx, sy = n + 1, sx + .03 * ax + .05 * vx, sy + .03 * ay + .05 * vy
    if distance < separation then sx, sy = sx - .015 * ax, sy - .015 * ay end
  end
  if n > 0 then
    dx, dy = dx + sx / n, dy + sy / n
    local length = math.sqrt(dx * dx + dy * dy)
    dx, dy = dx / length, dy / length
    state.dx, state.dy = dx, dy
  end
  space.move(x + dx, y + dy)
end
