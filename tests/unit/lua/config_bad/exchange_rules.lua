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
		{ name = "F.BTC", venue = "usdm", symbol = "BTCUSDT", exchange = "SHEF", base = "BTC", quote = "USDT", kind = "linear",
		  fees = { maker = "2bp", taker = "5bp" } },
	},
	strategies = {
		{ name = "one", file = "good.lua", legs = { near = "S.BTC", far = "F.BTC" }, accounts = { near = "a_spot" },
		  limits = { rescue_budget = 25 } },
	},
	risk = { max_order_notional = 1000, max_position_notional = 5000 },
	store = { path = "db" },
	exchange_rules = {
		{ exchange = "SHFE", from = "2025-10-09", verified = "2026-01-15", large_cancels = 50 },
		{ exchange = "DCE", from = "2025-10-09", verified = "2026-01-15", warn_pct = 95 },
		{ exchange = "DCE", instrument = "F.BTC", from = "2025-10-09", exempt = { "a_x" } },
	},
}
--! 16: no exchange_rules are of "SHEF"; what it does would be counted against no limit; add a rule of that exchange (examples/exchange_rules.lua has some), or take exchange out
--! 26: large_cancels of SHFE are bounded, but no cancel is large; nothing would be counted; add large_cancel_lots = ...
--! 27: warn_pct (95) is above block_pct (90); nobody would be told before nothing opens; lower the one or raise the other
--! 28: exchange_rules[3] has no "verified"; it is the day on which somebody last compared it with the exchange's own text; add verified = ..., a day such as "2026-10-01"
--! 28: F.BTC is not of exchange "DCE"; the rule would bind nothing; write exchange = "DCE" there, or name another
--! 28: exchange_rules[3].exempt[1] is "a_x", and there is no account of that name; it must stand in this file; add it or name one that does
