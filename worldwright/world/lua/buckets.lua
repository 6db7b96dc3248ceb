-- Where everybody is in continuous space, and an index of buckets, so that a question about a neighbourhood costs what
-- lies in and near it, not what lives in the world.
-- S.px, S.py, S.pz by slot (false or nil: nowhere) and S.vx, S.vy, S.vz, the last step, are the memory, from which all
-- else here can be made again: in a bucket the oldest comes first, so no answer depends on the order of arrivals.
-- Reads turns.lua, found.lua, W.by_age. Sets W.buckets.
local W = ...
local S, meter = W.state, W.meter
local floor, sqrt, min, max = math.floor, math.sqrt, math.min, math.max
local F = W.found

local MOST_BUCKETS = 4194304
local LEAST = 2 ^ -1000 -- the square of no distance
local LOOKED_AT = 8 -- of those in a bucket, for the place of one who comes in

S.px, S.py, S.pz, S.vx, S.vy, S.vz = {}, {}, {}, {}, {}, {}
local px, py, pz, vx, vy, vz = S.px, S.py, S.pz, S.vx, S.vy, S.vz

local torus, solid = false, false
local width, height, depth = 0, 0, 1
local columns, rows, layers = 1, 1, 1
local first, after, before, bucket_at = {}, {}, {}, {} -- by bucket, and by slot
local loose, loose_n = {}, 0 -- buckets that are out of order
local placed, built_for = 0, 0

-- Along each axis, for what is counted from 0 over three rounds of a torus, of which the middle one is the space itself:
-- where the buckets begin there, and how far what lies in them is shifted.
local column_at, row_at, layer_at, x_shift, y_shift, z_shift = {}, {}, {}, {}, {}, {}

--- The short way from 0 to d along an axis.
local function short_way(d, size)
  if torus then
    if d > size / 2 then return d - size end
    if d < -size / 2 then return d + size end
  end
  return d
end

-- Who is where -----------------------------------------------------------------------------------------------
local function bucket_of(x, y, z)
  local i, j, k = floor(x / width * columns), floor(y / height * rows), 0
  if i >= columns then i = columns - 1 end
  if j >= rows then j = rows - 1 end
  if solid then
    k = floor(z / depth * layers)
    if k >= layers then k = layers - 1 end
  end
  return i + (j + k * rows) * columns
end

local function unlink(slot)
  local b, a = before[slot], after[slot]
  if b then after[b] = a else first[bucket_at[slot]] = a end
  if a then before[a] = b end
end

-- Among the first few of a crowd the right place is looked for; behind them the bucket is put in order when it is asked.
local function link(slot, bucket)
  local b, a, looked = false, first[bucket], 0
  while a and a < slot and looked < LOOKED_AT do
    b, a, looked = a, after[a], looked + 1
  end
  if a and a < slot then
    b, a = false, first[bucket]
    if not loose[bucket] then loose[bucket], loose_n = true, loose_n + 1 end
  end
  after[slot], before[slot], bucket_at[slot] = a or false, b, bucket
  if a then before[a] = slot end
  if b then after[b] = slot else first[bucket] = slot end
end

local crowd = {}

local function put_in_order(bucket)
  local n, slot = 0, first[bucket]
  while slot do
    n = n + 1
    crowd[n], slot = slot, after[slot]
  end
  W.by_age(crowd, n)
  local b = false
  for i = 1, n do
    slot = crowd[i]
    if b then after[b] = slot else first[bucket] = slot end
    before[slot], after[slot], b = b, false, slot
  end
  loose[bucket], loose_n = false, loose_n - 1
end

--- Take an entity out of the space.
local function leave(slot)
  if not bucket_at[slot] then return end
  unlink(slot)
  bucket_at[slot], placed = false, placed - 1
  px[slot], py[slot], pz[slot] = false, false, false
end

--- Put an entity at a point; what it moved by is its last step.
local function put(slot, x, y, z)
  local bucket, was = bucket_of(x, y, z), bucket_at[slot]
  if was then
    vx[slot], vy[slot] = short_way(x - px[slot], width), short_way(y - py[slot], height)
    vz[slot] = solid and short_way(z - pz[slot], depth) or 0
    if was ~= bucket then
      unlink(slot)
      link(slot, bucket)
    end
  else
    vx[slot], vy[slot], vz[slot] = 0, 0, 0
    link(slot, bucket)
    placed = placed + 1
  end
  px[slot], py[slot], pz[slot] = x, y, z
end

local function rounds(begin, shift, count, step, size)
  for i = 0, 3 * count - 1 do
    begin[i], shift[i] = i % count * step, (floor(i / count) - 1) * size
  end
end

