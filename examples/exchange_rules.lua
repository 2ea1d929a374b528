-- What China's futures exchanges allow an account in a trading day before they call it abnormal: rows for `exchange_rules` of a configuration.
-- Nothing here is active by itself: copy the rows of the exchanges that you trade at, and write exchange = "SHFE" at their instruments.
--
-- `verified` is the day on which these numbers were last compared with what was published of them, by secondary pages, not by the exchanges' own texts.
-- Exchanges change them by notice. Ask your broker, correct them, and write the day on which you did.
--
-- Accounts under common control are summed: give them one `group`. Accounts for hedging or market making that an exchange exempts stand in `exempt`.
-- At warn_pct (70) of a limit an alert says so, at block_pct (90) nothing opens there any more that day; what closes goes on.
return {
	exchange_rules = {
		{ exchange = "SHFE", from = "2025-10-09", verified = "2026-01-15",
		  cancels = 500, large_cancel_lots = 300, large_cancels = 50, self_trades = 5,
		  count_fak = false, bursts = 10, burst_messages = 10 },
		{ exchange = "INE", from = "2025-10-09", verified = "2026-01-15",
		  cancels = 500, large_cancel_lots = 300, large_cancels = 50, self_trades = 5,
		  count_fak = false, bursts = 10, burst_messages = 10 },
		{ exchange = "DCE", from = "2025-10-09", verified = "2026-01-15",
		  cancels = 500, self_trades = 5, bursts = 10, burst_messages = 10 },
		-- Once the contract has reached its price limit, 100 cancels are too many.
		{ exchange = "CZCE", from = "2025-10-09", verified = "2026-01-15",
		  cancels = 500, limit_cancels = 100, self_trades = 5, bursts = 10, burst_messages = 10 },
		-- Index futures; a bond future has 500: a row of its own, with instrument = "CFFEX.T2703", cancels = 500.
		{ exchange = "CFFEX", from = "2025-10-09", verified = "2026-01-15",
		  cancels = 400, self_trades = 5, bursts = 10, burst_messages = 10 },
		-- Stock exchanges: an account with 300 orders and cancels in a second, or 20,000 in a day, trades at high frequency.
		{ exchange = "SSE", from = "2025-07-07", verified = "2026-01-15", messages_per_s = 300, messages = 20000 },
		{ exchange = "SZSE", from = "2025-07-07", verified = "2026-01-15", messages_per_s = 300, messages = 20000 },
	},
}
