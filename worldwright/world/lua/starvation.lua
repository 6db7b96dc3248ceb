-- Who ran when memory ran out, and at which line. Lua calls no handler for want of memory, so nothing has seen the
-- stack; the turn that starved is run again, watched line by line. Nothing of that run counts: the world has failed.
-- Reads turns.lua, W.run_again, W.awaken. Sets W.seek_starved and W.starved.
local W = ...
local S, at = W.state, W.at
local getinfo, sethook, collect, error = debug.getinfo, debug.sethook, collectgarbage, error

local MOST_LINES = 300000 -- watched; a turn that comes this far has most likely come to where it starved

local file, line, found = nil, nil, false

local function enough()
  found = true
  sethook()
  error("enough", 0)
end

local function watcher()
  local lines, last, in_script = 0, nil, nil
  return function(_, reached)
    lines = lines + 1
    if lines > MOST_LINES then enough() end
    local running = getinfo(2, "f").func
    if running ~= last then
      local about = getinfo(2, "S")
      last, in_script = running, S.chunks[about.source] and about.short_src
    end
    if in_script then file, line = in_script, reached end
  end
end

--- Run the turn that starved again, up to where it starves: this most often raises an error, and once more that of
-- memory, which LuaJIT lets no pcall catch inside a hook. So it is for the owner of the machine to catch.
function W.seek_starved()
  collect()
  if S.starved_at then W.set_clock(S.starved_at) end
  if not S.in_turn or at.slot == 0 then return end
  local slot = at.slot
  if W.luajit then
    jit.off()
    jit.flush()
  end
  W.starve = enough -- a script has caught the error; what it does then is of no interest
  W.turn(slot, at.domain)
  S.fatal, W.budget[1] = false, math.huge
  sethook(watcher(), "l")
  if at.domain == W.BIRTH then W.awaken(slot, S.script[slot], S.given) else W.run_again(slot) end
  if not found then file, line = nil, nil end -- it has not starved again
end

--- Keep the error of whoever starved; gives the entity's id, file, line, tick and words.
function W.starved()
  sethook()
  collect()
  S.fatal, S.stopped = true, true
  local slot = S.in_turn and at.slot > 0 and at.slot or nil
  if slot and not line and type(S.update[slot]) == "function" then
    line = getinfo(S.update[slot], "S").linedefined
  end
  local limit = S.limits.memory
  W.keep_error(slot, "out of memory" .. (limit and " (the limit is " .. limit .. " MB)" or ""), file, line)
  local kept = S.errors[#S.errors]
  return kept.entity, kept.script, kept.line, kept.tick, kept.message
end
