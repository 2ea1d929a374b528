-- declare: checks what a strategy's file says of itself (names, parameters, limits) and writes it into the mailbox's struct.
--
-- Called once per VM with the host's functions; returns the checks. Errors say what is wrong and what to write; the place
-- is the host's to add, except for mistakes of the configuration, which name the configuration's file.
local host = ...

local ffi = require "ffi"
local error, ipairs, next, tonumber, type = error, ipairs, next, tonumber, type
local plain = tostring
local floor, huge = math.floor, math.huge
local form, find, sub, match, concat = string.format, string.find, string.sub, string.match, table.concat
local copy, text_of = ffi.copy, ffi.string

local PARAMS, REFS, LEGS = 64, 4, 5
local LEG_FAIL = { cheapest = 0, complete = 1, unwind = 2, hold = 3 }

-- A value in a message: what has no text of its own is told by its kind, never by its address, which would be another one in the next run.
local function tostring(v)
	local kind = type(v)
	if kind == "string" or kind == "number" or kind == "boolean" or kind == "nil" then
		return plain(v)
	end
	return kind == "cdata" and "a view of the host" or "a " .. kind
end

local function fail(...)
	error(form(...), 0)
end

-- What is wrong in the configuration names the configuration's file; \1 says that a place is there, \2 whose it is.
local function fail_config(...)
	error("\1\2" .. form(...), 0)
end

local function names_of(t)
	local out = {}
	for name in next, t do
		out[#out + 1] = tostring(name)
	end
	table.sort(out)
	return concat(out, ", ")
end

local function known(where, t, allowed)
	for name in next, t do
		if not allowed[name] then
			fail("%s has a field %q that means nothing here; it knows %s", where, tostring(name), names_of(allowed))
		end
	end
end

---------------------------------------------------------------- what a file declares

local RESERVED = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true until while " ..
	"auto bool case char complex const continue default double enum extern float inline int long register restrict short " ..
	"signed sizeof static struct switch typedef union unsigned void volatile asm"):gmatch("%S+") do
	RESERVED[word] = true
end

local function field_name(where, name, most)
	if type(name) ~= "string" or not find(name, "^%a[%w_]*$") or #name > most then
		fail("%s: a name is a letter, then letters, digits and _, at most %d; this is %s", where, most, tostring(name))
	end
	if RESERVED[name] or find(name, "^u?int%d") then
		fail("%s: %q is a word of the language; choose another, such as %q", where, name, name .. "_")
	end
	return name
end

-- A list of names, none of them in `taken` (by name).
local function name_list(where, list, least, most, taken)
	if type(list) ~= "table" or #list < least or #list > most then
		fail("%s is a list of %d to %d names, as in { \"near\", \"far\" }", where, least, most)
	end
	local seen = {}
	for i = 1, #list do
		local name = field_name(where, list[i], 15)
		if name == "lots" or name == "in_flight" then
			fail("%s: %q is a field of self.pos; choose another name", where, name)
		end
		if seen[name] or taken[name] then
			fail("%s: %q stands twice", where, name)
		end
		seen[name] = true
	end
	for key in next, list do
		if type(key) ~= "number" then
			fail("%s: %q has no place in a list of names", where, tostring(key))
		end
	end
	return list
end

