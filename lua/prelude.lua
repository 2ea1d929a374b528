-- prelude: what `require "tandem"` gives, and how a strategy's file becomes hooks that C can call.
--
-- C calls this chunk once per VM with the host's functions and the instance's options; what it returns
-- then runs the strategy's chunk and gives back the entries. Views are structs with const members whose fields carry the
-- strategy's own names; proposals are plain stores into the mailbox. Errors are raised without a place: the
-- host's handler puts the script's file and line before them.
local host, sandbox, declare, rewind, view, window = ...

local ffi = require "ffi"
local jutil = require "jit.util"
local bit = require "bit"
local error, getmetatable, ipairs, next, rawget, rawset, select, setfenv, setmetatable, tonumber, type =
	error, getmetatable, ipairs, next, rawget, rawset, select, setfenv, setmetatable, tonumber, type
local form, find, sub, gsub, match, concat = string.format, string.find, string.sub, string.gsub, string.match, table.concat
local copy, text_of = ffi.copy, ffi.string

local LEGS, REFS, COMMANDS, TEXT = 5, 4, 8, 48
local PAIR, CANCEL, ALERT, METRIC, LOG, TIMER = 0, 1, 2, 3, 4, 5
local BUY, SELL = 0, 1
local REF = 128                 -- a reference, where legs are numbered from 0
local INTENT = { open = 0, close = 1, roll = 2 }
local TIF = { GTC = 0, IOC = 1, FOK = 2, DAY = 3 }
local STYLE = { both = 1, legged = 2, passive = 3 }
local ALIGN = { send = 1, arrive = 2, less_certain_first = 3 }
local ANY = 255                 -- no leg is named: as configured, or as the core sees it
local SEVERITY = { info = 0, warning = 1, critical = 2 }
local OLD_SEVERITY = { warn = "warning" } -- as scripts wrote it before
local fail, tostring, names_of, number_in = declare.fail, declare.text, declare.names_of, declare.number_in

local S                         -- the strategy's own table
local M                         -- the mailbox
local legs, refs, leg_index = {}, {}, {}
local methods = {}              -- what self has besides the strategy's own fields
local tandem = {}
local state
local timers = {}
local inside = false            -- a hook runs, so proposals have somewhere to go
local hooks = {}                -- by kind of event: the function that is called, for places in errors
local empty_tables              -- once on_basis is called with plain numbers (plain.lua): what takes them away again

