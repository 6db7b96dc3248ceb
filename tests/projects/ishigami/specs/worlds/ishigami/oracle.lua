-- Reads the parameters, records y.
state = {}

function update(now, msgs)
  local x1, x2, x3 = world.param.x1, world.param.x2, world.param.x3
  local s = math.sin(x2)
  world.record_metric("y", math.sin(x1) + 7 * s * s + .1 * x3 * x3 * x3 * x3 * math.sin(x1))
end
