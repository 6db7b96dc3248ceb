-- The door, through which customers come at exponential intervals.
--
-- reads     world.param: gap
-- sends     customer: to the counter
-- state     next (when the next one comes, in fractions of a tick)

state = {next = 0}

local function wait()
  state.next = state.next - world.param.gap * math.log(1 - self.random())
  self.wake(math.max(1, math.ceil(state.next - world.time)))
end

wait()

function update(now, msgs)
  self.send_msg("counter", "customer", state.next)
  wait()
end
