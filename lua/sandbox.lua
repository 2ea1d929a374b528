-- sandbox: the names that a strategy sees, and no others. Called once per VM with the host's functions and the
-- table that `require "tandem"` gives; returns the environment.
--
-- What is left out would escape (ffi, debug, io, os, load), could not be stopped (string functions without a bound,
-- xpcall with a handler of its own, finalizers) or would make a re-run differ (pairs in memory order, addresses in
-- texts, weak tables). Long work is done here in Lua where it can be, because Lua can be stopped.
local host, tandem = ...

local error, getmetatable, ipairs, next, pcall, rawget, select, setmetatable, tostring, type, unpack =
	error, getmetatable, ipairs, next, pcall, rawget, select, setmetatable, tostring, type, unpack
local floor = math.floor
local raw_pcall = pcall
local raw_type, raw_rawget = type, rawget
local raw_concat, raw_insert, raw_remove, raw_resume = table.concat, table.insert, table.remove, coroutine.resume
local raw_format, raw_gsub, raw_find, raw_rep, sub = string.format, string.gsub, string.find, string.rep, string.sub

local REP_MAX, SHIFT_MAX, CONCAT_MAX, BYTES_MAX, NESTED_MAX, CAUGHT_MAX = 65536, 10000, 20000, 1048576, 100, 100

local function fail(...)
	error(raw_format(...), 0)
end

-- A view is no table to a script, even where it is one (plain.lua).
local function type(value)
	local kind = raw_type(value)
	if kind == "table" and getmetatable(value) == "ffi" then
		return "cdata"
	end
	return kind
end

local function rawget(t, key)
	if type(t) ~= "table" then
		fail("rawget wants a table, not a %s", type(t))
	end
	return raw_rawget(t, key)
end

-- A table whose fields can be read only. The real one stays ours.
local function locked(name, fields)
	return setmetatable({}, {
		__index = fields,
		__newindex = function(_, key)
			fail("%s.%s cannot be set: the library is read-only; use a local of your own", name, tostring(key))
		end,
		__metatable = "locked",
	})
end

-- Texts never hold an address: it differs from run to run.
local function show(value)
	local kind = type(value)
	if kind == "table" then
		local meta = getmetatable(value)
		if type(meta) == "table" and rawget(meta, "__tostring") then
			return tostring(value)
		end
		return "table"
	elseif kind == "function" or kind == "thread" or kind == "userdata" then
		return kind
	elseif kind == "cdata" then
		local digits = raw_find(tostring(value), "^%-?%d+U?LL$")
		return digits and tostring(value) or "view"
	end
	return tostring(value)
end

-- Order of keys: numbers, then strings, then booleans, each rising. Other keys have an address and no order.
local RANK = { number = 1, string = 2, boolean = 3 }

local function rank(key)
	return RANK[type(key)] or fail("a table with a key of type %s has no order that a re-run could repeat; use numbers or strings as keys", type(key))
end

local function before(a, b)
	local kind, other = type(a), type(b)
	if kind ~= other then
		return rank(a) < rank(b)
	elseif kind == "boolean" then
		return b and not a
	end
	return a < b
end

-- Heap sort in Lua: it can be stopped, and a comparison that contradicts itself ends it all the same.
local function sift(list, root, last, less)
	local value = list[root]
	while root * 2 <= last do
		local child = root * 2
		if child < last and less(list[child], list[child + 1]) then
			child = child + 1
		end
		if not less(value, list[child]) then
			break
		end
		list[root] = list[child]
		root = child
	end
	list[root] = value
end

local function plain_less(a, b)
	return a < b
end

local function sort(list, less)
	less = less or plain_less
	local n = #list
	for root = floor(n / 2), 1, -1 do
		sift(list, root, n, less)
	end
	for last = n, 2, -1 do
		list[1], list[last] = list[last], list[1]
		sift(list, 1, last - 1, less)
	end
end

-- What the host keeps in a strategy's own table for a while (plain.lua).
local function hidden(t, key)
	return t == host.own and host.hidden[key] ~= nil
end

local function ordered_pairs(t)
	if type(t) ~= "table" then
		fail("pairs wants a table, not a %s", type(t) == "cdata" and "view of the host: write the names of its fields" or type(t))
	end
	local keys, n = {}, 0
	for key in next, t do
		rank(key)
		if not hidden(t, key) then
			n = n + 1
			keys[n] = key
		end
	end
	sort(keys, before)
	local i = 0
	return function()
		while i < n do
			i = i + 1
			local key = keys[i]
			local value = t[key]
			if value ~= nil then
				return key, value
			end
		end
	end, t, nil
end

