-- passive_hedge: rests an order in near at a price that pays, and takes far on what it fills.
--
-- The resting price is derived from far's book by the core, moves with it, and never gives up the basis that is asked for
-- here: fair + open_bp after a maker's fee in near and a taker's in far. Where both legs can be taken for that, they are.
-- One side at a time; what is held is worked off the same way, and taken off when it is stopped or late.
local tandem = require "tandem"

local S = tandem.strategy {
  version = 1,
  legs = { "near", "far" },
  params = {
    fair_bp  = { 0, min = -500, max = 500, doc = "the net basis at which neither side is dear, in bp of far" },
    open_bp  = { 5, min = -50, max = 500, doc = "rest where this is earned against fair, after fees, in bp" },
    close_bp = { -1, min = -500, max = 500, doc = "work a position off where the basis is within this of fair; below 0: beyond it" },
    saves_bp = { 0, min = 0, max = 50, doc = "what resting in near costs less than taking there (taker's fee less maker's), in bp of far" },
    reach_bp = { 3, min = 0, max = 200, doc = "rest only where the touch of near is no further from what is asked, in bp" },
    stop_bp  = { 0, min = 0, max = 5000, doc = "take a position off when closing it costs so much against fair, in bp; 0: never" },
    max_hold = { 0, min = 0, max = 1e9, doc = "seconds after which a position is taken off; 0: any time" },
    lots     = { 1, min = 1, max = 1000, doc = "pair lots of one order" },
    max_pos  = { 5, min = 1, max = 100000, doc = "most pair lots held, either way" },
  },
  risk = { max_skew = "600ms", max_age = "2s", max_slip_ticks = 5, leg_timeout = "500ms", on_leg_fail = "cheapest" },
}

-- since: UTC seconds at which the position was opened; rests: the side (1 near sold, -1 bought) that was given up; worked, taken: pairs that ended hedged.
local state = tandem.state { since = 0, rests = 0, worked = 0, taken = 0 }

function S.on_load(old)
  local new = { since = 0, rests = 0, worked = 0, taken = 0 }
  for name in pairs(new) do new[name] = tonumber(old[name]) or 0 end
  return new
end

-- d: 1 sells near, -1 buys it. Without a basis both legs are taken.
local function send(self, d, lots, intent, fair, basis, reason)
  if lots < 1 then return end
  local sell, buy = "near", "far"
  if d < 0 then sell, buy = buy, sell end
  if basis then
    self:pair { sell = sell, buy = buy, lots = lots, intent = intent, fair = fair, style = "passive", first = "near", basis = basis, tif = "GTC", reason = reason }
  else
    self:pair { sell = sell, buy = buy, lots = lots, intent = intent, fair = fair, style = "both", tif = "IOC", reason = reason }
  end
end

-- Trades in direction d where the net basis is at `level` or better: takes what can be taken, else rests for it.
local function work(self, b, p, d, most, intent, level, fair, bp)
  local gross, net = b.sell_near, b.sell_near_net
  if d < 0 then gross, net = b.buy_near, b.buy_near_net end
  if d * (net - level) >= 0 then
    return send(self, d, math.min(most, self:lots_at(d > 0 and "sell" or "buy", level)), intent, fair, nil, "taken")
  end
  -- Gross of the fees of both legs, less what resting saves: what near must trade at, in terms of far's other side.
  local asked = level + (gross - net) - d * p.saves_bp * bp
  -- At near's own side of its book: nobody is beaten in price there, and more than what is asked is taken where the touch gives it.
  local touch = gross + d * (b.legs.near.ask_value - b.legs.near.bid_value)
  if d * (asked - touch) <= p.reach_bp * bp then
    send(self, d, most, intent, fair, d > 0 and math.max(asked, touch) or math.min(asked, touch), "rests")
  end
end

function S:on_basis(b)
  local p, pos, now = self.params, self.pos.lots, tandem.utc()
  local far = b.legs.near.mid - b.spread
  local bp = far * 1e-4
  local fair = p.fair_bp * bp
  -- The ladder counts in gross: fees cancel over both directions, the tax that prices contain stays.
  local gross_fair = fair + (b.sell_near - b.sell_near_net + b.buy_near - b.buy_near_net) / 2
  if pos == 0 then
    state.since = 0
  elseif state.since == 0 then
    state.since = now
  end
  if self.pos.in_flight > 0 then return end
  if state.rests * pos >= 0 and state.rests * (b.spread - gross_fair) <= 0 then state.rests = 0 end
  local d = (pos < 0 or (pos == 0 and b.spread >= gross_fair)) and 1 or -1
  local held = math.abs(pos)
  if held > 0 then
    local back, there = b.buy_near_net, b.buy_near_lots
    if d < 0 then back, there = b.sell_near_net, b.sell_near_lots end
    local lost, late = p.stop_bp > 0 and d * (back - fair) >= p.stop_bp * bp, p.max_hold > 0 and now - state.since >= p.max_hold
    if not b.gate and (lost or late) then state.rests = d end
    if state.rests == d then
      return send(self, -d, math.min(held, there), "close", b.spread, nil, late and "held too long" or "stop")
    end
  end
  -- One pair at a time: whichever of more and less is nearer to what it asks.
  local open, close = fair + d * p.open_bp * bp, fair + d * p.close_bp * bp
  if held > 0 and (held >= p.max_pos or d * (b.spread - gross_fair) * 2 < (p.open_bp + p.close_bp) * bp) then
    return work(self, b, p, -d, math.min(p.lots, held), "close", close, gross_fair, bp)
  end
  if state.rests ~= d and held < p.max_pos then
    work(self, b, p, d, math.min(p.lots, p.max_pos - held), "open", open, gross_fair, bp)
  end
end

function S:on_pair(event)
  if event.event ~= "hedged" then return end
  if event.reason == "rests" then
    state.worked = state.worked + 1
  else
    state.taken = state.taken + 1
  end
  self:metric("worked_share", state.worked / (state.worked + state.taken))
end

return S
