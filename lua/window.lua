-- window - tandem.window and tandem.ema: what a strategy writes, checked, and handed to window.c, which does the work and keeps the samples.
--
-- Called once per VM with the host's functions and the checks of declare.lua. Windows are made while a file loads; their figures are asked for inside hooks, by
-- compiled code as well, and nothing of it allocates.
local host, declare = ...

local ffi = require "ffi"
local type = type
local floor = math.floor
local fail, tostring, known, time_in, number_in = declare.fail, declare.text, declare.known, declare.time_in, declare.number_in

local PUSH, COUNT, FILL, LAST, MEAN, DEV, LEAST, GREATEST, QUANTILE, Z, CLEAR = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
local ROLLING, EMA = 0, 1
local SAMPLES = 256             -- of a window by time

local M                         -- the mailbox
local running = false           -- the file has loaded

local function ask(w, struct, what, x, name)
	if not ffi.istype(struct, w) then
		fail("%s: call it with a colon, as in w:%s()", name, name)
	elseif not running then
		fail("w:%s works inside a hook only, not while the file loads", name)
	end
	return M.window(M.instance, w.number, what, x)
end

local function figure(struct, what, name)
	return function(w)
		return ask(w, struct, what, 0, name)
	end
end

local function push(w, struct, x)
	if not ffi.istype(struct, w) then
		fail("push: call it with a colon, as in w:push(x)")
	elseif type(x) ~= "number" or ask(w, struct, PUSH, x, "push") ~= 1 then
		fail("w:push wants a number between -1e100 and 1e100; this is %s", tostring(x))
	end
end

local function z(struct)
	return function(w, x)
		return ask(w, struct, Z, type(x) == "number" and x == x and x or number_in("w:z", x), "z")
	end
end

local function methods_of(struct)
	return {
		count = figure(struct, COUNT, "count"), fill = figure(struct, FILL, "fill"), last = figure(struct, LAST, "last"),
		mean = figure(struct, MEAN, "mean"), dev = figure(struct, DEV, "dev"), z = z(struct),
		clear = function(w) ask(w, struct, CLEAR, 0, "clear") end,
	}
end

local function describe(struct, what, methods)
	ffi.metatype(struct, {
		__index = function(_, key)
			return methods[key] or fail("%s has no %q; it has: %s", what, tostring(key), declare.names_of(methods))
		end,
		__newindex = function(_, key)
			fail("%s is read-only; %q cannot be set", what, tostring(key))
		end,
	})
end

local function define(mailbox)
	M = mailbox
	local rolling, ema = methods_of("struct tandem_window"), methods_of("struct tandem_ema")
	function rolling.push(w, x)
		push(w, "struct tandem_window", x)
	end
	rolling.min, rolling.max = figure("struct tandem_window", LEAST, "min"), figure("struct tandem_window", GREATEST, "max")
	function rolling.quantile(w, p)
		if type(p) ~= "number" or not (p >= 0 and p <= 1) then
			fail("w:quantile wants a part between 0 and 1, as in w:quantile(0.95); this is %s", tostring(p))
		end
		return ask(w, "struct tandem_window", QUANTILE, p, "quantile")
	end
	function ema.push(w, x)
		push(w, "struct tandem_ema", x)
		return ask(w, "struct tandem_ema", MEAN, 0, "mean")
	end
	describe("struct tandem_window", "a window", rolling)
	describe("struct tandem_ema", "an ema", ema)
end

---------------------------------------------------------------- made

local FIELDS = {
	window = { name = true, count = true, span = true, samples = true },
	ema = { name = true, count = true, half_life = true },
}

local function whole(what, value)
	if type(value) ~= "number" or value ~= floor(value) or value < 1 or value > 1e9 then
		fail("%s is a whole number from 1; this is %s", what, tostring(value))
	end
	return value
end

local function make(what, kind, time, spec)
	local name = "tandem." .. what
	if not M then
		fail("%s stands behind tandem.strategy", name)
	elseif running then
		fail("%s works while the file loads only: keep it in a local of the file", name)
	elseif type(spec) ~= "table" then
		fail("%s wants a table: %s { name = \"spread\", count = 500 }", name, name)
	end
	known(name, spec, FIELDS[what])
	declare.field_name(name .. ": name", spec.name, 31)
	if (spec.count == nil) == (spec[time] == nil) then
		fail("%s { name = %q }: say either count = 500 or %s = \"10m\"", name, spec.name, time)
	end
	local n = spec.count and whole(name .. ": count", spec.count) or 0
	local span = spec[time] and time_in(name .. ": " .. time, spec[time]) * 1e-9 or 0
	if kind == ROLLING and span > 0 then
		n = spec.samples and whole(name .. ": samples", spec.samples) or SAMPLES
	elseif spec.samples then
		fail("%s { name = %q }: samples goes with span; by count they are count", name, spec.name)
	end
	local number, wrong = host.window(spec.name, kind, n, span)
	if not number then
		fail("%s { name = %q }: %s", name, spec.name, wrong)
	end
	return ffi.new(kind == EMA and "struct tandem_ema" or "struct tandem_window", number)
end

return {
	define = define,
	run = function() running = true end,
	window = function(spec) return make("window", ROLLING, "span", spec) end,
	ema = function(spec) return make("ema", EMA, "half_life", spec) end,
}
