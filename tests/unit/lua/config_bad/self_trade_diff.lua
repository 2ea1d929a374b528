return {
	venues = {
		{ name = "spot", adapter = "binance_spot", url = {
			stream = "wss://s.example:9443", api = "wss://a.example/ws-api/v3", rest = "https://r.example" } },
		{ name = "cn", adapter = "diff", self_trade = "expire_taker", url = {
			stream = "wss://f.example/q", api = "wss://fa.example/t" } },
	},
	accounts = {
		{ name = "a_spot", venue = "spot", api_key_file = "good.key", secret_file = "good.secret" },
		{ name = "a_cn", venue = "cn", broker = "b", api_key_file = "good.key", secret_file = "good.secret" },
	},
	instruments = {
		{ name = "S.BTC", venue = "spot", symbol = "BTCUSDT", base = "BTC", quote = "USDT", kind = "spot",
		  fees = { maker = "10bp", taker = "10bp" } },
		{ name = "F.BTC", venue = "cn", symbol = "x", base = "BTC", quote = "USDT", kind = "linear", min_qty = 1, px_dp = 2, qty_dp = 0, tick = "0.1", lot = 1,
		  fees = { maker = "2bp", taker = "5bp" } },
	},
	strategies = {
		{ name = "one", file = "good.lua", legs = { near = "S.BTC", far = "F.BTC" },
		  limits = { rescue_budget = 25 } },
	},
	risk = { max_order_notional = 1000, max_position_notional = 5000 },
	store = { path = "db" },
}
--! 5: self_trade is of venue "cn", which speaks diff; its orders have no such word, and only risk.self_match guards there; take it out
