-- Who stands in which cell of the grid.
-- S.cell by slot (false or nil: nowhere) is the memory; all else here can be made again from it: what answers depend
-- on, and what they cost, is never the order of arrivals.
-- Reads turns.lua. Sets W.occupants and W.by_age.
local W = ...
local S, meter = W.state, W.meter
local floor, min = math.floor, math.min

S.cell = {}
local first, after, before, crowd = {}, {}, {}, {} -- by cell, by slot, by slot, by cell
local empty_in, BLOCK = {}, 64                     -- cells without anybody, in each block of BLOCK cells
local empties = 0

local function block_of(cell) return floor((cell - 1) / BLOCK) + 1 end

local crowds = {} -- by kind, for those that somebody has asked for: how many are in each cell

--- How many of a kind are in each cell.
local function crowd_of(kind)
  local known = crowds[kind]
  if known then return known end
  known = {}
  for cell = 1, #crowd do
    local slot, n = first[cell], 0
    while slot do
      if S.kind[slot] == kind then n = n + 1 end
      slot = after[slot]
    end
    known[cell] = n
  end
  crowds[kind] = known
  return known
end

--- Take an entity off the grid.
local function leave(slot)
  local cell = S.cell[slot]
  if not cell then return end
  local own = crowds[S.kind[slot]]
  if own then own[cell] = own[cell] - 1 end
  local b, a = before[slot], after[slot]
  if b then after[b] = a else first[cell] = a end
  if a then before[a] = b end
  crowd[cell] = crowd[cell] - 1
  if crowd[cell] == 0 then
    local block = block_of(cell)
    empty_in[block], empties = empty_in[block] + 1, empties + 1
  end
  S.cell[slot] = false
end

local function enter(slot, cell)
  local head = first[cell]
  first[cell], after[slot], before[slot] = slot, head, false
  if head then before[head] = slot end
  if crowd[cell] == 0 then
    local block = block_of(cell)
    empty_in[block], empties = empty_in[block] - 1, empties - 1
  end
  crowd[cell] = crowd[cell] + 1
  local own = crowds[S.kind[slot]]
  if own then own[cell] = own[cell] + 1 end
  S.cell[slot] = cell
end

--- Put an entity into a cell, or nowhere (false).
local function put(slot, cell)
  if S.cell[slot] then leave(slot) end
  if cell then enter(slot, cell) end
end

--- Begin with nobody in any of so many cells.
local function prepare(cells)
  for cell = 1, cells do first[cell], crowd[cell] = false, 0 end
  for block = 1, block_of(cells) do empty_in[block] = min(BLOCK, cells - (block - 1) * BLOCK) end
  empties = cells
end

--- How many cells have nobody in them.
local function empty_cells() return empties end

--- An empty cell by a number in [0, 1): the k-th one in the order of the cells. There must be one.
local function empty_cell(u)
  local k, block = floor(u * empties), 1
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
  local slot = first[cell]
  while slot do
    n = n + 1
    list[n] = slot
    slot = after[slot]
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
  local found, n, slot = nil, 0, first[cell]
  while slot do
    if (not kind or S.kind[slot] == kind) and (not found or slot < found) then found = slot end
    slot, n = after[slot], n + 1
  end
  if n > 1 then meter(n / 4) end
  return found
end

W.occupants = {
  first = first, crowd = crowd, crowd_of = crowd_of, prepare = prepare, put = put, leave = leave, gather = gather,
  gather_by_age = gather_by_age, oldest = oldest, empty_cell = empty_cell, empty_cells = empty_cells,
}
