-- Who hears a rumour may believe it, and tells it on.
--
-- reads     self.agent: at_market;  world.param: credulity
-- receives  rumour (villager)
-- sends     rumour: to every neighbour, once, when she begins to believe it
-- state     believes
state = {believes = false}

function update(now, msgs)
  local hears = #msgs > 0 or (now == 1 and self.agent.at_market)
  if hears and not state.believes and self.random() < world.param.credulity then
    state.believes = true
    for _, neighbour in ipairs(self.neighbors()) do
      self.send_msg(neighbour, "rumour", {}, 1)
    end
  end
end
