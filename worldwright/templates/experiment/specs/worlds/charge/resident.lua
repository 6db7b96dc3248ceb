-- A resident on the way to work, day by day.
-- reads     self.agent: income, distance, has_car, near_stop;  world.param: charge
-- receives  crowd (operator): riders for each seat on yesterday's buses
-- sends     ride (operator): takes the bus today
-- state     drives, crowd

local HOURS = 160              -- worked in a month: what an hour is worth to somebody
local CAR, BUS = 25, 18        -- km/h from door to door
local WALK, FAR_WALK = .1, .6  -- hours to a stop and back
local COST = .25               -- EUR/km by car

state = {drives = false, crowd = 0}

function update(now, msgs)
  for _, msg in ipairs(msgs) do
    if msg.kind == "crowd" then state.crowd = msg.content end
  end
  local me = self.agent
  local hour = me.income / HOURS
  local car = hour * me.distance / CAR + COST * me.distance + world.param.charge
  local slow = 1 + math.max(0, state.crowd - 1)
  local bus = hour * (me.distance / BUS * slow + (me.near_stop and WALK or FAR_WALK))
  -- a logit of the difference, in hours (McFadden 1974)
  state.drives = me.has_car and self.random() < 1 / (1 + math.exp(-4 * (bus - car) / hour))
  if not state.drives then self.send_msg("operator", "ride") end
end
