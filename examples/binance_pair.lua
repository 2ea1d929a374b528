-- The basis between Binance spot BTCUSDT and the USD-M perpetual BTCUSDT.
--
--   tandem check examples/binance_pair.lua             is all of this right?
--   tandem check --explain                             what every setting means
--   tandem run examples/binance_pair.lua               the host
--
-- A configuration is a Lua file that returns a table. It runs in an empty environment: locals and
-- arithmetic work, nothing else does. Paths count from the folder of this file. Times, rates and
-- sizes carry their unit ("600ms", "10bp", "64MiB"); decimals are exact, in quotes or without.
--
-- Keys: make four files, each with one line and nothing else, and let nobody else read them:
--
--   mkdir -p examples/keys && cd examples/keys
--   install -m 600 /dev/null spot.key  && install -m 600 /dev/null spot.secret
--   install -m 600 /dev/null usdm.key  && install -m 600 /dev/null usdm.secret
--
-- and paste into them what Binance shows you once. Give a key the right to trade and no right to
-- withdraw, and bind it to this machine's address.
--
-- Try it with play money first. The test networks have keys of their own and these addresses:
--   spot   stream = "wss://stream.testnet.binance.vision/stream",
--          api = "wss://ws-api.testnet.binance.vision/ws-api/v3", rest = "https://testnet.binance.vision"
--   USD-M  stream = "wss://fstream.binancefuture.com/stream",
--          api = "wss://testnet.binancefuture.com/ws-fapi/v1", rest = "https://testnet.binancefuture.com",
--          user = "wss://fstream.binancefuture.com/ws"
-- Venues move them from time to time: compare with the venue's own documentation.

return {
	-- The markets that are connected to.
	venues = {
		{
			name = "spot",
			adapter = "binance_spot",
			url = {
				stream = "wss://stream.binance.com:9443/stream",
				api = "wss://ws-api.binance.com:443/ws-api/v3",
				rest = "https://api.binance.com",
			},
			recv_window = "5s",      -- a request older than this is refused by the venue
			answer_timeout = "2s",   -- no answer by then: the outcome is unknown, and is asked for
			settle = "3s",           -- from then on the venue's "no such order" is believed
			messages_per_s = 20,     -- orders and cancels; the venue's own limits still hold
			reserve_pct = 20,        -- of which this part is kept for cancels and rescues
			record = false,          -- true: its market data is kept in the store as it came
			-- What you know of the way to it closes the open side of its clock, where it only stamps:
			-- max_min_delay = "3ms",
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

	-- The logins that orders are sent under. Accounts of one group never trade with each other.
	accounts = {
		{
			name = "spot_main",
			group = "main",
			venue = "spot",
			api_key_file = "keys/spot.key",
			secret_file = "keys/spot.secret",
			key_type = "hmac",       -- or "ed25519", with a private key in PEM as secret_file
		},
		{
			name = "usdm_main",
			group = "main",
			venue = "usdm",
			api_key_file = "keys/usdm.key",
			secret_file = "keys/usdm.secret",
		},
	},

	-- What is traded. Tick, lot and least sizes come from the venue unless they stand here.
	instruments = {
		{
			name = "BINANCE.BTCUSDT",
			venue = "spot",
			symbol = "BTCUSDT",
			base = "BTC",            -- exposure is counted in it: both legs must agree
			quote = "USDT",
			kind = "spot",
			px_dp = 2,
			qty_dp = 8,              -- of the wire, finer than the lot: old orders in the book may be
			-- Of your own tier: the net basis is what is left after them.
			fees = { maker = "10bp", taker = "10bp", charged_in = "received" },
			tick = "0.01",
			lot = "0.00001",
			min_qty = "0.00001",
			min_notional = 5,
			-- How its silence is read; this is what the adapter gets, and needs not be said:
			-- feed_model = "probed", -- when it is quiet the venue is asked; Binance's default
			-- Traded round the clock: no calendar. A future in Shanghai has calendar = "SHFE.au",
			-- unit = "CNY/g", base_unit = "g" and vat = "13%"; its partner multiplier = "100 ozt".
		},
		{
			name = "BINANCE.BTCUSDT.PERP",
			venue = "usdm",
			symbol = "BTCUSDT",
			base = "BTC",
			quote = "USDT",
			kind = "linear",
			multiplier = 1,          -- BTC for one unit of quantity
			px_dp = 2,
			qty_dp = 3,
			fees = { maker = "2bp", taker = "5bp" },
			tick = "0.1",
			lot = "0.001",
			min_qty = "0.001",
			min_notional = 100,
			margin = "5%",
		},
	},

	-- What runs: one script, bound to two instruments. The order of the legs is that of the basis:
	-- near minus far.
	strategies = {
		{
			name = "btc_spot_perp",
			file = "../strategies/executable_cross.lua",
			legs = { near = "BINANCE.BTCUSDT", far = "BINANCE.BTCUSDT.PERP" },
			accounts = { near = "spot_main", far = "usdm_main" },
			params = { open_bp = 12, close_bp = 2, lots = 2, max_pos = 20 },
			lot_base = "0.001",      -- one pair lot: 0.001 BTC on each leg
			-- The basis is also worked out for this size, through the depth of both books; and where
			-- it stands against the last ten minutes:
			-- want_lots = 5, bands = { window = "10min", sample = "1s" },
			-- The script states limits too; the tighter one counts.
			limits = {
				max_pair_lots = 5,
				max_pos_lots = 20,
				max_pairs_in_flight = 1,
				rescue_budget = 25,      -- USDT that finishing a broken pair may cost
				max_age = "2s",
				max_skew = "600ms",
				leg_timeout = "300ms",
				pair_timeout = "10s",
				max_slip_ticks = 20,
				max_unwind_slip_ticks = 200,
				on_leg_fail = "cheapest",
			},
		},
	},

	-- Bounds that no script can widen.
	risk = {
		max_order_notional = 1000,
		max_position_notional = 5000,
		max_position_base = "0.05",
		max_imbalance_base = "0.01",
		residual_tolerance_base = "0.0005",
		collar = "50bp",
		max_age = "2s",
		max_skew = "1s",
		max_clock_bound = "250ms", -- how far a venue's clock may be off against ours, at worst
		close_margin = "60s",    -- before a market with a calendar closes, nothing is opened
		messages_per_s = 40,
		max_pairs_in_flight = 2,
		max_rejects_per_min = 10,
		cool_down = "5s",
	},

	-- Where receipts go.
	store = {
		path = "../btc.db",
		ring_bytes = "64MiB",
		durability = "process",  -- survives a crash of the host; "power" survives that of the machine
		checkpoint_every = 1024,
	},

	engine = {
		spin = false,            -- true: one core for some 20 us a hop
		cpu = -1,
		script_budget = "1ms",
		script_memory = "32MiB",
	},
}
