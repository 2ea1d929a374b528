-- expect: what a test may expect of a strategy, and how it is told that it was otherwise: t:expect_pair and its like.
--
-- Called once per test file with the methods of t, to which it adds its own, and with functions of tester.lua.
local T, fail, known, settle = ...

local ipairs, pairs, tostring, type = ipairs, pairs, tostring, type
local form, find, concat = string.format, string.find, table.concat
local abs = math.abs

---------------------------------------------------------------- words

local function number(x)
	return form("%.10g", x)
end

local function list(names)
	return type(names) == "table" and concat(names, " and ") or tostring(names)
end

local SHOWN = { "lots", "intent", "tif", "style", "align", "first", "basis", "fair" }
local PLAIN = { intent = "open", tif = "IOC" }

local function show_pair(p)
	local words = { form("sell %s, buy %s", p.sell and list(p.sell) or "anything", p.buy and list(p.buy) or "anything") }
	for _, name in ipairs(SHOWN) do
		local v = p[name]
		if v ~= nil and v ~= PLAIN[name] then
			words[#words + 1] = name .. " " .. (type(v) == "number" and number(v) or tostring(v))
		end
	end
	for leg, px in pairs(p.limits or {}) do
		words[#words + 1] = form("limit of %s %s", leg, number(px))
	end
	if p.reason and p.reason ~= "" then
		words[#words + 1] = form("%q", p.reason)
	end
	return concat(words, ", ")
end

local SHOW = {
	pair = show_pair,
	cancel = function(p) return "cancel pair " .. p.pair end,
	alert = function(p) return form("alert %q (%s)", p.text, p.severity) end,
	metric = function(p) return form("metric %s = %s", p.name, number(p.value)) end,
	log = function(p) return form("log %q", p.text) end,
	timer = function(p) return form("a timer every %s s", number(p.seconds)) end,
}

local function show_all(list_of)
	if #list_of == 0 then
		return "nothing"
	end
	local words = {}
	for i, p in ipairs(list_of) do
		words[i] = SHOW[p.kind](p)
	end
	return concat(words, "; ")
end

-- What the strategy had before it, for whoever wonders why.
local function seen(self)
	local b, near = self.b, self.legs[1]
	local words = {}
	if not b then
		words[1] = self.unseen or "no basis yet"
	else
		for _, name in ipairs { "sell_" .. near .. "_net", "sell_" .. near .. "_net_bp", "buy_" .. near .. "_net", "buy_" .. near .. "_net_bp" } do
			if b[name] then
				words[#words + 1] = name .. " " .. number(b[name])
			end
		end
		words[#words + 1] = form("lots %s/%s", number(b["sell_" .. near .. "_lots"]), number(b["buy_" .. near .. "_lots"]))
		words[#words + 1] = b.gate and "gate " .. b.gate or nil
	end
	words[#words + 1] = form("position %s, in flight %s", number(self.lots), number(self.in_flight))
	return concat(words, ", ")
end

---------------------------------------------------------------- expectations

local function of_kind(self, kind)
	local list_of = {}
	for _, p in ipairs(self.got) do
		if p.kind == kind then
			list_of[#list_of + 1] = p
		end
	end
	return list_of
end

local function same_names(want, have)
	local a, b = type(want) == "table" and want or { want }, type(have) == "table" and have or { have }
	if #a ~= #b then
		return false
	end
	for _, name in ipairs(a) do
		local there = false
		for _, other in ipairs(b) do
			there = there or name == other
		end
		if not there then
			return false
		end
	end
	return true
end

local function close(want, have, within)
	return type(have) == "number" and abs(want - have) <= (within or 1e-9 * (1 + abs(want)))
end

local FIELDS = { sell = true, buy = true, lots = true, tif = true, intent = true, reason = true, limits = true,
	style = true, first = true, align = true, basis = true, fair = true }

local function differs(want, p)
	for _, name in ipairs { "sell", "buy" } do
		if want[name] ~= nil and not same_names(want[name], p[name]) then
			return form("%s is %s, not %s", name, list(p[name]), list(want[name]))
		end
	end
	for _, name in ipairs(SHOWN) do
		local w, h = want[name], p[name]
		if w ~= nil and not (type(w) == "number" and close(w, h) or w == h) then
			return form("%s is %s, not %s", name, type(h) == "number" and number(h) or tostring(h), tostring(w))
		end
	end
	if want.reason and not find(p.reason, want.reason, 1, true) then
		return form("reason is %q, without %q in it", p.reason, want.reason)
	end
	for leg, px in pairs(want.limits or {}) do
		local h = p.limits and p.limits[leg]
		if not (h and close(px, h)) then
			return form("limits.%s is %s, not %s", leg, tostring(h), number(px))
		end
	end
end

-- Returns the pair, for t:sent and its like.
function T:expect_pair(want)
	settle(self)
	known("t:expect_pair", want, FIELDS)
	local pairs_of, why = of_kind(self, "pair"), nil
	for _, p in ipairs(pairs_of) do
		local d = differs(want, p)
		if not d and not p.expected then
			p.expected = true
			return p
		end
		why = why or d
	end
	fail("expected a pair: %s\nproposed: %s%s\nit saw: %s", show_pair(want), show_all(self.got), why and "\nits " .. why or "", seen(self))
end

-- No pair and no cancel; metrics, logs and alerts trade nothing.
function T:expect_nothing()
	settle(self)
	for _, p in ipairs(self.got) do
		if p.kind == "pair" or p.kind == "cancel" then
			fail("expected nothing\nproposed: %s\nit saw: %s", show_all(self.got), seen(self))
		end
	end
end

local function expect(self, kind, what, fits)
	settle(self)
	for _, p in ipairs(of_kind(self, kind)) do
		if fits(p) then
			return p
		end
	end
	fail("expected %s\nproposed: %s", what, show_all(self.got))
end

function T:expect_cancel(of)
	return expect(self, "cancel", of and "a cancel of pair " .. tostring(of.pair) or "a cancel", function(p)
		return not of or p.pair == of.pair
	end)
end

function T:expect_alert(text, severity)
	severity = severity == "warn" and "warning" or severity -- as tests wrote it before
	return expect(self, "alert", form("an alert with %q in it%s", text or "", severity and " of severity " .. severity or ""), function(p)
		return find(p.text, text or "", 1, true) and (not severity or severity == p.severity)
	end)
end

function T:expect_log(text)
	return expect(self, "log", form("a log with %q in it", text or ""), function(p)
		return find(p.text, text or "", 1, true)
	end)
end

function T:expect_metric(name, value)
	return expect(self, "metric", form("a metric %s%s", name, value and " = " .. number(value) or ""), function(p)
		return p.name == name and (not value or close(value, p.value))
	end)
end

function T:expect_error(text)
	local e = self.failure
	self.failure = nil
	if not e then
		fail("expected an error with %q in it; the strategy did not fail, and proposed: %s", text or "", show_all(self.got))
	elseif text and not find(e.text, text, 1, true) then
		fail("expected an error with %q in it; it failed with: %s", text, e.text)
	end
	return e.text
end

local function same(want, have, path)
	if type(want) == "table" and type(have) == "table" then
		for key, value in pairs(want) do
			local why = same(value, have[key], path .. "." .. tostring(key))
			if why then
				return why
			end
		end
	elseif not (want == have or type(want) == "number" and close(want, have)) then
		return form("%s is %s, not %s", path, type(have) == "string" and form("%q", have) or tostring(have), tostring(want))
	end
end

-- What is named must be so; what is not may be anything.
function T:expect_state(want)
	settle(self)
	local why = same(want, self:state() or {}, "state")
	if why then
		fail("%s", why)
	end
end

function T:expect_basis(want)
	settle(self)
	local why = same(want, self.b or fail("there is no basis: %s", self.unseen or "nothing was shown"), "b")
	if why then
		fail("%s", why)
	end
end

function T:equal(have, want, within)
	settle(self)
	if not (have == want or type(want) == "number" and close(want, have, within)) then
		fail("%s is not %s", tostring(have), tostring(want))
	end
end

function T:proposals()
	settle(self)
	return self.got
end
