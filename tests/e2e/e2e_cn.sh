#!/usr/bin/env bash
# Proves that the shipped pair of gold at home and abroad trades across a break, a killed host and killed venues, ends hedged or flat, and that host and both ledgers agree.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}" "${TANDEM_SOURCE:?}"
cp "$TANDEM_SOURCE"/examples/cn_*.lua "$dir"
# Any ports, as fast as it goes, from a minute and a half before the break of 10:15 to beyond 10:31.
sed -i -e 's/port = 191../port = 0/' -e 's/speed = 1,/speed = "max",/' \
	-e 's/01:05:00Z"/02:13:30Z"/' -e 's/seed = 11,/seed = 11, duration = "1140s",/' "$dir/cn_venue.lua"
venues() {
	"$TANDEM" venue "$dir/cn_venue.lua" --port-file "$dir/ports" >>"$dir/venue.out" 2>>"$dir/venue.err" &
	venue=$!
	children+=("$venue")
}
venues
for _ in $(seq 100); do [ -s "$dir/ports" ] && break; sleep 0.1; done
[ -s "$dir/ports" ] || fail "the venues did not start"
sed -i -e "s/19101/$(sed -n 's/^shfe //p' "$dir/ports")/g" -e "s/19102/$(sed -n 's/^abroad //p' "$dir/ports")/g" "$dir/cn_pair.lua"

host() {
	"$TANDEM" run "$dir/cn_pair.lua" >"$dir/host.out" 2>>"$dir/host.err" &
	host=$!
	children+=("$host")
}
sent() { "$TANDEM" status "$dir/cn.db" --json 2>/dev/null | jq -r '.pairs.sent // 0'; }
host
for _ in $(seq 200); do [ "$(sent)" -gt 5 ] 2>/dev/null && break; sleep 0.05; done
[ "$(sent)" -gt 5 ] || fail "no pairs were sent"
kill -9 "$host"
wait "$host" 2>/dev/null
host
# The venues die as well, and go on from their ledgers.
before=$(sent)
for _ in $(seq 200); do [ "$(sent)" -gt $((${before:-0} + 3)) ] 2>/dev/null && break; sleep 0.05; done
kill -9 "$venue"
wait "$venue" 2>/dev/null
venues
for _ in $(seq 600); do [ -e "$dir/cn/finished" ] && break; sleep 0.1; done
[ -e "$dir/cn/finished" ] || fail "the market did not come to its end"
sleep 1
kill -TERM "$host"
wait "$host" || fail "the host ended with $?"

"$TANDEM" query "$dir/cn.db" --json >"$dir/all.json" || fail "query"
for v in shfe abroad; do
	must_exit 0 "$TANDEM" venue --ledger "$dir/cn/$v.ledger"
	must_hold '.adds_up and .starts == 2' "$dir/out"
	cp "$dir/out" "$dir/$v.json"
	jq -s --arg v "$v" '[.[] | select(.kind == "fill" and .venue == $v)]' "$dir/all.json" >"$dir/$v.fills"
	jq -e --slurpfile l "$dir/$v.json" 'length == $l[0].fills' "$dir/$v.fills" >/dev/null ||
		fail "$v: the host booked $(jq length "$dir/$v.fills") fills, the ledger has $(jq .fills "$dir/$v.json")"
done
# Gold at home in grams, gold abroad in ounces: what is left over is less than the smallest order could mend.
home=$(jq '[.trading[] | select(.symbol | startswith("SHFE")) | .position] | add // 0' "$dir/shfe.json")
abroad=$(jq '[.trading[] | select(.symbol == "XAUUSD") | .position] | add // 0' "$dir/abroad.json")
jq -ne --argjson h "$home" --argjson a "$abroad" '($h * 1000 + $a * 3110.34768) | fabs < 20' >/dev/null ||
	fail "not hedged: $home lots at home, $abroad contracts abroad"
pairs=$(jq -s '[.[] | select(.kind == "pair") | {pair, state}] | group_by(.pair) | map(.[-1].state)' "$dir/all.json")
echo "$pairs" | jq -e 'all(. == "HEDGED" or . == "FLAT" or . == "REFUSED")' >/dev/null || fail "pairs ended as $(echo "$pairs" | jq -c 'group_by(.) | map({(.[0]): length}) | add')"
# Both sides of the break were traded, and nothing within it.
jq -es '[.[] | select(.kind == "fill" and .venue == "shfe") | .venue_ns / 1e9 - 1803952800] as $t | ($t | any(. < 900)) and ($t | any(. >= 1800)) and ($t | all(. <= 900 or . >= 1800))' \
	"$dir/all.json" >/dev/null || fail "fills at home: $(jq -cs '[.[] | select(.kind == "fill" and .venue == "shfe") | .venue_ns / 1e9 | floor - 1803952800] | [min, max]' "$dir/all.json")"
echo "$(echo "$pairs" | jq length) pairs: $(echo "$pairs" | jq -c 'group_by(.) | map({(.[0]): length}) | add'), $home lots at home"
