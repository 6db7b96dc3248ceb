-- A place in a forest, with a tree or without: site percolation (Stauffer and Aharony 1994; NetLogo's Fire).
--
-- shows     `order: event`: only places that the fire reaches run, so a forest that does not burn costs nothing
-- reads     world.param: density
-- receives  fire (a burning neighbour)
-- sends     fire: to the four neighbours, once
-- state     tree, burned, reached (burned, and on the right edge)
-- expected  chance to cross at density .50, .55, .5927, .65: 0, .008, .495, 1; burned share of the trees: .061, .137,
--           .483, .932
--
--   worldwright world run specs/worlds/forest-fire --ticks 1000 --param density=.55

state = {tree = self.random() < world.param.density, burned = false, reached = false}

local x = world.grid.position()
if state.tree and x == 1 then self.wake(1) end

function update(now, msgs)
  if state.tree and not state.burned then
    state.burned, state.reached = true, x == world.grid.width
    for _, id in ipairs(world.grid.neighbors()) do
      self.send_msg(id, "fire")
    end
  end
end
