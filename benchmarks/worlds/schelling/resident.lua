-- A resident who wants a number of neighbours of his own kind.
state = {alike = 0, moved = false}

function update(now, msgs)
  state.alike = world.grid.count_neighbors(self.name, world.param.radius)
  state.moved = state.alike < world.param.wanted
  if state.moved then world.grid.move(world.grid.random_empty()) end
end