local function ordered_next(t, after)
	if type(t) ~= "table" then
		fail("next wants a table, not a %s", type(t))
	end
	local best
	for key in next, t do
		rank(key)
		if not hidden(t, key) and (after == nil or before(after, key)) and (best == nil or before(key, best)) then
			best = key
		end
	end
	if best ~= nil then
		return best, t[best]
	end
end

local function text(value, who)
	if type(value) == "number" then
		return tostring(value)
	end
	return type(value) == "string" and value or fail("%s wants a text, not a %s", who, type(value))
end

local function rep(s, n)
	s = text(s, "string.rep")
	if type(n) ~= "number" or n ~= n then
		fail("string.rep wants how many times")
	end
	if #s * n > REP_MAX then
		fail("string.rep would make more than %d bytes", REP_MAX)
	end
	return raw_rep(s, n)
end

local function format(form, ...)
	local plain = raw_gsub(text(form, "string.format"), "%%%%", "")
	if raw_find(plain, "%p", 1, true) then
		fail("string.format: %%p is an address, which differs from run to run")
	end
	local n, values = select("#", ...), { ... }
	for i = 1, n do
		local kind = type(values[i])
		if kind ~= "number" and kind ~= "string" then
			values[i] = show(values[i])
		end
	end
	return raw_format(form, unpack(values, 1, n))
end

local function replacement(with, whole, ...)
	local value
	if type(with) == "table" then
		value = with[select("#", ...) > 0 and (...) or whole]
	elseif select("#", ...) > 0 then
		value = with(...)
	else
		value = with(whole)
	end
	local kind = type(value)
	if not value then
		return whole
	elseif kind ~= "string" and kind ~= "number" then
		fail("string.gsub: invalid replacement value (a %s)", kind)
	end
	return value
end

-- What find returned: where, and the captures. Returns the replacement and where it was.
local function replace(s, with, from, to, ...)
	if from then
		return replacement(with, sub(s, from, to), ...), from, to
	end
end

-- With a function or a table in Lua: recursion through C frames would end the process, not the script.
local function gsub(s, pattern, with, most)
	if type(with) ~= "function" and type(with) ~= "table" then
		return host.gsub(s, pattern, with, most)
	end
	s, pattern = text(s, "string.gsub"), text(pattern, "string.gsub")
	local out, n, at, count = {}, 0, 1, 0
	while at <= #s + 1 and count < (most or math.huge) do
		local value, from, to = replace(s, with, host.find(s, pattern, at))
		if not from then
			break
		end
		out[n + 1], out[n + 2] = sub(s, at, from - 1), value
		n, count, at = n + 2, count + 1, to + 1
		if to < from then -- an empty match: one byte on
			n = n + 1
			out[n] = sub(s, from, from)
			at = from + 1
		end
		if sub(pattern, 1, 1) == "^" then
			break
		end
	end
	out[n + 1] = sub(s, at)
	return raw_concat(out), count
end

local function short(t, who, most)
	if type(t) ~= "table" then
		fail("%s wants a table, not a %s", who, type(t))
	end
	if #t > most then
		fail("%s: the list has more than %d entries", who, most)
	end
	return t
end

-- In the middle the library moves entries down to any position that it is told, be it the least of all numbers, and cannot be stopped at it.
local function insert(t, ...)
	local n = select("#", ...)
	if n ~= 2 then
		return raw_insert(t, ...)
	end
	local at, value = ...
	local last = #short(t, "table.insert in the middle", SHIFT_MAX) + 1
	if type(at) ~= "number" or at ~= floor(at) or not (at >= 1 and at <= last) then
		fail("table.insert: the position is a whole number, 1 to %d; this is %s", last, show(at))
	end
	for i = last, at + 1, -1 do
		t[i] = t[i - 1]
	end
	t[at] = value
end

local function remove(t, ...)
	if select("#", ...) > 0 then
		short(t, "table.remove in the middle", SHIFT_MAX)
	end
	return raw_remove(t, ...)
end

