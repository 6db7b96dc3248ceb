-- Who stands in which cell of the grid.
-- S.cell by slot (false or nil: nowhere) is the memory; all else here can be made again from it: what answers depend
-- on, and what they cost, is never the order of arrivals.
-- Reads turns.lua. Sets W.occupants and W.by_age.
local W = ...
local S, meter = W.state, W.meter
local floor = math.floor

S.cell = {}
local crowd = {}              -- by cell: how many are in it
local crowds = {}             -- the same by kind, for those that somebody has asked for
local empty_in, BLOCK = {}, 64 -- cells without anybody, in each block of BLOCK cells
local empties = nil           -- in all; nil until somebody asks

-- A ring for each cell: the cell itself and, as numbers beyond the last cell, the slots in it.
local cells = 0
local after, before = {}, {}

local function block_of(cell) return floor((cell - 1) / BLOCK) + 1 end

--- How many of a kind are in each cell.
local function crowd_of(kind)
  local known = crowds[kind]
  if known then return known end
  known = {}
  for cell = 1, cells do
    local node, n = after[cell], 0
    while node ~= cell do
      if S.kind[node - cells] == kind then n = n + 1 end
      node = after[node]
    end
    known[cell] = n
  end
  crowds[kind] = known
  return known
end

local function count_empty_cells()
  for block = 1, block_of(cells) do empty_in[block] = 0 end
  empties = 0
  for cell = 1, cells do
    if crowd[cell] == 0 then
      local block = block_of(cell)
      empty_in[block], empties = empty_in[block] + 1, empties + 1
    end
  end
end

local function change(slot, cell, by)
  local n, own = crowd[cell] + by, crowds[S.kind[slot]]
  crowd[cell] = n
  if own then own[cell] = own[cell] + by end
  if empties and n + n == 1 + by then -- from 0 to 1, or from 1 to 0
    local block = block_of(cell)
    empty_in[block], empties = empty_in[block] - by, empties - by
  end
end

--- Take an entity off the grid.
local function leave(slot)
  local cell = S.cell[slot]
  if not cell then return end
  local node = cells + slot
  local b, a = before[node], after[node]
  after[b], before[a] = a, b
  change(slot, cell, -1)
  S.cell[slot] = false
end

--- Put an entity into a cell, or nowhere (false).
local function put(slot, cell)
  leave(slot)
  if not cell then return end
  local node, a = cells + slot, after[cell]
  after[cell], before[node], after[node], before[a] = node, cell, a, node
  change(slot, cell, 1)
  S.cell[slot] = cell
end

--- Begin with nobody in any of so many cells.
local function prepare(n)
  cells = n
  for cell = 1, n do crowd[cell], after[cell], before[cell] = 0, cell, cell end
end

--- How many cells have nobody in them.
local function empty_cells()
  if not empties then count_empty_cells() end
  return empties
end

--- An empty cell by a number in [0, 1): the k-th one in the order of the cells. There must be one.
local function empty_cell(u)
  local k, block = floor(u * empty_cells()), 1
  while empty_in[block] <= k do
    k = k - empty_in[block]
    block = block + 1
  end
  meter(block / 8)
  local cell = (block - 1) * BLOCK + 1
  while true do
    if crowd[cell] == 0 then
      if k == 0 then return cell end
      k = k - 1
    end
    cell = cell + 1
  end
end

--- Put the n slots behind a place of a list (0 unless given) into ascending order, which is that of births.
local function by_age(slots, n, place)
  local low, high = (place or 0) + 1, (place or 0) + n
  local gap = 1
  while gap * 9 < n do gap = gap * 3 + 1 end -- Shell's sort with Knuth's gaps, which LuaJIT compiles
  while gap >= 1 do
    for i = low + gap, high do
      local slot, j = slots[i], i - gap
      while j >= low and slots[j] > slot do
        slots[j + gap] = slots[j]
        j = j - gap
      end
      slots[j + gap] = slot
    end
    gap = floor(gap / 3)
  end
end
W.by_age = by_age

--- Append the slots in a cell to a list, in any order; gives its new length.
local function gather(cell, list, n)
  local node = after[cell]
  while node ~= cell do
    n = n + 1
    list[n] = node - cells
    node = after[node]
  end
  return n
end

--- As `gather`, the oldest first.
local function gather_by_age(cell, list, n)
  local from = n
  n = gather(cell, list, n)
  if n - from > 1 then by_age(list, n - from, from) end
  return n
end

--- The oldest in a cell, of one kind or of all; nil where there is none.
local function oldest(cell, kind)
  local found, n, node = nil, 0, after[cell]
  while node ~= cell do
    local slot = node - cells
    if (not kind or S.kind[slot] == kind) and (not found or slot < found) then found = slot end
    node, n = after[node], n + 1
  end
  if n > 1 then meter(n / 4) end
  return found
end

W.occupants = {
  crowd = crowd, crowd_of = crowd_of, prepare = prepare, put = put, leave = leave, gather = gather,
  gather_by_age = gather_by_age, oldest = oldest, empty_cell = empty_cell, empty_cells = empty_cells,
}
