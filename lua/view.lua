-- view - what a strategy is shown: structs of abi.h under the strategy's own names, their texts, and what is looked up only when it is read.
--
-- Called once per VM with the host's functions and the checks of declare.lua. Members that are numbers are const in the struct, so that a
-- write to one is an error with its place; what is a text has a reader here, and what a view does not have is named with what it has.
local host, declare = ...

local ffi = require "ffi"
local error, tonumber, type = error, tonumber, type
local plain = tostring
local form, find, gsub, concat = string.format, string.find, string.gsub, table.concat
local text_of = ffi.string
local fail, tostring = declare.fail, declare.text

local LEGS, REF = 5, 128        -- references: from LEGS on where something is looked up, from REF on in events
local FREE, LOCKED, BASE_FREE, BASE_LOCKED, BALANCE_KNOWN, BOUND_MS, CLOCK_KNOWN, SESSION, STATE = 0, 1, 2, 3, 4, 5, 6, 7, 8
local PX, QTY = 0, 1
local BID, ASK = 0, 1

local M                         -- the mailbox
local legs, refs = {}, {}
local number_of = {}            -- by name: where it is looked up

local function name_of(who)
	if who >= REF then
		return refs[who - REF + 1]
	end
	return legs[who + 1]
end

local function digits(id)
	return gsub(plain(id), "ULL$", "") .. ""
end

-- What a view says of fields that it does not have. Those that it has are const.
local function describe(struct, view, has, get)
	local function missing(_, key)
		if struct == "struct tandem_basis" and host.no_ratio and (key == "ratio" or find(key, "_bp$")) then
			fail("b.%s is not given: %s, so that a ratio means nothing; use values, as in b.spread and b.sell_%s_net", key, host.no_ratio, legs[1])
		end
		fail("%s has no field %q; it has: %s", view, tostring(key), has)
	end
	ffi.metatype(struct, {
		__index = get and function(self, key)
			local read = get[key]
			if read then
				return read(self)
			end
			return missing(self, key)
		end or missing,
		__newindex = function(_, key)
			fail("%s is read-only%s; keep numbers of your own in locals or in tandem.state", view,
				get and get[key] and form(": %s.%s is not to be set", view, key) or form(", and has no field %q", tostring(key)))
		end,
	})
end

---------------------------------------------------------------- texts

local PAIR_TEXT = {
	event = function() return text_of(M.pair_event) end,
	intent = function() return text_of(M.pair_intent) end,
	reason = function() return text_of(M.pair_reason) end,
	pair = function() return digits(M.pair_id) end,
}

-- Which gate bars it, and whose price that is: nil where nothing does, and where it is no single one.
local BASIS_TEXT = {
	gate = function() return host.gates[M.gate] end,
	gate_who = function() return M.gate ~= 0 and name_of(M.gate_who) or nil end,
}

local function who() return name_of(M.who) end

local QUOTE_TEXT = {
	leg = who,
	session = function() return host.phases[tonumber(M.look(M.instance, SESSION, M.who >= REF and M.who - REF + LEGS or M.who))] end,
}

local ORDER_TEXT = {
	leg = who,
	state = function() return host.orders[M.to] end,
	side = function() return M.order_side == BID and "buy" or "sell" end,
	reason = function() return text_of(M.order_reason) end,
	order = function() return digits(M.order_id) end,
	pair = function() return digits(M.order_pair) end,
}

local SESSION_TEXT = {
	leg = who,
	state = function() return host.phases[M.to] end,
	from = function() return host.phases[M.from] end,
}

-- Why prices may not be believed, by the state of the book.
local WHY = {
	empty = "nothing is known: its line is lost, or the first book has not come yet",
	gap = "changes are missing",
	recovering = "changes are missing, and a repair is arriving",
	stale = "nothing proves it valid any more",
	halted = "its venue has stopped trading in it",
	crossed = "its bid is not below its ask",
}

local GAP_TEXT = {
	leg = who,
	state = function() return host.books[M.to] end,
	from = function() return host.books[M.from] end,
	why = function() return WHY[host.books[M.to]] end,
}

---------------------------------------------------------------- the depth of a book

local function level(k, n, side, what, name)
	if not ffi.istype("struct tandem_book", k) then
		fail("k.%s: write k:%s(1) with a colon", name, name)
	elseif type(n) ~= "number" then
		fail("k:%s wants the number of a level, 1 being the best; this is %s", name, tostring(n))
	end
	return M.level(M.book, side, n, what)
end

local BOOK_CALL = {
	bid = function(k, n)
		local px = level(k, n, BID, PX, "bid")
		return px == px and px or nil
	end,
	ask = function(k, n)
		local px = level(k, n, ASK, PX, "ask")
		return px == px and px or nil
	end,
	bid_qty = function(k, n) return level(k, n, BID, QTY, "bid_qty") end,
	ask_qty = function(k, n) return level(k, n, ASK, QTY, "ask_qty") end,
}

local function define_book()
	local has = "leg, bids, asks, bid(n), bid_qty(n), ask(n), ask_qty(n)"
	ffi.metatype("struct tandem_book", {
		__index = function(_, key)
			local call = BOOK_CALL[key]
			if call then
				return call
			elseif key == "leg" then
				return who()
			end
			fail("k has no field %q; it has: %s", tostring(key), has)
		end,
		__newindex = function(_, key)
			fail("k is read-only, and has no field %q; keep numbers of your own in locals or in tandem.state", tostring(key))
		end,
	})
