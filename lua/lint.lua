-- lint: reads what the compiler has made of a strategy, and what became of its traces, to say what will not do before it trades.
--
-- Called once in the VM of a strategy that was just loaded, with what C knows of it; returns two functions: the findings in its bytecode, and those of the
-- traces since. It follows each hook from its first instruction to its last, and into the functions of the file that it calls, and
-- keeps what is known of each register: a view, a table of the file, a price. Where branches meet, what they disagree on is forgotten.
local it = ...                  -- chunk, abi, legs, refs, params, hooks, S, state

local jutil, vmdef, bit = require "jit.util", require "jit.vmdef", require "bit"
local funcinfo, funcbc, funck = jutil.funcinfo, jutil.funcbc, jutil.funck
local getupvalue, getmetatable, getinfo = debug.getupvalue, debug.getmetatable, debug.getinfo
local band, rshift = bit.band, bit.rshift
local form, find, match, gmatch, gsub, sub = string.format, string.find, string.match, string.gmatch, string.gsub, string.sub

local findings, seen = {}, {}

local function say(line, severity, code, ...)
	local text = form(...)
	local key = line .. code .. text
	if not seen[key] then
		seen[key] = true
		findings[#findings + 1] = { line = line, severity = severity, code = code, text = text }
	end
end

---------------------------------------------------------------- what a view has, from the text that C and Lua share

local function names_in(body)
	local fields = {}
	local names = { leg = it.legs, ref = it.refs }
	for declared in gmatch(gsub(body, "[{}]", ""), "[^;]+") do
		local type_name, list = match(declared, "^%s*const%s+(struct%s+[%w_]+)%s+(.*)$")
		if not type_name then
			type_name, list = match(declared, "^%s*const%s+([%w_]+)%s+(.*)$")
		end
		for name in gmatch(list or "", "[%w_]+") do
			local missing
			name = gsub(name, "(%l%l%l)(%d)", function(kind, i)
				local named = names[kind]
				missing = missing or named and not named[i + 1]
				return named and named[i + 1]
			end)
			if not missing then
				fields[name] = match(type_name, "struct%s+([%w_]+)") or type_name == "double" and "number" or "text"
			end
		end
	end
	return fields
end

local structs = {}
for name, body in gmatch(gsub(it.abi, "/%*.-%*/", ""), "struct ([%w_]+) (%b{})") do
	structs[name] = names_in(body)
end

-- A view, and what it has besides the members of its struct; nil where there is no such struct.
local function view(struct, name, more)
	local fields = structs[struct]
	for i = 1, fields and #more or 0 do
		fields[more[i]] = "text"
	end
	return fields and { view = fields, name = name }
end

-- What the second argument of a hook is; that of one which is not here is anything.
local SHOWN = {
	on_basis = view("tandem_basis", "b", { "gate", "gate_who" }),
	on_pair = view("tandem_pair", "p", { "event", "intent", "reason", "pair" }),
	on_quote = view("tandem_quote", "q", { "leg", "state", "session" }),
	on_book = view("tandem_book", "k", { "leg", "bid", "ask", "bid_qty", "ask_qty" }),
	on_order = view("tandem_order", "o", { "leg", "state", "side", "reason", "order", "pair" }),
	on_session = view("tandem_session", "s", { "leg", "state", "from" }),
	on_gap = view("tandem_gap", "g", { "leg", "state", "from", "why" }),
}
local HOT = { on_basis = true, on_quote = true, on_book = true }
local SELF = { self = true, name = "self" }
local params = {}
for _, name in ipairs(it.params) do
	params[name] = "number"
end
local methods = getmetatable(it.S) and getmetatable(it.S).__index
methods = type(methods) == "table" and methods or {}
local env = getmetatable(it.env) and getmetatable(it.env).__index or it.env

local COUNTS = { lots = true, in_flight = true, net = true }

-- Of many names those that begin alike.
local function alike(key, fields)
	local all, near = {}, {}
	for name in pairs(fields) do
		all[#all + 1] = name
		if sub(name, 1, 4) == sub(key, 1, 4) then
			near[#near + 1] = name
		end
	end
	local shown = #all <= 12 and all or near
	table.sort(shown)
	if #shown == 0 then
		return ""
	end
	return (shown == all and "; it has " or "; there are ") .. table.concat(shown, ", ", 1, math.min(#shown, 12))
end

local function field_of(kind, key, line)
	local what = kind.view[key]
	if not what then
		say(line, "error", "field", "%s has no field %s%s", kind.name, key, alike(key, kind.view))
	elseif what == "number" then
		return not kind.exact and not COUNTS[key] and not find(key, "_lots$") and { price = true, name = kind.name .. "." .. key } or nil
	elseif structs[what] then
		return { view = structs[what], name = kind.name .. "." .. key }
	end
end

local function field_of_self(key, line)
	if key == "params" then
		return { view = params, name = "self.params", exact = true }
	elseif key == "pos" then
		return { view = structs.tandem_pos, name = "self.pos" }
	end
	local own = rawget(it.S, key)
	if type(own) == "function" then
		return { call = own }
	elseif own == nil and methods[key] == nil and not it.writes[key] then
		local shown = SHOWN.on_basis and SHOWN.on_basis.view[key] or SHOWN.on_pair and SHOWN.on_pair.view[key]
		say(line, "error", "field", "self has no field %s: it is nothing that the file sets%s", tostring(key),
			shown and "; a hook is written with a colon, as in function S:on_basis(b)" or "")
	end
end

---------------------------------------------------------------- instructions

local function op_name(op)
	return match(sub(vmdef.bcnames, op * 6 + 1, op * 6 + 6), "^%S+")
end

-- The names of the instructions of a function, with their operands, by place.
local function decode(f)
	local list = {}
	for pc = 1, funcinfo(f).bytecodes - 1 do
		local ins, mode = funcbc(f, pc)
		list[pc] = { op = op_name(band(ins, 0xff)), a = band(rshift(ins, 8), 0xff), b = rshift(ins, 24),
			c = band(rshift(ins, 16), 0xff), d = rshift(ins, 16), dst = band(mode, 7) == 1, base = band(mode, 7) == 2 }
	end
	return list
end

local function line_at(f, pc)
	return funcinfo(f, pc).currentline
end

-- By target of a jump: the earliest place that it comes from; and of loops, the last.
local function joins_of(list)
	local from, back = {}, {}
	for pc, i in ipairs(list) do
		if i.op == "JMP" or find(i.op, "^[IJ]?FOR") or find(i.op, "^ITER[LN]") or i.op == "UCLO" or i.op == "ISNEXT" then
			local to = pc + 1 + i.d - 0x8000
			if to > pc then
				from[to] = math.min(from[to] or pc, pc)
			else
				back[to] = math.max(back[to] or pc, pc)
			end
		end
	end
	return from, back
end

-- What is put together for one of these calls is made only when something happens.
local RARE = { pair = true, alert = true, log = true, cancel = true, error = true, assert = true }

local function rare_spans(f, list)
	local rare = {}
	for pc, i in ipairs(list) do
		local key = i.op == "TGETS" and funck(f, -i.c - 1) or i.op == "GGET" and funck(f, -i.d - 1)
		if key and RARE[key] then
			for to = pc + 1, #list do
				if find(list[to].op, "^CALL") and list[to].a == i.a then
					for k = pc, to do
						rare[k] = true
					end
					break
				end
			end
		end
	end
	return rare
end

---------------------------------------------------------------- one function

local queue, done = {}, {}

local function signature(kinds)
	local words = {}
	for i = 1, 8 do
		words[i] = kinds[i] and kinds[i].name or "-"
	end
	return table.concat(words, ",")
end

local function follow(f, kinds, hot)
	local info = type(f) == "function" and funcinfo(f)
	if not info or info.source ~= it.chunk then
		return
	end
	local key = tostring(f) .. signature(kinds) .. tostring(hot)
	if not done[key] then
		done[key] = true
		queue[#queue + 1] = { f = f, kinds = kinds, hot = hot }
	end
end

local function upvalue_kind(f, i)
	local name, value = getupvalue(f, i + 1)
	if value == it.S then
		return SELF
	elseif value == it.state then
		return nil
	elseif type(value) == "function" then
		return { call = value }
	elseif type(value) == "table" and not getmetatable(value) then
		return { scratch = true, name = name }
	end
end

local ALLOCATES = {
	FNEW = "a function is made here at every call, and the compiler gives up on that: make it once, outside",
	CAT = "a text is put together here at every call; keep that for what is proposed or logged",
	TNEW = "a table is made here at every call: make it once, outside, or use locals",
	TDUP = "a table is made here at every call: make it once, outside, or use locals",
}
local LISTS = { pairs = true, next = true }

local GET, SET, CALL = {}, {}, {}

function GET.UGET(x, i) return upvalue_kind(x.f, i.d) end
function GET.MOV(x, i) return x.reg[i.d] end

function GET.GGET(x, i, line)
	local name = funck(x.f, -i.d - 1)
	local value = rawget(env, name)
	if value == nil then
		say(line, "error", "global", "there is no %s here; a name of your own begins with local", name)
	elseif x.hot and LISTS[name] and not x.rare then
		say(line, "warning", "allocation", "%s sorts the keys in a new list at every call; walk a list with for i = 1, #list", name)
	end
	local fields = type(value) == "table" and getmetatable(value) and getmetatable(value).__index
	return type(fields) == "table" and { library = fields, name = name } or nil
end

function GET.TGETS(x, i, line)
	local kind, key = x.reg[i.b], funck(x.f, -i.c - 1)
	if not kind then
		return nil
	elseif kind.self then
		return field_of_self(key, line)
	elseif kind.view then
		return field_of(kind, key, line)
	elseif kind.library and rawget(kind.library, key) == nil then
		say(line, "error", "field", "%s has no %s here", kind.name, key)
	elseif kind.scratch then
		return kind
	end
end

function GET.TGETV(x, i) return x.reg[i.b] and x.reg[i.b].scratch and x.reg[i.b] end
GET.TGETB = GET.TGETV

for _, op in ipairs { "ADDVV", "SUBVV", "MULVV", "DIVVV", "ADDVN", "SUBVN", "MULVN", "DIVVN" } do
	GET[op] = function(x, i)
		local kind = x.reg[i.b] or sub(op, 5) == "V" and x.reg[i.c]
		return kind and kind.price and (kind.made and kind or { price = true, made = true, name = "what is made of " .. kind.name }) or nil
	end
end

local function forgotten(line, what)
	say(line, "warning", "scratch", "%s is forgotten at a reload and a restart; what must last goes into tandem.state", what)
end

local function set_upvalue(x, i, line)
	local name = getupvalue(x.f, i.a + 1)
	if name then
		forgotten(line, "the local " .. name .. " of the file")
	end
end
SET.USETV, SET.USETS, SET.USETN, SET.USETP = set_upvalue, set_upvalue, set_upvalue, set_upvalue

local function set_field(x, i, line)
	local kind = x.reg[i.b]
	if not kind then
		return
	elseif kind.self then
		local key = i.op == "TSETS" and funck(x.f, -i.c - 1) or "this"
		if methods[key] ~= nil then
			say(line, "error", "readonly", "self.%s is the host's, and read-only", key)
		else
			forgotten(line, "self." .. tostring(key))
		end
	elseif kind.view then
		say(line, "error", "readonly", "%s is read-only", kind.name)
	elseif kind.scratch then
		forgotten(line, "what is put into " .. kind.name)
	end
end
SET.TSETS, SET.TSETV, SET.TSETB = set_field, set_field, set_field

local function equal(x, i, line)
	local a, d = x.reg[i.a], (i.op == "ISEQV" or i.op == "ISNEV") and x.reg[i.d]
	local kind = a and a.price and a or d and d.price and d
	if kind and not (find(i.op, "N$") and funck(x.f, i.d) == 0) then
		say(line, "warning", "equality", "%s is a price in binary floating point: compare with >= or <=, or math.abs(x - y) < something", kind.name)
	end
end
SET.ISEQV, SET.ISNEV, SET.ISEQN, SET.ISNEN = equal, equal, equal, equal

local function call(x, i)
	local kind = x.reg[i.a]
	if kind and kind.call then
		local n = (i.op == "CALLT" and i.d or i.c) - 1
		local kinds = {}
		for k = 1, math.min(n, 8) do
			local arg = x.reg[i.a + 1 + k]
			kinds[k] = arg and (arg.view or arg.self) and arg or nil
		end
		follow(kind.call, kinds, x.hot)
	end
end
CALL.CALL, CALL.CALLT, CALL.CALLM, CALL.CALLMT = call, call, call, call

local function forget(x, from, list, to)
	for r, pc in pairs(x.set_at) do
		if pc > from then
			x.reg[r], x.set_at[r] = nil, nil
		end
	end
	for pc = from, to or 0 do
		if list[pc].dst then
			x.reg[list[pc].a] = nil
		end
	end
end

local function step(x, pc, i, line)
	local get, set = GET[i.op], SET[i.op]
	local kind = get and get(x, i, line)
	if set then
		set(x, i, line)
	end
	if CALL[i.op] then
		call(x, i)
	end
	if x.hot and not x.rare and ALLOCATES[i.op] then
		say(line, "warning", "allocation", "%s", ALLOCATES[i.op])
	end
	if i.dst then
		x.reg[i.a], x.set_at[i.a] = kind, pc
	elseif i.base and i.op ~= "TSETM" then
		for r in pairs(x.reg) do
			if r >= i.a then
				x.reg[r], x.set_at[r] = nil, nil
			end
		end
	end
end

local function read_function(one)
	local f, list = one.f, decode(one.f)
	local x = { f = f, reg = {}, set_at = {}, hot = one.hot }
	for k, kind in pairs(one.kinds) do
		x.reg[k - 1] = kind
	end
	local from, back = joins_of(list)
	local rare = rare_spans(f, list)
	for pc, i in ipairs(list) do
		if from[pc] then
			forget(x, from[pc])
		end
		if back[pc] then
			forget(x, pc, list, back[pc])
		end
		x.rare = rare[pc]
		step(x, pc, i, line_at(f, pc))
	end
end

-- Fields that some function of the file sets on self: they are its own.
local function own_fields(f, into)
	if funcinfo(f).source ~= it.chunk then
		return
	end
	for _, i in ipairs(decode(f)) do
		if i.op == "TSETS" and i.b == 0 then
			into[funck(f, -i.c - 1)] = true
		end
	end
end

local function read_all()
	it.writes = {}
	local hooks = {}
	for name, f in next, it.S do
		if type(f) == "function" then
			hooks[#hooks + 1] = name
			own_fields(f, it.writes)
		end
	end
	table.sort(hooks, function(a, b) return tostring(a) < tostring(b) end)
	if not find(table.concat(hooks, " "), "on_", 1, true) then
		say(1, "warning", "hooks", "it has no hooks, and so does nothing")
	end
	for _, name in ipairs(hooks) do
		local kinds = name == "on_load" and {} or { SELF, SHOWN[name] }
		follow(it.S[name], kinds, HOT[name])
	end
	while #queue > 0 do
		read_function(table.remove(queue))
	end
	return findings
end

---------------------------------------------------------------- traces

local aborts = {}

local function reason(err, info)
	if type(err) ~= "number" then
		return tostring(err)
	end
	if type(info) == "function" then
		local fi = funcinfo(info)
		info = fi.ffid and vmdef.ffnames[fi.ffid] or fi.loc or "a function of C"
	elseif find(vmdef.traceerr[err] or "", "bytecode") and type(info) == "number" then
		return "NYI: the instruction " .. tostring(op_name(info))
	end
	return form(vmdef.traceerr[err] or "reason " .. err, info)
end

-- The line of the script that was at work, also where a function of ours was being compiled.
local function place(f, pc)
	local fi = f and funcinfo(f, pc)
	if fi and fi.source == it.chunk then
		return fi.currentline
	end
	for level = 2, 40 do
		local info = getinfo(level, "Sl")
		if not info then
			return 0
		elseif info.source == it.chunk then
			return info.currentline
		end
	end
	return 0
end

require("jit").attach(function(what, _, f, pc, err, info)
	if what == "abort" then
		local why, line = reason(err, info), place(f, pc)
		local key = line .. why
		aborts[key] = aborts[key] or { line = line, why = why, n = 0 }
		aborts[key].n = aborts[key].n + 1
	end
end, "trace")

-- Aborts are a part of how traces are found; what is not implemented, or was given up, stays slow.
local function read_traces(compiled)
	findings = {}
	local last
	for _, a in pairs(aborts) do
		-- A trace that begins in a hook other than on_basis ends where the hook returns to C, and that is no harm.
		local ends = find(a.why, "return to lower frame", 1, true)
		if a.line > 0 and not ends and (find(a.why, "^NYI") or find(a.why, "blacklisted")) then
			say(a.line, "warning", "trace", "not compiled from here on (%s): this way through the hook takes 20 to 50 times as long", a.why)
		elseif a.line > 0 and (not last or a.n > last.n) then
			last = a
		end
	end
	if not compiled and #findings == 0 and last then
		say(last.line, "warning", "trace", "on_basis is not compiled; the compiler gave up here %d times (%s)", last.n, last.why)
	end
	return findings
end

return read_all, read_traces
