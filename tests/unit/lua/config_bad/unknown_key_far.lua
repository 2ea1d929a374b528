return {
	venues = {
		{ name = "spot", adapter = "binance_spot", url = {
			stream = "wss://s.example:9443", api = "wss://a.example/ws-api/v3", rest = "https://r.example" } },
		{ name = "usdm", adapter = "binance_usdm", url = {
			stream = "wss://f.example/public", api = "wss://fa.example/ws-fapi/v1",
			rest = "https://fr.example", user = "wss://f.example/private" } },
	},
	accounts = {
		{ name = "a_spot", venue = "spot", api_key_file = "good.key", secret_file = "good.secret" },
		{ name = "a_usdm", venue = "usdm", api_key_file = "good.key", secret_file = "good.secret" },
	},
	instruments = {
		{ name = "S.BTC", venue = "spot", symbol = "BTCUSDT", base = "BTC", quote = "USDT", kind = "spot",
		  fees = { maker = "10bp", taker = "10bp" } },
		{ name = "F.BTC", venue = "usdm", symbol = "BTCUSDT", base = "BTC", quote = "USDT", kind = "linear",
		  fees = { maker = "2bp", taker = "5bp" } },
	},
	strategies = {
		{ name = "one", file = "good.lua", legs = { near = "S.BTC", far = "F.BTC" },
		  limits = { rescue_budget = 25 } },
	},
	risk = { max_order_notional = 1000, max_position_notional = 5000 },
	store = { colour = "red", path = "db" },
}
--! 24: "colour" is no setting of store; a misspelt one would count as absent; there is path, ring, ring_bytes, durability, key, checkpoint_to, checkpoint_every, archive_to, keep_days
