-- A place that takes a car if both its neighbours are free: random sequential adsorption with nearest-neighbour exclusion
-- (Flory 1939, Journal of the American Chemical Society 61; Evans 1993, Reviews of Modern Physics 65).
--
-- shows     `order: random`: each sees what those before it have done in this tick. Under `simultaneous` all places would
--           see a free ring and all would be taken; under `event` nobody would run.
-- reads     layer taken, of itself and its two neighbours
-- expected  the share taken is (1 - exp(-2)) / 2 = .43233, after one tick and for ever
--
--   worldwright world run specs/worlds/parking --ticks 1

function update(now, msgs)
  if world.layer.get("taken") == 0 and world.layer.neighbor_sum("taken") == 0 then
    world.layer.set("taken", 1)
  end
end
