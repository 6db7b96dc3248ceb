-- A resident, who answers a census.
-- reads  self.agent: has_car, income
-- state  the answers

state = {has_car = self.agent.has_car, income = self.agent.income}

function update(now, msgs) end
