#!/usr/bin/env bash
# Proves that an operator sees what a running host holds and has open, and ends held pairs by a word that leaves a receipt.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"
db=$dir/db

"$TANDEM" demo --duration 300 --seed 5 --db "$db" --json >"$dir/demo.json" 2>"$dir/demo.err" &
children+=("$!")
# until SECONDS WORDS... : the command succeeds within so many seconds
host_is_new() { [ -n "$(pid_of host)" ] && [ "$(pid_of host)" != "$first" ]; }
until_true 60 host_is_up || fail "the demo did not start"
[ "$(stat -c %a "$db/control")" = 600 ] || fail "the control socket is not private"

# Something breaks, and the policy leaves it to the operator.
sed -i 's/on_leg_fail = "cheapest"/on_leg_fail = "hold"/' "$db/host.lua"
grep -q 'on_leg_fail = "hold"' "$db/host.lua" || fail "the demo's configuration has no policy"
first=$(pid_of host)
kill -9 "$first"
until_true 60 host_is_new || fail "the host did not come back"

held() {
	"$TANDEM" held "$db" --json >"$dir/held" 2>"$dir/held.err" &&
		jq -e '[.held[] | select(.state == "HELD" and .open_orders == 0)] | length > 0' "$dir/held" >/dev/null
}
held_pair() { jq -r '[.held[] | select(.state == "HELD" and .open_orders == 0)][0].pair' "$dir/held"; }
gone() { "$TANDEM" held "$db" --json 2>/dev/null | jq -e --arg p "$1" '.ok and all(.held[]; .pair != $p)' >/dev/null; }
last_state() { "$TANDEM" query "$db" --pair "$1" --kind pair --json | jq -rs 'last.state'; }

until_true 60 held || fail "no pair was held"
must_hold '.held[0] | .cause == "policy" and .unhedged != 0 and .instance == "cross"' "$dir/held"
must_exit 0 "$TANDEM" held "$db"
must_say '^pair .*cause .*unhedged .*complete_cost .*unwind_cost' "$dir/out"
must_say "$(held_pair)" "$dir/out"
must_exit 0 "$TANDEM" positions "$db" --json
must_hold '.ok and ([.positions[] | select(.owner == "cross")] | length) == 2 and all(.positions[]; .quote == "USDT" and .mark > 0)' "$dir/out"
must_exit 0 "$TANDEM" positions "$db"
must_say '^account .*instrument' "$dir/out"
must_exit 0 "$TANDEM" orders "$db" --json
must_hold '.ok and (.orders | type) == "array"' "$dir/out"
must_exit 0 "$TANDEM" pnl "$db" --json
must_hold '.pnl[0] | .instance == "cross" and .of == "all" and ((.gross - .fees_quote - .net) | fabs) < 1e-6 and ((.cash + .value - .gross) | fabs) < 1e-6' "$dir/out"
must_exit 0 "$TANDEM" pnl "$db" --instance nobody --json
must_hold '.pnl == []' "$dir/out"

# What cannot be done is refused in words, and nothing happens.
pair=$(held_pair)
must_exit 1 "$TANDEM" resolve "$db" "$pair" adopt --json
must_hold '.ok == false and (.error | test("by hand"))' "$dir/out"
must_exit 1 "$TANDEM" resolve "$db" 123 unwind
must_say "held DB" "$dir/out.err"
must_exit 2 "$TANDEM" resolve "$db" "$pair" dance
must_exit 2 "$TANDEM" resolve "$db" nonsense unwind
must_exit 2 "$TANDEM" resolve "$db" "$pair"

# A pair that can go this way now: where the prices have left it behind, it is taken back and the next one is waited for.
pair_for() {
	local k
	for ((k = 0; k < 20; k++)); do
		until_true 60 held || return 1
		pair=$(held_pair)
		jq -e --arg way "$1" --arg p "$pair" '.held[] | select(.pair == $p) | $way == "accept" or .[$way + "_cost"] != null' "$dir/held" >/dev/null && return 0
		"$TANDEM" resolve "$db" "$pair" unwind >/dev/null 2>&1
		until_true 20 gone "$pair" || return 1
	done
	return 1
}

# Each way ends a pair, and leaves its receipt.
for way in unwind complete accept; do
	pair_for "$way" || fail "no pair was held to $way"
	must_exit 0 "$TANDEM" resolve "$db" "$pair" "$way" --reason "a drill"
	until_true 30 gone "$pair" || fail "pair $pair was told to $way, and is still there: $(cat "$dir/out" "$dir/held")"
	"$TANDEM" query "$db" --pair "$pair" --kind operator --json >"$dir/act" || fail "query"
	must_say "$way by .*a drill" "$dir/act"
	state=$(last_state "$pair")
	case $way:$state in
	unwind:FLAT | unwind:HEDGED | complete:HEDGED | accept:HEDGED | accept:FLAT) ;; # taken back to what the other leg had filled
	*) fail "pair $pair was told to $way and is $state" ;;
	esac
	"$TANDEM" query "$db" --pair "$pair" --kind rescue --json >"$dir/steps" || fail "query"
	steps=$(jq -s --arg way "$way" '[.[] | select(.reason | startswith($way))] | length' "$dir/steps")
	[ "$way" = accept ] || [ "$steps" -gt 0 ] || fail "no step of $pair is to $way: $(cat "$dir/steps")"
	must_exit 1 "$TANDEM" resolve "$db" "$pair" "$way"
	must_say "has ended" "$dir/out.err"
	told="${told:-} $way $state"
done

for verb in positions orders pnl held; do
	must_exit 4 "$TANDEM" "$verb" "$dir/nothing"
	must_say "no host runs there" "$dir/out.err"
	must_exit 4 "$TANDEM" "$verb" "$dir/nothing" --json
	must_hold '.ok == false' "$dir/out"
	must_exit 2 "$TANDEM" "$verb"
done
must_exit 4 "$TANDEM" resolve "$dir/nothing" 123 unwind
echo "held pairs ended by a word:$told"
