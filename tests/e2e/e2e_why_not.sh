#!/usr/bin/env bash
# Proves that a run in which a feed froze, a venue's clock was stepped and a currency's feed was cut says so afterwards: which gate closed, for how long, whose price it was, what it barred.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}" "${TANDEM_SOURCE:?}"

cat >"$dir/venue.lua" <<'LUA'
local function symbol(name, base, quote, mid, tick, lot, fees)
	return { symbol = name, base = base, quote = quote, px_dp = 8, qty_dp = 8, mid = mid, tick = tick, lot = lot, min_qty = lot,
		min_notional = 5, fees = fees }
end
local spot_fees = { maker = "1bp", taker = "1bp", charged_in = "received" }
return {
	dir = "venue", seed = 5, speed = "max",
	source = { generator = { excursion_every = "1s", excursion = "40bp" } },
	venues = {
		{ name = "spot", wire = "binance_spot",
			symbols = { symbol("BTCUSDT", "BTC", "USDT", "61800", "0.01", "0.00001", spot_fees),
				symbol("USDCUSDT", "USDC", "USDT", "1.0002", "0.0001", "1", spot_fees) },
			accounts = { { name = "main", balances = { USDT = 4000000, BTC = 40, USDC = 1000 } } },
			knobs = { ["delay.feed"] = "uniform:200us:600us", ["delay.in"] = "uniform:200us:900us", ["delay.out"] = "uniform:200us:600us",
				["clock.offset"] = "3ms", plan = { "mute.USDCUSDT@15s:5s", "clock@24s:-250ms" } },
		},
		{ name = "usdm", wire = "binance_usdm",
			symbols = { symbol("BTCUSDT", "BTC", "USDT", "61800", "0.1", "0.001", { maker = "1bp", taker = "1bp" }) },
			accounts = { { name = "main", balances = { USDT = 4000000 } } },
			knobs = { ["delay.feed"] = "uniform:200us:600us", ["delay.in"] = "uniform:200us:900us", ["delay.out"] = "uniform:200us:600us",
				plan = { "feed_freeze@8s:3s" } },
		},
	},
}
LUA

cat >"$dir/cross.lua" <<'LUA'
local tandem = require "tandem"
local S = tandem.strategy { version = 1, legs = { "near", "far" }, refs = { "usdc" }, params = { open_bp = { 3 } } }
function S:on_basis(b)
	if b.sell_near_net_bp >= self.params.open_bp and self.pos.lots > -20 then
		self:pair { sell = "near", buy = "far", lots = 1, tif = "IOC", reason = "rich" }
	elseif b.buy_near_net_bp <= 1 and self.pos.lots < 0 then
		self:pair { buy = "near", sell = "far", lots = 1, tif = "IOC", intent = "close", reason = "back" }
	end
end
return S
LUA

"$TANDEM" venue "$dir/venue.lua" >"$dir/venue.out" 2>"$dir/venue.err" &
children+=("$!")
for _ in $(seq 300); do grep -q ready "$dir/venue.out" && break; sleep 0.1; done
port() { jq -r ".venues[] | select(.name == \"$1\") | .port" "$dir/venue/endpoints.json"; }
spot=$(port spot) usdm=$(port usdm)

cat >"$dir/host.lua" <<LUA
local function venue(name, adapter, port, sub, api, user)
	local at = "localhost:" .. port
	return { name = name, adapter = adapter, ca_file = "venue/tls/ca.pem", record = true, messages_per_s = 500,
		url = { stream = "wss://" .. at .. sub, api = "wss://" .. at .. api, rest = "https://" .. at, user = user and "wss://" .. at .. user } }
end
local function account(name)
	return { name = name .. "_main", group = "main", venue = name, key_type = "ed25519",
		api_key_file = "venue/keys/" .. name .. "_main.ed25519.key", secret_file = "venue/keys/" .. name .. "_main.ed25519.pem" }
