-- Walks, and gives a coin away if it has one and is not alone.
state = {wealth = 1, poor = false, square = 1}

function update(now, msgs)
  local grid, wealth = world.grid, state.wealth + #msgs
  grid.move(grid.random_neighbor())
  if wealth > 0 and grid.count() > 1 then
    local here = grid.at()
    local k = self.random(#here - 1)
    if here[k] == self.id then k = #here end
    self.send_msg(here[k], "coin")
    wealth = wealth - 1
  end
  state.wealth, state.poor, state.square = wealth, wealth == 0, wealth * wealth
end
