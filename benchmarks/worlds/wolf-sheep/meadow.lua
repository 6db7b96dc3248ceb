-- Sows the grass: `grown` is the tick after which a cell has any.
state = {}
for y = 1, world.grid.height do
  for x = 1, world.grid.width do
    local wait = self.random() < .5 and 0 or self.random(world.param.regrowth) - 1
    world.layer.set("grown", wait, x, y)
  end
end

function update(now, msgs) end
