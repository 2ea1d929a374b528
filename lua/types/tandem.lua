---@meta tandem
-- For editors (EmmyLua, lua-language-server): what `require "tandem"` gives. Never loaded by the host.
-- Fields that carry a leg's or a reference's name (b.sell_near, b.legs.near, self.params.lots) come from the strategy's
-- own table; here they stand as index signatures.

---@class tandem.Leg
---@field bid number best bid, in the instrument's own units
---@field ask number
---@field bid_qty number
---@field ask_qty number
---@field bid_value number the bid after the leg's conversion
---@field ask_value number
---@field mid number
---@field age_ms number since the quote was last proven valid, plus what its venue's clock may be off
---@field bid_want number volume-weighted for the wanted size against the bids, own units; the best bid where no size is wanted
---@field ask_want number
---@field bid_worst number and the last price of it
---@field ask_worst number

---All legs at one aligned instant; read-only, and good until the hook returns. With more than two legs the first stands against
---the sum of the others, each by its ratio over the first's. For a first leg called near, what is executable on the opposite
---side (对价): sell_near (sell near, buy the others) and buy_near, each also with _net (after taker fees by value and by lot,
---taxes, and without the tax that a price contains), _bp and _net_bp (of the mid value of the others), _lots (pair lots that are
---there at the best prices) and _z (its deviations from the mean of the band). The same for want_lots of the configuration,
---through the depth of the books: sell_near_want, _want_net, _want_bp, _want_net_bp, and _want_lots, how much of it is there;
---with 0 lots a seller's price is -1e300 and a buyer's 1e300. Without want_lots they are as at the best prices.
---Where a price may be zero or negative there is no ratio and no _bp: reading one is an error that says so.
---@class tandem.Basis
---@field spread number 点差: value of the first leg minus value of the others, at mid
---@field spread_bp number
---@field ratio number 比值: value of the first leg over value of the others, at mid
---@field z number deviations of the spread from its mean over bands.window; 0 until half of it has been seen
---@field mean number
---@field dev number
---@field fill number part of the window that has been seen, 0 to 1
---@field gate? string which gate bars a trigger now, as in why-not: "quote_age_ns"; nil when none does
---@field gate_who? string the leg or reference that it is about; nil when it is no single one
---@field skew_ms number between the moments at which the legs were last proven valid, clocks' errors included
---@field max_age_ms number of the oldest leg or reference
---@field legs table<string, tandem.Leg>
---@field refs table<string, number>
---@field [string] number

---One of the strategy's pairs, when it moved. From "sent" on it has its number; "refused", "hedged" and "flat" are the last of it.
---@class tandem.Pair
---@field pair string the pair's number, as text: it may serve as a key, and for self:cancel
---@field event "refused"|"sent"|"hedged"|"flat"|"broken"|"completing"|"unwinding"|"held"
---@field intent "open"|"close"|"roll"
---@field lots number hedged
---@field px table<string, number> average price by leg
---@field qty table<string, number> filled by leg, signed
---@field reason string

---The best prices of a leg or a reference, as they are now. Called once a turn for each that changed, and only while they may be believed.
---@class tandem.Quote
---@field leg string its name
---@field bid number 0: that side is empty
---@field ask number
---@field bid_qty number
---@field ask_qty number
---@field mid number 0 where a side is empty
---@field age_ms number
---@field session "closed"|"break"|"auction"|"continuous"|"halt" the phase of its trading day

---The depth of a leg, the best level being 1. Good until the hook returns; beyond the last level a price is nil and a quantity 0.
---@class tandem.Book
---@field leg string
---@field bids number levels that there are
---@field asks number
local Book = {}

---@param n integer
---@return number?
function Book:bid(n) end

---@param n integer
---@return number
function Book:bid_qty(n) end

---@param n integer
---@return number?
function Book:ask(n) end

---@param n integer
---@return number
function Book:ask_qty(n) end

---An order of one of the strategy's pairs, as it stood when it moved.
---@class tandem.Order
---@field leg string
---@field side "buy"|"sell"
---@field state "new"|"sent"|"live"|"cancelling"|"unknown"|"filled"|"cancelled"|"rejected"|"replacing"
---@field px number its limit
---@field qty number
---@field filled number
---@field avg number of what has filled; 0 before
---@field rescue boolean it makes a broken pair even, or follows what another leg filled
---@field reason string of its pair
---@field order string its number
---@field pair string its pair's, for self:cancel

---@class tandem.Session
---@field leg string a leg or a reference
---@field state "closed"|"break"|"auction"|"continuous"|"halt"
---@field from "closed"|"break"|"auction"|"continuous"|"halt"
---@field open boolean it is in continuous trading

