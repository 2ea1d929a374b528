-- rewind - gives a strategy the memory of another version, and puts it back to how it was loaded: what a dry run has left in its tables and in the locals of its file goes, what the compiler has learned stays.
--
-- Called once per VM with the host's functions; returns the function that takes note of everything that a strategy holds. Tables are refilled in place, so that whoever
-- holds one still holds the same.
local host = ...

local debug = require "debug"
local getmetatable, next, rawget, type = getmetatable, next, rawget, type
local getinfo, getupvalue, setupvalue = debug.getinfo, debug.getupvalue, debug.setupvalue

local UPVALUES = 255

-- Called once or twice in a VM's life, and then between two turns of a host that trades: the compiler would only cost there.
require "jit".off(true, true)

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

-- Saved state -> the table that the strategy holds, which is as declared. on_load decides; without it, the same version is taken as it is.
local function take(S, state, version, fail, old, old_version)
	local on_load = rawget(S, "on_load")
	if on_load then
		old = on_load(old, old_version)
		if type(old) ~= "table" then
			fail("on_load refused the saved state of version %d (it returned %s)", old_version, host.show(old))
		end
	elseif old_version ~= version then
		fail("the saved state is of version %d and this file is version %d: write function S.on_load(old, old_version), which returns the new state",
			old_version, version)
	end
	if not state then
		fail("there is saved state, and no tandem.state { ... } to put it into; to drop it, write local state = tandem.state {}")
	end
	if old == state then
		return
	end
	if on_load then
		for key in next, state do
			state[key] = nil
		end
	end
	for key, value in next, old do
		state[key] = value
	end
end

-- -> reset(): the state as the file declares it, the locals of the file, and no timers; restore(old, old_version): what was saved, in the place of what it remembers.
return function(S, state, timers, version, fail)
	local declared = note({ state }, { [S] = true })
	local seen = { [S] = true, [timers] = true }
	if state then
		seen[state] = true
	end
	local tables, locals = note(S, seen)
	-- A dry run draws numbers too: those of the calls begin anew after it, whether there was one or not.
	local function draw_anew()
		math.randomseed(host.seed + 1)
	end
	draw_anew()
	local function reset()
		draw_anew()
		for i = 1, #locals do
			setupvalue(locals[i].f, locals[i].place, locals[i].value)
		end
		refill(tables)
		for i = #timers, 1, -1 do
			timers[i] = nil
		end
		refill(declared)
	end
	local function restore(old, old_version)
		refill(declared)
		take(S, state, version, fail, old, old_version)
	end
	return reset, restore
end
