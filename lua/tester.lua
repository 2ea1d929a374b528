-- tester: what `require "tandem.test"` gives, and how the tests of a file are run one after the other.
--
-- Called once per test file with the host's functions, the sandbox and what adds the expectations (expect.lua); returns the function that runs the file's chunk and the
-- one that C calls, step by step. A test is a coroutine: what it asks of its strategy it yields to C, which does it and
-- comes back with the answer, so that no script ever runs inside another one's call. Errors are raised without a place: it is found here.
local host, sandbox, expectations = ...

local create, resume, status, yield = coroutine.create, coroutine.resume, coroutine.status, coroutine.yield
local getinfo = debug.getinfo
local error, ipairs, next, pairs, setfenv, setmetatable, tonumber, tostring, type =
	error, ipairs, next, pairs, setfenv, setmetatable, tonumber, tostring, type
local form, match, concat, sort = string.format, string.match, table.concat, table.sort

local tests = {}                -- in the order of the file: { name, line, options, run }
local subject                   -- what tandem.test's strategy{} said: { file, line, options }
local T = {}                    -- methods of t

local function fail(...)
	error(form(...), 0)
end

local function names_of(set)
	local list = {}
	for name in next, set do
		list[#list + 1] = tostring(name)
	end
	sort(list)
	return concat(list, ", ")
end

local function known(what, t, set)
	if type(t) ~= "table" then
		fail("%s wants a table, not a %s", what, type(t))
	end
	for name in next, t do
		if not set[name] then
			fail("%s knows no %q; it knows %s", what, tostring(name), names_of(set))
		end
	end
	return t
end

-- The line of the test's own text that is at work; co nil: in this coroutine.
local function line_of(co)
	for level = 0, 100 do
		local info
		if co then
			info = getinfo(co, level, "Sl")
		else
			info = getinfo(level + 2, "Sl")
		end
		if not info then
			return 0
		elseif info.source == host.chunk then
			return info.currentline
		end
	end
	return 0
end

---------------------------------------------------------------- events

-- An error of the strategy that nobody expected fails the test at the event that it came from.
local function settle(self)
	local e = self.failure
	if e then
		self.failure = nil
		self.line = e.line
		fail("the strategy failed: %s", e.text)
	end
end

local function ask(request)
	local answer = yield(request)
	if answer.refused then
		fail("%s", answer.refused)
	end
	return answer
end

local function event(self, request)
	settle(self)
	local answer = ask(request)
	self.got = answer.proposals or {}
	self.lots, self.in_flight = answer.lots, answer.in_flight
	self.quarantined = answer.quarantined
	if answer.error then
		self.failure = { text = answer.error, line = line_of() }
	end
	return answer
end

local function seconds(what, value)
	if type(value) == "number" and value >= 0 and value <= 1e7 then
		return value
	end
	local s = type(value) == "string" and host.seconds(value)
	return s or fail("%s is a time: seconds, or with its unit as in \"600ms\", \"5s\", \"2min\"; this is %s", what, tostring(value))
end

local QUOTE = { [1] = true, [2] = true, [3] = true, [4] = true, bid = true, ask = true, bid_qty = true, ask_qty = true, bids = true, asks = true }

local function one_book(name, q)
	if type(q) == "number" then
		return { bids = { { q } }, asks = { { q } }, ref = true }
	end
	known(name, q, QUOTE)
	local book = { bids = q.bids, asks = q.asks }
	book.bids = book.bids or { { q.bid or q[1], q.bid_qty or q[3] } }
	book.asks = book.asks or { { q.ask or q[2], q.ask_qty or q[4] or q[3] } }
	for _, side in ipairs { "bids", "asks" } do
		if type(book[side]) ~= "table" then
			fail("%s: %s is a list of { price, size }, best first", name, side)
		end
		for _, level in ipairs(book[side]) do
			if type(level) ~= "table" or type(level[1]) ~= "number" or (level[2] ~= nil and type(level[2]) ~= "number") then
				fail("%s wants { bid, ask }, or { bid, ask, bid_qty, ask_qty }, or bids and asks as lists of { price, size }", name)
			end
		end
	end
	return book
end

local function books_of(self, what, quotes)
	if type(quotes or {}) ~= "table" then
		fail("%s wants a table by leg, as in %s { %s = { 100, 101 } }", what, what, self.legs[1])
	end
	local books = {}
	for name, q in pairs(quotes or {}) do
		if name ~= "gate" then
			books[#books + 1] = { name = name, book = one_book(what .. ": " .. tostring(name), q) }
		end
	end
	return books
end

-- Sets the books, and tells what a turn tells of them before on_basis. False: the strategy has failed.
local function tell_books(self, what, quotes)
	local all = {}
	settle(self)
	for _, news in ipairs(ask({ op = "books", books = books_of(self, what, quotes) }).news) do
		event(self, { op = "tell", what = news.what, name = news.name })
		for _, p in ipairs(self.got) do
			all[#all + 1] = p
		end
		if self.failure then
			break
		end
	end
	self.got = all
	return not self.failure
end

-- The books of a turn: on_gap, on_quote and on_book of what has changed, and then on_basis.
function T:basis(quotes)
	self.b, self.unseen = nil, "it was not called: a hook before it failed"
	if tell_books(self, "t:basis", quotes) then
		local before = self.got
		local answer = event(self, { op = "basis", gate = quotes and quotes.gate })
		self.b, self.unseen = answer.basis, answer.why
		for _, p in ipairs(self.got) do
			before[#before + 1] = p
		end
		self.got = before
	end
	return self.b
end

-- The same without on_basis.
function T:quote(quotes)
	if type(quotes) == "table" and quotes.gate ~= nil then
		fail("t:quote: a gate bars on_basis; write it in t:basis")
	end
	tell_books(self, "t:quote", quotes)
end

-- One request for each name of a table, what is proposed put together.
local function each(self, what, by, request)
	if type(by) ~= "table" or next(by) == nil then
		fail("%s wants a table by leg or reference", what)
	end
	local all = {}
	for name, value in pairs(by) do
		event(self, request(tostring(name), value))
		for _, p in ipairs(self.got) do
			all[#all + 1] = p
		end
	end
	self.got = all
end

-- on_gap: { near = "stale" }, and "live" when it is well again.
function T:gap(by)
	each(self, "t:gap", by, function(name, to)
		return { op = "gap", name = name, to = to }
	end)
end

-- on_session: { near = "break" }.
function T:session(by)
	each(self, "t:session", by, function(name, to)
		return { op = "session", name = name, to = to }
	end)
end

local BALANCE = { free = true, locked = true, base_free = true, base_locked = true }

function T:balance(by)
	each(self, "t:balance", by, function(name, b)
		known("t:balance: " .. name, b, BALANCE)
		return { op = "world", what = "balance", name = name, free = b.free, locked = b.locked, base_free = b.base_free,
			base_locked = b.base_locked }
	end)
end

-- { near = 3 }: its clock is off by 3 ms at most; math.huge: that is not known.
function T:clock(by)
	each(self, "t:clock", by, function(name, bound_ms)
		if type(bound_ms) ~= "number" or not (bound_ms >= 0) then
			fail("t:clock wants milliseconds by leg or reference, as in t:clock { %s = 3 }; math.huge: not known", self.legs[1])
		end
		return { op = "world", what = "clock", name = name, bound_ms = bound_ms }
	end)
end

-- What the host lets it do: self.state.
function T:host(state)
	event(self, { op = "world", what = "host", to = state })
end

-- on_param, as `tandem set` gives it.
function T:param(name, value)
	if type(name) ~= "string" or type(value) ~= "number" then
		fail("t:param wants the name of a parameter and a number: t:param(\"open_bp\", 8)")
	end
	event(self, { op = "param", name = name, value = value })
end

local ORDER = { leg = true, state = true, px = true, qty = true, filled = true, avg = true, rescue = true, order = true }

-- on_order: an order of a pair that t:expect_pair gave has moved.
function T:order(p, o)
	if type(p) ~= "table" or p.kind ~= "pair" then
		fail("t:order wants the pair that t:expect_pair gave, and then { leg = %q, state = \"live\" }", self.legs[1])
	end
	known("t:order", o, ORDER)
	event(self, { op = "order", of = p, leg = o.leg, state = o.state, px = o.px, qty = o.qty, filled = o.filled, avg = o.avg,
		rescue = o.rescue, order = o.order and tostring(o.order) or nil })
end

function T:position(p)
	known("t:position", p, self.position_names)
	settle(self)
	local answer = ask { op = "position", position = p }
	self.lots, self.in_flight = answer.lots, answer.in_flight
end

function T:advance(by)
	local left = seconds("t:advance", by)
	local all = {}
	settle(self)
	local to = ask({ op = "until", seconds = left }).at
	repeat
		local answer = event(self, { op = "advance", at = to })
		for _, p in ipairs(self.got) do
			all[#all + 1] = p
		end
		settle(self)
	until not answer.more
	self.got = all
end

local EVENTS = { "refused", "sent", "hedged", "flat", "broken", "completing", "unwinding", "held" }
local EVENT = {}
for _, name in ipairs(EVENTS) do
	EVENT[name] = true
end
local PAIR = { event = true, intent = true, lots = true, px = true, qty = true, reason = true, pair = true, of = true }
local ENDED = { hedged = true, flat = true, refused = true }

function T:pair(e)
	known("t:pair", e, PAIR)
	if not EVENT[e.event] then
		fail("t:pair: event is one of %s; this is %s", concat(EVENTS, ", "), tostring(e.event))
	end
	local p, flight = e.of, 0
	if p ~= nil and (type(p) ~= "table" or p.kind ~= "pair") then
		fail("t:pair: of is a pair that t:expect_pair gave")
	end
	if p then
		if not p.under_way and not ENDED[e.event] then
			p.under_way, flight = true, 1
		elseif p.under_way and ENDED[e.event] then
			p.under_way, flight = false, -1
		end
	end
	event(self, { op = "pair", event = e.event, intent = e.intent, lots = e.lots, px = e.px, qty = e.qty, reason = e.reason,
		pair = e.pair, of = p, flight = flight })
end

for _, name in ipairs { "refused", "sent", "hedged", "flat", "broken", "completing", "unwinding", "held" } do
	T[name] = function(self, p, over)
		if type(p) ~= "table" or p.kind ~= "pair" then
			fail("t:%s wants the pair that t:expect_pair gave", name)
		end
		local e = { of = p, event = name }
		for key, value in pairs(over or {}) do
			e[key] = value
		end
		self:pair(e)
	end
end

function T:stop()
	event(self, { op = "stop" })
end

function T:restart()
	event(self, { op = "restart" })
	self.b = nil
end

-- A refused reload is an error of the strategy: t:expect_error says so.
function T:reload(file)
	event(self, { op = "reload", file = file })
end

function T:state()
	return ask({ op = "state" }).state
end

-- The test's strategy begins anew with this in its memory, as after a restart.
function T:load_state(state, version)
	if type(state) ~= "table" then
		fail("t:load_state wants the table that an earlier life has saved")
	end
	settle(self)
	event(self, { op = "load_state", state = state, version = version })
	self.b = nil
end

expectations(T, fail, known, settle)

---------------------------------------------------------------- a table of events

-- What a row may do, in this order.
local STEPS = { "after", "position", "balance", "clock", "host", "param", "order", "pair", "reload", "restart", "gap", "session", "quote", "basis" }
local ROW = {}
for _, what in ipairs(STEPS) do
	ROW[what] = what == "after" and "advance" or what
end
local CHECK = { pair = "expect_pair", error = "expect_error", alert = "expect_alert", log = "expect_log", state = "expect_state", basis = "expect_basis" }

local function play_row(self, row)
	local did
	for _, what in ipairs(STEPS) do
		local value = row[what]
		if value ~= nil then
			if what == "param" or what == "order" then -- two arguments, as a list
				self[what](self, value[1], value[2])
			else
				self[ROW[what]](self, value)
			end
			did = true
		end
	end
	if not did then
		fail("nothing happens in it: write one of %s", names_of(ROW))
	end
	local want = row.expect
	if want == "nothing" or want == false then
		self:expect_nothing()
	elseif type(want) == "table" then
		local checks = want.sell == nil and want.buy == nil and want or { pair = want }
		for what, value in pairs(known("expect", checks, CHECK)) do
			self[CHECK[what]](self, value)
		end
	elseif want ~= nil then
		fail("expect is \"nothing\", a pair, or a table of %s", names_of(CHECK))
	end
end

-- Each row: what happens (STEPS, in this order), and what is expected then.
function T:play(rows)
	for i, row in ipairs(rows) do
		self.row = i
		play_row(self, row)
	end
	settle(self)
	self.row = nil
end

---------------------------------------------------------------- the file, and its tests

local test = {}
local OPTIONS = { params = true, legs = true, refs = true, config = true, instance = true, band = true }

function test.strategy(file)
	if type(file) ~= "string" then
		fail("test.strategy wants the strategy's file: test.strategy \"cross.lua\" { params = { open_bp = 10 } }")
	end
	subject = { file = file, line = line_of(), options = {} }
	return function(options)
		subject.options = known("test.strategy", options, OPTIONS)
	end
end

setmetatable(test, {
	__call = function(_, name, options, run)
		if run == nil then
			options, run = nil, options
		end
		if type(name) ~= "string" or type(run) ~= "function" then
			fail("a test is test(\"what it shows\", function(t) ... end)")
		end
		for _, other in ipairs(tests) do
			if other.name == name then
				fail("the test %q stands twice: here, and in line %d", name, other.line)
			end
		end
		tests[#tests + 1] = { name = name, line = line_of(), options = options and known("a test's options", options, OPTIONS) or {}, run = run }
	end,
	__index = function(_, name)
		fail("tandem.test has no %s; it has strategy, and is called itself: test(\"name\", function(t) ... end)", tostring(name))
	end,
	__newindex = function(_, name)
		fail("tandem.test.%s cannot be set", tostring(name))
	end,
})

local DATA = { b = true, unseen = true, failure = true, line = true, row = true, quarantined = true, position_names = true }
local methods = setmetatable({}, {
	__index = function(_, name)
		return not DATA[name] and fail("t has no %s; it has %s", tostring(name), names_of(T)) or nil
	end,
})
for name, f in pairs(T) do
	methods[name] = f
end

-- A test's own options go before the file's; params, legs and refs name by name.
local function merged(ours)
	local all = {}
	for name, value in pairs(subject.options) do
		all[name] = value
	end
	for name, value in pairs(ours) do
		local before = all[name]
		if type(value) == "table" and type(before) == "table" then
			local both = {}
			for k, v in pairs(before) do
				both[k] = v
			end
			for k, v in pairs(value) do
				both[k] = v
			end
			value = both
		end
		all[name] = value
	end
	return all
end

local INSTRUMENT = { tick = true, lot = true, size = true, taker_bp = true, per_lot = true, vat_pct = true, negative = true }

local function begin(self)
	local o = merged(self.test.options)
	self.line = subject.line
	for _, kind in ipairs { "legs", "refs" } do
		for name, m in pairs(o[kind] or {}) do
			known(form("%s.%s", kind, tostring(name)), m, INSTRUMENT)
		end
	end
	if o.band then
		known("band", o.band, { window = true, sample = true })
		o.band = { window = seconds("band.window", o.band.window), sample = seconds("band.sample", o.band.sample) }
	end
	local answer = event(self, { op = "begin", file = subject.file, line = subject.line, params = o.params or {}, legs = o.legs or {},
		refs = o.refs or {}, config = o.config, instance = o.instance, band = o.band })
	self.line = nil
	self.legs = answer.legs
	self.position_names = { lots = true, in_flight = true }
	for _, leg in ipairs(answer.legs or {}) do
		self.position_names[leg] = true
	end
	if not answer.legs then
		settle(self)
	end
end

local function body(self)
	begin(self)
	self.test.run(self)
	settle(self)
end

-- "x_test.lua:12: what" -> 12, "what"; its own place, where the library gave none.
local function explain(self, co, e)
	local line = self.line or line_of(co)
	local text = tostring(e)
	if type(e) == "string" then
		local at, what = match(text, "^" .. host.short .. ":(%d+): (.*)$")
		if at then
			line, text = tonumber(at), what
		end
	end
	if line == 0 then
		line = self.test.line
	end
	return line, (self.row and "row " .. self.row .. ": " or "") .. text
end

local function run_one(one)
	local self = setmetatable({ test = one, got = {}, lots = 0, in_flight = 0, legs = { "near" } }, { __index = methods })
	local co = create(body)
	local ok, request = resume(co, self)
	while ok and status(co) ~= "dead" do
		ok, request = resume(co, yield(request))
	end
	if ok then
		return { op = "result", name = one.name, line = one.line, ok = true }
	end
	local line, text = explain(self, co, request)
	return { op = "result", name = one.name, line = line, ok = false, text = text }
end

local function run_all()
	if not subject then
		fail("the file names no strategy: write test.strategy \"x.lua\" { params = { ... } }")
	elseif #tests == 0 then
		fail("the file has no tests: write test(\"what it shows\", function(t) ... end)")
	end
	for _, one in ipairs(tests) do
		if yield({ op = "wanted", name = one.name, line = one.line }).wanted then
			yield(run_one(one))
		end
	end
end

local env = sandbox(host, { pow = host.pow })
local mine = {
	require = function(name)
		return name == "tandem.test" and test or fail("require %q: a test knows \"tandem.test\" only", tostring(name))
	end,
}
local box = setmetatable({}, {
	__index = function(_, name)
		if name == "coroutine" then
			fail("there are no coroutines in a test: it is one itself")
		end
		return mine[name] or env[name]
	end,
	__newindex = function(_, name)
		fail("%s is not declared: write `local %s`", tostring(name), tostring(name))
	end,
	__metatable = "locked",
})

local main
return function(chunk)
	setfenv(chunk, box)
	chunk()
	main = create(run_all)
end, function(answer)
	local ok, request = resume(main, answer)
	if not ok then
		error(tostring(request), 0)
	end
	return status(main) ~= "dead" and request or nil
end
