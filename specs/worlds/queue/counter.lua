-- The counter, which serves one customer after another, each for an exponential time.
--
-- shows     `order: event`: door and counter run only when something happens, so a tick may be as small as the times need;
--           timers (`self.wake`) and messages together
-- reads     world.param: service
-- receives  customer (door): now somebody comes
-- state     line (when each came), served, stays (the sum of all stays), area (customers times ticks), seen, mean_stay, mean_number
-- expected  with occupancy r = service / gap: a mean number of r / (1 - r) there, a mean stay of service / (1 - r), and
--           mean number = mean stay / gap (Little 1961, Operations Research 9)
--
--   worldwright world run specs/worlds/queue --ticks 1000000

state = {line = {}, done = 0, served = 0, stays = 0, area = 0, seen = 0, mean_stay = 0, mean_number = 0}

-- Let the one in front be served, from now on.
local function begin(now)
  local time = math.max(1, math.floor(.5 - world.param.service * math.log(1 - self.random())))
  state.done = now + time
  self.wake(time)
end

function update(now, msgs)
  state.area = state.area + #state.line * (now - state.seen)
  state.seen = now
  if state.done == now then
    state.served = state.served + 1
    state.stays = state.stays + now - table.remove(state.line, 1)
    if #state.line > 0 then begin(now) end
  end
  for _ = 1, #msgs do
    state.line[#state.line + 1] = now
    if #state.line == 1 then begin(now) end
  end
  if state.served > 0 then state.mean_stay = state.stays / state.served end
  state.mean_number = state.area / now
end
