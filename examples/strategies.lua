-- Every strategy that ships and trades one currency, bound to Binance: spot, the perpetual, and two dated futures of BTC.
-- What each does stands on its page in strategies/; the metals are in parity.lua.
--
--   tandem check examples/strategies.lua    is all of this right?
--
-- Keys as in binance_pair.lua. Run one or two of them, not all: take out the instances that you do not want. Numbers here
-- show the shape; yours follow from your fees and from what you have measured.

local limits = {
	max_pair_lots = 5,
	max_pos_lots = 20,
	max_pairs_in_flight = 1,
	rescue_budget = 25,          -- USDT that finishing a broken pair may cost
	max_age = "2s",
	max_skew = "600ms",
	leg_timeout = "300ms",
	pair_timeout = "10s",
	max_slip_ticks = 20,
	max_unwind_slip_ticks = 200,
	on_leg_fail = "cheapest",
}

local spot, perp = "BINANCE.BTCUSDT", "BINANCE.BTCUSDT.PERP"
local march, june = "BINANCE.BTCUSDT.2703", "BINANCE.BTCUSDT.2706"
local futures = { base = "BTC", quote = "USDT" }

return {
	venues = {
		{
			name = "spot",
			adapter = "binance_spot",
			url = {
				stream = "wss://stream.binance.com:9443/stream",
				api = "wss://ws-api.binance.com:443/ws-api/v3",
				rest = "https://api.binance.com",
			},
			messages_per_s = 20,
		},
		{
			name = "usdm",
			adapter = "binance_usdm",
			url = {
				stream = "wss://fstream.binance.com/public/stream",
				api = "wss://ws-fapi.binance.com/ws-fapi/v1",
				rest = "https://fapi.binance.com",
				user = "wss://fstream.binance.com/private/ws",
			},
			messages_per_s = 20,
		},
	},
	accounts = {
		{ name = "spot_main", group = "main", venue = "spot", api_key_file = "keys/spot.key", secret_file = "keys/spot.secret" },
		{ name = "usdm_main", group = "main", venue = "usdm", api_key_file = "keys/usdm.key", secret_file = "keys/usdm.secret" },
	},
	instruments = {
		{
			name = spot, venue = "spot", symbol = "BTCUSDT", base = "BTC", quote = "USDT", kind = "spot",
			px_dp = 2, qty_dp = 8, tick = "0.01", lot = "0.00001", min_qty = "0.00001", min_notional = 5,
			fees = { maker = "10bp", taker = "10bp", charged_in = "received" },
		},
		{
			name = perp, venue = "usdm", symbol = "BTCUSDT", base = futures.base, quote = futures.quote, kind = "linear",
			px_dp = 2, qty_dp = 3, tick = "0.1", lot = "0.001", min_qty = "0.001", min_notional = 100, margin = "5%",
			fees = { maker = "2bp", taker = "5bp" },
		},
		{
			name = march, venue = "usdm", symbol = "BTCUSDT_270326", base = futures.base, quote = futures.quote, kind = "linear",
			px_dp = 2, qty_dp = 3, tick = "0.1", lot = "0.001", min_qty = "0.001", min_notional = 100, margin = "5%",
			fees = { maker = "2bp", taker = "5bp" }, expiry = "2027-03-26T08:00:00Z",
		},
		{
			name = june, venue = "usdm", symbol = "BTCUSDT_270625", base = futures.base, quote = futures.quote, kind = "linear",
			px_dp = 2, qty_dp = 3, tick = "0.1", lot = "0.001", min_qty = "0.001", min_notional = 100, margin = "5%",
			fees = { maker = "2bp", taker = "5bp" }, expiry = "2027-06-25T08:00:00Z",
		},
	},
	strategies = {
		{
			name = "cross", file = "../strategies/executable_cross.lua",
			legs = { near = spot, far = perp }, lot_base = "0.001", limits = limits,
			params = { open_bp = 12, close_bp = 2, lots = 2, max_pos = 20 },
		},
		{
			-- The calendar spread in USDT: sold from 350, bought from 250, each 25 further again; 60 USDT to come back.
			name = "calendar", file = "../strategies/spread_threshold.lua",
			legs = { near = june, far = march }, lot_base = "0.001", limits = limits,
			params = { sell_at = 350, buy_at = 250, step = 25, take = 150, stop = 300, lots = 2, max_pos = 10 },
		},
		{
			-- Around a ratio that follows the market with a half-life of two hours.
			name = "ratio", file = "../strategies/ratio.lua",
			legs = { near = june, far = perp }, lot_base = "0.001", limits = limits,
			params = { half_life = 7200, open_bp = 25, close_bp = 3, stop_bp = 120, max_hold = 86400, lots = 2, max_pos = 10 },
		},
		{
			name = "z", file = "../strategies/z_bands.lua",
			legs = { near = march, far = perp }, lot_base = "0.001", limits = limits,
			bands = { window = "30min", sample = "1s" },
			params = { open_z = 2.5, close_z = 0.3, stop_z = 6, min_edge_bp = 2, half_lives = 4, lots = 2, max_pos = 10 },
		},
		{
			-- Cash and carry against the dated future: spot bought, the future sold where it locks in 10 bp more than 5 % a year.
			name = "carry_march", file = "../strategies/carry.lua",
			legs = { spot = spot, future = march }, lot_base = "0.001", limits = limits,
			params = { rate_pct = 5, expiry = 20270326, expiry_h = 8, exit_days = 1, open_bp = 10, close_bp = 2, lots = 2, max_pos = 20 },
			rescue = { expiry = { action = "flatten", before = "12h" } },
		},
		{
			-- Against the perpetual: 1.5 bp of funding expected every 8 hours, over three days.
			name = "carry_perp", file = "../strategies/carry.lua",
			legs = { spot = spot, future = perp }, lot_base = "0.001", limits = limits,
			params = { rate_pct = 5, funding_bp = 1.5, interval_h = 8, horizon_h = 72, open_bp = 8, close_bp = 0, lots = 2, max_pos = 20 },
		},
		{
			-- Rests in the dated future, where few trade, and hedges in the perpetual.
			name = "maker", file = "../strategies/passive_hedge.lua",
			legs = { near = march, far = perp }, lot_base = "0.001", limits = limits,
			execution = { rest = "5s", requote_ticks = 2, requote_every = "200ms" },
			params = { fair_bp = 40, open_bp = 5, close_bp = -1, saves_bp = 3, reach_bp = 4, stop_bp = 60, lots = 2, max_pos = 10 },
		},
		{
			-- Ten lots of spot against March, in June's contract by the 24th.
			name = "roll", file = "../strategies/roll.lua",
			legs = { stays = spot, old = march, next = june }, lot_base = "0.001", limits = limits,
			params = {
				from = 20270318, to = 20270324, hour = 8, fair_bp = 100, patient_bp = 2, most_bp = 12, pause = 30, lots = 1,
				build = 1, target = 10, open_bp = 60,
			},
			rescue = { expiry = { action = "flatten", before = "12h" } },
		},
	},
	risk = {
		max_order_notional = 2000,
		max_position_notional = 20000,
		max_position_base = "0.2",
		max_imbalance_base = "0.01",
		residual_tolerance_base = "0.0005",
		collar = "50bp",
		max_age = "2s",
		max_skew = "1s",
		max_clock_bound = "250ms",
		close_margin = "60s",
		messages_per_s = 40,
		max_pairs_in_flight = 4,
		max_rejects_per_min = 10,
		cool_down = "5s",
	},
	store = { path = "../strategies.db", ring_bytes = "64MiB", checkpoint_every = 1024 },
}
