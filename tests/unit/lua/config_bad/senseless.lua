local function venue(name, settle) return { name = name, adapter = "binance_usdm", settle = settle, url = {
	stream = "wss://f.example/public", api = "wss://fa.example/ws-fapi/v1", rest = "https://fr.example", user = "wss://f.example/private" } } end
local function bought(name, venue, quote) return { name = name, venue = venue, symbol = "BTC" .. quote, base = "BTC", quote = quote, kind = "linear", fees = { maker = "10bp", taker = "10bp" } } end
local legs = { near = "A.BTC", far = "B.BTC" }
return {
	venues = { venue("a", "3s"), venue("b", "100ms") },
	accounts = {
		{ name = "a", venue = "a", api_key_file = "good.key", secret_file = "good.secret" },
		{ name = "b", venue = "b", api_key_file = "good.key", secret_file = "good.secret" },
	},
	instruments = { bought("A.BTC", "a", "USDT"), bought("B.BTC", "b", "USDT"), bought("C.BTC", "b", "USDC") },
	strategies = {
		{ name = "steps", file = "good.lua", legs = legs,
		  limits = { rescue_budget = 25, max_slip_ticks = 4, max_unwind_slip_ticks = 4 },
		  rescue = {
			wait = { max_ticks = 3 },
			chase = { time = "1s",
				pay_up_ticks = 5,
				every = "2s" },
			unwind = {
				max_money = 26 },
			keep_edge = "50%",
			unknown_after = "1s",
			expiry = { action = "flatten",
				before = "0s" },
		  } },
		{ name = "policy", file = "good.lua", legs = legs,
		  limits = { rescue_budget = 25, max_unwind_slip_ticks = 0,
			on_leg_fail = "unwind",
			pair_timeout = "2s" },
		  execution = { rest = "100ms",
			requote_every = "200ms",
			max_stagger = "1s" },
		  rescue = {
			chase = { time = "1s" } } },
		{ name = "stagger", file = "good.lua", legs = { near = "B.BTC", far = "C.BTC" },
		  limits = { rescue_budget = 25, pair_timeout = "500ms" },
		  execution = { max_stagger = "500ms" } },
	},
	risk = { max_order_notional = 1000, max_position_notional = 5000 },
	limits = { { limit = "reject_ratio",
		value = "101%" } },
	store = { path = "db" },
}
--! 16: rescue.wait of "steps" has no time; the step would never be taken; write time = "2s" into it, or take it out
--! 18: rescue.chase.pay_up_ticks of "steps" is 5, and its price may be 4 ticks from the reference at most; it would never be paid; lower it, or raise limits.max_slip_ticks
--! 19: rescue.chase.every of "steps" is longer than its time; its price would never be looked at; lower it, or raise time
--! 21: rescue.unwind.max_money of "steps" is above limits.rescue_budget; the budget would count; lower this one or raise that
--! 22: rescue.keep_edge of "steps" lets completing go as far as max_unwind_slip_ticks, which is not beyond max_slip_ticks; it would count for nothing; raise max_unwind_slip_ticks, or take it out
--! 23: rescue.unknown_after of "steps" is of on_unknown = "flatten"; with "hold" it would count for nothing; add that, or take this out
--! 25: rescue.expiry of "steps" is to flatten, and before is 0, which is never; the position would run into its expiry; write before = "1d"
--! 29: on_leg_fail of "policy" is "unwind", and max_unwind_slip_ticks is 0; a leg could be taken back only at its own price, and else the pair is held; raise max_unwind_slip_ticks, or write another on_leg_fail
--! 30: limits.pair_timeout of "policy" (2s) is shorter than settle of venue "a"; an order that never arrived is not known to be gone before that, so every such pair would be held; raise it, or lower that
--! 35: rescue.chase of "policy" is a way to complete, and on_leg_fail is "unwind"; it would never be taken; take it out, or write on_leg_fail = "cheapest"
--! 38: execution.max_stagger of "stagger" (500ms) is not below limits.pair_timeout; a leg would leave when the pair's time is over; lower it
--! 42: limits[1].value is 101%, more than 100%; it is the bound, a rate; write "100%" or less
