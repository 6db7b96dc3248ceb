-- A resident who wants to live among enough of his own kind (Schelling 1971, Journal of Mathematical Sociology 1).
--
-- shows     contested moves: all decide on last tick's board, and of several who want one free cell one gets it
-- reads     the eight neighbours on the grid, by kind;  world.param: wanted
-- receives  move (the world): whether the move was granted; it is looked at no further, for he sees where he is
-- state     alike (share of neighbours of his own kind, 1 without neighbours), content
-- expected  mean of alike once all are content: .751 +- .010 where .3 is wanted, .869 +- .010 where .5 is
--
--   worldwright world run specs/worlds/schelling --ticks 100 --param wanted=.5

state = {alike = 0, content = false}

function update(now, msgs)
  local all = world.grid.count_neighbors()
  state.alike = all > 0 and world.grid.count_neighbors(self.name) / all or 1
  state.content = state.alike >= world.param.wanted
  if not state.content then
    world.grid.move(world.grid.random_empty())
  end
end
