---@meta tandem.test
-- For editors (EmmyLua, lua-language-server): what `require "tandem.test"` gives, in the tests of strategies. Never loaded by the host.

---@class tandem.test.Quote
---@field [1] number? bid
---@field [2] number? ask
---@field [3] number? bid_qty; without it 1000 lots
---@field [4] number? ask_qty; without it as the third
---@field bids number[][]? { price, size } from the best on, in the place of the four
---@field asks number[][]?

---@class tandem.test.Instrument
---@field tick number? 0.01
---@field lot number? 0.001
---@field size number? base units of a quantity of 1
---@field taker_bp number?
---@field per_lot number? quote currency
---@field vat_pct number? tax that its price contains
---@field negative boolean? its price may be

---@class tandem.test.Options
---@field params table<string, number>?
---@field legs table<string, tandem.test.Instrument>?
---@field refs table<string, tandem.test.Instrument>?
---@field config string? a configuration whose instruments, fees and units count
---@field instance string? of it
---@field band { window: string, sample: string }?

---@class tandem.test.OrderNews
---@field leg string
---@field state "new"|"sent"|"live"|"cancelling"|"unknown"|"filled"|"cancelled"|"rejected"|"replacing"
---@field px number?
---@field qty number?
---@field filled number? all of it when it is filled, else 0
---@field avg number?
---@field rescue boolean?
---@field order string?

---@class tandem.test.Proposal: tandem.Proposal
---@field kind "pair"|"cancel"|"alert"|"metric"|"log"|"timer"
---@field pair string

---@class tandem.test.Expected
---@field sell string|string[]|nil
---@field buy string|string[]|nil
---@field lots number?
---@field intent "open"|"close"|"roll"|nil
---@field tif "IOC"|"FOK"|"GTC"|"DAY"|nil
---@field reason string? in it
---@field limits table<string, number>?
---@field style string?
---@field first string?
---@field align string?
---@field basis number?
---@field fair number?

---@class tandem.test.Case
---@field b table? the basis as it was last shown; nil: it was not called
---@field lots number position in pair lots
---@field in_flight number
---@field quarantined boolean?
local Case = {}

---@param quotes table<string, tandem.test.Quote|number|string>? by leg or reference; gate = "session" closes that one
---@return table? basis
function Case:basis(quotes) end

---The same without on_basis: on_gap, on_quote and on_book of what has changed.
---@param quotes table<string, tandem.test.Quote|number> by leg or reference
function Case:quote(quotes) end

---on_gap. Books are lost so, and again "live"; a new book makes one live as well.
---@param by table<string, "empty"|"live"|"gap"|"recovering"|"stale"|"halted"|"crossed"> by leg or reference
function Case:gap(by) end

---on_session, and the gate. All are "continuous" at first.
---@param by table<string, "closed"|"break"|"auction"|"continuous"|"halt"> by leg or reference
function Case:session(by) end

---What self.balance shows of a leg; not known before.
---@param by table<string, { free: number?, locked: number?, base_free: number?, base_locked: number? }>
function Case:balance(by) end

---What self.clock shows: its bound in ms; math.huge: not known. 0 at first.
---@param by table<string, number> by leg or reference
function Case:clock(by) end

---What self.state shows; "active" at first.
---@param state "active"|"reducing"|"halted"|"paused"
function Case:host(state) end

---A parameter is set, as by `tandem set`: on_param.
---@param name string
---@param value number
function Case:param(name, value) end

---on_order: an order of that pair has moved. What is not said is what the pair asks for.
---@param p tandem.test.Proposal
---@param o tandem.test.OrderNews
function Case:order(p, o) end

---@param p table<string, number> lots, in_flight, or a leg's net
function Case:position(p) end

---@param by number|string seconds, or "600ms"
function Case:advance(by) end

---on_pair of any pair; t:sent and its like are of one that was proposed.
---@param e table event, intent, lots, px, qty, reason, pair, of
function Case:pair(e) end

---@param p tandem.test.Proposal
---@param over table?
function Case:sent(p, over) end

---@param p tandem.test.Proposal
---@param over table? lots, px, qty
function Case:hedged(p, over) end

---@param p tandem.test.Proposal
function Case:flat(p, over) end

---@param p tandem.test.Proposal
function Case:broken(p, over) end

---@param p tandem.test.Proposal
function Case:refused(p, over) end

---@param p tandem.test.Proposal
function Case:completing(p, over) end

---@param p tandem.test.Proposal
function Case:unwinding(p, over) end

---@param p tandem.test.Proposal
function Case:held(p, over) end

function Case:stop() end
function Case:restart() end

---@param file string? another version; nil: the same file again
function Case:reload(file) end

---@return table?
function Case:state() end

---@param state table
---@param version number? of the file, where it is not said
function Case:load_state(state, version) end

---@param want tandem.test.Expected
---@return tandem.test.Proposal
function Case:expect_pair(want) end

function Case:expect_nothing() end

---@param of tandem.test.Proposal?
---@return tandem.test.Proposal
function Case:expect_cancel(of) end

---@param text string? in it
---@param severity "info"|"warning"|"critical"|nil
function Case:expect_alert(text, severity) end

---@param name string
---@param value number?
function Case:expect_metric(name, value) end

---@param text string? in it
function Case:expect_log(text) end

---@param text string? in it
---@return string
function Case:expect_error(text) end

---@param want table what is named must be so
function Case:expect_state(want) end

---@param want table
function Case:expect_basis(want) end

---@param have any
---@param want any
---@param within number?
function Case:equal(have, want, within) end

---@return tandem.test.Proposal[]
function Case:proposals() end

---@param rows table[] each: after, position, balance, clock, host, param, order (both as lists of two), pair, reload, restart, gap, session, quote, basis; expect = "nothing", a pair, or { pair, error, alert, log, state, basis }
function Case:play(rows) end

---@class tandem.test
---@overload fun(name: string, run: fun(t: tandem.test.Case))
---@overload fun(name: string, options: tandem.test.Options, run: fun(t: tandem.test.Case))
local test = {}

---@param file string from the folder of the test
---@return fun(options: tandem.test.Options)
function test.strategy(file) end

return test