local function concat(t, between, ...)
	local bytes, each = 0, between and #text(between, "table.concat") or 0
	for i = 1, #short(t, "table.concat", CONCAT_MAX) do
		bytes = bytes + each + (type(t[i]) == "string" and #t[i] or 24)
	end
	if bytes > BYTES_MAX then
		fail("table.concat would make more than %d bytes", BYTES_MAX)
	end
	return raw_concat(t, between, ...)
end

-- A call that is stopped is stopped once for each pcall that it stands in, and each takes microseconds.
local caught = 0

local function left(depth, ...)
	caught = depth
	return ...
end

local function pcall(...)
	local depth = caught
	if depth >= CAUGHT_MAX then
		fail("pcall is nested deeper than %d", CAUGHT_MAX)
	end
	caught = depth + 1
	return left(depth, raw_pcall(...))
end

-- The handler runs after the call has ended: one that loops inside an error cannot be stopped. It counts as inside all the same, or
-- one that calls itself would double what is to be done at each level.
local function safe_xpcall(f, handler, ...)
	local results = { pcall(f, ...) }
	if results[1] then
		return unpack(results, 1, 32)
	end
	local depth = caught
	caught = depth + 1
	return false, left(depth, handler(results[2]))
end

-- Each coroutine inside another takes a frame of the C stack, which has an end.
local nested = 0

local function back(depth, ...)
	nested, caught = nested - 1, depth
	return ...
end

local function resume(co, ...)
	if type(co) ~= "thread" then
		fail("coroutine.resume wants a coroutine, not a %s", type(co))
	elseif nested >= NESTED_MAX then
		fail("coroutines are nested deeper than %d", NESTED_MAX)
	end
	nested = nested + 1
	return back(caught, raw_resume(co, ...))
end

local function unwrap(ok, ...)
	if not ok then
		error((...), 0)
	end
	return ...
end

local function wrap(f)
	local co = coroutine.create(f)
	return function(...)
		return unwrap(resume(co, ...))
	end
end

local function safe_setmetatable(t, meta)
	if type(t) ~= "table" then
		fail("setmetatable wants a table, not a %s", type(t))
	end
	if type(meta) == "table" and rawget(meta, "__mode") ~= nil then
		fail("weak tables depend on when the collector runs, which a re-run cannot repeat; remove __mode")
	end
	return setmetatable(t, meta)
end

local function require(name)
	if name ~= "tandem" then
		fail("require %q: a strategy is one file, and knows \"tandem\" only", show(name))
	end
	return tandem
end

local function pick(from, names)
	local out = {}
	for _, name in ipairs(names) do
		out[name] = from[name]
	end
	return out
end

local strings = pick(string, { "byte", "char", "len", "lower", "upper", "reverse", "sub" })
strings.find, strings.match, strings.gmatch, strings.gsub = host.find, host.match, host.gmatch, gsub
strings.rep, strings.format = rep, format

local maths = pick(math, { "abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor",
	"fmod", "frexp", "huge", "ldexp", "log", "log10", "max", "min", "modf", "pi", "rad", "random", "sin", "sinh",
	"sqrt", "tan", "tanh" })
maths.pow = tandem.pow

local env = pick(_G, { "assert", "error", "getmetatable", "ipairs", "rawequal", "select", "tonumber", "unpack" })
env.type, env.rawget, env.pcall = type, rawget, pcall
env.next, env.pairs, env.tostring = ordered_next, ordered_pairs, show
env.setmetatable, env.xpcall, env.require = safe_setmetatable, safe_xpcall, require
host.show = show
env.print = host.print
env.bit = locked("bit", pick(bit, { "arshift", "band", "bnot", "bor", "bswap", "bxor", "lshift", "rol", "ror",
	"rshift", "tobit", "tohex" }))
local coroutines = pick(coroutine, { "create", "running", "status", "yield" })
coroutines.resume, coroutines.wrap = resume, wrap
env.coroutine = locked("coroutine", coroutines)
env.math = locked("math", maths)
env.string = locked("string", strings)
env.table = locked("table", { concat = concat, insert = insert, remove = remove, sort = sort })

-- ("x"):rep(n) goes through the strings' own metatable.
local meta = getmetatable("")
meta.__index, meta.__metatable = strings, "locked"

-- What people look for and what there is instead.
local INSTEAD = {
	io = "a strategy reads and writes no files; what must survive goes into tandem.state",
	os = "the time is tandem.now() and tandem.utc(), in seconds",
	load = "code is not made at run time", loadstring = "code is not made at run time",
	dofile = "a strategy is one file", loadfile = "a strategy is one file", package = "a strategy is one file",
	debug = "use print or self:log", ffi = "use plain numbers and tables", jit = "the host watches the compiler",
	collectgarbage = "the host collects between calls", newproxy = "use a table",
	rawset = "assign to the table", getfenv = "use locals", setfenv = "use locals", _G = "use locals",
}

setmetatable(env, {
	__index = function(_, name)
		local instead = INSTEAD[name]
		fail("there is no %s here%s", show(name), instead and ": " .. instead or "; a name of your own begins with `local`")
	end,
})

return setmetatable({}, {
	__index = env,
	__newindex = function(_, name)
		if type(name) == "string" and raw_find(name, "^on_") then
			fail("%s is not declared: a hook is a function of the strategy, function S:%s(...)", name, name)
		end
		fail("%s is not declared: write `local %s` (strategies have no globals)", show(name), show(name))
	end,
	__metatable = "locked",
})
