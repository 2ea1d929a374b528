-- carry (期现套利): spot against a future, dated or perpetual, for what holding the two until a day is worth.
--
-- A dated future should stand above spot by the interest until it is due; a perpetual brings its funding to who is short of
-- it. fair is the basis (spot less future) at which all of that is just paid for. Buys spot and sells the future where that
-- can be done open_bp better; the other way round only with reverse = 1, which needs coins or a loan of them.
local tandem = require "tandem"

local S = tandem.strategy {
  version = 1,
  legs = { "spot", "future" },
  params = {
    rate_pct   = { 4, min = -50, max = 200, doc = "what the money costs, per cent a year" },
    borrow_pct = { 0, min = 0, max = 500, doc = "what lending the asset costs where it is sold (reverse), per cent a year" },
    expiry     = { 0, min = 0, max = 21991231, doc = "day (UTC) on which the future is due, as 20270326; 0: a perpetual" },
    expiry_h   = { 8, min = 0, max = 23.99, doc = "its hour (UTC)" },
    exit_days  = { 0, min = 0, max = 365, doc = "close so long before it is due, and open nothing from then on" },
    funding_bp = { 0, min = -300, max = 300, doc = "of a perpetual: the funding expected an interval, in bp; above 0 the long pay the short" },
    interval_h = { 8, min = 0.1, max = 24, doc = "hours between two payments of it" },
    horizon_h  = { 24, min = 0.1, max = 8760, doc = "of a perpetual: hours for which a position is thought to be held" },
    open_bp    = { 10, min = 0, max = 1000, doc = "open where the net basis is so much better than fair, in bp of spot" },
    close_bp   = { 2, min = -1000, max = 1000, doc = "close when it is back to within this of fair, in bp" },
    stop_bp    = { 0, min = 0, max = 5000, doc = "give a position up when the basis is so far beyond fair, in bp; 0: never" },
    reverse    = { 0, min = 0, max = 1, doc = "1: spot is sold against the future as well" },
    lots       = { 1, min = 1, max = 1000, doc = "pair lots of one clip" },
    max_pos    = { 10, min = 1, max = 100000, doc = "most pair lots held, either way" },
  },
  risk = { max_skew = "600ms", max_age = "2s", max_slip_ticks = 5, leg_timeout = "500ms", on_leg_fail = "cheapest" },
}

-- rests: the side (1 spot sold, -1 bought) that was given up and waits for its basis to come back; due: UTC seconds, of the expiry due_of;
-- implied: per cent a year that buying spot and selling the future locks in, net; 0: not known yet.
local state = tandem.state { rests = 0, due = 0, due_of = -1, implied = 0 }
local YEAR = 365 * 86400

function S.on_load(old)
  return { rests = tonumber(old.rests) or 0, due = 0, due_of = -1, implied = tonumber(old.implied) or 0 }
end

-- UTC seconds of 20270326: days of the civil calendar, counted from March.
local function seconds_of(date)
  local y, m, day = math.floor(date / 10000), math.floor(date / 100) % 100, date % 100
  if m <= 2 then y, m = y - 1, m + 12 end
  return (365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400) + math.floor((153 * (m - 3) + 2) / 5) + day - 719469) * 86400
end

local function seconds_left(p, now)
  if p.expiry == 0 then return p.horizon_h * 3600 end
  local of = p.expiry + p.expiry_h / 24
  if of ~= state.due_of then state.due, state.due_of = seconds_of(p.expiry) + p.expiry_h * 3600, of end
  return state.due - now
end

-- Of spot: funding that comes in less interest that goes out. Who sells spot has the money, and pays for the loan of the asset.
local function fair_part(p, left, d)
  local years = left / YEAR
  local income = p.expiry == 0 and p.funding_bp * 1e-4 * p.horizon_h / p.interval_h or 0
  return income - (p.rate_pct - (d > 0 and p.borrow_pct or 0)) * 1e-2 * years
end

-- d: 1 where spot is sold to open, -1 where it is bought.
local function send(self, d, lots, intent, fair, reason)
  if lots < 1 then return end
  if d > 0 then
    self:pair { sell = "spot", buy = "future", lots = lots, tif = "IOC", intent = intent, fair = fair, reason = reason }
  else
    self:pair { sell = "future", buy = "spot", lots = lots, tif = "IOC", intent = intent, fair = fair, reason = reason }
  end
end

local function trade(self, b, p, d, held, left)
  local into, back, bp = b.sell_spot_net, b.buy_spot_net, b.legs.spot.mid * 1e-4
  if d < 0 then into, back = back, into end
  local fair, ends = fair_part(p, left, d) * b.legs.spot.mid, p.expiry > 0 and left <= p.exit_days * 86400
  if held > 0 then
    local lost = p.stop_bp > 0 and d * (back - fair) >= p.stop_bp * bp
    if not b.gate and lost then state.rests = d end
    if ends or state.rests == d then
      local there = d > 0 and b.buy_spot_lots or b.sell_spot_lots
      return send(self, -d, math.min(held, there), "close", b.spread, ends and "before it is due" or "stop")
    end
    local home = fair + d * p.close_bp * bp
    if d * (back - home) <= 0 then
      return send(self, -d, math.min(p.lots, held, self:lots_at(d > 0 and "buy" or "sell", home)), "close", fair, "carry is earned")
    end
  end
  local level = fair + d * p.open_bp * bp
  if ends or state.rests == d or held >= p.max_pos or d * (into - level) < 0 then return end
  send(self, d, math.min(p.lots, p.max_pos - held, self:lots_at(d > 0 and "sell" or "buy", level)), "open", fair, "carry")
end

function S:on_basis(b)
  local p, pos = self.params, self.pos.lots
  local left = seconds_left(p, tandem.utc())
  if left > 0 then state.implied = -b.buy_spot_net / b.legs.spot.mid * YEAR / left * 100 end
  if self.pos.in_flight > 0 then return end
  -- The side that was given up is traded again once its basis is back.
  local r, spot = state.rests, b.legs.spot.mid
  if r * pos >= 0 and r * (b.spread - fair_part(p, left, r) * spot) <= p.close_bp * 1e-4 * spot then state.rests = 0 end
  if pos < 0 or (pos == 0 and p.reverse == 1 and b.spread >= fair_part(p, left, 1) * spot) then
    trade(self, b, p, 1, -pos, left)
  else
    trade(self, b, p, -1, pos, left)
  end
end

function S:on_start()
  self:every(60, "report")
end

function S:report()
  if state.implied ~= 0 then self:metric("implied_pct", state.implied) end
end

return S