local function bound(kind, given, ours)
	if host.unbound then
		return
	end
	local has = {}
	for _, name in ipairs(given) do
		has[name] = true
	end
	for _, name in ipairs(ours) do
		if not has[name] then
			fail_config("%s: the instance %q does not bind the %s %q of %s: add %ss = { %s = \"an instrument\" }",
				host.config_file, host.name, kind, name, host.file, kind, name)
		end
		has[name] = nil
	end
	local extra = next(has)
	if extra then
		fail_config("%s: the instance %q binds a %s %q that %s does not have (it has: %s)", host.config_file, host.name, kind,
			extra, host.file, #ours > 0 and concat(ours, ", ") or "none")
	end
end

local UNIT_NS = { ns = 1, us = 1e3, ms = 1e6, s = 1e9, m = 60e9, min = 60e9, h = 3600e9, d = 86400e9 }

local function time_in(what, value)
	local digits, unit = match(type(value) == "string" and value or "", "^(%d+%.?%d*)%s*(%a+)$")
	if not digits or not UNIT_NS[unit] then
		fail("%s is a time with its unit, as in \"600ms\" or \"2s\"; this is %s", what, tostring(value))
	end
	return tonumber(digits) * UNIT_NS[unit]
end

local function duration(risk, field)
	local value = risk[field]
	if value == nil then
		return 0
	end
	local ns = time_in("risk." .. field, value)
	if ns < 1 or ns > 86400e9 then
		fail("risk.%s must lie between 1ns and a day; this is %s", field, value)
	end
	return ns
end

local function ticks(risk, field)
	local value = risk[field]
	if value == nil then
		return -1
	end
	if type(value) ~= "number" or value ~= floor(value) or value < 0 or value > 1e6 then
		fail("risk.%s is a whole number of ticks, 0 or more; this is %s", field, tostring(value))
	end
	return value
end

local RISK = { max_skew = true, max_age = true, leg_timeout = true, pair_timeout = true, max_slip_ticks = true,
	max_unwind_slip_ticks = true, on_leg_fail = true }

local function declare_risk(d, risk)
	if type(risk) ~= "table" then
		fail("risk is a table, as in { max_skew = \"600ms\" }; this is a %s", type(risk))
	end
	known("risk", risk, RISK)
	d.max_skew_ns, d.max_age_ns = duration(risk, "max_skew"), duration(risk, "max_age")
	d.leg_timeout_ns, d.pair_timeout_ns = duration(risk, "leg_timeout"), duration(risk, "pair_timeout")
	d.max_slip_tick, d.max_unwind_slip_tick = ticks(risk, "max_slip_ticks"), ticks(risk, "max_unwind_slip_ticks")
	local way = risk.on_leg_fail or "cheapest"
	d.on_leg_fail = LEG_FAIL[way] or fail("risk.on_leg_fail is one of %s; this is %s", names_of(LEG_FAIL), tostring(way))
end

local PARAM = { "default", min = true, max = true, doc = true, reason = true }

local function number_in(what, value)
	if type(value) ~= "number" or value ~= value or value == huge or value == -huge then
		fail("%s is a finite number (use 0 and 1 for no and yes); this is %s", what, tostring(value))
	end
	return value
end

local function one_param(p, name, spec)
	local where = "param " .. name
	if type(spec) ~= "table" then
		spec = { spec }
	end
	known(where, spec, PARAM)
	copy(p.name, field_name(where, name, 31))
	local doc = spec.doc or ""
	if type(doc) ~= "string" then
		fail("%s: doc is a text", where)
	end
	copy(p.doc, sub(doc, 1, 127))
	if spec.reason ~= nil and type(spec.reason) ~= "boolean" then
		fail("%s: reason is true where a change takes one; this is a %s", where, type(spec.reason))
	end
	p.reason = spec.reason == true
	p.min = spec.min and number_in(where .. ": min", spec.min) or -huge
	p.max = spec.max and number_in(where .. ": max", spec.max) or huge
	p.value = number_in(where .. ": its default, { 10, min = 0 },", spec[1])
	if p.value < p.min or p.value > p.max then
		fail("%s: its default %g is not within its own bounds %g to %g", where, p.value, p.min, p.max)
	end
end

-- What the configuration says stands in the configuration's file, and errors of it name that.
local function override(d, given)
	for _, one in ipairs(given) do
		local place = form("%s:%d", host.config_file, one.line)
		local found
		for i = 0, d.n_params - 1 do
			found = found or text_of(d.param[i].name) == one.name and d.param[i]
		end
		if not found then
			local all = {}
			for i = 0, d.n_params - 1 do
				all[#all + 1] = text_of(d.param[i].name)
			end
			fail_config("%s: %s has no parameter %q; it has: %s", place, host.file, one.name, #all > 0 and concat(all, ", ") or "none")
		end
		if not (one.value >= found.min and one.value <= found.max) then
			fail_config("%s: %s = %g is outside the bounds that %s sets: %g to %g", place, one.name, one.value, host.file, found.min,
				found.max)
		end
		found.value = one.value
	end
end

local function declare_params(d, params)
	if type(params) ~= "table" then
		fail("params is a table, as in { open_bp = { 10, min = 0, doc = \"...\" } }; this is a %s", type(params))
	end
	local order = {}
	for name in next, params do
		order[#order + 1] = type(name) == "string" and name or fail("params: every parameter has a name, as in { lots = { 3 } }")
	end
	if #order > PARAMS then
		fail("params: at most %d", PARAMS)
	end
	table.sort(order)
	for i, name in ipairs(order) do
		one_param(d.param[i - 1], name, params[name])
	end
	d.n_params = #order
	override(d, host.params)
	local values = {}
	for i, name in ipairs(order) do
		values[name] = d.param[i - 1].value
	end
	return order, values
end

local STRATEGY = { version = true, legs = true, refs = true, params = true, risk = true }

-- The shape of tandem.strategy's table: its version, legs and refs, checked against what the configuration binds.
local function declare_shape(spec)
	if type(spec) ~= "table" then
		fail("tandem.strategy wants a table: tandem.strategy { version = 1, legs = { \"near\", \"far\" } }")
	end
	known("tandem.strategy", spec, STRATEGY)
	local version = spec.version
	if type(version) ~= "number" or version ~= floor(version) or version < 1 or version > 4294967295 then
		fail("tandem.strategy: version is a whole number from 1, raised when the state's meaning changes; this is %s", tostring(version))
	end
	local legs, index = name_list("legs", spec.legs, 2, LEGS, {}), {}
	for i, name in ipairs(legs) do
		index[name] = i - 1
	end
	local refs = name_list("refs", spec.refs or {}, 0, REFS, index)
	bound("leg", host.legs, legs)
	bound("ref", host.refs, refs)
	return legs, refs, index
end

-- A proposal's own ladder, tighter than its instance's: what each may be at most; times in seconds.
local RESCUE_FIELDS = { max_slip_ticks = true, max_unwind_slip_ticks = true, budget = true, wait = true, chase = true, on_leg_fail = true }

local function at_most(rescue, name)
	local v = rescue[name]
	if v == nil then
		return -1
	end
	v = number_in("self:pair: rescue." .. name, v)
	if v < 0 then
		fail("self:pair: rescue.%s is %g; it is what its ladder may take at most, so write 0 or more", name, v)
	end
	return v
end

local function declare_rescue(c, rescue)
	if type(rescue) ~= "table" then
		fail("self:pair: rescue is a table, as in { on_leg_fail = \"unwind\", budget = 5 }")
	end
	for name in next, rescue do
		if not RESCUE_FIELDS[name] then
			fail("self:pair: rescue has no field %q; it knows %s", tostring(name), names_of(RESCUE_FIELDS))
		end
	end
	c.on_leg_fail = LEG_FAIL[rescue.on_leg_fail or ""] or rescue.on_leg_fail == nil and 4 or
		fail("self:pair: rescue.on_leg_fail is one of %s; this is %s", names_of(LEG_FAIL), tostring(rescue.on_leg_fail))
	c.max_slip_ticks, c.max_unwind_slip_ticks = at_most(rescue, "max_slip_ticks"), at_most(rescue, "max_unwind_slip_ticks")
	c.budget, c.wait_s, c.chase_s = at_most(rescue, "budget"), at_most(rescue, "wait"), at_most(rescue, "chase")
	c.has_rescue = true
end

return {
	fail = fail, text = tostring, names_of = names_of, number_in = number_in, known = known, time_in = time_in, field_name = field_name,
	shape = declare_shape, risk = declare_risk, params = declare_params, rescue = declare_rescue,
}
