-- Two simulated markets on this machine: a spot book and a perpetual on it, over TLS, made by the
-- built-in generator.
--
--   tandem venue examples/venue.lua            at the market's own pace
--   tandem venue examples/venue.lua --speed 5  five times as fast, for hosts that follow its clock
--   tandem venue --explain                     what every setting means
--
-- It prints one line, `ready`, when it listens. What a host needs stands in dir/endpoints.json:
-- ports, the certificate to trust, the files of the API keys. Killed and started again it goes on
-- where it was: same keys, same ports, same balances and orders. Remove the folder to begin anew.

local btcusdt = { symbol = "BTCUSDT", base = "BTC", quote = "USDT" }

return {
	dir = "venue",               -- ledgers, keys, certificates, state
	seed = 7,
	speed = 1,                   -- or "max": as fast as host and venues can
	start = "subscribed",        -- the market begins once each venue has a subscriber

	source = {
		generator = {
			mid = 61800,
			basis = "2bp",           -- the perpetual over spot, in the mean
			excursion_every = "4s",  -- it strays so often,
			excursion = "25bp",      -- and so far
		},
		-- or frames that were recorded, files by venue:
		-- recording = { spot = "spot.gz", usdm = { "usdm_1.gz", "usdm_2.gz" } },
	},

	venues = {
		{
			name = "spot",
			wire = "binance_spot",
			port = 0,                -- any; the same one after a restart
			symbols = {
				{
					symbol = btcusdt.symbol, base = btcusdt.base, quote = btcusdt.quote,
					px_dp = 2, qty_dp = 5,
					tick = "0.01", lot = "0.00001", min_qty = "0.00001", min_notional = 5,
					fees = { maker = "10bp", taker = "10bp", charged_in = "received" },
				},
			},
			accounts = {
				{ name = "main", balances = { USDT = 200000, BTC = 2 } },
			},
			-- How badly it behaves. All chance comes from the seed.
			knobs = {
				["delay.feed"] = "uniform:200us:600us",
				["delay.in"] = "lognormal:300us:500us:5ms",
				["delay.out"] = "uniform:200us:600us",
				-- reject = "0.5%", partial = "2%", ["drop.out"] = "0.1%",
				-- plan = { "disconnect@12s", "freeze@20s:500ms", "halt@30s:2s" },
			},
		},
		{
			name = "usdm",
			wire = "binance_usdm",
			symbols = {
				{
					symbol = btcusdt.symbol, base = btcusdt.base, quote = btcusdt.quote,
					px_dp = 1, qty_dp = 3,
					tick = "0.1", lot = "0.001", min_qty = "0.001", min_notional = 100,
					margin = "5%",
					fees = { maker = "2bp", taker = "5bp" },
				},
			},
			accounts = {
				{ name = "main", leverage = 20, balances = { USDT = 100000 } },
			},
			knobs = {
				["delay.feed"] = "uniform:300us:900us",
				["delay.in"] = "lognormal:400us:700us:8ms",
				["delay.out"] = "uniform:300us:900us",
			},
		},
	},
}
