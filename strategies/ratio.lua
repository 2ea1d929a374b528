-- ratio (比值): trades the ratio of two prices around a fair one, which is stated or follows the market.
--
-- Near over far, both net of what trading them costs: sold where it is open_bp above fair, bought where it is as much below,
-- closed when it has come back. With a ratio the distance grows with the price, where that of a spread does not.
local tandem = require "tandem"

local S = tandem.strategy {
  version = 1,
  legs = { "near", "far" },
  params = {
    ratio     = { 0, min = 0, max = 1e6, doc = "the fair ratio, without the tax that prices contain; 0: it follows the market" },
    half_life = { 3600, min = 1, max = 1e8, doc = "of a followed ratio, in seconds: how long until a move counts by half" },
    open_bp   = { 15, min = 0, max = 5000, doc = "open so far from the fair ratio, of it, in bp" },
    close_bp  = { 3, min = -5000, max = 5000, doc = "close when it is back to within this of fair, in bp" },
    stop_bp   = { 0, min = 0, max = 10000, doc = "give a position up when it is so far from fair, in bp; 0: never" },
    max_hold  = { 0, min = 0, max = 1e9, doc = "seconds after which a position is closed whatever it is worth; 0: any time" },
    lots      = { 1, min = 1, max = 1000, doc = "pair lots of one clip" },
    max_pos   = { 5, min = 1, max = 100000, doc = "most pair lots held, either way" },
  },
  risk = { max_skew = "600ms", max_age = "2s", max_slip_ticks = 5, leg_timeout = "500ms", on_leg_fail = "cheapest" },
}

-- ratio: as followed, seen: seconds of market in it, at: UTC of the last look; since: when the position was opened; rests: the side that was given up.
local state = tandem.state { ratio = 0, seen = 0, at = 0, since = 0, rests = 0 }
local EVERY, GAP = 1, 60 -- seconds: between two looks; a longer silence is not counted as time that was seen

function S.on_load(old)
  return { ratio = tonumber(old.ratio) or 0, seen = tonumber(old.seen) or 0, at = tonumber(old.at) or 0,
    since = tonumber(old.since) or 0, rests = tonumber(old.rests) or 0 }
end

-- The fair ratio; nil while a followed one has not seen half_life of market. Prices that are too old to trade on teach nothing.
local function fair_ratio(p, now, ratio, barred)
  if p.ratio > 0 then return p.ratio end
  local past = now - state.at
  if past >= EVERY and not barred then
    if state.ratio == 0 then
      state.ratio = ratio
    else
      past = math.min(past, GAP)
      state.ratio = ratio + (state.ratio - ratio) * tandem.pow(0.5, past / p.half_life)
      state.seen = state.seen + past
    end
    state.at = now
  end
  return state.seen >= p.half_life and state.ratio or nil
end

-- d: 1 where near is sold to open, -1 where it is bought.
local function send(self, d, lots, intent, fair, reason)
  if lots < 1 then return end
  if d > 0 then
    self:pair { sell = "near", buy = "far", lots = lots, tif = "IOC", intent = intent, fair = fair, reason = reason }
  else
    self:pair { sell = "far", buy = "near", lots = lots, tif = "IOC", intent = intent, fair = fair, reason = reason }
  end
end

-- into, back: the net basis that opens more, and that closes; far_in, far_back: the far leg's price in them. A ratio of r is
-- a basis of (r - 1) times the far leg's price.
local function trade(self, b, p, d, held, r, fair, now)
  local into, back, far_in, far_back = b.sell_near_net, b.buy_near_net, b.legs.near.bid_value - b.sell_near, b.legs.near.ask_value - b.buy_near
  if d < 0 then into, back, far_in, far_back = back, into, far_back, far_in end
  if held > 0 then
    local stop = (r * (1 + d * p.stop_bp * 1e-4) - 1) * far_back
    local lost, late = p.stop_bp > 0 and d * (back - stop) >= 0, p.max_hold > 0 and now - state.since >= p.max_hold
    if not b.gate and (lost or late) then state.rests = d end
    if state.rests == d then
      local there = d > 0 and b.buy_near_lots or b.sell_near_lots
      return send(self, -d, math.min(held, there), "close", b.spread, late and "held too long" or "stop")
    end
    local home = (r * (1 + d * p.close_bp * 1e-4) - 1) * far_back
    if d * (back - home) <= 0 then
      return send(self, -d, math.min(p.lots, held, self:lots_at(d > 0 and "buy" or "sell", home)), "close", fair, "ratio is back")
    end
  end
  local level = (r * (1 + d * p.open_bp * 1e-4) - 1) * far_in
  if state.rests ~= d and held < p.max_pos and d * (into - level) >= 0 then
    local there = self:lots_at(d > 0 and "sell" or "buy", level)
    send(self, d, math.min(p.lots, p.max_pos - held, there), "open", fair, d > 0 and "ratio is high" or "ratio is low")
  end
end

function S:on_basis(b)
  local p, pos, now = self.params, self.pos.lots, tandem.utc()
  -- What gross has and net has not is fees, which cancel over both directions, and the tax that prices contain, which stays.
  local tax = (b.sell_near - b.sell_near_net + b.buy_near - b.buy_near_net) / 2
  local others = b.legs.near.mid - b.spread
  local r = fair_ratio(p, now, 1 + (b.spread - tax) / others, b.gate)
  if pos == 0 then
    state.since = 0
  elseif state.since == 0 then
    state.since = now
  end
  if not r or self.pos.in_flight > 0 then return end
  local fair = (r - 1) * others + tax
  local off = b.spread - fair
  if state.rests * pos >= 0 and state.rests * off <= p.close_bp * 1e-4 * r * others then state.rests = 0 end
  if pos < 0 or (pos == 0 and off >= 0) then
    trade(self, b, p, 1, -pos, r, fair, now)
  else
    trade(self, b, p, -1, pos, r, fair, now)
  end
end

return S
