-- Gold at home against gold abroad (内外盘): trades the basis that can be executed now, in USD an ounce.
--
-- The domestic price, CNY a gram, becomes USD an ounce by the reference usdcnh; CNY and CNH are taken for one here, which is
-- stated. Sells the dearer side and buys the cheaper one when what is left after all fees is open_bp or more, and closes when it has come back.
local tandem = require "tandem"

local S = tandem.strategy {
  version = 1,
  legs = { "near", "far" },
  refs = { "usdcnh" },
  params = {
    open_bp  = { 8, min = 0, max = 500, doc = "open when the net executable basis is this far from 0, in bp" },
    close_bp = { 2, min = -50, max = 500, doc = "close when it has come back to within this of 0, in bp" },
    lots     = { 1, min = 1, max = 50, doc = "pair lots of one clip" },
    max_pos  = { 4, min = 1, max = 1000, doc = "most pair lots held, either way" },
  },
  risk = { max_skew = "1500ms", max_age = "3s", max_slip_ticks = 10, leg_timeout = "500ms", on_leg_fail = "cheapest" },
}
S.near_value = tandem.conv "near * 31.1034768 / usdcnh * 1[CNH/CNY]"

function S:on_basis(b)
  local p, pos = self.params, self.pos.lots
  if self.pos.in_flight > 0 then return end
  local sell, buy = b.sell_near_net_bp, b.buy_near_net_bp
  if pos < 0 and buy <= p.close_bp then
    self:pair { sell = "far", buy = "near", lots = math.min(p.lots, -pos), tif = "IOC", intent = "close", reason = "it has come back" }
  elseif pos > 0 and sell >= -p.close_bp then
    self:pair { sell = "near", buy = "far", lots = math.min(p.lots, pos), tif = "IOC", intent = "close", reason = "it has come back" }
  elseif sell >= p.open_bp and pos > -p.max_pos then
    self:pair { sell = "near", buy = "far", lots = math.min(p.lots, p.max_pos + pos), tif = "IOC", intent = "open", reason = "home is dear" }
  elseif buy <= -p.open_bp and pos < p.max_pos then
    self:pair { sell = "far", buy = "near", lots = math.min(p.lots, p.max_pos - pos), tif = "IOC", intent = "open", reason = "abroad is dear" }
  end
end

return S
