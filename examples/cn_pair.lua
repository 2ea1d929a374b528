-- Domestic gold against gold abroad (内外盘), with the exchange rate as a reference: runs against examples/cn_venue.lua.
--
--   tandem venue examples/cn_venue.lua     first, in another terminal
--   tandem check examples/cn_pair.lua      is all of this right?
--   tandem run examples/cn_pair.lua        the host
--   tandem query examples/cn.db --kind pair
--
-- A real counter needs its own addresses, the broker's name as its gateway calls it, and your user and password in files of
-- mode 0600 (api_key_file, secret_file).

return {
	venues = {
		{
			name = "shfe",
			adapter = "diff",
			ca_file = "cn/tls/ca.pem",
			url = { stream = "wss://localhost:19101/md", api = "wss://localhost:19101/trade" },
			answer_timeout = "1s", settle = "1s",
			backoff_min = "200ms", backoff_max = "5s",
			feed_silence = "60s",    -- quotes come on change; a break is silent
			max_min_delay = "50ms",  -- it only stamps: what is known of the way bounds its clock
			messages_per_s = 20,
		},
		{
			name = "abroad",
			adapter = "binance_usdm",
			ca_file = "cn/tls/ca.pem",
			url = {
				stream = "wss://localhost:19102/public",
				api = "wss://localhost:19102/ws-fapi/v1",
				rest = "https://localhost:19102",
				user = "wss://localhost:19102/private",
			},
			answer_timeout = "500ms", settle = "1s",
			backoff_min = "100ms", backoff_max = "2s",
			messages_per_s = 50,
		},
	},
	accounts = {
		{
			name = "home", group = "desk", venue = "shfe", broker = "simnow",
			api_key_file = "cn/keys/shfe_main.key", secret_file = "cn/keys/shfe_main.secret",
		},
		{
			name = "abroad", group = "desk", venue = "abroad",
			api_key_file = "cn/keys/abroad_main.key", secret_file = "cn/keys/abroad_main.secret",
		},
	},
	instruments = {
		{
			name = "SHFE.au2704", venue = "shfe", symbol = "SHFE.au2704",
			base = "XAU", quote = "CNY", kind = "linear",
			unit = "CNY/g", base_unit = "g", multiplier = "1000 g",
			px_dp = 2, qty_dp = 0, tick = "0.02", lot = 1, min_qty = 1, max_qty = 30,
			calendar = "SHFE.au", margin = "10%",
			fees = { maker = "0", taker = "0", per_lot = 10, close_today_per_lot = 0 },
		},
		{
			name = "XAUUSD", venue = "abroad", symbol = "XAUUSD",
			base = "XAU", quote = "USD", kind = "linear",
			unit = "USD/ozt", base_unit = "g", multiplier = "100 ozt",
			px_dp = 2, qty_dp = 3, tick = "0.1", lot = "0.001", min_qty = "0.001",
			margin = "5%",
			fees = { maker = "0", taker = "0.3bp" },
		},
		{
			name = "USDCNH", venue = "abroad", symbol = "USDCNH",
			base = "USD", quote = "CNH", kind = "linear",
			px_dp = 4, qty_dp = 0, tick = "0.0001", lot = 1,
		},
	},
	strategies = {
		{
			name = "gold",
			file = "cn_gold.lua",
			legs = { near = "SHFE.au2704", far = "XAUUSD" },
			refs = { usdcnh = "USDCNH" },
			params = { open_bp = 6, close_bp = 2, lots = 1, max_pos = 4 },
			limits = {
				max_pairs_in_flight = 1,
				max_age = "3s", max_skew = "1500ms", max_clock_bound = "1s",
				close_margin = "20s",    -- before a break nothing is opened
				leg_timeout = "500ms", pair_timeout = "5s",
				max_slip_ticks = 20, max_unwind_slip_ticks = 200,
				rescue_budget = 20000,
				on_leg_fail = "cheapest",
			},
		},
	},
	risk = {
		max_order_notional = 20000000,
		max_position_notional = 100000000,
		residual_tolerance_base = 10,
		collar = "100bp",
		max_age = "3s", max_skew = "1500ms", max_clock_bound = "1s",
		close_margin = "20s",
		messages_per_s = 60,
		max_pairs_in_flight = 2,
		max_rejects_per_min = 100,
		cool_down = "200ms",
	},
	store = { path = "cn.db", ring_bytes = "32MiB", checkpoint_every = 4096 },
	engine = { clock_page = "cn/clock" },
}