-- In the mailbox, where an operator's word changes them between two turns.
local function define_params(order, values)
	local fields = concat(order, ", ")
	ffi.cdef(#order > 0 and form("struct tandem_params { const double %s; };", fields) or "struct tandem_params { };")
	view.describe("struct tandem_params", "self.params", fields)
	for i, name in ipairs(order) do
		M.params[i - 1] = values[name]
	end
	methods.params = ffi.cast("struct tandem_params *", M.params)[0]
end

-- What self has beside its methods, worked out when it is read.
setmetatable(methods, { __index = function(_, key)
	if key == "state" then
		return view.state()
	end
end })

---------------------------------------------------------------- proposals

local function command(kind, what)
	if not inside then
		fail("%s works inside a hook only, not while the file loads: put it into on_start", what)
	end
	local n = M.n_commands
	if n >= COMMANDS then
		fail("%s: at most %d proposals in one call", what, COMMANDS)
	end
	local c = M.command[n]
	c.kind = kind
	return c
end

local function send()
	M.n_commands = M.n_commands + 1
end

local function put_text(c, text)
	local n = #text
	if n >= TEXT then
		text, n = sub(text, 1, TEXT - 1), TEXT - 1
	end
	copy(c.text, text, n)
	c.text[n] = 0
end

local function want_self(self, what)
	if self ~= S then
		fail("%s: write self:%s with a colon", what, what)
	end
end

local function add_leg(c, name, side)
	local i = leg_index[name]
	if not i then
		fail("self:pair: %s = %s is no leg of this strategy; it has: %s", side == SELL and "sell" or "buy",
			type(name) == "string" and form("%q", name) or tostring(name), concat(legs, ", "))
	end
	local n = c.n_legs
	for k = 0, n - 1 do
		if c.leg[k] == i then
			fail("self:pair: the leg %q stands twice; a pair sells one and buys another", name)
		end
	end
	c.leg[n], c.side[n], c.limit_px[n] = i, side, 0
	c.n_legs = n + 1
end

local function add_legs(c, names, side)
	if type(names) == "table" then
		if #names == 0 or #names > LEGS then
			fail("self:pair: a list of legs has 1 to %d names", LEGS)
		end
		for i = 1, #names do
			add_leg(c, names[i], side)
		end
	else
		add_leg(c, names, side)
	end
end

local function add_limits(c, limits)
	if type(limits) ~= "table" then
		fail("self:pair: limits is a table by leg, as in { %s = 61000.5 }", legs[1])
	end
	for name, px in next, limits do
		local i, found = leg_index[name], false
		for k = 0, c.n_legs - 1 do
			if c.leg[k] == i then
				c.limit_px[k], found = number_in("self:pair: limits." .. tostring(name), px), true
			end
		end
		if not found then
			fail("self:pair: limits names %q, which is no leg of this pair", tostring(name))
		end
		if px == 0 then
			fail("self:pair: limits.%s is 0; leave it out for the executable price and the slip limit", name)
		end
	end
end

local PAIR_FIELDS = { sell = true, buy = true, lots = true, tif = true, intent = true, reason = true, limits = true,
	style = true, first = true, align = true, basis = true, fair = true, rescue = true }

local CHECKED, checked = 256, 0

-- A misspelt field shows in the first proposals; later ones are on the way from a quote to an order, and the loop
-- would take as long as all the rest.
local function check_fields(t)
	checked = checked + 1
	for name in next, t do
		if not PAIR_FIELDS[name] then
			fail("self:pair has no field %q; it knows %s", tostring(name), names_of(PAIR_FIELDS))
		end
	end
end

-- How its orders go out; what is not said is as configured.
local function add_plan(c, t)
	c.style, c.align, c.first, c.has_basis, c.basis = 0, 0, ANY, false, 0
	if t.style ~= nil then
		c.style = STYLE[t.style] or fail("self:pair: style is one of %s; this is %s", names_of(STYLE), tostring(t.style))
	end
	if t.align ~= nil then
		c.align = ALIGN[t.align] or fail("self:pair: align is one of %s; this is %s", names_of(ALIGN), tostring(t.align))
	end
	if t.first ~= nil then
		local i = leg_index[t.first]
		for k = 0, c.n_legs - 1 do
			if c.leg[k] == i then
				c.first = i
			end
		end
		if c.first == ANY then
			fail("self:pair: first = %s is no leg of this pair; name one that it sells or buys", tostring(t.first))
		end
	end
	if t.basis ~= nil then
		if t.style ~= "passive" then
			fail("self:pair: basis is what a resting leg's price is derived from; write style = \"passive\" beside it")
		end
		c.basis, c.has_basis = number_in("self:pair: basis", t.basis), true
	end
end

function methods.pair(self, t)
	want_self(self, "pair")
	if type(t) ~= "table" then
		fail("self:pair wants a table: self:pair{ sell = %q, buy = %q, lots = 1 }", legs[1], legs[2] or "far")
	end
	if checked < CHECKED then
		check_fields(t)
	end
	local c = command(PAIR, "self:pair")
	local lots = t.lots
	if type(lots) ~= "number" then
		fail("self:pair: lots is a number of pair lots above zero; this is %s", tostring(lots))
	end
	if not (lots > 0 and lots <= 1e9) then
		fail("self:pair: lots = %g; it must be above zero and at most 1e9%s", lots, lots == 0 and ": test it before you propose" or "")
	end
	c.lots = lots
	c.intent = INTENT[t.intent or "open"] or fail("self:pair: intent is one of %s; this is %s", names_of(INTENT), tostring(t.intent))
	c.tif = TIF[t.tif or "IOC"] or fail("self:pair: tif is one of %s; this is %s", names_of(TIF), tostring(t.tif))
	local reason = t.reason or ""
	if type(reason) ~= "string" then
		fail("self:pair: reason is a text, not a %s", type(reason))
	end
	put_text(c, reason)
	c.n_legs = 0
	if t.sell == nil or t.buy == nil then
		fail("self:pair: %s is missing: a pair sells a leg and buys another, as in sell = %q, buy = %q",
			t.sell == nil and "sell" or "buy", legs[1], legs[2] or "far")
	end
	add_legs(c, t.sell, SELL)
	add_legs(c, t.buy, BUY)
	if t.limits ~= nil then
		add_limits(c, t.limits)
	end
	c.fair, c.has_fair = 0, false
	c.has_rescue = false
	if t.rescue ~= nil then
		declare.rescue(c, t.rescue)
	end
	if t.fair ~= nil then
		c.fair, c.has_fair = number_in("self:pair: fair", t.fair), true
	end
	if t.style ~= nil or t.align ~= nil or t.first ~= nil or t.basis ~= nil then
		add_plan(c, t)
	else
		c.style, c.align, c.first, c.has_basis, c.basis = 0, 0, ANY, false, 0
	end
	send()
end

function methods.cancel(self, pair)
	want_self(self, "cancel")
	local id = pair
	if ffi.istype("struct tandem_pair", pair) then
		id = pair.pair
	end
	if type(id) ~= "string" or not find(id, "^%d+$") or #id > 20 then
		fail("self:cancel wants the pair of an on_pair event, its p.pair, or the o.pair of an on_order event; this is %s", tostring(id))
	end
	local c = command(CANCEL, "self:cancel")
	local n = 0ULL
	for digit in id:gmatch("%d") do
		n = n * 10 + tonumber(digit)
	end
	c.pair = n
	send()
end

local function lots_at(self, what, side, net, bp)
	want_self(self, what)
	local n = type(net) == "number" and net == net and net or number_in("self:" .. what .. ": the basis", net)
	if side ~= "sell" and side ~= "buy" then
		fail("self:%s: the side is \"sell\" or \"buy\", of the first leg; this is %s", what, tostring(side))
	elseif M.shown == nil then
		fail("self:%s works inside on_basis only", what)
	end
	return tonumber(M.lots_at(M.shown, side == "sell" and SELL or BUY, n, bp))
end

function methods.lots_at(self, side, net)
	return lots_at(self, "lots_at", side, net, 0)
end

function methods.lots_at_bp(self, side, net_bp)
	return lots_at(self, "lots_at_bp", side, net_bp, 1)
end

local function said(what, text)
	if type(text) ~= "string" and type(text) ~= "number" then
		fail("%s wants a text, not a %s", what, type(text))
	end
	return tostring(text)
end

function methods.alert(self, text, severity)
	want_self(self, "alert")
	local level = SEVERITY[OLD_SEVERITY[severity] or severity or "warning"] or
		fail("self:alert: the severity is one of %s; this is %s", names_of(SEVERITY), tostring(severity))
	local c = command(ALERT, "self:alert")
	c.severity = level
	put_text(c, said("self:alert", text))
	send()
end

function methods.log(self, text)
	want_self(self, "log")
	local c = command(LOG, "self:log")
	put_text(c, said("self:log", text))
	send()
end

function methods.metric(self, name, value)
	want_self(self, "metric")
	if type(name) ~= "string" or not find(name, "^[%a_][%w_]*$") or #name >= TEXT then
		fail("self:metric: the name is letters, digits and _, at most %d; this is %s", TEXT - 1, tostring(name))
	end
	local c = command(METRIC, "self:metric")
	c.value = number_in("self:metric: the value of " .. name, value)
	put_text(c, name)
	send()
end

-- Written in the file: what the library gives would fail where no line of the script is.
local function is_own(f)
	return type(f) == "function" and jutil.funcinfo(f).source == host.chunk
end

function methods.every(self, seconds, what)
	want_self(self, "every")
	local c = command(TIMER, "self:every")
	if type(seconds) ~= "number" or not (seconds >= 0.001 and seconds <= 86400) then
		fail("self:every: the period is 0.001 to 86400 seconds; this is %s", tostring(seconds))
	end
	local call = what
	if type(what) == "string" then
		call = rawget(S, what)
	elseif what == nil then
		call = rawget(S, "on_timer")
	end
	if not is_own(call) then
		fail("self:every: %s; write self:every(%g, function(self) ... end), or the name of a function of the strategy",
			what == nil and "there is no on_timer" or tostring(what) .. " is no function of this file", seconds)
	end
	timers[#timers + 1] = { call = call, name = type(what) == "string" and what or #timers + 1 }
	c.value, c.pair = seconds, #timers - 1
	put_text(c, type(what) == "string" and what or "")
	send()
end

---------------------------------------------------------------- tandem.*

local function guard_field(self, key, value)
	if methods[key] ~= nil then
		fail("self.%s is the host's and read-only; choose another name", tostring(key))
	end
	local leg = type(key) == "string" and match(key, "^(.*)_value$")
	if leg and leg_index[leg] then
		if type(value) ~= "table" or getmetatable(value) ~= "conversion" then
			fail("%s is the value of a leg: write tandem.conv \"%s * 2\"", key, leg)
		elseif value.leg ~= leg_index[leg] then
			fail("%s is the value of the leg %q, and this conversion is of %q", key, leg, legs[value.leg + 1])
		end
	end
	rawset(self, key, value)
end

function tandem.strategy(spec)
	if S then
		fail("tandem.strategy stands twice: a file is one strategy")
	end
	host.here()
	legs, refs, leg_index = declare.shape(spec)
	M = view.define(legs, refs, methods)
	window.define(M)
	local d = M.declared
	d.version, d.n_legs, d.n_refs = spec.version, #legs, #refs
	for i, name in ipairs(legs) do
		copy(d.leg[i - 1], name)
	end
	for i, name in ipairs(refs) do
		copy(d.ref[i - 1], name)
	end
	declare.risk(d, spec.risk or {})
	define_params(declare.params(d, spec.params or {}))
	S = setmetatable({}, { __index = methods, __newindex = guard_field, __metatable = "strategy" })
	return S
end

function tandem.conv(text)
	if not S then
		fail("tandem.conv needs the names of the legs: it stands behind tandem.strategy")
	end
	if type(text) ~= "string" then
		fail("tandem.conv wants a text, as in tandem.conv \"%s * 31.1034768\"", legs[1])
	end
	local leg, k, power, note = host.conv(text, legs, refs)
	if not leg then
		error("tandem.conv: " .. k, 0)
	end
	return setmetatable({ leg = leg, k = k, power = power, note = note }, { __metatable = "conversion" })
end

function tandem.state(defaults)
	if state then
		fail("tandem.state stands twice: a strategy has one state")
	end
	if type(defaults) ~= "table" then
		fail("tandem.state wants a table: tandem.state { clips = 0 }")
	end
	local ok, what = host.savable(defaults)
	if not ok then
		error("tandem.state: " .. what, 0)
	end
	state = defaults
	return state
end

tandem.window, tandem.ema = window.window, window.ema

function tandem.now()
	return M and tonumber(M.now_ns) * 1e-9 or fail("tandem.now works inside a hook only")
end

function tandem.utc()
	return M and tonumber(M.utc_ns) * 1e-9 or fail("tandem.utc works inside a hook only")
end

-- Compiled code and interpreter call the same function here; for ^ they do not.
ffi.cdef "double pow(double, double);"
local pow = ffi.C.pow
function tandem.pow(x, y)
	return pow(x, y)
end

---------------------------------------------------------------- from a chunk to entries

local HOOKS = { on_start = 0, on_basis = 1, on_pair = 2, on_timer = 3, on_stop = 4, on_quote = 5, on_book = 6, on_order = 7, on_session = 8,
	on_gap = 9, on_param = 10 }
local OTHER = { on_load = true, on_save = true }

local function check_hooks()
	for key, value in next, S do
		if type(key) == "string" and find(key, "^on_") then
			if not HOOKS[key] and not OTHER[key] then
				fail("%s is no hook; there are %s, %s", key, names_of(HOOKS), names_of(OTHER))
			elseif type(value) ~= "function" then
				fail("%s is a function; this is a %s", key, type(value))
			elseif not is_own(value) then
				fail("%s is a function of the library; write function S:%s(...) ... end, and call it there", key, key)
			end
		end
	end
end

local function declare_conversions(d)
	for i, leg in ipairs(legs) do
		local conv = rawget(S, leg .. "_value")
		d.conv_k[i - 1] = conv and conv.k or 1
		d.conv_note[i - 1] = conv and conv.note or 0
		for r = 1, REFS do
			d.conv_power[i - 1][r - 1] = conv and conv.power[r] or 0
		end
	end
end

local function entry_of(name, view)
	local hook = rawget(S, name)
	hooks[HOOKS[name]] = hook
	return hook and function()
		if empty_tables then
			empty_tables()
		end
		hook(S, view)
	end
end

local function on_param_entry()
	local hook = rawget(S, "on_param")
	hooks[HOOKS.on_param] = hook
	return hook and function()
		if empty_tables then
			empty_tables()
		end
		hook(S, text_of(M.param_name), M.param_old, M.param_now)
	end
end

local function on_timer_entry()
	local timer = timers[M.timer + 1]
	if empty_tables then
		empty_tables()
	end
	if timer then
		hooks[HOOKS.on_timer] = timer.call
		timer.call(S, timer.name)
	end
end

-- Opcodes of function headers: a compiled function's is two above that of one that never ran.
local NEVER = bit.band(jutil.funcbc(function() end, 0), 0xff)
local function compiled(f)
	return bit.band(jutil.funcbc(f, 0), 0xff) == NEVER + 2
end

-- on: an entry for on_basis that C calls with plain numbers, written anew for the fields that were read so far; off: none.
local function plain_of(chunk)
	local switch
	return function(on)
		if not switch then
			switch, empty_tables = host.plain(ffi, host, jutil, bit, S, M, methods, view.basis_text, hooks[HOOKS.on_basis], chunk)
		end
		return switch(on)
	end
end

local function count_traces(what)
	if what == "stop" then
		M.traces = M.traces + 1
	elseif what == "abort" then
		M.trace_aborts = M.trace_aborts + 1
	elseif what == "flush" then
		M.trace_flushes = M.trace_flushes + 1
	end
end

function host.print(...)
	local parts = {}
	for i = 1, select("#", ...) do
		parts[i] = host.show((select(i, ...)))
	end
	local c = command(LOG, "print")
	put_text(c, concat(parts, " "))
	send()
end

math.randomseed(host.seed)
local env = sandbox(host, tandem)

return function(chunk)
	setfenv(chunk, env)
	local result = chunk()
	if not S then
		fail("the file declares no strategy: write local S = tandem.strategy { ... }, and return S at its end")
	elseif result ~= S then
		fail("the file must end in `return S`, S being what tandem.strategy gave; it returned %s", tostring(result))
	end
	check_hooks()
	declare_conversions(M.declared)
	local reset, restore = rewind(S, state, timers, M.declared.version, fail)
	if host.saved then
		restore(host.saved, host.saved_version)
	end
	local jit = require "jit"
	jit.attach(count_traces, "trace")
	jit.off(compiled) -- called now and then for years, it would become a trace of its own
	local save = rawget(S, "on_save")
	local basis = entry_of("on_basis", M.basis)
	inside = true
	window.run()
	return {
		[0] = entry_of("on_start"), basis, entry_of("on_pair", M.pair), on_timer_entry, entry_of("on_stop"),
		entry_of("on_quote", M.quote), entry_of("on_book", M.depth), entry_of("on_order", M.order), entry_of("on_session", M.session),
		entry_of("on_gap", M.gap), on_param_entry(),
		hooks = hooks, state = state, save = save and function()
			if empty_tables then
				empty_tables()
			end
			save(S)
		end,
		reset = reset,
		restore = restore,
		compiled = basis and compiled,
		plain = basis and plain_of(chunk),
	}
end
