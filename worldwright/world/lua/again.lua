-- A kernel that has run a world and is to run it again: everything it remembers goes back to what it was when the
-- kernel had just been loaded, while its functions stay, and with them what LuaJIT has compiled of them.
-- All tables and functions that can be reached from the kernel are found by walking, so nothing has to be listed.
-- W.lasting alone is left as it is: there entities.lua keeps scripts as it compiled them.
-- Reads all that the other parts have set. Sets W.remember_beginning, W.may_begin_again, W.begin_again.
local W = ...
local MOST_KEPT = 65536 -- kilobytes of a VM that is worth cleaning; a larger one is given up

local type, next, rawget, rawset, rawequal = type, next, rawget, rawset, rawequal
local getupvalue, setupvalue, getmetatable = debug.getupvalue, debug.setupvalue, debug.getmetatable

local tables, contents = {}, {}
local m, functions, places, values = 0, {}, {}, {} -- which upvalue of which function was what

--- Note how everything is now. The libraries of Lua are left out: nobody can change them; and so is this part itself.
function W.remember_beginning()
  local seen, pending, n = {}, {W}, 1
  for _, other in next, {W, W.lasting, W.remember_beginning, W.begin_again, _G, string, table, math, debug} do
    seen[other] = true
  end
  local function visit(value)
    local kind = type(value)
    if (kind == "table" or kind == "function") and not seen[value] then
      seen[value] = true
      n = n + 1
      pending[n] = value
    end
  end
  while n > 0 do
    local value = pending[n]
    n = n - 1
    if type(value) == "table" then
      local copy = {}
      for key, item in next, value do
        copy[key] = item
        visit(key)
        visit(item)
      end
      visit(getmetatable(value))
      tables[#tables + 1], contents[#contents + 1] = value, copy
    else
      local i = 1
      while true do
        local name, item = getupvalue(value, i)
        if not name then break end
        m = m + 1
        functions[m], places[m], values[m] = value, i, item
        visit(item)
        i = i + 1
      end
    end
  end
end

local function refill(t, content)
  for key in next, t do
    if rawget(content, key) == nil then rawset(t, key, nil) end
  end
  for key, item in next, content do
    if not rawequal(rawget(t, key), item) then rawset(t, key, item) end
  end
end

--- Whether the world that has ended leaves a VM that another run can have: nothing went wrong in it, and it is small.
function W.may_begin_again()
  local S = W.state
  return not S.stopped and #S.errors == 0 and collectgarbage("count") < MOST_KEPT
end

--- Be as at the beginning.
function W.begin_again()
  for i = 1, #tables do refill(tables[i], contents[i]) end
  for i = 1, m do
    local f, place, value = functions[i], places[i], values[i]
    local _, now = getupvalue(f, place)
    if not rawequal(now, value) then setupvalue(f, place, value) end
  end
end
