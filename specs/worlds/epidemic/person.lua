-- A person who is infected for one tick and then immune (Kermack and McKendrick 1927, Proceedings A 115).
--
-- shows     a stochastic process whose end is known: the mean over replicates must meet the equation
-- reads     world.param: r0
-- receives  contact (an infected)
-- sends     contact: ten times to somebody drawn at random, each with probability r0 / 10
-- state     reached, infected
-- expected  reached at the end: .5936 (r0 1.5), .8002 (2), .9412 (3)
--
--   worldwright world run specs/worlds/epidemic --ticks 60 --param r0=1.5

local FIRST, CONTACTS = 20, 10
local me = tonumber(string.match(self.id, "%d+"))

state = {reached = false, infected = false}

function update(now, msgs)
  state.infected = not state.reached and (#msgs > 0 or now == 1 and me <= FIRST)
  if not state.infected then return end
  state.reached = true
  for _ = 1, CONTACTS do
    local whom = "person_" .. self.random(world.count())
    if self.random() < world.param.r0 / CONTACTS then self.send_msg(whom, "contact") end
  end
end
