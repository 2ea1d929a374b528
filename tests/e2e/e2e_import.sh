#!/usr/bin/env bash
# Proves that recorded files become a store with the clocks that their stamps tell, and that bad files, torn ones, and stores that are not to be touched are named.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}" "${TANDEM_SOURCE:?}"
data=${TANDEM_DATA:-$TANDEM_SOURCE/../shared/data}

# One walk seen by two venues: KIND stamped (the recorder 1.27 s behind, 3 to 43 ms of delay), or timed (EAST's own clock five hours behind).
make_rows() {
	awk -v kind="$1" 'BEGIN {
		srand(7); t = 1700000000000; p = 100000
		print kind == "stamped" ? "local_ts_ms,venue,symbol,exch_ts_ms,bid,bid_qty,ask,ask_qty" : "ts_utc_ms,venue,bid,ask"
		for (i = 0; i < 12000; i++) {
			t += 1 + int(rand() * 200); p += int(rand() * 19) - 9; v = rand() < 0.5 ? "WEST" : "EAST"
			if (kind == "stamped")
				printf "%.0f,%s,AU,%.0f,%.2f,1.5,%.2f,2\n", t - 1270 + 3 + int(rand() * 40), v, t, p / 100, p / 100 + 0.01
			else
				printf "%.0f,%s,%.2f,%.2f\n", v == "EAST" ? t - 18000000 : t, v, p / 100, p / 100 + 0.01
		}
	}'
}

clock_of() { jq -e -s --arg v "$1" ".[] | select(.venue == \$v) | .clock | $2" "$dir/out" >/dev/null || fail "$1: $2 does not hold in $(cat "$dir/out")"; }

make_rows stamped | gzip >"$dir/stamped.csv.gz"
make_rows timed >"$dir/timed.csv"

# From stamps: one side is open until the least delay is stated.
must_exit 0 "$TANDEM" import "$dir/stamped.csv.gz" --out "$dir/db" --json
[ "$(wc -l <"$dir/out")" = 2 ] || fail "not one line a venue"
clock_of WEST '.offset_ns >= 1262000000 and .offset_ns <= 1270500000 and .bound_ns == null and .open == "hi"'
jq -e -s 'map(.events) | add == 12000' "$dir/out" >/dev/null || fail "events are missing"
jq -e -s 'all(.to_ns > .from_ns and .instruments == 1 and .quotes == .events)' "$dir/out" >/dev/null || fail "the span is not told"
must_exit 0 "$TANDEM" query "$dir/db" --kind clock --json
[ "$(wc -l <"$dir/out")" = 2 ] || fail "the clocks are not in the store"
must_exit 0 "$TANDEM" import "$dir/stamped.csv.gz" --dry-run --max-min-delay 5ms --json
clock_of EAST '(.offset_ns - 1270000000 | fabs) <= .bound_ns and .bound_ns < 20000000 and .open == null'

# From prices: five hours; standard input, a reference that is named, and words for people.
must_exit 0 "$TANDEM" import - --dry-run --json --reference WEST <"$dir/timed.csv"
clock_of EAST '(.offset_ns + 18000000000000 | fabs) <= .bound_ns and .bound_ns < 2000000000 and .against == "WEST"'
clock_of WEST '.offset_ns == 0 and .how == "reference"'
must_exit 0 "$TANDEM" import "$dir/timed.csv" --dry-run
must_say "the reference" "$dir/out"
must_say "no sizes" "$dir/out.err"

# Into a store that has something: only when asked.
must_exit 2 "$TANDEM" import "$dir/timed.csv" --out "$dir/db"
must_say "--append" "$dir/out.err"
must_exit 0 "$TANDEM" import "$dir/timed.csv" --out "$dir/db" --append
must_exit 0 "$TANDEM" query "$dir/db" --kind clock --json
[ "$(wc -l <"$dir/out")" = 4 ] || fail "the second import's clocks are not in the store"
mkdir "$dir/other" && touch "$dir/other/x"
must_exit 2 "$TANDEM" import "$dir/timed.csv" --out "$dir/other"
must_exit 2 "$TANDEM" import "$dir/timed.csv" --out "$dir/other/x"

