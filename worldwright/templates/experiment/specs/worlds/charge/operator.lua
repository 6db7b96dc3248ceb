-- The buses: tells everybody in the evening how full they were.
-- receives  ride (residents)
-- sends     crowd (residents): riders for each seat

state = {riders = 0}

function update(now, msgs)
  state.riders = #msgs
  local residents = world.entities("resident")
  local crowd = state.riders / (world.param.seats * #residents)
  for _, id in ipairs(residents) do self.send_msg(id, "crowd", crowd) end
end
