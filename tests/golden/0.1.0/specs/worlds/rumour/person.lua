-- Reads: agent.trust, agent.talkative. Sends: 'rumour' to neighbours.
state = {heard = false, told = 0}

function update(now, msgs)
  if now == 1 and tonumber(self.id:match("%d+")) <= world.param.first then
    state.heard = true
  end
  for _, msg in ipairs(msgs) do
    if msg.kind == "rumour" and self.random() < self.agent.trust then
      state.heard = true
    end
  end
  if state.heard then
    local chance = world.param.spread * (self.agent.talkative and 1.5 or 1)
    for _, neighbour in ipairs(self.neighbors()) do
      if self.random() < chance then
        self.send_msg(neighbour, "rumour", now)
        state.told = state.told + 1
      end
    end
  end
end
