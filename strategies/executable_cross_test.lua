-- Shows when executable_cross opens and closes, how much, which way, and what it remembers: `tandem test strategies/executable_cross.lua`.
local test = require "tandem.test"

test.strategy "executable_cross.lua" {
  params = { open_bp = 10, close_bp = 2, lots = 3, max_pos = 7 },
  legs = { near = { taker_bp = 2, tick = 0.1 }, far = { taker_bp = 1, tick = 0.1 } },
}

local FAR = { 10000, 10000.2 }

-- A near market in which selling it brings about this many basis points before fees, with so many lots on each side.
local function market(bp, lots)
  local bid = 10000.2 + bp
  local qty = lots and lots * 0.001
  return { near = { bid, bid + 0.2, qty }, far = FAR }
end

test("does nothing while the basis is fair", function(t)
  t:basis(market(0))
  t:expect_nothing()
  t:basis(market(12.9)) -- 3 bp of it are fees
  t:expect_nothing()
end)

test("sells the near leg when it is dear after fees", function(t)
  t:basis(market(13.1))
  t:expect_pair { sell = "near", buy = "far", lots = 3, tif = "IOC", intent = "open", reason = "above fair" }
end)

test("buys the near leg when it is cheap after fees", function(t)
  t:basis(market(-13.6))
  t:expect_pair { sell = "far", buy = "near", lots = 3, intent = "open", reason = "below fair" }
end)

test("takes whole lots, and no more than the books hold", function(t)
  t:basis(market(20, 2))
  t:expect_pair { sell = "near", buy = "far", lots = 2 }
end)

test("has one pair at a time", function(t)
  t:basis(market(20))
  local p = t:expect_pair { sell = "near", buy = "far" }
  t:sent(p)
  t:basis(market(21))
  t:expect_nothing()
  t:hedged(p)
  t:basis(market(22))
  t:expect_pair { sell = "near", buy = "far", lots = 3 }
end)

test("stops at max_pos", function(t)
  t:position { lots = -6 }
  t:basis(market(20))
  t:expect_pair { sell = "near", lots = 1 }
  t:position { lots = -7 }
  t:basis(market(21))
  t:expect_nothing()
end)

test("closes what it holds when the basis has come back", function(t)
  t:play {
    { position = { lots = -5 }, basis = market(5), expect = "nothing" },
    { basis = market(-2), expect = { sell = "far", buy = "near", lots = 3, intent = "close" } },
    { position = { lots = -2 }, basis = market(-2), expect = { buy = "near", lots = 2, intent = "close" } },
    { position = { lots = 5 }, basis = market(-3), expect = "nothing" },
    { basis = market(2), expect = { sell = "near", lots = 3, intent = "close" } },
  }
end)

test("is flat before it goes the other way", function(t)
  t:position { lots = -5 }
  t:basis(market(-40))
  t:expect_pair { buy = "near", sell = "far", intent = "close" }
end)

test("counts the pairs that ended hedged, over restarts", function(t)
  t:pair { event = "hedged", intent = "open" }
  t:expect_metric("pairs_hedged", 1)
  t:pair { event = "flat", intent = "open" }
  t:pair { event = "hedged", intent = "close" }
  t:expect_state { opened = 1, closed = 1 }
  t:restart()
  t:expect_state { opened = 1, closed = 1 }
  t:pair { event = "hedged", intent = "open" }
  t:expect_metric("pairs_hedged", 3)
end)

test("believes a followed fair after 200 quotes only", { params = { fair_weight = 0.01 } }, function(t)
  for _ = 1, 200 do
    t:basis(market(20))
    t:expect_nothing()
  end
  t:basis(market(40)) -- far from where it has been
  t:expect_pair { sell = "near", buy = "far" }
end)
