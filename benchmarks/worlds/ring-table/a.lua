-- Sends a table to the next in the ring and adds up what it is sent.
local to = "a_" .. (tonumber(string.sub(self.id, 3)) % world.param.size + 1)
state = {heard = 0}

function update(now, msgs)
  for i = 1, #msgs do state.heard = state.heard + msgs[i].content.v end
  self.send_msg(to, "ring", {v = now})
end
