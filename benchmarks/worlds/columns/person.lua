-- Adds up what its row of the population says.
state = {sum = 0, words = 0}

function update(now, msgs)
  local me = self.agent
  state.sum = me.c1 + me.c2 + me.c3 + me.c4 + me.c5 + me.c6 + me.c7 + me.c8 + me.c9 + me.c10 + me.c11 + me.c12 + me.c13 + me.c14 + me.c15 + me.c16
  state.words = #me.c17 + #me.c18 + #me.c19 + #me.c20
end
