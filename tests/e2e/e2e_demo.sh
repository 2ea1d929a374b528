#!/usr/bin/env bash
# Proves that one command does the whole job: pairs open and end hedged or flat, rescues are seen, and every step can be asked for afterwards.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"

must_exit 0 "$TANDEM" demo --duration 12s --seed 7 --db "$dir/db" --json
cp "$dir/out" "$dir/demo.json"
demo_is_good "$dir/demo.json"
must_hold '.rescues.completed + .rescues.unwound > 0' "$dir/demo.json"
must_hold '.latency_ns.tick_to_order.p50 > 0' "$dir/demo.json"
must_hold '.pids.venue > 0 and .pids.run > 0' "$dir/demo.json"

must_exit 0 "$TANDEM" query "$dir/db" --json
cp "$dir/out" "$dir/all.json"
[ "$(wc -l <"$dir/all.json")" = "$(jq .receipts "$dir/demo.json")" ] || fail "query does not give every receipt"
jq -es 'map(.seq) as $s | $s == [range(1; ($s | length) + 1)]' "$dir/all.json" >/dev/null || fail "the sequence has gaps"
jq -es 'all(.[]; .cause == null or .cause < .seq)' "$dir/all.json" >/dev/null || fail "a receipt follows from a later one"
# I3: no client order id twice; I6: the intent stands before the bytes.
jq -es '[.[] | select(.kind == "order") | .order] | length == (unique | length)' "$dir/all.json" >/dev/null || fail "an order id was used twice"
jq -es '(map(select(.kind == "order")) | INDEX(.order)) as $o | all(.[] | select(.kind == "sent"); $o[.order].seq < .seq)' "$dir/all.json" >/dev/null ||
	fail "an order was sent before its intent was written"

must_exit 0 "$TANDEM" explain "$dir/db" last
must_say "HEDGED\|FLAT" "$dir/out"
rescued=$(jq -rs 'map(select(.kind == "rescue")) | .[0].pair' "$dir/all.json")
must_exit 0 "$TANDEM" explain "$dir/db" "$rescued"
must_say rescue "$dir/out"
must_exit 1 "$TANDEM" explain "$dir/db" 00000000000000ff
must_exit 0 "$TANDEM" status "$dir/db" --json
must_exit 2 "$TANDEM" demo --db "$dir/db" --json
echo "one command, $(jq -c .pairs "$dir/demo.json"), $(jq .receipts "$dir/demo.json") receipts"
