-- Whose turn it is: the arrays of the world, the step budget, the draws and the errors of scripts.
-- Entities live in parallel arrays by slot; a slot is never used twice.
-- Reads W.uniforms, and W.api_self once the world runs. Sets W.state, W.at, W.turn, W.complain, W.located, W.observed,
-- W.meter, W.starve, W.over, W.random, W.world_random, W.new_era, W.set_clock, W.fail, W.keep_error.
local W = ...
local type, error, tostring, tonumber, getinfo = type, error, tostring, tonumber, debug.getinfo
local floor, max, match, gmatch, sub, traceback = math.floor, math.max, string.match, string.gmatch, string.sub, debug.traceback
local uniforms = W.uniforms

-- Domains of draws: the top byte of the last counter word.
local UPDATE, WORLD = 0, 1
W.ORDER, W.BIRTH = 2, 3

local MESSAGE_ROWS = 1000 -- error rows kept apart; beyond this they are only counted

local at = {slot = 0, now = 0, k = 0, spare = false, low = 0, high = 0, domain = UPDATE, world_k = 0, world_spare = false}
local S = {
  n = 0, ids = {}, kind = {}, script = {}, alive = {}, update = {}, get = {}, set = {}, env = {}, memory = {}, inbox = {},
  row = {}, ordinal = {}, k0 = {}, k1 = {}, incarnation = {}, links = {}, birth = {}, birth_drawn = {}, era = {}, eras = {},
  index = {}, born = {}, order = {}, order_n = 0, living = 0, newborn = 0, kind_count = {}, version = 0,
  out_n = 0, out_to = {}, out_due = {}, out_kind = {}, out_content = {}, out_sender = {}, out_early = false, out_late = false,
  log_n = 0, log_op = {}, log_a = {}, log_b = {}, log_c = {}, log_by = {}, log_where = {},
  value_n = 0, value_name = {}, value = {}, births = 0, declared = {},
  chunks = {}, kinds = {}, kind_by_name = {}, scripts = {}, columns = {}, parameters = {},
  limits = {}, sent = 0, spawned = 0, destroyed = 0, buried = 0, delivered = 0, dropped = 0, broadcasts = 0, steps = 0,
  printed = {}, errors = {}, error_at = {}, errors_lost = 0, stopped = false, fatal = false, in_turn = false, given = nil,
  doom = false, overflow = false, starved_at = false,
  metric_index = {}, metric_names = {}, metric_n = 0,
}
W.state, W.at = S, at
W.NOTHING = {} -- the content of a message without any, in arrays
function W.ABSENT() end -- what stands for nil in arrays; no value of a script is equal to it

--- Send a message that is due in the tick `due` (at the earliest the next); `content` is the kernel's to keep.
function W.send(to, kind, content, sender, due)
  local n = S.out_n + 1
  if content == nil then content = W.NOTHING end
  S.out_n, S.out_to[n], S.out_due[n], S.out_kind[n], S.out_content[n], S.out_sender[n] = n, to, due, kind, content, sender
end

-- Errors of scripts ------------------------------------------------------------------------------------------
-- A script's chunk is named by its file, ours by a name in brackets, so that a place can be told from the stack.
local TRACE = "\n%s*([^\n]-):(%d+): in"

local function place()
  for level = 3, 250 do
    local frame = getinfo(level, "Sl")
    if not frame then return "" end
    if S.chunks[frame.source] then return frame.short_src .. ":" .. frame.currentline .. ": " end
  end
  for file, line in gmatch(traceback("", 2), TRACE) do
    if S.chunks["=" .. file] then return file .. ":" .. line .. ": " end
  end
  return ""
end

-- Where exactly a stack ended depends on what was compiled; what it is full of does not. So the place of an overflow
-- is the first of the lines that are on it again and again, looked for below its very end.
local END, LOOK = 30, 230
local full = {n = 0, file = {}, line = {}, outermost = ""} -- scripts on a stack at its end, which has room for little

local function overflowed(problem, unwound)
  if sub(problem, -14) ~= "stack overflow" then return false end
  if not S.overflow and not unwound then
    S.overflow, full.n = true, 0
    for level = END, LOOK do
      local frame = getinfo(level, "Sl")
      if not frame then break end
      if S.chunks[frame.source] then
        full.n = full.n + 1
        full.file[full.n], full.line[full.n] = frame.short_src, frame.currentline
      end
    end
    full.outermost = full.n == 0 and traceback("", 2)
  end
  return true
end

local function recurring_place()
  local times, most, first, first_line = {}, 0, nil, nil
  if full.n == 0 then
    for file, line in gmatch(full.outermost, TRACE) do
      if S.chunks["=" .. file] then first, first_line = file, tonumber(line) end
    end
    return first, first_line
  end
  for i = 1, full.n do
    local key = full.file[i] .. ":" .. full.line[i]
    times[key] = (times[key] or 0) + 1
    most = max(most, times[key])
  end
  for i = 1, full.n do
    local file, line = full.file[i], full.line[i]
    if 2 * times[file .. ":" .. line] >= most
      and (not first or file < first or (file == first and line < first_line)) then
      first, first_line = file, line
    end
  end
  return first, first_line
end

--- Raise an error at the line of the script that called us.
function W.complain(message)
  error(place() .. message, 0)
end

-- The handler of errors in scripts: those raised by C functions get the line of the script too.
local function located(problem)
  if type(problem) == "table" then problem = "an error value (a table)"
  elseif problem == nil then problem = "an error without a message" end
  if type(problem) ~= "string" or problem == "not enough memory" then return problem end
  if overflowed(problem) then return problem end
  local file, rest = match(problem, "^([^\n]-):%d+: (.*)$")
  if file and S.chunks["=" .. file] then return problem end
  return place() .. (file and rest or problem)
