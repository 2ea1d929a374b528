-- rewind - puts a strategy back to how it was loaded: what a dry run has left in its tables and in the locals of its file goes, what the compiler has learned stays.
--
-- Called once per VM with the host's functions; returns the function that takes note of everything that a strategy holds. Tables are refilled in place, so that whoever
-- holds one still holds the same.
local host = ...

local debug = require "debug"
local getmetatable, next, type = getmetatable, next, type
local getinfo, getupvalue, setupvalue = debug.getinfo, debug.getupvalue, debug.setupvalue

local UPVALUES = 255

local function refill(noted)
	for i = 1, #noted do
		local t, content = noted[i].table, noted[i].content
		for key in next, t do
			t[key] = nil
		end
		for key, value in next, content do
			t[key] = value
		end
	end
end

-- What is still to be looked at grows at the end: no depth of tables is too deep.
local function add(work, seen, value)
	local kind = type(value)
	if (kind == "table" and not getmetatable(value) or kind == "function") and not seen[value] then
		seen[value] = true
		work[#work + 1] = value
	end
end

local function note_table(noted, work, seen, t)
	local content = {}
	noted[#noted + 1] = { table = t, content = content }
	for key, value in next, t do
		content[key] = value
		add(work, seen, value)
	end
end

-- Functions of the file only: those of the sandbox keep nothing that is the strategy's.
local function note_function(locals, work, seen, f)
	if getinfo(f, "S").source ~= host.chunk then
		return
	end
	for i = 1, UPVALUES do
		local name, value = getupvalue(f, i)
		if not name then
			break
		end
		locals[#locals + 1] = { f = f, place = i, value = value }
		add(work, seen, value)
	end
end

-- Everything that can be reached from these values, but not through the tables of `seen`.
local function note(from, seen)
	local noted, locals, work = {}, {}, {}
	for key, value in next, from do
		add(work, seen, value)
	end
	local at = 1
	while work[at] do
		if type(work[at]) == "table" then
			note_table(noted, work, seen, work[at])
		else
			note_function(locals, work, seen, work[at])
		end
		at = at + 1
	end
	return noted, locals
end

-- -> blank(): the state as the file declares it; reset(): that, the locals of the file, and no timers.
return function(S, state, timers)
	local declared = note({ state }, { [S] = true })
	local seen = { [S] = true, [timers] = true }
	if state then
		seen[state] = true
	end
	local tables, locals = note(S, seen)
	local function blank()
		refill(declared)
	end
	local function reset()
		for i = 1, #locals do
			setupvalue(locals[i].f, locals[i].place, locals[i].value)
		end
		refill(tables)
		for i = #timers, 1, -1 do
			timers[i] = nil
		end
		blank()
	end
	return blank, reset
end
