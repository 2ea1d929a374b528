-- roll (移仓): moves what is held of one contract to the next one, in clips, within a window of days.
--
-- The position is one leg (stays) against a dated contract (old). In the window old is closed and next opened in its place,
-- in one pair, at a price that is patient at first and may cost more as the window's end comes near. With build = 1 it also
-- opens and closes the position itself, so that `target` lots are held.
local tandem = require "tandem"

local S = tandem.strategy {
  version = 1,
  legs = { "stays", "old", "next" },
  params = {
    from       = { 20991231, min = 19700101, max = 21991231, doc = "day (UTC) on which rolling begins, as 20270310" },
    to         = { 20991231, min = 19700101, max = 21991231, doc = "day (UTC) by which everything is to be in next" },
    hour       = { 0, min = 0, max = 23.99, doc = "hour (UTC) of both" },
    fair_bp    = { 0, min = -1000, max = 1000, doc = "what next is worth above old, in bp of old" },
    patient_bp = { 1, min = -500, max = 500, doc = "what a roll may cost against fair when the window opens, fees not counted, in bp" },
    most_bp    = { 10, min = -500, max = 500, doc = "and at its end" },
    pause      = { 1, min = 0, max = 86400, doc = "seconds between two clips" },
    lots       = { 1, min = 1, max = 1000, doc = "pair lots of one clip" },
    build      = { 0, min = 0, max = 1, doc = "1: it also opens and closes, so that target lots are held" },
    target     = { 0, min = -100000, max = 100000, doc = "pair lots to hold; above 0: stays bought, the contract sold" },
    open_bp    = { -1000, min = -1000, max = 1000, doc = "what opening must bring: contract over stays (stays over contract, target below 0), gross, in bp" },
    close_bp   = { 1000, min = -1000, max = 1000, doc = "what closing may cost of the same, in bp" },
  },
  risk = { max_skew = "600ms", max_age = "2s", max_slip_ticks = 5, leg_timeout = "500ms", on_leg_fail = "cheapest" },
}

-- at: UTC of the last clip; rolled: pairs that did; told: 1 once somebody was told that the window is over;
-- from, to: the window in UTC seconds, of the parameters whose sum is `of`.
local state = tandem.state { at = 0, rolled = 0, told = 0, of = 0, from = 0, to = 0 }

function S.on_load(old)
  return { at = tonumber(old.at) or 0, rolled = tonumber(old.rolled) or 0, told = tonumber(old.told) or 0, of = 0, from = 0, to = 0 }
end

-- UTC seconds of 20270326: days of the civil calendar, counted from March.
local function seconds_of(date)
  local y, m, day = math.floor(date / 10000), math.floor(date / 100) % 100, date % 100
  if m <= 2 then y, m = y - 1, m + 12 end
  return (365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400) + math.floor((153 * (m - 3) + 2) / 5) + day - 719469) * 86400
end

-- How much of the window is over: below 0 before it, 1 and more behind it.
local function progress(p, now)
  local of = p.from * 1e-3 + p.to * 1e6 + p.hour
  if of ~= state.of then
    state.of, state.from, state.to = of, seconds_of(p.from) + p.hour * 3600, seconds_of(p.to) + p.hour * 3600
  end
  return (now - state.from) / math.max(state.to - state.from, 1)
end

-- Moves a clip of old into next. unit: contracts of a pair lot; d: 1 where old is long, -1 where it is short.
local function roll(self, b, p, old, unit, over, now)
  local d = old > 0 and 1 or -1
  local from, to = b.legs.old, b.legs.next
  local paid, there = to.ask_value - from.bid_value, math.min(from.bid_qty, to.ask_qty)
  if d < 0 then paid, there = to.bid_value - from.ask_value, math.min(from.ask_qty, to.bid_qty) end
  local cost = d * (paid / from.mid * 1e4 - p.fair_bp)
  local may = p.patient_bp + math.min(over, 1) * (p.most_bp - p.patient_bp)
  local lots = math.floor(math.min(p.lots, math.abs(old) / unit + 1e-6, there / unit + 1e-6))
  if cost > may or lots < 1 or now - state.at < p.pause then return end
  if not b.gate then state.at = now end
  if d > 0 then
    self:pair { sell = "old", buy = "next", lots = lots, tif = "IOC", intent = "roll", reason = "roll" }
  else
    self:pair { sell = "next", buy = "old", lots = lots, tif = "IOC", intent = "roll", reason = "roll" }
  end
end

-- Opens or closes a clip of stays against a contract, so that `target` lots are held. True: it has proposed one.
local function build(self, b, p, pos, contract, unit, now)
  local missing = p.target - pos
  local d, closes = missing > 0 and 1 or -1, pos * missing < 0
  local c, stays = b.legs[contract], b.legs.stays
  local brings = (d > 0 and c.bid_value - stays.ask_value or stays.bid_value - c.ask_value) / stays.mid * 1e4
  local most = closes and math.min(math.abs(pos), math.abs(self.pos[contract].net) / unit + 1e-6) or math.abs(missing)
  local lots = math.floor(math.min(p.lots, math.abs(missing), most))
  local pays = closes and -brings <= p.close_bp or not closes and brings >= p.open_bp
  if not pays or lots < 1 or now - state.at < p.pause then return end
  if not b.gate then state.at = now end
  local sell, buy = "stays", contract
  if d > 0 then sell, buy = buy, sell end
  self:pair { sell = sell, buy = buy, lots = lots, tif = "IOC", intent = closes and "close" or "open", reason = "build" }
  return true
end

function S:on_basis(b)
  local p, pos, now = self.params, self.pos.lots, tandem.utc()
  if self.pos.in_flight > 0 then return end
  local over, old, new = progress(p, now), self.pos.old.net, self.pos.next.net
  local unit = pos ~= 0 and (math.abs(old) + math.abs(new)) / math.abs(pos) or 0
  local left = unit > 0 and math.abs(old) >= unit * (1 - 1e-6) -- a lot of old, or more
  if over < 1 then state.told = 0 end
  if over >= 1 and left and state.told == 0 and not b.gate then
    state.told = 1
    self:alert("the window is over, and old is still held", "critical")
  end
  -- What is too much is closed rather than rolled; what is missing is opened once everything is in one contract.
  local too_much = pos * (p.target - pos) < 0
  if p.build == 1 and pos ~= p.target and (too_much or over < 0 or not left) then
    local contract = (too_much and left or over < 0 and new == 0) and "old" or "next"
    if build(self, b, p, pos, contract, unit, now) then return end
  end
  if over >= 0 and left then roll(self, b, p, old, unit, over, now) end
end

function S:on_pair(event)
  if event.event ~= "hedged" or event.intent ~= "roll" then return end
  state.rolled = state.rolled + 1
  self:metric("rolled", state.rolled)
end

return S
