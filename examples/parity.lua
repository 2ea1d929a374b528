-- Gold and copper at home against gold and copper abroad (内外盘: 沪金/COMEX, 沪铜/LME), with currency, unit, tax and
-- premium: strategies/parity.lua twice. Runs against examples/parity_venue.lua.
--
--   tandem venue examples/parity_venue.lua     first, in another terminal
--   tandem check examples/parity.lua           is all of this right?
--   tandem run examples/parity.lua             the host
--
-- Of a real desk the addresses, keys, fees and calendars differ; units, vat and parameters are as here.

local limits = {
	max_pairs_in_flight = 1,
	max_age = "3s", max_skew = "1500ms", max_clock_bound = "1s",
	close_margin = "20s",            -- before a break nothing is opened
	leg_timeout = "500ms", pair_timeout = "5s",
	max_slip_ticks = 20, max_unwind_slip_ticks = 200,
	rescue_budget = 20000,
	on_leg_fail = "cheapest",
}

return {
	venues = {
		{
			name = "shfe",
			adapter = "diff",
			ca_file = "metals/tls/ca.pem",
			url = { stream = "wss://localhost:19111/md", api = "wss://localhost:19111/trade" },
			answer_timeout = "1s", settle = "1s", backoff_min = "200ms", backoff_max = "5s",
			feed_silence = "60s", max_min_delay = "50ms", messages_per_s = 20,
		},
		{
			name = "abroad",
			adapter = "binance_usdm",
			ca_file = "metals/tls/ca.pem",
			url = {
				stream = "wss://localhost:19112/public",
				api = "wss://localhost:19112/ws-fapi/v1",
				rest = "https://localhost:19112",
				user = "wss://localhost:19112/private",
			},
			answer_timeout = "500ms", settle = "1s", backoff_min = "100ms", backoff_max = "2s",
			messages_per_s = 50,
		},
	},
	accounts = {
		{
			name = "home", group = "desk", venue = "shfe", broker = "simnow",
			api_key_file = "metals/keys/shfe_main.key", secret_file = "metals/keys/shfe_main.secret",
		},
		{
			name = "abroad", group = "desk", venue = "abroad",
			api_key_file = "metals/keys/abroad_main.key", secret_file = "metals/keys/abroad_main.secret",
		},
	},
	instruments = {
		{
			-- No vat: gold that is delivered over the exchange is free of it, so its price contains none.
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
			px_dp = 2, qty_dp = 3, tick = "0.1", lot = "0.001", min_qty = "0.001", margin = "5%",
			fees = { maker = "0", taker = "0.3bp" },
		},
		{
			name = "SHFE.cu2704", venue = "shfe", symbol = "SHFE.cu2704",
			base = "CU", quote = "CNY", kind = "linear",
			unit = "CNY/t", base_unit = "t", multiplier = "5 t", vat = "13%",
			px_dp = 0, qty_dp = 0, tick = 10, lot = 1, min_qty = 1, max_qty = 500,
			calendar = "SHFE.cu", margin = "10%",
			fees = { maker = "0", taker = "0.5bp", close_today = "1bp" },
		},
		{
			name = "CAUSD", venue = "abroad", symbol = "CAUSD",
			base = "CU", quote = "USD", kind = "linear",
			unit = "USD/t", base_unit = "t", multiplier = "25 t",
			px_dp = 1, qty_dp = 0, tick = "0.5", lot = 1, min_qty = 1, margin = "5%",
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
			name = "gold", file = "../strategies/parity.lua",
			legs = { near = "SHFE.au2704", far = "XAUUSD" }, refs = { usdcnh = "USDCNH" },
			params = { ounces = 1, open_bp = 5, fx_bp = 1, close_bp = 2, stop_bp = 200, lots = 1, max_pos = 4 },
			limits = limits,
		},
		{
			-- Five lots at home are one abroad.
			name = "copper", file = "../strategies/parity.lua",
			legs = { near = "SHFE.cu2704", far = "CAUSD" }, refs = { usdcnh = "USDCNH" },
			params = { ounces = 0, premium = 60, open_bp = 5, fx_bp = 1, export_bp = 0, close_bp = 2, lots = 1, max_pos = 3 },
			limits = limits,
		},
	},
	risk = {
		max_order_notional = 20000000,
		max_position_notional = 200000000,
		residual_tolerance_base = 10,
		collar = "100bp",
		max_age = "3s", max_skew = "1500ms", max_clock_bound = "1s",
		close_margin = "20s",
		messages_per_s = 60,
		max_pairs_in_flight = 2,
		max_rejects_per_min = 100,
		cool_down = "200ms",
	},
	store = { path = "metals.db", ring_bytes = "32MiB", checkpoint_every = 4096 },
	engine = { clock_page = "metals/clock" },
}
