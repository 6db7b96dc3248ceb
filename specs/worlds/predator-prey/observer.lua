-- Counts both kinds, once a tick.
--
-- reads     world.count;  receives and sends nothing;  records  prey, predators, predators_per_prey

function update(now, msgs)
  local prey, predators = world.count("prey"), world.count("predator")
  world.record_metric("prey", prey)
  world.record_metric("predators", predators)
  if prey > 0 then
    world.record_metric("predators_per_prey", predators / prey)
  end
end