---@class tandem.Gap
---@field leg string a leg or a reference
---@field state "empty"|"live"|"gap"|"recovering"|"stale"|"halted"|"crossed"
---@field from "empty"|"live"|"gap"|"recovering"|"stale"|"halted"|"crossed" as told last; the same where it was lost and mended within a turn
---@field why? string in words; nil once it is live
---@field live boolean its prices may be believed

---What the venue has told of the account of a leg.
---@class tandem.Balance
---@field free number of spot: the quote currency; else the currency of its margin
---@field locked number
---@field base_free number of spot: the asset itself; else 0
---@field base_locked number
---@field known boolean the venue has told it

---@class tandem.Clock
---@field bound_ms number how far the venue's clock may be off against ours; infinite: not known
---@field known boolean

---Rolling figures of the last samples; of an empty one mean, min, max, last and quantile are nan, which compares false with everything.
---@class tandem.Window
local Window = {}

---@param x number
function Window:push(x) end
---@return number
function Window:count() end
---@return number part of its length that has been seen, 0 to 1
function Window:fill() end
---@return number
function Window:last() end
---@return number
function Window:mean() end
---@return number 0 with fewer than two samples
function Window:dev() end
---@return number
function Window:min() end
---@return number
function Window:max() end
---@param p number 0 to 1
---@return number
function Window:quantile(p) end
---@param x number
---@return number how many deviations x lies from the mean; 0 until half its length has been seen
function Window:z(x) end
function Window:clear() end

---@class tandem.Ema
local Ema = {}

---@param x number
---@return number the mean with it
function Ema:push(x) end
---@return number
function Ema:count() end
---@return number
function Ema:fill() end
---@return number
function Ema:last() end
---@return number
function Ema:mean() end
---@return number
function Ema:dev() end
---@param x number
---@return number
function Ema:z(x) end
function Ema:clear() end

---@class tandem.Position
---@field lots number pair lots held, signed by the first leg
---@field in_flight number pairs that have not ended yet
---@field [string] { net: number } by leg, signed, own units

---@class tandem.Proposal
---@field sell string|string[] leg or legs to sell
---@field buy string|string[] leg or legs to buy
---@field lots number pair lots, above zero; the core rounds down and clamps
---@field tif? "IOC"|"FOK"|"GTC"|"DAY" IOC when left out
---@field intent? "open"|"close"|"roll" open when left out
---@field reason? string up to 47 bytes, into the receipt
---@field limits? table<string, number> worst price by leg; left out: the executable price and the slip limit
---@field style? "both"|"legged"|"passive" all legs in one turn; the first leg, then the others on what it filled; or the first rests and the others are taken on its fills. As configured when left out
---@field first? string the leg that goes first or rests; left out: as configured, else the less certain one
---@field align? "send"|"arrive"|"less_certain_first" of style "both": together, so that they arrive together, or the less certain leg first
---@field fair? number the gross basis, as in b.sell_near or b.buy_near, at which nothing is to be earned: what a broken pair's edge is measured against; left out: the mean of the band, where there is one
---@field basis? number of style "passive": the gross basis, as in b.sell_near or b.buy_near, that the resting price is derived from; left out: what its own side of the book gives now
---@field rescue? tandem.Rescue its own ladder, at most what its instance's may do

---@class tandem.Rescue
---@field on_leg_fail? "cheapest"|"complete"|"unwind"|"hold" one that leaves something of the instance's
---@field max_slip_ticks? number how far completing may go
---@field max_unwind_slip_ticks? number how far taking back may go
---@field budget? number what it may cost, in the quote currency of the first leg
---@field wait? number seconds that nothing is sent; 0: not at all
---@field chase? number seconds that orders may rest; 0: not at all

---@class tandem.Strategy
---@field params table<string, number> read-only; the configuration's values, or the defaults
---@field pos tandem.Position read-only
---@field balance table<string, tandem.Balance> by leg, read-only
---@field clock table<string, tandem.Clock> by leg and reference, read-only
---@field session table<string, string> by leg and reference, as q.session; read-only
---@field state "active"|"reducing"|"halted"|"paused" what the host lets this instance do; read-only
---@field on_start? fun(self: tandem.Strategy)
---@field on_basis? fun(self: tandem.Strategy, b: tandem.Basis)
---@field on_pair? fun(self: tandem.Strategy, p: tandem.Pair)
---@field on_timer? fun(self: tandem.Strategy, which: integer|string)
---@field on_quote? fun(self: tandem.Strategy, q: tandem.Quote)
---@field on_book? fun(self: tandem.Strategy, k: tandem.Book)
---@field on_order? fun(self: tandem.Strategy, o: tandem.Order)
---@field on_session? fun(self: tandem.Strategy, s: tandem.Session)
---@field on_gap? fun(self: tandem.Strategy, g: tandem.Gap)
---@field on_param? fun(self: tandem.Strategy, name: string, old: number, new: number) an operator has set a parameter
---@field on_stop? fun(self: tandem.Strategy)
---@field on_save? fun(self: tandem.Strategy) before the state is written
---@field on_load? fun(old: table, old_version: integer): table? the new state; nil refuses the reload
local Strategy = {}

