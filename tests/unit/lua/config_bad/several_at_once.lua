return {
	venues = {
		{ name = "spot", adapter = "binance_spot", url = {
			stream = "wss://s.example:9443", api = "wss://a.example/ws-api/v3", rest = "https://r.example" } },
		{ adapter = "binance_usdm", url = {
			stream = "wss://f.example/public", api = "wss://fa.example/ws-fapi/v1",
			rest = "https://fr.example", user = "wss://f.example/private" } },
	},
	accounts = {
		{ name = "a_spot", venue = "spot", api_key_file = "good.key", secret_file = "good.secret" },
		{ name = "a_usdm", venue = "usdm", api_key_file = "good.key", secret_file = "good.secret" },
	},
	instruments = {
		{ name = "S.BTC", venue = "spot", symbol = "BTCUSDT", base = "BTC", quote = "USDT", kind = "sport",
		  fees = { maker = "10bp", taker = "10bp" } },
		{ name = "F.BTC", venue = "usdm", symbol = "BTCUSDT", base = "BTC", quote = "USDT", kind = "linear",
		  fees = { maker = "2bp", taker = "5" } },
	},
	strategies = {
		{ name = "one", file = "good.lua", legs = { near = "S.BTC", far = "F.BTC" },
		  limits = { rescue_budget = 25 } },
	},
	risk = { max_order_notional = 1000, max_position_notional = 5000 },
	store = { path = "~/db" },
}
--! 5: venues[2] has no "name"; it is what the venue is called in this file, in receipts and in commands; add name = ..., a name in quotes
--! 11: accounts[2].venue is "usdm", and there is no venue of that name; it must stand in this file; add it or name one that does
--! 14: instruments[1].kind is "sport"; there is "linear", "inverse", "spot"; did you mean "spot"?
--! 16: instruments[2].venue is "usdm", and there is no venue of that name; it must stand in this file; add it or name one that does
--! 17: instruments[2].fees.taker is 5, a rate without a unit; that could be per cent or a part of one; write "10bp", "0.1%" or "1000ppm"
--! 24: store.path begins with ~; only a shell knows what that means; write the path in full
