-- executable_cross (对价): trades the basis that can be executed now, net of both taker fees.
--
-- Sells the near leg and buys the far one when what is left after fees is at or above fair + open_bp; the other way
-- round at or below fair - open_bp. Closes when it has come back to within close_bp of fair. One clip at a time.
local tandem = require "tandem"

local S = tandem.strategy {
  version = 1,
  legs = { "near", "far" },
  params = {
    open_bp  = { 10, min = -50, max = 500, doc = "open when the net executable basis is this far from fair, in bp" },
    close_bp = { 2, min = -50, max = 500, doc = "close when it has come back to within this of fair, in bp" },
    fair_bp  = { 0, min = -500, max = 500, doc = "the basis at which neither side is dear, in bp" },
    fair_weight = { 0, min = 0, max = 1, doc = "above 0: fair follows the mid basis instead, this much of the way each quote" },
    lots     = { 1, min = 1, max = 1000, doc = "pair lots of one clip" },
    max_pos  = { 10, min = 1, max = 100000, doc = "most pair lots held, either way" },
  },
  risk = { max_skew = "600ms", max_age = "2s", max_slip_ticks = 5, leg_timeout = "500ms", on_leg_fail = "cheapest" },
}

local state = tandem.state { opened = 0, closed = 0, seen = 0, fair = 0 } -- pairs that ended hedged; quotes; the fair basis
local WARM = 200 -- quotes before a followed fair is believed

-- Whole lots only: what the books hold, what one clip may be, and what is left to do.
local function clip(self, room, executable)
  return math.floor(math.min(self.params.lots, room, executable))
end

-- The fair basis: a parameter, or an average that follows the market. nil while it has seen too little.
local function fair_bp(p, b)
  if p.fair_weight == 0 then return p.fair_bp end
  state.fair = state.seen == 0 and b.spread_bp or state.fair + p.fair_weight * (b.spread_bp - state.fair)
  state.seen = state.seen + 1
  return state.seen > WARM and state.fair or nil
end

function S:on_basis(b)
  local p, pos = self.params, self.pos.lots
  local fair = fair_bp(p, b)
  if not fair or self.pos.in_flight > 0 then return end
  local sell, buy = b.sell_near_net_bp - fair, b.buy_near_net_bp - fair
  local side, lots, intent

  if pos < 0 and buy <= p.close_bp then
    side, intent, lots = "buy", "close", clip(self, -pos, b.buy_near_lots)
  elseif pos > 0 and sell >= -p.close_bp then
    side, intent, lots = "sell", "close", clip(self, pos, b.sell_near_lots)
  elseif pos <= 0 and sell >= p.open_bp then
    side, intent, lots = "sell", "open", clip(self, p.max_pos + pos, b.sell_near_lots)
  elseif pos >= 0 and buy <= -p.open_bp then
    side, intent, lots = "buy", "open", clip(self, p.max_pos - pos, b.buy_near_lots)
  end

  if side == "sell" and lots > 0 then
    self:pair { sell = "near", buy = "far", lots = lots, tif = "IOC", intent = intent, reason = intent .. " above fair" }
  elseif side == "buy" and lots > 0 then
    self:pair { sell = "far", buy = "near", lots = lots, tif = "IOC", intent = intent, reason = intent .. " below fair" }
  end
end

function S:on_pair(p)
  if p.event ~= "hedged" then return end
  if p.intent == "open" then
    state.opened = state.opened + 1
  else
    state.closed = state.closed + 1
  end
  self:metric("pairs_hedged", state.opened + state.closed)
end

return S
