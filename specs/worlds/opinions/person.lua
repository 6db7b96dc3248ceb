-- A person who listens to those who think much like himself (Hegselmann and Krause 2002, JASSS 5(3) 2).
--
-- shows     bounded confidence: opinions as points of a space, asked for by radius
-- reads     the opinions within epsilon, as places in the space;  world.param: epsilon
-- state     x (the opinion)
-- expected  epsilon .15: three clusters of 72, 57 and 72 at .2333, .5 and .7667; epsilon .25: one within 8 ticks
--
--   worldwright world run specs/worlds/opinions --ticks 13 --param epsilon=.15

state = {x = (tonumber(string.match(self.id, "%d+")) - .5) / 201}
world.space.move(state.x, 0)

function update(now, msgs)
  local sum, n = state.x, 1
  for _, id in ipairs(world.space.within(world.param.epsilon)) do
    sum, n = sum + world.space.position(id), n + 1
  end
  state.x = sum / n
  world.space.move(state.x, 0)
end
