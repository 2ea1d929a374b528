#!/usr/bin/env bash
# Proves on a demo's store that a condition and the options that say the same find the same receipts, that CSV and JSON have the same columns, that times are told by another clock, that
# --follow goes on while a host is killed and started anew and ends when nobody reads, and that explain and why-not draw pages that fetch nothing.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"

"$TANDEM" demo --db "$dir/db" --duration 16 --seed 3 --json >"$dir/demo.json" 2>"$dir/demo.err" &
demo=$!
children+=("$demo")
for _ in $(seq 300); do [ -S "$dir/db/control" ] && break; sleep 0.1; done
"$TANDEM" query "$dir/db" --follow --csv --columns seq,kind >"$dir/followed" 2>"$dir/followed.err" &
follower=$!
children+=("$follower")
sleep 3
kill -9 "$(cat "$dir/db/lock")" 2>/dev/null || fail "no host to kill"
wait "$demo" || fail "the demo: $(tail -n 3 "$dir/demo.err")"
"$TANDEM" query "$dir/db" --csv --columns seq,kind >"$dir/read" || fail "query"
for _ in $(seq 100); do [ "$(wc -l <"$dir/followed")" = "$(wc -l <"$dir/read")" ] && break; sleep 0.1; done
kill -INT "$follower"
wait "$follower" || fail "follow ended with $?: $(cat "$dir/followed.err")"
cmp "$dir/followed" "$dir/read" || fail "what was followed is not what is there"
[ "$(grep -c session_open "$dir/read")" -ge 2 ] || fail "the host was not started anew"
timeout 20 "$TANDEM" query "$dir/db" --follow --csv | head -n 3 >"$dir/out"
[ "${PIPESTATUS[0]}" = 0 ] || fail "follow did not end when nobody read: ${PIPESTATUS[*]}"

# ---- two ways to ask the same
count() { "$TANDEM" query "$dir/db" --count "$@" || fail "query $*"; }
[ "$(count --kind fill --side buy --leg 0)" = "$(count --where 'kind = fill and side = buy and leg = 0')" ] || fail "fills"
[ "$(count --kind order)" = "$(($(count --where 'kind = order and rescue = 1') + $(count --where 'kind = order and not rescue = 1')))" ] || fail "orders"
[ "$(count --kind fill)" = "$(count --where 'kind = fill and fee > -1')" ] || fail "a fee that is a number"
[ "$(count --state HEDGED)" -gt 0 ] || fail "no pair is hedged"
pair=$("$TANDEM" query "$dir/db" --kind rescue --limit 1 --csv --columns pair | tail -n 1)
[ "$(count --pair "$pair")" = "$(count --where "pair = $pair")" ] || fail "a pair"
order=$("$TANDEM" query "$dir/db" --pair "$pair" --kind order --limit 1 --csv --columns order | tail -n 1)
[ "$(count --order "$order")" = "$(count --order "TDM$order")" ] || fail "an order by what its venue calls it"
must_exit 2 "$TANDEM" query "$dir/db" --where 'kind = fil and px > 1'
must_say 'did you mean "fill"' "$dir/out.err"
must_say '^         ^$' "$dir/out.err"

# ---- the same columns in both forms, by any clock
columns=seq,time,kind,px,qty,fee
"$TANDEM" query "$dir/db" --kind fill --columns $columns --csv --tz +08:00 >"$dir/fills.csv"
"$TANDEM" query "$dir/db" --kind fill --columns $columns --json --tz Asia/Shanghai | jq -r '[.seq, .time, .kind, .px, .qty, .fee] | @csv' | tr -d '"' >"$dir/fills.json"
[ "$(head -n 1 "$dir/fills.csv")" = $columns ] || fail "the heading"
[ "$(wc -l <"$dir/fills.json")" = "$(tail -n +2 "$dir/fills.csv" | wc -l)" ] || fail "CSV and JSON differ in length"
must_say '+08:00,fill' "$dir/fills.csv"
diff <(cut -d, -f1-3 "$dir/fills.json") <(tail -n +2 "$dir/fills.csv" | cut -d, -f1-3) >"$dir/out" || fail "CSV and JSON differ: $(head -n 4 "$dir/out")"

# ---- pictures
must_exit 0 "$TANDEM" explain "$dir/db" "$pair" --ascii
must_say '^  leg 0 ' "$dir/out"
must_say '^  rescue  *^' "$dir/out"
must_exit 0 "$TANDEM" explain "$dir/db" "$pair" --html "$dir/pair.html"
must_exit 0 "$TANDEM" why-not "$dir/db" --html "$dir/why.html"
for page in pair why; do
	must_say '</html>' "$dir/$page.html"
	! grep -qiE '<script|<link|<img|src=|@import' "$dir/$page.html" || fail "$page.html fetches something"
done
must_exit 0 "$TANDEM" explain "$dir/db" "$pair" --json
must_hold '(.lanes | length) == .orders and any(.lanes[]; .rescue) and (.states | last.state) == .state' "$dir/out"