end

---------------------------------------------------------------- what is looked up

local function number(what)
	return function(v) return tonumber(M.look(M.instance, what, v.who)) end
end

local function yes(what)
	return function(v) return M.look(M.instance, what, v.who) ~= 0 end
end

local BALANCE = { free = number(FREE), locked = number(LOCKED), base_free = number(BASE_FREE), base_locked = number(BASE_LOCKED),
	known = yes(BALANCE_KNOWN) }
local CLOCK = { bound_ms = number(BOUND_MS), known = yes(CLOCK_KNOWN) }

-- self.balance, self.clock and self.session: one struct, told apart by its kind.
local BY_NAME = { [0] = "self.balance", "self.clock", "self.session" }
local by_name = { [0] = {}, {}, {} }

local function define_lookups()
	local all, priced = concat(legs, ", "), concat(legs, ", ") .. (#refs > 0 and ", " .. concat(refs, ", ") or "")
	describe("struct tandem_balance", "a leg of self.balance", "free, locked, base_free, base_locked, known", BALANCE)
	describe("struct tandem_clock", "one of self.clock", "bound_ms, known", CLOCK)
	for i = 1, #legs do
		number_of[legs[i]] = i - 1
		by_name[0][legs[i]] = ffi.new("struct tandem_balance", i - 1)
	end
	for i = 1, #refs do
		number_of[refs[i]] = LEGS + i - 1
	end
	for name, i in next, number_of do
		by_name[1][name] = ffi.new("struct tandem_clock", i)
	end
	ffi.metatype("struct tandem_by_name", {
		__index = function(v, key)
			if v.kind == 2 and number_of[key] then
				return host.phases[tonumber(M.look(M.instance, SESSION, number_of[key]))]
			end
			return by_name[v.kind][key] or
				fail("%s has no field %q; it has: %s", BY_NAME[v.kind], tostring(key), v.kind == 0 and all or priced)
		end,
		__newindex = function(v, key)
			fail("%s is read-only%s; keep numbers of your own in locals or in tandem.state", BY_NAME[v.kind],
				number_of[key] and form(": %s.%s is not to be set", BY_NAME[v.kind], key) or form(", and has no field %q", tostring(key)))
		end,
	})
end

---------------------------------------------------------------- the structs

-- Where a ratio means nothing, no field has its name.
local function without_ratios(abi)
	return (gsub(gsub(abi, "([%w_]+_bp)([,;])", "_no_%1%2"), "spread_bp, ratio;", "spread_bp, _no_ratio;"))
end

local function define_structs()
	local names = { leg = legs, ref = refs }
	local abi = host.no_ratio and without_ratios(host.abi) or host.abi
	ffi.cdef((gsub(abi, "(%l%l%l)(%d)", function(kind, i)
		local list = names[kind]
		return list and (list[tonumber(i) + 1] or "_unused" .. i)
	end)))
	local near, all = legs[1], concat(legs, ", ")
	describe("struct tandem_basis", "b", form("sell_%s, buy_%s (each with _net, _bp, _net_bp, _lots, the same behind _want, and _z), " ..
		"spread, spread_bp, ratio, z, mean, dev, fill, skew_ms, max_age_ms, gate, gate_who, legs.<name>, refs.<name>", near, near), BASIS_TEXT)
	describe("struct tandem_legs", "b.legs", all)
	describe("struct tandem_refs", "b.refs", concat(refs, ", "))
	describe("struct tandem_leg", "a leg", "bid, ask, bid_qty, ask_qty, bid_value, ask_value, mid, age_ms, bid_want, ask_want, bid_worst, ask_worst")
	describe("struct tandem_pos", "self.pos", all .. ", lots, in_flight")
	describe("struct tandem_pos_leg", "a leg of self.pos", "net")
	describe("struct tandem_by_leg", "p.px and p.qty", all)
	describe("struct tandem_pair", "p", "event, intent, lots, px.<leg>, qty.<leg>, pair, reason", PAIR_TEXT)
	describe("struct tandem_quote", "q", "leg, bid, ask, bid_qty, ask_qty, mid, age_ms, session", QUOTE_TEXT)
	describe("struct tandem_order", "o", "leg, side, state, px, qty, filled, avg, rescue, reason, order, pair", ORDER_TEXT)
	describe("struct tandem_session", "s", "leg, state, from, open", SESSION_TEXT)
	describe("struct tandem_gap", "g", "leg, state, from, why, live", GAP_TEXT)
end

-- The structs under these names; gives the mailbox, and puts into `methods` what self shows.
local function define(leg_names, ref_names, methods)
	legs, refs = leg_names, ref_names
	define_structs()
	define_book()
	define_lookups()
	M = ffi.cast("struct tandem_mailbox *", host.mailbox)
	methods.pos = M.pos
	methods.balance = ffi.new("struct tandem_by_name", 0)
	methods.clock = ffi.new("struct tandem_by_name", 1)
	methods.session = ffi.new("struct tandem_by_name", 2)
	return M
end

return {
	define = define,
	describe = describe,
	basis_text = BASIS_TEXT,
	state = function() return host.states[tonumber(M.look(M.instance, STATE, 0))] end,
}
