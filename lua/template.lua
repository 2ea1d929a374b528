-- @NAME@: trades the basis between two markets of one thing, when what can be executed now pays for all fees and more.
--
-- `tandem test @NAME@.lua` runs its tests, `tandem lint @NAME@.lua` reads it, `tandem demo --db sim` trades it at simulated venues.
local tandem = require "tandem"

local S = tandem.strategy {
  version = 1, -- raise it when the meaning of the state changes, and write S.on_load
  legs = { "near", "far" },
  params = {
    open_bp  = { 8, min = -50, max = 500, doc = "open when the near leg is this much dearer or cheaper after fees, in bp" },
    close_bp = { 5, min = -50, max = 500, doc = "close when no more than this is left of it, in bp" },
    lots     = { 1, min = 1, max = 1000, doc = "pair lots of one pair" },
    max_pos  = { 4, min = 1, max = 100000, doc = "most pair lots held, either way" },
  },
  risk = { max_skew = "600ms", max_age = "2s", max_slip_ticks = 5, leg_timeout = "500ms", on_leg_fail = "cheapest" },
}

local state = tandem.state { hedged = 0 } -- survives reload and restart

-- Whole lots: what the books hold, what one pair may be, and what there is room for.
local function clip(self, executable, room)
  return math.floor(math.min(executable, self.params.lots, room))
end

function S:on_basis(b)
  local p, held = self.params, self.pos.lots
  if self.pos.in_flight > 0 then return end
  local sell, buy, lots = b.sell_near_net_bp, b.buy_near_net_bp

  if held < 0 and buy <= p.close_bp then -- short near, and it has come back
    lots = clip(self, b.buy_near_lots, -held)
    if lots > 0 then self:pair { sell = "far", buy = "near", lots = lots, intent = "close", reason = "short no more" } end
  elseif held > 0 and sell >= -p.close_bp then
    lots = clip(self, b.sell_near_lots, held)
    if lots > 0 then self:pair { sell = "near", buy = "far", lots = lots, intent = "close", reason = "long no more" } end
  elseif held <= 0 and sell >= p.open_bp then -- dear: what selling it brings now, after fees
    lots = clip(self, b.sell_near_lots, p.max_pos + held)
    if lots > 0 then self:pair { sell = "near", buy = "far", lots = lots, reason = "near is dear" } end
  elseif held >= 0 and buy <= -p.open_bp then
    lots = clip(self, b.buy_near_lots, p.max_pos - held)
    if lots > 0 then self:pair { sell = "far", buy = "near", lots = lots, reason = "near is cheap" } end
  end
end

function S:on_pair(p)
  if p.event == "hedged" then
    state.hedged = state.hedged + 1
    self:metric("hedged", state.hedged)
  end
end

return S