end
return {
	venues = { venue("spot", "binance_spot", $spot, "", "/ws-api/v3"), venue("usdm", "binance_usdm", $usdm, "/public", "/ws-fapi/v1", "/private") },
	accounts = { account("spot"), account("usdm") },
	instruments = {
		{ name = "spot.BTC", venue = "spot", symbol = "BTCUSDT", base = "BTC", quote = "USDT", kind = "spot", px_dp = 8, qty_dp = 8,
			tick = "0.01", lot = "0.00001", min_qty = "0.00001", min_notional = 5, fees = { maker = "1bp", taker = "1bp", charged_in = "received" } },
		{ name = "spot.USDC", venue = "spot", symbol = "USDCUSDT", base = "USDC", quote = "USDT", kind = "spot", px_dp = 8, qty_dp = 8 },
		{ name = "usdm.BTC", venue = "usdm", symbol = "BTCUSDT", base = "BTC", quote = "USDT", kind = "linear", px_dp = 8, qty_dp = 8,
			tick = "0.1", lot = "0.001", min_qty = "0.001", min_notional = 5, fees = { maker = "1bp", taker = "1bp" } },
	},
	strategies = { { name = "cross", file = "cross.lua", legs = { near = "spot.BTC", far = "usdm.BTC" }, refs = { usdc = "spot.USDC" },
		accounts = { near = "spot_main", far = "usdm_main" }, params = { open_bp = 3 },
		limits = { max_pairs_in_flight = 2, max_age = "1s", max_skew = "500ms", max_clock_bound = "20ms", max_slip_ticks = 50, max_unwind_slip_ticks = 500, rescue_budget = 100 } } },
	risk = { max_order_notional = 5000, max_position_notional = 50000, max_age = "1s", max_skew = "500ms", cool_down = "50ms", max_rejects_per_min = 1000 },
	store = { path = "db", ring = "db", ring_bytes = "32MiB" },
	engine = { clock_page = "venue/clock" },
}
LUA
mkdir -m 700 "$dir/db"
"$TANDEM" check "$dir/host.lua" >"$dir/out" 2>"$dir/out.err" || fail "check: $(cat "$dir/out" "$dir/out.err")"
"$TANDEM" run "$dir/host.lua" >"$dir/host.out" 2>"$dir/host.err" &
host=$!
children+=("$host")
# 45 s of the market's time, as fast as both can go.
for _ in $(seq 600); do
	now=$("$TANDEM" status "$dir/db" --json 2>/dev/null | jq -r '.utc_ns // 0')
	: "${start:=$now}"
	[ "$start" = 0 ] && start=$now
	[ $((now - start)) -gt 45000000000 ] && break
	kill -0 "$host" 2>/dev/null || fail "the host has ended: $(tail -n 3 "$dir/host.err")"
	sleep 0.1
done
"$TANDEM" status "$dir/db" >"$dir/status.txt"
must_say "its clock" "$dir/status.txt"
kill -INT "$host" && wait "$host"

must_exit 0 "$TANDEM" why-not "$dir/db"
must_say "its gate was closed for" "$dir/out"
must_exit 0 "$TANDEM" why-not "$dir/db" --json
jq -s . "$dir/out" >"$dir/why.json"
gate() { printf '[.[] | select(.what == "gate" and .gate == "%s" and .instrument == "%s")][0]' "$1" "$2"; }
# The frozen feed: 3 s, of which the first second is within the limit; the script went on asking meanwhile.
must_hold "$(gate quote_age_ns usdm.BTC) | .ns > 1.2e9 and .ns < 3.5e9 and .triggers > 0 and .worst > 2e9" "$dir/why.json"
# The currency that was cut for 5 s.
must_hold "$(gate quote_age_ns spot.USDC) | .who == \"ref 0\" and .ns > 3e9 and .ns < 6e9 and .worst > 4e9" "$dir/why.json"
# The clock that was stepped: not believed until the jump was understood.
must_hold "$(gate clock_bound_ns spot.BTC) | .worst > 1.5e8 and .bound == 20000000 and .triggers > 0" "$dir/why.json"
must_hold '[.[] | select(.what == "clock" and .venue == "spot")][0] | .times == 1 and .jump_ns < -240e6 and .jump_ns > -260e6' "$dir/why.json"
must_exit 0 "$TANDEM" why-not "$dir/db" --gate quote_age_ns --json
jq -s . "$dir/out" >"$dir/age.json"
must_hold 'all(.[] | select(.what == "gate"); .gate == "quote_age_ns")' "$dir/age.json"
must_exit 2 "$TANDEM" why-not "$dir/db" --gate nonsense
# What the venues said meanwhile is in the store, and whole.
must_exit 0 "$TANDEM" query "$dir/db" --kind block --json
must_hold '.kind == "block"' "$dir/out"
