#!/usr/bin/env bash
# Proves that a strategy and its configuration are tried against an imported recording: the summary, the object and the page to the byte, receipts that explain and why-not
# read, latencies one after the other, and what is refused with which exit code.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}" "${TANDEM_SOURCE:?}"
golden=$TANDEM_SOURCE/tests/golden/backtest

# One walk seen at two places, EAST 30 ms behind WEST and now and then far from it.
awk 'BEGIN {
	srand(11); t = 1700000000000; p = 10000
	print "local_ts_ms,venue,symbol,bid,bid_qty,ask,ask_qty"
	for (i = 0; i < 3000; i++) {
		t += 40; p += int(rand() * 5) - 2; far = i % 400 > 380 ? 60 : 0
		printf "%.0f,WEST,GOLD,%.2f,9,%.2f,9\n", t, (p + far) / 100, (p + far + 1) / 100
		printf "%.0f,EAST,GOLD,%.2f,9,%.2f,9\n", t + 30, p / 100, (p + 1) / 100
	}
}' >"$dir/walk.csv"
must_exit 0 "$TANDEM" import "$dir/walk.csv" --out "$dir/rec"

mkdir "$dir/desk"
cp "$TANDEM_SOURCE/strategies/executable_cross.lua" "$dir/desk/"
venue() { echo "{ name = \"$1\", adapter = \"binance_usdm\", url = { stream = \"wss://x.test\", api = \"wss://x.test\", rest = \"https://x.test\", user = \"wss://x.test\" } }"; }
instrument() {
	echo "{ name = \"$1.GOLD\", venue = \"$1\", symbol = \"GOLD\", base = \"GOLD\", quote = \"USD\", kind = \"linear\", px_dp = 2, qty_dp = 0, tick = \"0.01\", lot = 1, min_qty = 1$2 }"
}
# write_config FEES FILE: without keys, certificates or a folder for receipts: nothing of them is looked at.
write_config() {
	cat >"$2" <<END
return {
	venues = { $(venue WEST), $(venue EAST) },
	accounts = { { name = "w", venue = "WEST", api_key_file = "none", secret_file = "none" }, { name = "e", venue = "EAST", api_key_file = "none", secret_file = "none" } },
	instruments = {
		$(instrument WEST "$1"),
		$(instrument EAST ", fees = { maker = \"0.5bp\", taker = \"1bp\" }"),
	},
	strategies = { { name = "gold", file = "executable_cross.lua", legs = { near = "WEST.GOLD", far = "EAST.GOLD" }, accounts = { near = "w", far = "e" },
		params = { open_bp = 30, close_bp = 5, lots = 3, max_pos = 6 },
		limits = { max_pairs_in_flight = 1, max_slip_ticks = 5, max_unwind_slip_ticks = 200, rescue_budget = 100, leg_timeout = "300ms" } } },
	risk = { max_order_notional = 10000, max_position_notional = 100000, collar = "500bp", max_rejects_per_min = 1000 },
	store = { path = "/nowhere/at/all" },
}
END
}
write_config ', fees = { maker = "0.5bp", taker = "1bp" }' "$dir/desk/host.lua"
s=$dir/desk/executable_cross.lua

# In words; the page lies beside the strategy.
must_exit 0 "$TANDEM" backtest "$s" "$dir/rec"
must_say "0 broken\|broken *0" "$dir/out"
must_say "Queue: a resting order stands behind everything" "$dir/out"
must_say "the page: $dir/desk/executable_cross.backtest.html" "$dir/out"
[ -s "$dir/desk/executable_cross.backtest.html" ] || fail "no page"

# To the byte, twice and as it was.
plain() { sed "s#$dir#DIR#g" "$1"; }
for k in 1 2; do
	"$TANDEM" backtest "$s" "$dir/rec" --json --quiet --html "$dir/page.html" >"$dir/summary$k.json" 2>"$dir/quiet.err" || fail "run $k"
	plain "$dir/page.html" >"$dir/page$k.html"
	plain "$dir/summary$k.json" >"$dir/plain$k.json"
done
[ ! -s "$dir/quiet.err" ] || fail "not quiet"
cmp "$dir/page1.html" "$dir/page2.html" || fail "two pages of equal inputs differ"
cmp "$dir/plain1.json" "$dir/plain2.json" || fail "two answers of equal inputs differ"
if [ "${TANDEM_GOLDEN:-}" = write ]; then
	cp "$dir/page1.html" "$golden/page.html"
	jq . "$dir/plain1.json" >"$golden/summary.json"
