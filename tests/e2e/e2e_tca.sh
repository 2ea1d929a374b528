#!/usr/bin/env bash
# Proves that `tandem tca` adds up to what the receipts of the same store say, pair by pair and in its sums, and what it says of what is not there.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"

"$TANDEM" demo --duration 8 --seed 5 --db "$dir/db" --json >"$dir/demo.json" 2>"$dir/demo.err" || fail "the demo: $?"
"$TANDEM" query "$dir/db" --json >"$dir/all.json" || fail "query"

# Worked out anew: a fill is worse by (its price - the decision's) * its quantity, on either side; the demo's money is its quote currency.
jq -s 'map(select(.kind == "leg") | {key: (.pair + " " + (.leg | tostring)), value: {ref: .ref_px, side: .side}}) as $legs
	| (reduce $legs[] as $l ({}; if has($l.key) then . else . + {($l.key): $l.value} end)) as $ref
	| [.[] | select(.kind == "fill") | $ref[.pair + " " + (.leg | tostring)] as $l
		| {cost: ((if .side == "buy" then 1 else -1 end) * (.px - $l.ref) * .qty), moved: (if .side == $l.side then .value else 0 end), fee: .fee_money}]
	| {cost: (map(.cost) | add), moved: (map(.moved) | add), fees: (map(.fee) | add)}' "$dir/all.json" >"$dir/want.json"
must_exit 0 "$TANDEM" tca "$dir/db" --pairs --json
cp "$dir/out" "$dir/tca.json"
jq -es --slurpfile want "$dir/want.json" 'def near($a; $b): ($a - $b) | fabs < 0.00001;
	$want[0] as $w | (map(select(.of == "strategy"))) as $all | (map(select(.of == "pair"))) as $pairs
	| near($all | map(.slip + .chase + .unwinding) | add; $w.cost) and near($all | map(.fees) | add; $w.fees)
	and near($all | map(.moved) | add; $w.moved)
	and ($pairs | length) == ($all | map(.pairs) | add) and ($pairs | length) > 3
	and near($pairs | map(.slip + .chase + .unwinding) | add; $w.cost)
	and ($pairs | all(.wire_to_decision_us >= 0 and .quote_to_end_us > 0))' "$dir/tca.json" >/dev/null ||
	fail "$(cat "$dir/want.json") is not what tca says: $(tail -n 1 "$dir/tca.json")"
jq -es --slurpfile demo "$dir/demo.json" '(map(select(.of == "strategy")) | map(.hedged) | add) == $demo[0].pairs.hedged' "$dir/tca.json" >/dev/null ||
	fail "the demo counted otherwise: $(cat "$dir/demo.json")"

must_exit 0 "$TANDEM" tca "$dir/db" --csv
[ "$(wc -l <"$dir/out")" -eq $((1 + 2 * $(jq -s 'map(select(.of == "pair")) | length' "$dir/tca.json"))) ] || fail "not a row for each leg"
must_exit 0 "$TANDEM" tca "$dir/db"
must_say "leg gap" "$dir/out"
pair=$(jq -rs 'map(select(.of == "pair")) | last.pair' "$dir/tca.json")
must_exit 0 "$TANDEM" tca "$dir/db" --pair "$pair"
must_say "decided at" "$dir/out"
must_exit 0 "$TANDEM" tca "$dir/db" --pair "$pair" --json
cmp -s <(jq -cS . "$dir/out") <(jq -cS 'select(.pair == "'"$pair"'")' "$dir/tca.json") || fail "alone the pair is another: $(cat "$dir/out")"

must_exit 1 "$TANDEM" tca "$dir/db" --day 2001-01-01
must_say "no pair was decided that fits" "$dir/out.err"
must_exit 1 "$TANDEM" tca "$dir/db" --instance nobody
must_say "known: cross" "$dir/out.err"
must_exit 2 "$TANDEM" tca "$dir/db" --pair 12
must_exit 2 "$TANDEM" tca "$dir/db" --day 2001-01-01 --from -1h
must_exit 4 "$TANDEM" tca "$dir/none"
echo "$(wc -l <"$dir/tca.json") lines add up to $(jq -c . "$dir/want.json")"
