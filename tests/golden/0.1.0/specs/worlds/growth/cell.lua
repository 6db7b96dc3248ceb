-- Sends nothing; divides with chance `birth`, and falls into the trap where there is one.
state = {children = 0}

function update(now, msgs)
  if world.param.trap > 0 and now >= world.param.trap then
    error("fell into the trap")
  end
  if self.random() < world.param.birth then
    state.children = state.children + 1
    self.spawn_entity(self.id .. "." .. state.children, "cell", {children = 0})
  end
end
