-- Shows when @NAME@ opens and closes, and what it remembers: `tandem test @NAME@.lua`.
local test = require "tandem.test"

test.strategy "@NAME@.lua" {
  params = { open_bp = 8, close_bp = 5, lots = 3, max_pos = 4 },
  legs = { near = { taker_bp = 2.3, tick = 0.1 }, far = { taker_bp = 1.7, tick = 0.1 } }, -- fees come off what is executable
}

-- Selling near and buying far brings so many basis points before fees; size in lots where it matters.
local function market(bp, lots)
  local bid = 10000.2 + bp
  return { near = { bid, bid + 0.2, lots and lots * 0.001 }, far = { 10000, 10000.2 } }
end

test("waits while fees take all of it", function(t)
  t:basis(market(0))
  t:expect_nothing()
  t:basis(market(11.9)) -- 4 bp of it are fees
  t:expect_nothing()
end)

test("sells what is dear, and buys what is cheap", function(t)
  t:basis(market(12.5))
  t:expect_pair { sell = "near", buy = "far", lots = 3, intent = "open" }
  t:basis(market(-12.9))
  t:expect_pair { sell = "far", buy = "near", lots = 3, intent = "open" }
end)

test("takes no more than the books hold, nor than it may have", function(t)
  t:basis(market(20, 2))
  t:expect_pair { sell = "near", lots = 2 }
  t:position { lots = -3 }
  t:basis(market(20))
  t:expect_pair { sell = "near", lots = 1 }
end)

test("opens, waits for the pair, and closes when the basis is back", function(t)
  t:basis(market(20))
  local p = t:expect_pair { sell = "near", buy = "far", lots = 3 }
  t:sent(p)
  t:basis(market(21))
  t:expect_nothing()
  t:hedged(p)
  t:expect_metric("hedged", 1)
  t:equal(t.lots, -3)
  t:play {
    { basis = market(6), expect = "nothing" },
    { basis = market(0), expect = { sell = "far", buy = "near", lots = 3, intent = "close" } },
  }
end)

test("remembers over a restart", function(t)
  t:pair { event = "hedged" }
  t:restart()
  t:expect_state { hedged = 1 }
end)
