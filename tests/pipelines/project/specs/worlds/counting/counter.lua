-- Counts, by one or two.
--
-- reads     nothing
-- receives  nothing
-- sends     nothing
-- state     n
state = {n = 0}

function update(now, msgs)
  state.n = state.n + (self.random() < .5 and 1 or 2)
end