# What is wrong with files.
must_exit 2 "$TANDEM" import --out "$dir/new"
must_exit 2 "$TANDEM" import "$dir/timed.csv"
must_exit 4 "$TANDEM" import "$dir/none.csv" --out "$dir/new"
must_say "none.csv" "$dir/out.err"
echo "a,b" >"$dir/bad.csv"
must_exit 1 "$TANDEM" import "$dir/bad.csv" --out "$dir/new" --json
must_hold '.ok == false and (.error | test("bad.csv"))' "$dir/out"
[ ! -e "$dir/new" ] || fail "a store was made for a file that says nothing"
must_exit 2 "$TANDEM" import "$dir/timed.csv" "$dir/timed.csv" --dry-run
must_say "same file" "$dir/out.err"
sed '3s/.*/rubbish/; 5s/,[0-9.]*$/,x/' "$dir/timed.csv" >"$dir/some.csv"
must_exit 0 "$TANDEM" import "$dir/some.csv" --dry-run
must_say "some.csv:3: " "$dir/out.err"
must_say "2 of 12001 lines were left out" "$dir/out.err"
head -c 100000 "$dir/stamped.csv.gz" >"$dir/torn.gz"
must_exit 0 "$TANDEM" import "$dir/torn.gz" --dry-run
must_say "cut off" "$dir/out.err"

# Stopped, it keeps what it has.
mkfifo "$dir/pipe"
"$TANDEM" import "$dir/pipe" --out "$dir/part" --json >"$dir/out" 2>"$dir/out.err" &
pid=$!
children+=("$pid")
exec 9>"$dir/pipe"
for _ in $(seq 40); do cat "$dir/timed.csv" >&9; done
kill -INT "$pid"
for _ in $(seq 40); do cat "$dir/timed.csv" >&9 2>/dev/null || break; done
exec 9>&-
code=0
wait "$pid" || code=$?
[ "$code" = 1 ] || fail "stopped with exit code $code"
must_say "stopped" "$dir/out.err"
must_exit 0 "$TANDEM" query "$dir/part" --kind block --json
[ -s "$dir/out" ] || fail "nothing was kept"

# The same on real markets.
if [ -d "$data/binance_btc" ] && [ -d "$data/fx_two_venue" ]; then
	must_exit 0 "$TANDEM" import "$data"/binance_btc/*_2024*.gz --out "$dir/btc" --json
	clock_of BN.USDM '.offset_ns > 1268000000 and .offset_ns < 1276000000 and .open == "hi"'
	clock_of BN.COINM '.offset_ns > 1268000000 and .offset_ns < 1278000000'
	clock_of BN.SPOT '.offset_ns > 1268000000 and .offset_ns < 1280000000'
	zcat "$data"/fx_two_venue/*.gz | awk -F, -v OFS=, '$2 == "FXCM" { $1 -= 18000000 } 1' OFMT=%.0f CONVFMT=%.0f >"$dir/fx.csv"
	must_exit 0 "$TANDEM" import "$dir/fx.csv" --out "$dir/fx" --json
	clock_of FXCM '(.offset_ns + 18000000000000 | fabs) <= .bound_ns and .bound_ns < 1000000000 and .drift_ppb == 0'
	must_exit 0 "$TANDEM" import "$data"/fx_two_venue/*.gz --dry-run --json
	clock_of FXCM '(.offset_ns | fabs) <= .bound_ns'
else
	echo "recordings are absent: the real markets were skipped"
fi

# OKX's frames of 2022: each of the 290 books comes out as its checksum has it; where the recording misses a change, its book breaks and says so.
okx=$data/ws_frames/OKX.ws.1.0.gz
if [ -f "$okx" ]; then
	must_exit 0 "$TANDEM" import "$okx" --out "$dir/okx" --json
	jq -e '.venue == "OKX" and .instruments == 3 and .depth == 287 and .snapshots == 3 and .trades == 74' "$dir/out" >/dev/null ||
		fail "OKX's frames became $(cat "$dir/out")"
	zcat "$okx" | sed '0,/SWAP"},"action":"update"/{/SWAP"},"action":"update"/d}' >"$dir/hole"
	must_exit 0 "$TANDEM" import "$dir/hole" --out "$dir/hole_db"
	must_say "checksum does not come out" "$dir/out.err"
	must_say "91 of 413 lines were left out" "$dir/out.err"
else
	echo "no $okx: OKX's frames were skipped"
fi
echo "files became a store, and the clocks are those that made them"
