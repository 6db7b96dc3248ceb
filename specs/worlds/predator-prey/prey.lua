-- One prey animal: it breeds while there is room, and dies when a predator strikes or of old age.
--
-- reads     world.count("prey");  world.param: capacity, prey_birth
-- receives  hunt (predator): the first one kills it, the others come too late
-- sends     caught: to the predator that killed it
-- state     age, born (offspring so far, which makes their names)

local OLD = 150  -- ticks

state = {age = 0, born = 0}

function update(now, msgs)
  for _, msg in ipairs(msgs) do
    if msg.kind == "hunt" then
      self.send_msg(msg.sender, "caught")
      self.destroy(self.id)
      return
    end
  end

  state.age = state.age + 1
  if state.age > OLD then
    self.destroy(self.id)
    return
  end

  -- logistic growth: the chance falls to nothing at the capacity
  local room = 1 - world.count("prey") / world.param.capacity
  if self.random() < world.param.prey_birth * room then
    state.born = state.born + 1
    self.spawn_entity(self.id .. "." .. state.born, "prey", {age = 0, born = 0})
  end
end
