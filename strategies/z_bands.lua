-- z_bands: trades how many deviations the spread lies from its mean, and gives a position as long as the spread's own
-- half-life says that it should need.
--
-- Opens at open_z of what can be executed, where coming back to the mean would pay for both ways and leave min_edge_bp;
-- closes at close_z. Mean and deviation are those of `bands` in the configuration.
local tandem = require "tandem"

local S = tandem.strategy {
  version = 1,
  legs = { "near", "far" },
  params = {
    open_z      = { 2, min = 0.1, max = 20, doc = "open where what can be executed is so many deviations from the mean" },
    close_z     = { 0.3, min = -20, max = 20, doc = "close when the mid is back to within so many; below 0: beyond the mean" },
    stop_z      = { 5, min = 0, max = 100, doc = "give a position up at so many; 0: never" },
    min_edge_bp = { 1, min = 0, max = 500, doc = "what must be left when it comes back to the mean, after the costs of both ways" },
    half_lives  = { 4, min = 0, max = 1000, doc = "give a position up after so many half-lives; 0: any time" },
    sample      = { 1, min = 0.05, max = 3600, doc = "seconds between two looks at how it comes back" },
    memory      = { 900, min = 20, max = 1e6, doc = "so many looks count for the half-life" },
    longest     = { 3600, min = 1, max = 1e7, doc = "seconds: the half-life where it is longer, or not known yet" },
    lots        = { 1, min = 1, max = 1000, doc = "pair lots of one clip" },
    max_pos     = { 5, min = 1, max = 100000, doc = "most pair lots held, either way" },
  },
  risk = { max_skew = "600ms", max_age = "2s", max_slip_ticks = 5, leg_timeout = "500ms", on_leg_fail = "cheapest" },
}

-- x: the deviation at the last look, at: when; n, xx, xy: looks in a row, and their fading sums; due: UTC at which the position's time is up; rests: the side given up.
local state = tandem.state { x = 0, at = 0, n = 0, xx = 0, xy = 0, due = 0, rests = 0 }
local HALF = math.log(0.5)

function S.on_load(old)
  local new = { x = 0, at = 0, n = 0, xx = 0, xy = 0, due = 0, rests = 0 }
  for name in pairs(new) do new[name] = tonumber(old[name]) or 0 end
  return new
end

-- x(t + 1) = phi x(t) + noise: phi by least squares through nothing. A look that comes late has nothing to compare with.
local function look(p, now, x)
  local past = now - state.at
  if past < p.sample then return end
  if past < 2 * p.sample and state.n > 0 then
    local keep = 1 - 1 / p.memory
    state.xx = state.xx * keep + state.x * state.x
    state.xy = state.xy * keep + state.x * x
  end
  state.n, state.x, state.at = state.n + 1, x, now
end

-- Seconds; p.longest until a tenth of the memory has been seen, and where nothing comes back.
local function half_life(p)
  local phi = state.xx > 0 and state.xy / state.xx or 1
  if state.n < p.memory / 10 or phi >= 1 then return p.longest end
  return phi <= 0 and p.sample or math.max(p.sample, math.min(p.longest, p.sample * HALF / math.log(phi)))
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

-- known: there is a mean to measure against; without one (after a restart) only the time counts.
local function leave(self, b, p, d, held, now, known)
  local z = d * b.z
  local lost, late = known and p.stop_z > 0 and z >= p.stop_z, p.half_lives > 0 and now >= state.due
  if not b.gate and (lost or late) then state.rests = d end
  local out = state.rests == d
  if out or (known and z <= p.close_z) then
    local there = d > 0 and b.buy_near_lots or b.sell_near_lots
    local why = not out and "z is back" or lost and "stop" or "out of time"
    send(self, -d, math.min(out and held or p.lots, held, there), "close", out and b.spread or b.mean, why)
    return true
  end
end

local function enter(self, b, p, d, held)
  local z, gross, net, back = b.sell_near_z, b.sell_near, b.sell_near_net, b.buy_near_net
  if d < 0 then z, gross, net, back = b.buy_near_z, b.buy_near, b.buy_near_net, b.sell_near_net end
  if d * z < p.open_z or state.rests == d or held >= p.max_pos then return end
  -- Sold at n and bought back when the mid is at its mean, at what buying costs over the mid now: n - mean - (back - spread).
  local pays = b.mean + (back - b.spread) + d * p.min_edge_bp * 1e-4 * (b.legs.near.mid - b.spread)
  local far_enough = b.mean + d * p.open_z * b.dev - (gross - net)
  local level = d > 0 and math.max(pays, far_enough) or math.min(pays, far_enough)
  local there = self:lots_at(d > 0 and "sell" or "buy", level)
  send(self, d, math.min(p.lots, p.max_pos - held, there), "open", b.mean, d > 0 and "z is high" or "z is low")
end

function S:on_basis(b)
  local p, pos, now = self.params, self.pos.lots, tandem.utc()
  local known = b.fill >= 0.5 and b.dev > 0 -- a mean of less than half its window is none
  if known and not b.gate then look(p, now, b.spread - b.mean) end
  if pos == 0 then
    state.due = 0
  elseif state.due == 0 then
    state.due = now + p.half_lives * half_life(p)
  end
  if self.pos.in_flight > 0 then return end
  if known and state.rests * pos >= 0 and state.rests * b.z <= p.close_z then state.rests = 0 end
  local d, held = (pos < 0 or (pos == 0 and b.z >= 0)) and 1 or -1, math.abs(pos)
  if held > 0 and leave(self, b, p, d, held, now, known) then return end
  if known then enter(self, b, p, d, held) end
end

function S:on_pair(event)
  if event.event == "hedged" then self:metric("half_life_s", half_life(self.params)) end
end

return S
