-- Whose turn it is: the arrays of the world, the step budget, the draws and the errors of scripts.
-- Entities live in parallel arrays by slot; a slot is never used twice.
-- Reads W.uniforms, and W.api_self once the world runs. Sets W.state, W.at, W.turn, W.complain, W.located, W.meter,
-- W.starve, W.over, W.random, W.world_random, W.new_era, W.set_clock, W.fail.
local W = ...
local type, error, pcall, tostring, tonumber, getinfo = type, error, pcall, tostring, tonumber, debug.getinfo
local floor, match, gmatch, sub, traceback = math.floor, string.match, string.gmatch, string.sub, debug.traceback
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
  printed = {}, errors = {}, error_at = {}, errors_lost = 0, stopped = false,
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
local function place()
  for level = 3, 250 do
    local frame = getinfo(level, "Sl")
    if not frame then return "" end
    if S.chunks[frame.source] then return frame.short_src .. ":" .. frame.currentline .. ": " end
  end
  -- A stack overflow of ours in the script's service: what called it all is among the outermost frames.
  for file, line in gmatch(traceback("", 2), "\n%s*([^\n]-):(%d+): in") do
    if S.chunks["=" .. file] then return file .. ":" .. line .. ": " end
  end
  return ""
end

--- Raise an error at the line of the script that called us.
function W.complain(message)
  error(place() .. message, 0)
end

-- Where memory ran out, if there is enough left to find out. (Lua calls no handler for want of memory, so the line is
-- known only where a script catches the error.)
local function remember_place()
  local ok, where = pcall(place)
  if ok then S.starved_at = S.starved_at or where end
end

-- The handler of errors in scripts: those raised by C functions get the line of the script too.
local function located(problem)
  if type(problem) == "table" then problem = "an error value (a table)"
  elseif problem == nil then problem = "an error without a message" end
  if type(problem) ~= "string" or problem == "not enough memory" then return problem end
  local file, rest = match(problem, "^([^\n]-):%d+: (.*)$")
  if file and S.chunks["=" .. file] then return problem end
  return place() .. (file and rest or problem)
end
W.located = located

-- Steps ----------------------------------------------------------------------------------------------------
local budget = {0}
W.budget = budget

local function over()
  if S.fatal then error("not enough memory", 0) end
  S.over_at = S.over_at or place() -- the script may swallow the error
  error(S.over_at .. "the step limit of " .. S.limits.steps .. " steps for one call is used up", 0)
end

W.over = over

function W.meter(n)
  local left = budget[1] - n
  budget[1] = left
  if left < 0 then over() end
end

--- Memory has run out: nothing a script does from here on counts.
function W.starve()
  remember_place()
  S.fatal, budget[1] = true, -1
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
  return floor(n)
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
  return between(draw(), a, b)
end

function W.world_random(a, b)
  W.meter(1)
  return between(world_draw(), a, b)
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
  budget[1], S.over_at = S.limits.steps, false
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
function W.fail(slot, message)
  local text, file, line = describe(message)
  if text == "not enough memory" then
    S.fatal = true
    if S.starved_at then text, file, line = describe(S.starved_at .. text) end
  end
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
  if S.policy == "stop" or S.fatal then S.stopped = true end
end
