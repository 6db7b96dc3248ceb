-- Tells what it has heard to one of its neighbours, drawn at random, each tick.
state = {knows = self.random() < .001}

function update(now, msgs)
  if #msgs > 0 then state.knows = true end
  if state.knows then
    local all = self.neighbors()
    if #all > 0 then self.send_msg(all[self.random(#all)], "rumour") end
  end
end