fi
jq . "$dir/plain1.json" | diff "$golden/summary.json" - >"$dir/diff.err" || fail "the answer is not as it was: $(head -n 5 "$dir/diff.err")"
cmp "$golden/page.html" "$dir/page1.html" || fail "the page is not as it was"
must_hold '.instances[0].pairs | .sent > 0 and .sent == .hedged and .broken == 0' "$dir/summary1.json"
must_hold '.instances[0] | (.gross - .fees - .net | fabs) < 0.00000002 and .net > 0 and .unhedged_base == 0' "$dir/summary1.json"
must_hold '.assumed | length == 6' "$dir/summary1.json"
if grep -qE '<script|src=|href=|url\(http' "$dir/page.html"; then fail "the page asks for something"; fi

# Receipts, as of any host.
must_exit 0 "$TANDEM" backtest "$dir/desk/host.lua" "$dir/rec" --out "$dir/kept" --html none --json
must_hold '.html == null and .out != null' "$dir/out"
sent=$(jq '.instances[0].pairs.sent' "$dir/out")
must_exit 0 "$TANDEM" explain "$dir/kept" last
must_say "HEDGED" "$dir/out"
must_exit 0 "$TANDEM" why-not "$dir/kept"
must_exit 0 "$TANDEM" query "$dir/kept" --kind pair --json
jq -e -s --argjson n "$sent" 'map(select(.state == "HEDGED" and .from != .to)) | length == $n' "$dir/out" >/dev/null || fail "the receipts do not tell of $sent pairs"
must_exit 1 "$TANDEM" backtest "$s" "$dir/rec" --out "$dir/kept" --html none
must_say "give a new folder" "$dir/out.err"

# One latency after the other: 200 ms later the price has gone.
must_exit 0 "$TANDEM" backtest "$s" "$dir/rec" --latency 1ms,30ms,900ms --json --html none
[ "$(wc -l <"$dir/out")" = 3 ] || fail "not a line a latency"
jq -e -s '.[0].net > 0 and .[2].broken > 0 and .[2].net < .[0].net' "$dir/out" >/dev/null || fail "latency costs nothing: $(cat "$dir/out")"
must_exit 0 "$TANDEM" backtest "$s" "$dir/rec" --latency near=1ms,EAST=70ms --json --html none
must_hold '[.venues[].latency_ns] == [1000000, 70000000]' "$dir/out"
must_hold '.instances[0].naked.longest_ns >= 138000000' "$dir/out"
must_exit 0 "$TANDEM" backtest "$s" "$dir/rec" --set lots=1 --from 2023-11-14T22:13:50 --to 2023-11-14T22:14:30 --json --html none
must_hold '.instances[0].params.lots == 1 and .to_ns - .from_ns == 40000000000' "$dir/out"

# What it refuses.
must_exit 2 "$TANDEM" backtest "$s"
must_exit 2 "$TANDEM" backtest "$s" "$dir/rec" --latency soon
must_exit 2 "$TANDEM" backtest "$s" "$dir/rec" --set lots=many
must_exit 1 "$TANDEM" backtest "$s" "$dir/none" --html none
must_exit 4 "$TANDEM" backtest "$s" "$dir/rec" --html "$dir/none/page.html"
must_say "say where the page is to go" "$dir/out.err"
must_exit 3 "$TANDEM" backtest "$s" "$dir/rec" --set lots=5000 --html none
must_say "lots" "$dir/out.err"
write_config '' "$dir/desk/host.lua"
must_exit 3 "$TANDEM" backtest "$s" "$dir/rec" --json
must_say 'host.lua:5: "WEST.GOLD" is traded and has no fees; .*; add fees = ' "$dir/out.err"
must_hold '.ok == false' "$dir/out"
rm "$dir/desk/host.lua"
must_exit 1 "$TANDEM" backtest "$s" "$dir/rec"
must_say "say which with --config FILE" "$dir/out.err"
write_config ', fees = { maker = "0.5bp", taker = "1bp" }' "$dir/elsewhere.lua"
must_exit 3 "$TANDEM" backtest "$s" "$dir/rec" --config "$dir/elsewhere.lua" # its own strategy is not there
echo "function broken(" >"$dir/executable_cross.lua"
must_exit 3 "$TANDEM" backtest "$dir/executable_cross.lua" "$dir/rec" --config "$dir/elsewhere.lua" --html none
must_say "executable_cross.lua:" "$dir/out.err"
