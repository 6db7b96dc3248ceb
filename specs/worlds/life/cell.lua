-- One cell of Conway's Game of Life (Gardner, Scientific American, October 1970).
--
-- shows     that in `order: simultaneous` everybody acts on the world as it was: one cell that saw a neighbour's new
--           value would change the count at once (order: random gives other numbers from the first ticks on)
-- reads     layer alive, of itself and its eight neighbours
-- sends     nothing
-- state     nothing: what others must see lies in the layer
-- expected  living cells at ticks 10, 50, 100, 200, 500, 821, 1000, 1103: 11, 64, 121, 120, 174, 319, 156, 116; from
--           1103 on nothing changes but blinkers and gliders that fly away (conwaylife.com/wiki/R-pentomino)
--
--   worldwright world run specs/worlds/life --ticks 200

-- The R-pentomino in the middle of the board:  .##
--                                              ##.
--                                              .#.
local x, y = world.grid.position()
x, y = x - math.floor(world.grid.width / 2), y - math.floor(world.grid.height / 2)
if (y == -1 and (x == 0 or x == 1)) or (y == 0 and (x == -1 or x == 0)) or (y == 1 and x == 0) then
  world.layer.set("alive", 1)
end

function update(now, msgs)
  local neighbors = world.layer.neighbor_sum("alive")
  local alive = world.layer.get("alive") == 1
  if alive and neighbors ~= 2 and neighbors ~= 3 then
    world.layer.set("alive", 0)
  elseif not alive and neighbors == 3 then
    world.layer.set("alive", 1)
  end
end
