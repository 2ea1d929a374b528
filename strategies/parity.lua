-- parity (内外盘): a metal at home against the same metal abroad, through currency, unit, tax, duty and freight.
--
-- fair is what the metal costs at home when it is bought abroad and brought in: its price abroad, duty on it, freight and
-- premium. The tax that the price at home contains is the instrument's `vat` and comes off in the net forms; the two
-- markets' units are converted below. Sells home where it is dearer than that, buys it where it is cheaper.
local tandem = require "tandem"

local S = tandem.strategy {
  version = 1,
  legs = { "near", "far" },
  refs = { "usdcnh" },
  params = {
    ounces    = { 1, min = 0, max = 1, doc = "1: CNY a gram against USD an ounce (gold, silver); 0: both by the tonne (copper)" },
    premium   = { 0, min = -1e6, max = 1e6, doc = "freight, insurance and premium of the metal, in the values' unit (USD/ozt, USD/t)" },
    duty_bp   = { 0, min = 0, max = 10000, doc = "import duty on the price abroad, in bp" },
    rate_bp   = { 0, min = -1000, max = 1000, doc = "what financing and the two contracts' months make of the price abroad, in bp" },
    open_bp   = { 15, min = 0, max = 2000, doc = "open so far from fair, in bp of the price abroad, net of fees and tax" },
    export_bp = { 0, min = 0, max = 5000, doc = "so much further where home is bought: metal that may not leave binds less" },
    fx_bp     = { 1, min = 0, max = 200, doc = "what changing the money costs, in bp: the reference is a mid" },
    close_bp  = { 3, min = -2000, max = 2000, doc = "close when it is back to within this of fair, in bp" },
    stop_bp   = { 0, min = 0, max = 5000, doc = "give a position up when it is so far from fair, in bp; 0: never" },
    fx_move_bp = { 30, min = 0, max = 1000, doc = "open nothing where the rate has moved so much in a minute or two; 0: always" },
    max_hold  = { 0, min = 0, max = 1e9, doc = "seconds after which a position is closed whatever it is worth; 0: any time" },
    lots      = { 1, min = 1, max = 1000, doc = "pair lots of one clip" },
    max_pos   = { 5, min = 1, max = 100000, doc = "most pair lots held, either way" },
  },
  risk = { max_skew = "1500ms", max_age = "3s", max_slip_ticks = 10, leg_timeout = "500ms", on_leg_fail = "cheapest" },
}
-- USD abroad is one that is delivered offshore, so CNY is taken for CNH, which is stated.
S.near_value = tandem.conv(S.params.ounces == 1 and "near * 31.1034768 / usdcnh * 1[CNH/CNY]" or "near / usdcnh * 1[CNH/CNY]")

-- since: UTC seconds at which the position was opened; rests: the side (1 home sold, -1 bought) that was given up;
-- fx, fx_before: the rate up to one and up to two minutes ago, fx_at: when fx was looked at.
local state = tandem.state { since = 0, rests = 0, fx = 0, fx_before = 0, fx_at = 0 }

function S.on_load(old)
  local new = { since = 0, rests = 0, fx = 0, fx_before = 0, fx_at = 0 }
  for name in pairs(new) do new[name] = tonumber(old[name]) or 0 end
  return new
end

-- The furthest that the rate is from where it was one to two minutes ago, in bp.
local function fx_moved(now, rate, barred)
  local past = now - state.fx_at
  if (past >= 60 or state.fx == 0) and not barred then
    state.fx_before, state.fx, state.fx_at = (state.fx == 0 or past >= 180) and rate or state.fx, rate, now
  end
  return math.max(math.abs(rate / state.fx - 1), math.abs(rate / state.fx_before - 1)) * 1e4
end

-- d: 1 where home is sold to open, -1 where it is bought.
local function send(self, d, lots, intent, fair, reason)
  if lots < 1 then return end
  if d > 0 then
    self:pair { sell = "near", buy = "far", lots = lots, tif = "IOC", intent = intent, fair = fair, reason = reason }
  else
    self:pair { sell = "far", buy = "near", lots = lots, tif = "IOC", intent = intent, fair = fair, reason = reason }
  end
end

-- net, gross: the fair basis without and with the tax that the price at home contains.
local function trade(self, b, p, d, held, net, gross, calm, now)
  local into, back, bp = b.sell_near_net, b.buy_near_net, b.legs.far.mid * 1e-4
  if d < 0 then into, back = back, into end
  if held > 0 then
    local lost = p.stop_bp > 0 and d * (back - net) >= p.stop_bp * bp
    local late = p.max_hold > 0 and now - state.since >= p.max_hold
    if not b.gate and (lost or late) then state.rests = d end
    if state.rests == d then
      local there = d > 0 and b.buy_near_lots or b.sell_near_lots
      return send(self, -d, math.min(held, there), "close", b.spread, late and "held too long" or "stop")
    end
    local home = net + d * p.close_bp * bp
    if d * (back - home) <= 0 then
      return send(self, -d, math.min(p.lots, held, self:lots_at(d > 0 and "buy" or "sell", home)), "close", gross, "parity is back")
    end
  end
  local level = net + d * (p.open_bp + p.fx_bp + (d < 0 and p.export_bp or 0)) * bp
  if not calm or state.rests == d or held >= p.max_pos or d * (into - level) < 0 then return end
  local there = self:lots_at(d > 0 and "sell" or "buy", level)
  send(self, d, math.min(p.lots, p.max_pos - held, there), "open", gross, d > 0 and "home is dear" or "home is cheap")
end

function S:on_basis(b)
  local p, pos, now, abroad = self.params, self.pos.lots, tandem.utc(), b.legs.far.mid
  local calm = fx_moved(now, b.refs.usdcnh, b.gate) < p.fx_move_bp or p.fx_move_bp == 0
  if pos == 0 then
    state.since = 0
  elseif state.since == 0 then
    state.since = now
  end
  if self.pos.in_flight > 0 then return end
  local net = p.premium + abroad * (p.duty_bp + p.rate_bp) * 1e-4
  -- Between gross and net lie fees, which cancel over both directions, and the tax: so much of the price at home is left
  -- without it. At fair, home without tax is abroad + net.
  local tax = (b.sell_near - b.sell_near_net + b.buy_near - b.buy_near_net) / 2
  local left = 1 - tax / b.legs.near.mid
  local gross = (abroad + net) / left - abroad
  local off = b.spread - gross
  if state.rests * pos >= 0 and state.rests * off <= p.close_bp * abroad * 1e-4 then state.rests = 0 end
  if pos < 0 or (pos == 0 and off >= 0) then
    trade(self, b, p, 1, -pos, net, gross, calm, now)
  else
    trade(self, b, p, -1, pos, net, gross, calm, now)
  end
end

return S
