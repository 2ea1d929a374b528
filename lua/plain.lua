-- plain: another way of calling on_basis, for a hook that the compiler has given up or may not compile.
--
-- The interpreter takes hundreds of nanoseconds to read a field of a struct, and a few to read one of a table. So C hands
-- over the few numbers that the hook has been seen to read, and the hook is shown tables with the names of the views. A
-- table holds numbers only during the call that filled it; a field that it does not hold is read from the view itself, and
-- noted for the calls to come. So whatever a script reads, and whatever it keeps, it reads as through the views. Called
-- once per VM, when it is first needed; returns what writes an entry for the fields noted so far, and what empties the tables.
local ffi, host, jutil, bit, S, M, methods, texts, hook, chunk = ...

local error, ipairs, loadstring, next, rawset, setmetatable, type = error, ipairs, loadstring, next, rawset, setmetatable, type
local form, concat = string.format, table.concat

local MOST = 24                 -- numbers that are handed over; what is beyond is read from the view
local cells = {}                -- they, in the order in which C hands them over: { table, key, name }

local function note(t, key, name, struct, member)
	for _, cell in ipairs(cells) do
		if cell[1] == t and cell[2] == key then
			return
		end
	end
	if M.plain_full ~= 0 and #cells < MOST then
		M.plain[#cells] = ffi.cast("const double *", ffi.cast("const char *", struct) + ffi.offsetof(ffi.typeof(struct), member or key))
		cells[#cells + 1] = { t, key, name }
		M.plain_noted = #cells
	end
end

---------------------------------------------------------------- tables with the names of the views

-- A write, and a name that a view does not have, raise what the view itself raises.
local function table_of(struct, name, text)
	local t = {}
	local function absent(_, key)
		local read = text and text[key]
		if read then
			return read()
		end
		local value = struct[key]
		if type(value) == "number" then
			note(t, key, name .. "." .. key, struct)
		elseif type(value) == "cdata" then
			value = table_of(value, name .. "." .. key)
			rawset(t, key, value)
		end
		return value
	end
	return setmetatable(t, {
		__index = absent,
		__newindex = function(_, key, value)
			struct[key] = value
		end,
		__metatable = "ffi", -- what getmetatable says of a view
	})
end

-- Which gate bars a trigger is a number in the mailbox, and a word or nil to the script.
local gate = {}
local function gate_word()
	if M.plain_full ~= 0 and gate.number then
		return host.gates[gate.number]
	end
	note(gate, "number", "b.gate", M[0], "gate")
	return texts.gate()
end

local shown = table_of(M.basis, "b", { gate = gate_word, gate_who = texts.gate_who })
host.own, host.hidden = S, methods -- what pairs does not show
local views = { pos = methods.pos, params = methods.params }
local tables = { pos = table_of(views.pos, "self.pos"), params = table_of(views.params, "self.params") }

---------------------------------------------------------------- what the file writes to

-- A table cannot tell that a field which it holds was written to; so where the file has a write to a field of that name, or
-- to one by a key that is not known, the entry looks after the call whether it holds what was put there.
local function opcode(f)
	return bit.band(jutil.funcbc(f, 2), 0xff)
end
local NAMED, ANY = opcode(function(t) t.x = 1 end), opcode(function(t, k) t[k] = 1 end)

local function add_writes(f, to)
	for pc = 1, jutil.funcinfo(f).bytecodes - 1 do
		local ins = jutil.funcbc(f, pc)
		local op = bit.band(ins, 0xff)
		if op == NAMED then
			to[jutil.funck(f, -1 - bit.band(bit.rshift(ins, 16), 0xff))] = true
		elseif op == ANY then
			setmetatable(to, { __index = function() return true end })
		end
	end
	for i = -1, -65536, -1 do
		local k = jutil.funck(f, i)
		if k == nil then
			return to
		elseif type(k) == "proto" then
			add_writes(k, to)
		end
	end
	return to
end
local writes = add_writes(chunk, {})

local function changed(name)
	error(name .. " is read-only, and the hook has written to it; keep numbers of your own in locals or in tandem.state", 0)
end

---------------------------------------------------------------- entries

local FRAME = [[
local S, shown, hook, rawset, changed, cells = ...
%s
local function again(%s)
	%s
	hook(S, shown)
	%s
end
local function first(%s)
	%s
	hook(S, shown)
	%s
end
return again, first]]

local function clear()
	if M.plain_full ~= 0 then
		M.plain_full = 0
		for _, cell in ipairs(cells) do
			rawset(cell[1], cell[2], nil)
		end
	end
end

-- Assignments by name are what the interpreter does quickest, so an entry is written for the fields that are noted. Their
-- number is how many C hands over. The second entry is for tables that hold nothing yet.
local function entries()
	clear()
	local names, args, again, first, after, place = {}, {}, {}, {}, {}, {}
	for i, cell in ipairs(cells) do
		local t, key = cell[1], cell[2]
		if not place[t] then
			place[t] = "t" .. i
			names[#names + 1] = form("local t%d = cells[%d][1]", i, i)
		end
		args[i] = "a" .. i
		again[i] = form("%s.%s = a%d", place[t], key, i)
		first[i] = form("rawset(%s, %q, a%d)", place[t], key, i)
		if writes[key] then
			after[#after + 1] = form("if %s.%s ~= a%d and a%d == a%d then changed(%q) end", place[t], key, i, i, i, cell[3])
		end
	end
	M.plain_given = #cells
	local list, checks = concat(args, ", "), concat(after, "\n\t")
	local text = form(FRAME, concat(names, "\n"), list, concat(again, "\n\t"), checks, list, concat(first, "\n\t"), checks)
	return loadstring(text, "=plain")(S, shown, hook, rawset, changed, cells)
end

-- on: the entries, called with what the views' tables are to hold; off: the views themselves again.
return function(on)
	for name, view in next, views do
		methods[name] = on and tables[name] or view
		-- Found without a metatable it is found sooner; but what stands in self itself could be written to.
		if not writes[name] then
			rawset(S, name, on and tables[name] or nil)
		end
	end
	if on then
		return entries()
	end
	clear()
end, clear