--- Make the index fit to how many are placed, of which alone it is a function: one to four entities a bucket.
local function rebuild()
  local wanted = 16
  while wanted * 4 <= placed do wanted = wanted * 4 end
  if wanted == built_for then return end
  built_for = wanted
  local aim = min(wanted / 2, MOST_BUCKETS)
  local edge = solid and W.mathematics.pow(width * height * depth / aim, 1 / 3) or sqrt(width * height / aim)
  -- at most `aim` in all, also where the space is long and thin
  columns = max(1, min(aim, floor(width / edge)))
  rows = max(1, min(floor(aim / columns), floor(height / edge)))
  layers = solid and max(1, min(floor(aim / columns / rows), floor(depth / edge))) or 1
  first, loose, loose_n = {}, {}, 0
  for bucket = 0, columns * rows * layers - 1 do first[bucket] = false end
  rounds(column_at, x_shift, columns, 1, width)
  rounds(row_at, y_shift, rows, columns, height)
  rounds(layer_at, z_shift, layers, columns * rows, depth)
  for slot = S.n, 1, -1 do
    if bucket_at[slot] then link(slot, bucket_of(px[slot], py[slot], pz[slot])) end
  end
end

-- Who is near ------------------------------------------------------------------------------------------------
-- The buckets along one axis that a stretch touches, from one to another, counted as in x_shift; and whether the short way
-- must be found for each entity, as where the stretch goes all round.
local function stretch(middle, radius, size, count)
  local reach = radius + size * 1e-15 -- differences of places are rounded
  local i0, i1 = floor((middle - reach) / size * count), floor((middle + reach) / size * count)
  if not torus then
    -- a point on the far edge lies in the last bucket
    return count + max(0, min(i0, count - 1)), count + max(0, min(i1, count - 1)), false
  end
  if i1 - i0 >= count or 2 * radius >= size then return count, 2 * count - 1, true end
  return count + i0, count + i1, false
end

local function order_between(i0, i1, j0, j1, k0, k1)
  for k = k0, k1 do
    for j = j0, j1 do
      for i = i0, i1 do
        local bucket = layer_at[k] + row_at[j] + column_at[i]
        if loose[bucket] then put_in_order(bucket) end
      end
    end
  end
end

-- 1 or 0. LuaJIT compiles this without a branch, which no processor could foresee.
local function is_within(square, limit) return min(1, floor(limit / square)) end
if not W.luajit then
  function is_within(square, limit) return square <= limit and 1 or 0 end
end

--- Everybody within a radius of a point but `without`, of one kind or all, into the arrays of W.found behind `list`;
-- gives how many. Bucket by bucket, in each the oldest first.
local function search(x, y, z, radius, kind, without, list)
  local i0, i1, x_wide = stretch(x, radius, width, columns)
  local j0, j1, y_wide = stretch(y, radius, height, rows)
  local k0, k1, z_wide = 1, 1, false
  if solid then k0, k1, z_wide = stretch(z, radius, depth, layers) end
  if loose_n > 0 then order_between(i0, i1, j0, j1, k0, k1) end
  local wide, limit = x_wide or y_wide or z_wide, max(radius * radius, LEAST)
  local found, xs, ys, zs, squares = F.slot, F.x, F.y, F.z, F.square
  local n, seen = list + 1, 0 -- what is found next overwrites what was not near enough
  for k = k0, k1 do
    local oz = z_shift[k]
    for j = j0, j1 do
      local begin, oy = layer_at[k] + row_at[j], y_shift[j]
      for i = i0, i1 do
        local slot, ox = first[begin + column_at[i]], x_shift[i]
        while slot do
          local dx, dy, dz = px[slot] - x + ox, py[slot] - y + oy, 0
          if solid then dz = pz[slot] - z + oz end
          if wide then dx, dy, dz = short_way(dx, width), short_way(dy, height), short_way(dz, depth) end
          if slot ~= without then
            local square = dx * dx + dy * dy + dz * dz
            found[n], xs[n], ys[n], zs[n], squares[n] = slot, dx, dy, dz, square
            n = n + is_within(square, limit)
          end
          seen = seen + 1
          slot = after[slot]
        end
      end
    end
  end
  meter((seen + (i1 - i0 + 1) * (j1 - j0 + 1) * (k1 - k0 + 1)) / 4)
  n = n - 1 - list
  return kind and W.keep_kind(kind, list, n) or n
end

--- The shorter edge of a bucket.
local function edge() return min(width / columns, height / rows) end

--- Begin with nobody in a space of this size.
local function prepare(size, goes_round)
  torus, solid = goes_round, #size == 3
  width, height, depth = size[1] * 1.0, size[2] * 1.0, (size[3] or 1) * 1.0
  rebuild()
end

W.buckets = {
  prepare = prepare, rebuild = rebuild, put = put, leave = leave, search = search, short_way = short_way, edge = edge,
}