---Proposes a pair. At most 8 proposals of all kinds in one call; a call that fails has none.
---@param proposal tandem.Proposal
function Strategy:pair(proposal) end

---Asks for the end of a pair that is still working: what rests of it is cancelled, what has filled of it is made even. One that has ended is left alone.
---@param pair tandem.Pair|string the p of on_pair, its p.pair, or the o.pair of on_order
function Strategy:cancel(pair) end

---Pair lots that can be executed now so that even the last is worth it: the books are walked level by level while the net basis
---there is at least (sell) or at most (buy) this. Inside on_basis only.
---@param side "sell"|"buy" of the first leg
---@param net number in value units
---@return number
function Strategy:lots_at(side, net) end

---@param side "sell"|"buy"
---@param net_bp number
---@return number
function Strategy:lots_at_bp(side, net_bp) end

---@param text string up to 47 bytes
---@param severity? "info"|"warning"|"critical" warning when left out
function Strategy:alert(text, severity) end

---@param name string letters, digits and _
---@param value number
function Strategy:metric(name, value) end

---@param text string up to 47 bytes
function Strategy:log(text) end

---Calls fn (or the function of that name, or on_timer) every so many seconds; from inside a hook, so usually on_start.
---@param seconds number 0.001 to 86400
---@param what? string|fun(self: tandem.Strategy, which: integer|string)
function Strategy:every(seconds, what) end

---@class tandem.Param
---@field [1] number default
---@field min? number
---@field max? number
---@field doc? string
---@field reason? boolean an operator who changes it has to say why

---@class tandem.Risk
---@field max_skew? string "600ms"
---@field max_age? string "2s"
---@field leg_timeout? string
---@field pair_timeout? string
---@field max_slip_ticks? integer
---@field max_unwind_slip_ticks? integer
---@field on_leg_fail? "cheapest"|"complete"|"unwind"|"hold"

---@class tandem.Declaration
---@field version integer raised when the meaning of the state changes
---@field legs string[] 2 to 5 names
---@field refs? string[] priced, not traded; at most 4
---@field params? table<string, number|tandem.Param>
---@field risk? tandem.Risk

local tandem = {}

---@param declaration tandem.Declaration
---@return tandem.Strategy
function tandem.strategy(declaration) end

---What a leg's price is worth: `S.near_value = tandem.conv "near * 31.1034768 / usdcnh"`. Products and quotients only.
---Checked against the instruments: all values must come out in one unit. A constant says what it is where it is no factor
---between units: `1.13[1]` (a pure number), `1[CNH/CNY]` (a stated rate), `60[lb/bu]`.
---@param text string
function tandem.conv(text) end

---The table that survives reload and restart: numbers, texts, booleans and tables of them, up to 4096 entries.
---@generic T: table
---@param defaults T
---@return T
function tandem.state(defaults) end

---@class tandem.WindowSpec
---@field name string a name of its own: by it a later version takes over what it holds
---@field count? integer the last so many samples, 2 to 4096
---@field span? string or those of so long: "10m", at most 7 days
---@field samples? integer of a span: it is cut into so many grains, and holds the newest sample of each; 256 when left out

---Only while the file loads; 64 of a strategy, 16384 samples in all.
---@param spec tandem.WindowSpec
---@return tandem.Window
function tandem.window(spec) end

---@class tandem.EmaSpec
---@field name string
---@field count? integer alpha is 2 / (count + 1)
---@field half_life? string or by time: "30s"

---@param spec tandem.EmaSpec
---@return tandem.Ema
function tandem.ema(spec) end

---@return number seconds on a clock that never jumps; the time of the turn
function tandem.now() end

---@return number seconds since 1970
function tandem.utc() end

---The same bits in every run; the operator ^ is refused because it does not give them.
---@param x number
---@param y number
---@return number
function tandem.pow(x, y) end

return tandem
