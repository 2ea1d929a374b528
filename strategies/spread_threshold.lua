-- spread_threshold (点差): trades levels of the spread in its own units, as they are read off a chart, a clip at each.
--
-- Sells near and buys far at sell_at, and again each `step` beyond; the other way round at buy_at. Each clip is closed when
-- the spread has come back by `take` from its level. What counts is what can be executed, never the mid.
local tandem = require "tandem"

local S = tandem.strategy {
  version = 1,
  legs = { "near", "far" },
  params = {
    sell_at  = { 1e9, min = -1e9, max = 1e9, doc = "sell near and buy far where the spread can be sold at this or more" },
    buy_at   = { -1e9, min = -1e9, max = 1e9, doc = "buy near and sell far where the spread can be bought at this or less" },
    step     = { 0, min = 0, max = 1e9, doc = "the next level lies so much beyond; 0: one level for all of max_pos" },
    take     = { 1, min = 0, max = 1e9, doc = "a clip is closed when the spread has come back so far from its level" },
    stop     = { 0, min = 0, max = 1e9, doc = "everything is closed when it is so far beyond the first level; 0: never" },
    max_hold = { 0, min = 0, max = 1e9, doc = "seconds after which a position is closed whatever it is worth; 0: any time" },
    lots     = { 1, min = 1, max = 1000, doc = "pair lots of one clip" },
    max_pos  = { 5, min = 1, max = 100000, doc = "most pair lots held, either way" },
  },
  risk = { max_skew = "600ms", max_age = "2s", max_slip_ticks = 5, leg_timeout = "500ms", on_leg_fail = "cheapest" },
}

-- since: UTC seconds at which the position was opened; rests: the side (1 sold, -1 bought) that was given up and waits for its spread to come back;
-- warned: somebody was told that `take` does not pay.
local state = tandem.state { since = 0, rests = 0, warned = false }

function S.on_load(old)
  return { since = tonumber(old.since) or 0, rests = tonumber(old.rests) or 0, warned = old.warned == true }
end

-- d: 1 where near is sold to open, -1 where it is bought. `fair` is the spread at which this pair has nothing left to earn.
local function send(self, d, lots, intent, fair, reason)
  if lots < 1 then return end
  if d > 0 then
    self:pair { sell = "near", buy = "far", lots = lots, tif = "IOC", intent = intent, fair = fair, reason = reason }
  else
    self:pair { sell = "far", buy = "near", lots = lots, tif = "IOC", intent = intent, fair = fair, reason = reason }
  end
end

-- Lots that can be executed at `level` or better, in the direction of d; the books are walked net, so the level is too.
local function there(self, b, d, level)
  if d > 0 then return self:lots_at("sell", level - (b.sell_near - b.sell_near_net)) end
  return self:lots_at("buy", level + (b.buy_near_net - b.buy_near))
end

-- Whether a held position is to be given up; the second says why. What is too old to trade on decides nothing.
local function give_up(b, p, d, level, back)
  if b.gate then return false end
  if p.stop > 0 and d * (back - level) >= p.stop then return true, "stop" end
  return p.max_hold > 0 and tandem.utc() - state.since >= p.max_hold, "held too long"
end

-- One side: d as above; held: lots of it; into, back: the spread that opens more, and the one that closes.
local function trade(self, b, p, d, held, into, back)
  local at = d > 0 and p.sell_at or p.buy_at
  if held > 0 then
    local out, why = give_up(b, p, d, at, back)
    if out or state.rests == d then
      state.rests = d
      return send(self, -d, math.min(held, d > 0 and b.buy_near_lots or b.sell_near_lots), "close", b.spread, why or "giving up")
    end
    local k = p.step > 0 and math.ceil(held / p.lots) - 1 or 0
    local home = at + d * (k * p.step - p.take)
    if d * (back - home) <= 0 then
      local clip = math.min(p.step > 0 and held - k * p.lots or p.lots, held)
      return send(self, -d, math.min(clip, there(self, b, -d, home)), "close", home, "back by take")
    end
  end
  local k = p.step > 0 and math.floor(held / p.lots) or 0
  local level = at + d * k * p.step
  if d * (into - level) >= 0 and state.rests ~= d and held < p.max_pos then
    local clip = p.step > 0 and (k + 1) * p.lots - held or p.lots
    return send(self, d, math.min(clip, p.max_pos - held, there(self, b, d, level)), "open", level - d * p.take, "level reached")
  end
end

function S:on_basis(b)
  local p, pos = self.params, self.pos.lots
  if self.pos.in_flight > 0 then return end
  if pos == 0 then
    state.since = 0
  elseif state.since == 0 then
    state.since = tandem.utc()
  end
  -- A side that was given up is traded again once its spread is back where its clips would have been closed.
  if state.rests == 1 and pos >= 0 and b.sell_near <= p.sell_at - p.take then state.rests = 0 end
  if state.rests == -1 and pos <= 0 and b.buy_near >= p.buy_at + p.take then state.rests = 0 end
  -- The fees of both ways are what is between net and gross; the tax that a price contains is in it twice, and cancels.
  local fees = (b.sell_near - b.sell_near_net) + (b.buy_near_net - b.buy_near)
  if fees >= p.take and pos == 0 then
    if not state.warned then self:alert("take does not pay for the fees of both ways: nothing is opened") end
    state.warned = true
    return
  end
  if pos < 0 or (pos == 0 and b.sell_near >= p.sell_at) then
    trade(self, b, p, 1, -pos, b.sell_near, b.buy_near)
  else
    trade(self, b, p, -1, pos, b.buy_near, b.sell_near)
  end
end

return S
