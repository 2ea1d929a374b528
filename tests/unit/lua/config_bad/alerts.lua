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
		{ name = "one", file = "good.lua", legs = { near = "S.BTC", far = "F.BTC" }, accounts = { near = "a_spot" },
		  limits = { rescue_budget = 25 } },
	},
	risk = { max_order_notional = 1000, max_position_notional = 5000 },
	store = { path = "db" },
	alerts = {
		{ match = "pair_hold", sinks = { "log" } },
		{ match = "*/loud", sinks = { "log", "command" } },
		{ match = "*/*/*/*/*", sinks = { "webhook" } },
	},
	alert_webhook = "http://far.example/S3CRET",
	alert_command = { "bin/tell" },
}
--! 26: "pair_hold" is no code of an alert; the rule would fit nothing; they are note, trouble, failure, script, script_error, quarantine, pair_held, pair_state, unknown_order, late_fill, over_fill, foreign_fill, bust, correction, venue_down, venue_up, reconcile, fence, dead_man, feed_stale, venue_rule, clock, journal, recording, limit, kill, exchange_warn, exchange_bound, sink_failed, repair, expiry, forced, breach, cancel, reload, stall, interpreted, receipts_lost, checkpoint
--! 27: "loud" is no severity; the rule would fit nothing; write info, warning, critical or *
--! 28: "*/*/*/*/*" has more than four parts; a match is code/severity/instance/venue; take out the rest
--! 30: alert_webhook is not encrypted and leaves this machine; alerts could be read and held back on the way; write https://
--! 31: "bin/tell" cannot be executed; no shell and no search path is used; write the whole path of a program that this user may run
