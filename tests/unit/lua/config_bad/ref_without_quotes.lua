return {
	venues = {
		{ name = "spot", adapter = "binance_spot", url = {
			api = "wss://a.example/ws-api/v3", rest = "https://r.example" } },
		{ name = "usdm", adapter = "binance_usdm", url = {
			stream = "wss://f.example/public", api = "wss://fa.example/ws-fapi/v1",
			rest = "https://fr.example", user = "wss://f.example/private" } },
	},
	accounts = {
		{ name = "a_spot", venue = "spot", api_key_file = "good.key", secret_file = "good.secret" },
		{ name = "a_usdm", venue = "usdm", api_key_file = "good.key", secret_file = "good.secret" },
	},
	instruments = {
		{ name = "F.ETH", venue = "usdm", symbol = "ETHUSDT", base = "BTC", quote = "USDT", kind = "linear",
		  fees = { maker = "10bp", taker = "10bp" } },
		{ name = "S.BTC", venue = "spot", symbol = "BTCUSDT", base = "BTC", quote = "USDT", kind = "spot",
		  fees = { maker = "10bp", taker = "10bp" } },
		{ name = "F.BTC", venue = "usdm", symbol = "BTCUSDT", base = "BTC", quote = "USDT", kind = "linear",
		  fees = { maker = "2bp", taker = "5bp" } },
	},
	strategies = {
		{ name = "one", file = "good.lua", legs = { near = "F.BTC", far = "F.ETH" }, refs = { fx = "S.BTC" },
		  limits = { rescue_budget = 25 } },
	},
	risk = { max_order_notional = 1000, max_position_notional = 5000 },
	store = { path = "db" },
}
--! 3: venue "spot" has no url.stream; binance_spot needs it: it is where market data comes from; for Binance the path that ends in /stream; add stream = "wss://..."
--! 22: reference "fx" of "one" is priced on "spot", which has no url.stream; without quotes nothing can be converted; add the stream
