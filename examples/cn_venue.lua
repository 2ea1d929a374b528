-- A domestic gold future and gold abroad, on this machine: SHFE.au2704 at a counter that speaks DIFF, and gold in USD/ozt
-- with the exchange rate on a venue that speaks Binance's futures protocol.
--
--   tandem venue examples/cn_venue.lua     then, in another terminal:   tandem run examples/cn_pair.lua
--
-- The domestic price is made of the one abroad and the rate, and a basis that strays between them. The domestic side has what
-- the real one has: sessions by the calendar, half-second snapshots, offsets, price limits, lots, a counter that replays the
-- day at each login. Started again on the same folder it goes on from its ledgers; remove the folder to begin anew.

return {
	dir = "cn",                  -- ledgers, keys, certificates, state
	seed = 11,
	speed = 1,                   -- or "max": as fast as host and venues can
	source = {
		generator = {
			start = "2027-03-02T01:05:00Z", -- 09:05 in Shanghai, a Tuesday
			basis_dev = "1bp",
			excursion_every = "6s",  -- it strays so often,
			excursion = "25bp",      -- and so far
		},
	},
	venues = {
		{
			name = "shfe",
			wire = "diff",
			port = 19101,
			symbols = {
				{
					symbol = "SHFE.au2704", base = "XAU", quote = "CNY",
					px_dp = 2, qty_dp = 0, multiplier = 1000, -- grams
					tick = "0.02", lot = 1, min_qty = 1, max_qty = 30,
					calendar = "SHFE.au",
					settle_px = 613,
					percent_price = "8%",    -- 涨跌停
					open_limit = 100000,
					margin = "10%",
					fees = { maker = "0", taker = "0", per_lot = 10, close_today_per_lot = 0 },
					-- Gold abroad by the rate, and 1 g of an ounce's 31.1034768.
					follows = "XAUUSD", rate = "USDCNH", part = "1/31.1034768",
				},
			},
			accounts = { { name = "main", balances = { CNY = 100000000 } } },
			requests_per_s = 50,
			knobs = {
				["delay.feed"] = "uniform:1ms:4ms",
				["delay.in"] = "uniform:2ms:6ms",
				["delay.out"] = "uniform:2ms:6ms",
			},
		},
		{
			name = "abroad",
			wire = "binance_usdm",
			port = 19102,
			symbols = {
				{
					symbol = "XAUUSD", base = "XAU", quote = "USD",
					px_dp = 1, qty_dp = 3, multiplier = 100, -- ounces
					tick = "0.1", lot = "0.001", min_qty = "0.001",
					mid = 2650, margin = "5%",
					fees = { maker = "0", taker = "0.3bp" },
				},
				{
					symbol = "USDCNH", base = "USD", quote = "CNH",
					px_dp = 4, qty_dp = 0, tick = "0.0001", lot = 1,
					mid = "7.2",
					fees = { maker = "0", taker = "0.1bp" },
				},
			},
			accounts = { { name = "main", balances = { USD = 20000000 } } },
			knobs = {
				["delay.feed"] = "uniform:300us:900us",
				["delay.in"] = "lognormal:400us:700us:8ms",
				["delay.out"] = "uniform:300us:900us",
			},
		},
	},
}
