-- Metals at home and abroad, on this machine: gold and copper at SHFE behind a counter that speaks DIFF; gold in USD/ozt,
-- copper in USD/t and the exchange rate on a venue that speaks Binance's futures protocol.
--
--   tandem venue examples/parity_venue.lua     then, in another terminal:   tandem run examples/parity.lua
--
-- The prices at home are made of those abroad and the rate; that of copper contains 13 % of tax, and 60 USD/t of premium
-- at 9,500 USD/t. Remove the folder to begin anew.

return {
	dir = "metals",
	seed = 11,
	speed = 1,
	source = {
		generator = {
			start = "2027-03-02T01:05:00Z", -- 09:05 in Shanghai, a Tuesday
			basis_dev = "1bp",
			excursion_every = "6s",
			excursion = "25bp",
		},
	},
	venues = {
		{
			name = "shfe",
			wire = "diff",
			port = 19111,
			symbols = {
				{
					symbol = "SHFE.au2704", base = "XAU", quote = "CNY",
					px_dp = 2, qty_dp = 0, multiplier = 1000, -- grams
					tick = "0.02", lot = 1, min_qty = 1, max_qty = 30,
					calendar = "SHFE.au", settle_px = 613, percent_price = "8%", open_limit = 100000, margin = "10%",
					fees = { maker = "0", taker = "0", per_lot = 10, close_today_per_lot = 0 },
					follows = "XAUUSD", rate = "USDCNH", part = "1/31.1034768",
				},
				{
					symbol = "SHFE.cu2704", base = "CU", quote = "CNY",
					px_dp = 0, qty_dp = 0, multiplier = 5, -- tonnes
					tick = 10, lot = 1, min_qty = 1, max_qty = 500,
					calendar = "SHFE.cu", settle_px = 77780, percent_price = "8%", open_limit = 100000, margin = "10%",
					fees = { maker = "0", taker = "0.5bp", close_today = "1bp" },
					follows = "CAUSD", rate = "USDCNH", part = "11371/10000", -- 1.13 * (1 + 60 / 9500)
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
			port = 19112,
			symbols = {
				{
					symbol = "XAUUSD", base = "XAU", quote = "USD",
					px_dp = 1, qty_dp = 3, multiplier = 100, -- ounces
					tick = "0.1", lot = "0.001", min_qty = "0.001", mid = 2650, margin = "5%",
					fees = { maker = "0", taker = "0.3bp" },
				},
				{
					symbol = "USDCNH", base = "USD", quote = "CNH",
					px_dp = 4, qty_dp = 0, tick = "0.0001", lot = 1, mid = "7.2",
					fees = { maker = "0", taker = "0.1bp" },
				},
				{
					symbol = "CAUSD", base = "CU", quote = "USD",
					px_dp = 1, qty_dp = 0, multiplier = 25, -- tonnes, as LME's lots
					tick = "0.5", lot = 1, min_qty = 1, mid = 9500, margin = "5%",
					fees = { maker = "0", taker = "0.3bp" },
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
