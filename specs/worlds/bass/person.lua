-- A person who may adopt a new product (Bass 1969, Management Science 15), in whole ticks.
--
-- shows     a resource as a tally that everybody reads: under `simultaneous` it stands as at the end of the last tick
-- reads     resource adopters;  world.param: p, q
-- state     adopted
-- expected  F(t) = F(t-1) + (1 - F(t-1)) (p + q F(t-1)): .7826 after 10 ticks, .9984 after 20, most new adopters in tick
--           8. The well-known continuous formula gives .8128 for tick 10 and is wrong for whole ticks.
--
--   worldwright world run specs/worlds/bass --ticks 20

state = {adopted = false}

function update(now, msgs)
  if state.adopted then return end
  local share = world.resource.stock("adopters") / world.count("person")
  if self.random() < world.param.p + world.param.q * share then
    state.adopted = true
    world.resource.give("adopters", 1)
  end
end
