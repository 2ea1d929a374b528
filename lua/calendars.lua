-- Trading hours that ship, in the shape of `calendars` in a configuration. Times are local to the zone.
-- Holidays are not here: exchanges announce them year by year, and a desk loads its exchange's list.

local week = "mon-fri"

-- The night belongs to the next trading day; it opens with a call auction, as the day does.
local function china(name, night_to, day)
	local list = {}
	if night_to then
		list[1] = { days = week, from = "20:55", to = "21:00", phase = "auction", next_day = true }
		list[2] = { days = week, from = "21:00", to = night_to, next_day = true }
	end
	for i = 1, #day do
		list[#list + 1] = day[i]
	end
	return { name = name, zone = "Asia/Shanghai", sessions = list }
end

local commodity = {
	{ days = week, from = "08:55", to = "09:00", phase = "auction" },
	{ days = week, from = "09:00", to = "10:15" },
	{ days = week, from = "10:30", to = "11:30" },
	{ days = week, from = "13:30", to = "15:00" },
}

local function cffex(name, closes)
	return china(name, nil, {
		{ days = week, from = "09:25", to = "09:30", phase = "auction" },
		{ days = week, from = "09:30", to = "11:30" },
		{ days = week, from = "13:00", to = closes },
	})
end

-- From Sunday evening to Friday, with or without a pause each day: the evening is of the next day.
local function globe(name, zone, opens, closes)
	return { name = name, zone = zone, sessions = {
		{ days = "sun-thu", from = opens, to = "24:00", next_day = true },
		{ days = week, from = "00:00", to = closes },
	} }
end

return {
	{ name = "24x7", zone = "UTC", sessions = { { days = "daily", from = "00:00", to = "24:00" } } },

	china("SHFE.au", "02:30", commodity), -- gold, silver
	china("SHFE.cu", "01:00", commodity), -- copper, aluminium, zinc, lead, nickel, tin, stainless steel, alumina
	china("SHFE.rb", "23:00", commodity), -- rebar, coil, bitumen, rubber, fuel oil, pulp
	china("SHFE.day", nil, commodity),    -- what has no night
	china("INE.sc", "02:30", commodity),  -- crude oil
	china("INE.bc", "01:00", commodity),  -- international copper
	china("INE.lu", "23:00", commodity),  -- low-sulphur fuel oil, TSR 20 rubber
	china("INE.day", nil, commodity),
	china("DCE", "23:00", commodity),
	china("DCE.day", nil, commodity),
	china("CZCE", "23:00", commodity),
	china("CZCE.day", nil, commodity),
	china("GFEX", nil, commodity),
	cffex("CFFEX.index", "15:00"),
	cffex("CFFEX.bond", "15:15"),

	globe("CME.metals", "America/Chicago", "17:00", "16:00"),
	globe("CME.energy", "America/Chicago", "17:00", "16:00"),
	globe("CME.equity", "America/Chicago", "17:00", "16:00"),
	globe("FX", "America/New_York", "17:00", "17:00"),
	{ name = "LME.select", zone = "Europe/London", sessions = { { days = week, from = "01:00", to = "19:00" } } },

	-- The second session of a day, T+1, is of the next trading day.
	{ name = "SGX.A50", zone = "Asia/Singapore", sessions = {
		{ days = week, from = "08:45", to = "09:00", phase = "auction" },
		{ days = week, from = "09:00", to = "16:30" },
		{ days = week, from = "16:30", to = "16:35", phase = "auction" },
		{ days = week, from = "16:50", to = "17:00", phase = "auction", next_day = true },
		{ days = week, from = "17:00", to = "05:15", next_day = true },
	} },
}
