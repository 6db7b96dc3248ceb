-- What entities let others read: the fields of `state` that their kind declares under `public:`.
-- One after another everybody reads what stands there now. Under `simultaneous` it is what stood there when the tick
-- began, copied then; so nothing of it needs to be kept, and a world from a snapshot reads the same.
-- Reads turns.lua, entities.lua, found.lua. Sets world.read, W.value_of, W.shows, W.is_public, W.prepare_public, and W.publish where it is needed.
local W = ...
local S, at, complain, slot_of, memory_of = W.state, W.at, W.complain, W.slot_of, W.memory
local type, rawget = type, rawget

local ABSENT = W.ABSENT -- in place of nil, in columns

local function undeclared(slot, name)
  local kind, text = S.kind[slot].name, W.builtins.tostring(name)
  complain("read: '" .. kind .. "' has no public '" .. text .. "'; add `public: [" .. text .. "]` to the entity")
end

local function unfit(slot, name, what)
  complain("read: '" .. name .. "' of '" .. S.ids[slot] .. "' is a " .. what .. "; only numbers, texts and booleans can be read")
end

local function current(slot, name)
  local memory = memory_of(slot)
  if type(memory) ~= "table" then return nil end
  return rawget(memory, name)
end

--- The value of a public field of an entity that lives.
function W.value_of(slot, name)
  local columns = S.kind[slot].columns_read
  local column = columns and columns[name]
  if not column then undeclared(slot, name) end
  local value = column[slot]
  if value == ABSENT then return nil end
  if value == nil then -- nothing is copied, or it was born since
    if slot == at.slot then
      local store = S.script[slot].store
      if store then store(slot) end
    end
    value = current(slot, name)
  end
  local what = type(value)
  if what == "table" or what == "function" then unfit(slot, name, what) end
  return value
end
local value_of = W.value_of

--- Whether an entity has a public field of this name.
function W.shows(slot, name) return S.kind[slot].columns_read[name] ~= nil end

--- Whether any kind has one.
function W.is_public(name)
  for i = 1, #S.kinds do
    if S.kinds[i].columns_read[name] then return true end
  end
  return false
end

--- `world.read(id, name)`.
function W.api_world.read(id, name)
  local slot = slot_of(id, "read")
  if not slot then return nil end
  return value_of(slot, name)
end

local function publish()
  local order = S.order
  for i = 1, S.order_n do
    local slot = order[i]
    local kind = S.kind[slot]
    local names = kind.public
    for j = 1, #names do
      local name = names[j]
      local value = current(slot, name)
      if value == nil then value = ABSENT end
      kind.columns_read[name][slot] = value
    end
  end
end

--- Columns for what is public in a program.
function W.prepare_public(P)
  local any = false
  for i = 1, #P.kinds do
    local kind = P.kinds[i]
    kind.columns_read, kind.public = {}, kind.public or {}
    for j = 1, #kind.public do kind.columns_read[kind.public[j]], any = {}, true end
  end
  if any and S.simultaneous then W.publish = publish end
end
