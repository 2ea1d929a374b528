-- Two markets for a client that somebody else wrote; they move at once, without waiting for a host.
return {
	dir = "venue",
	seed = 11,
	start = "now",
	source = { generator = { mid = 61800, basis = "2bp" } },
	venues = {
		{
			name = "spot",
			wire = "binance_spot",
			symbols = {
				{
					symbol = "BTCUSDT", base = "BTC", quote = "USDT",
					px_dp = 2, qty_dp = 5,
					tick = "0.01", lot = "0.00001", min_qty = "0.00001", min_notional = 5,
					fees = { maker = "10bp", taker = "10bp", charged_in = "received" },
				},
			},
			accounts = { { name = "main", balances = { USDT = 200000, BTC = 2 } } },
			knobs = { ["delay.in"] = "uniform:200us:2ms", ["delay.out"] = "uniform:200us:2ms", ["delay.feed"] = "uniform:200us:2ms" },
		},
		{
			name = "usdm",
			wire = "binance_usdm",
			symbols = {
				{
					symbol = "BTCUSDT", base = "BTC", quote = "USDT",
					px_dp = 1, qty_dp = 3,
					tick = "0.1", lot = "0.001", min_qty = "0.001", min_notional = 100,
					margin = "5%",
					fees = { maker = "2bp", taker = "5bp" },
				},
			},
			accounts = { { name = "main", leverage = 20, balances = { USDT = 100000 } } },
			knobs = { ["delay.in"] = "uniform:200us:2ms", ["delay.out"] = "uniform:200us:2ms", ["delay.feed"] = "uniform:200us:2ms" },
		},
	},
}
