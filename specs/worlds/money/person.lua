-- A person in a closed economy of whole coins (Dragulescu and Yakovenko 2000, European Physical Journal B 17).
--
-- shows     messages that arrive in the next tick: nobody gives away what is only on its way to him
-- receives  coin (anybody)
-- sends     coin: to another person, drawn at random
-- records   w0, w1, ... w40: how many have so many coins (w40: or more)
-- state     wealth (before he gives), broke
-- expected  giving at once, money is Boltzmann's law; in whole ticks the share without a coin is sqrt(2) - 1 = .41421 and
--           the Gini coefficient .57993, looked at over ticks 1000 to 2000
--
--   worldwright world run specs/worlds/money --ticks 1000

state = {wealth = 1, broke = false}

local me = tonumber(string.match(self.id, "%d+"))

function update(now, msgs)
  if now > 1 then
    state.wealth = state.wealth - (state.broke and 0 or 1) + #msgs
  end
  world.record_metric("w" .. math.min(state.wealth, 40), 1)
  state.broke = state.wealth == 0
  if not state.broke then
    local other = self.random(world.count("person") - 1)
    if other >= me then other = other + 1 end
    self.send_msg("person_" .. other, "coin")
  end
end
