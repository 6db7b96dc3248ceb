-- A surgeon who may take up a diagnostic tool, week by week.
--
-- reads     self.agent: heard_of_tool, trust_in_ai, expected_benefit, liability_concern, price_sensitivity,
--           decides_alone, peer_influence, innovativeness
--           world.param: peer_weight, innovation, price, word_of_mouth_delay, discontinuance
-- receives  campaign (vendor): now she knows the tool;  adopted, stopped (colleagues): one user more or fewer
-- sends     adopted, stopped: to every colleague, after word_of_mouth_delay weeks
-- state     adopted, aware, stopped, heard (colleagues she knows to use it), new (adopted this week),
--           taste (drawn in the first week, the same at every price)
--
-- Whether the tool is for her at all, at this price, is a binary logit with a taste of her own (McFadden 1974); those for
-- whom it is are the market of Bass (1969). When she takes it up is his hazard for one person on a network (Goldenberg,
-- Libai and Muller 2001; Rand and Rust 2011): 1 - (1 - p)(1 - q F), with F the share of her colleagues she has heard to
-- use it. Giving up again is discontinuance in the sense of Rogers (2003).

local BENEFIT, TRUST, LIABILITY = 3, 4, 2.5  -- logits over the whole scale; their middle is indifference
local WITHOUT_A_SAY = .8                     -- whoever must ask the head or the owner is slower
local INNOVATIVENESS = .7                    -- log hazard for one standard deviation

state = {adopted = false, aware = false, stopped = false, heard = 0, new = false, taste = 0}

-- Would she use it at this price, once she knows it?
local function wants(me)
  local logit = BENEFIT * (me.expected_benefit - .5) + TRUST * (me.trust_in_ai - .5)
    - LIABILITY * (me.liability_concern - .5) - me.price_sensitivity * world.param.price / 100
  return state.taste < 1 / (1 + math.exp(-logit))
end

local function tell(kind)
  for _, colleague in ipairs(self.neighbors()) do
    self.send_msg(colleague, kind, nil, world.param.word_of_mouth_delay)
  end
end

local function listen(msgs)
  for _, msg in ipairs(msgs) do
    if msg.kind == "adopted" then
      state.heard = state.heard + 1
      state.aware = true
    elseif msg.kind == "stopped" then
      state.heard = state.heard - 1
    elseif msg.kind == "campaign" then
      state.aware = true
    end
  end
end

function update(now, msgs)
  local me, param = self.agent, world.param
  if now == 1 then
    state.taste = self.random()
    state.aware = me.heard_of_tool
  end
  listen(msgs)
  state.new = false

  if state.adopted then
    if self.random() < param.discontinuance * (1 - me.trust_in_ai) then
      state.adopted, state.stopped = false, true
      tell("stopped")
    end
  elseif state.aware and not state.stopped and wants(me) then
    local ease = me.decides_alone and 1 or WITHOUT_A_SAY
    local p = math.min(1, ease * param.innovation * math.exp(INNOVATIVENESS * me.innovativeness))
    local q = ease * param.peer_weight * me.peer_influence
    local share = state.heard > 0 and state.heard / #self.neighbors() or 0
    if self.random() < 1 - (1 - p) * (1 - q * share) then
      state.adopted, state.new = true, true
      tell("adopted")
    end
  end
end
