-- The vendor, who advertises in the first weeks.
--
-- reads     world.param: campaign_weeks, campaign_reach
-- receives  nothing
-- sends     campaign: to each surgeon with probability campaign_reach, in each week of the campaign
-- state     reached (contacts so far)

state = {reached = 0}

function update(now, msgs)
  local param = world.param
  if now > param.campaign_weeks then
    return
  end
  for _, surgeon in ipairs(world.entities("surgeon")) do
    if self.random() < param.campaign_reach then
      self.send_msg(surgeon, "campaign")
      state.reached = state.reached + 1
    end
  end
end