end
W.located = located

-- Steps ----------------------------------------------------------------------------------------------------
local budget = {0}
W.budget = budget

-- The turn has failed, whatever its script makes of the error.
local function doom(message)
  S.doom = S.doom or message
  budget[1] = -1
end

local function over()
  if S.fatal then error("not enough memory", 0) end
  if not S.doom then doom(place() .. "the step limit of " .. S.limits.steps .. " steps for one call is used up") end
  error(S.doom, 0)
end

W.over = over

function W.meter(n)
  local left = budget[1] - n
  budget[1] = left
  if left < 0 then over() end
end

--- Memory has run out: nothing a script does from here on counts.
function W.starve()
  S.fatal, budget[1] = true, -1
end

--- The handler of errors that a script catches itself. How deep it got before its stack ended is not the same
-- everywhere, so that fails its turn.
function W.observed(problem, unwound)
  if type(problem) == "string" and overflowed(problem, unwound) then doom(problem) end
  return problem
end

-- Draws ----------------------------------------------------------------------------------------------------
-- Draw k of an entity is half of Philox(counter = (floor(k / 2), tick, incarnation, domain and high tick), its key).
local function draw()
  local spare = at.spare
  if spare then
    at.spare = false
    return spare
  end
  local slot, k = at.slot, at.k
  local u, v = uniforms(k, at.low, S.incarnation[slot], at.high, S.k0[slot], S.k1[slot])
  at.k, at.spare = k + 1, v
  return u
end

local function world_draw()
  local spare = at.world_spare
  if spare then
    at.world_spare = false
    return spare
  end
  local k = at.world_k
  local u, v = uniforms(k, at.low, 0, at.high - at.domain * 16777216 + WORLD * 16777216, S.world_k0, S.world_k1)
  at.world_k, at.world_spare = k + 1, v
  return u
end

local function whole(x, name)
  local n = tonumber(x)
  if not n or n ~= floor(n) or n > 9007199254740992 or n < -9007199254740992 then
    W.complain("random: " .. name .. " must be a whole number")
  end
  return (floor(n))
end

local function between(u, a, b)
  if a == nil then return u end
  if b == nil then a, b = 1, a end
  a, b = whole(a, "the lower end"), whole(b, "the upper end")
  if a > b then W.complain("random: the interval from " .. a .. " to " .. b .. " is empty") end
  return a + floor(u * (b - a + 1))
end

--- The current entity's next draw: in [0, 1), or a whole number from 1 to a, or from a to b.
function W.random(a, b)
  W.meter(1)
  return (between(draw(), a, b))
end

function W.world_random(a, b)
  W.meter(1)
  return (between(world_draw(), a, b))
end

--- From here on the draws are keyed by the seed that is set now; births remember under which they happened.
function W.new_era()
  S.world_k0, S.world_k1 = W.key(S.master_k0, S.master_k1, "\0world")
  S.eras[#S.eras + 1] = {S.master_k0, S.master_k1, world = {S.world_k0, S.world_k1}}
end

--- Let `slot` be the entity that runs, with a fresh budget, the first draw of its tick and its own variables.
local function turn(slot, domain)
  at.slot, at.k, at.spare = slot, 0, false
  at.domain, at.high = domain, domain * 16777216 + at.tick_high
  W.api_self.id = S.ids[slot]
  budget[1], S.doom = S.limits.steps, false
  local load = S.script[slot].load
  if load then load(slot) end
end
W.turn = turn

function W.set_clock(now)
  at.now, at.low, at.tick_high = now, now % 4294967296, floor(now / 4294967296)
  at.world_k, at.world_spare = 0, false
end

-- Errors ---------------------------------------------------------------------------------------------------
local function describe(message)
  if type(message) == "string" then
    local file, line, rest = match(message, "^([^\n]-):(%d+): (.*)$")
    if file then return rest, file, tonumber(line) end
    return message
  end
  return "error value " .. tostring(message)
end

--- Keep an error as a row; equal ones of the same entity are counted.
function W.keep_error(slot, text, file, line)
  if #text > 500 then text = sub(text, 1, 500) end
  local id = slot and S.ids[slot] or ""
  file = file or (slot and S.script[slot] and S.script[slot].file) or ""
  if W.log then W.log("error", id, nil, file, line, text) end
  local key = id .. "\0" .. file .. "\0" .. (line or 0) .. "\0" .. text
  local known = S.error_at[key]
  if known then
    S.errors[known].count = S.errors[known].count + 1
  elseif #S.errors < MESSAGE_ROWS then
    S.errors[#S.errors + 1] =
      {tick = at.now, entity = id, script = file, line = line or 0, message = text, count = 1}
    S.error_at[key] = #S.errors
  else
    S.errors_lost = S.errors_lost + 1
  end
end

--- What an error comes to under the world's policy. (Where memory ran out, starvation.lua finds out who and where.)
function W.fail(slot, message)
  if message == "not enough memory" then
    S.fatal, S.stopped, S.starved_at = true, true, at.now
    return
  end
  local text, file, line = describe(message)
  local overflow = S.overflow and (match(text, "C stack overflow$") or match(text, "stack overflow$"))
  if overflow then
    text = overflow
    local inner, deep = recurring_place()
    if inner then file, line = inner, deep end
  end
  W.keep_error(slot, text, file, line)
  -- What an entity did to its state before its stack ended is not the same everywhere.
  if S.policy == "stop" or (overflow and S.policy == "ignore") then S.stopped = true end
  S.overflow = false
end
