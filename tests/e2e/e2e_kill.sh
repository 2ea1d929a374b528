#!/usr/bin/env bash
# Proves that host and venue may be killed at any moment: they come back, every pair is finished, nothing is doubled or orphaned (F52, I3, I8).
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"
rounds=${TANDEM_LONG:+60}
rounds=${rounds:-10}
RANDOM=${SEED:-4711}

"$TANDEM" demo --duration $((rounds * 2 + 6)) --seed 11 --db "$dir/db" --json >"$dir/demo.json" 2>"$dir/demo.err" &
demo=$!
children+=("$demo")
for _ in $(seq 300); do [ -n "$(pid_of host)" ] && break; sleep 0.1; done
[ -n "$(pid_of host)" ] || fail "the demo did not start"
for round in $(seq "$rounds"); do
	sleep "$((RANDOM % 2)).$((RANDOM % 10))"
	case $((round % 4)) in
	0) kill -9 "$(pid_of venue)" 2>/dev/null ;;
	1 | 2) kill -9 "$(pid_of host)" 2>/dev/null ;;
	3) kill -9 "$(pid_of host)" "$(pid_of venue)" 2>/dev/null ;;
	esac
	"$TANDEM" verify "$dir/db" >"$dir/verify" 2>"$dir/verify.err" || fail "after kill $round the store does not verify: $(cat "$dir/verify")"
	kill -0 "$demo" 2>/dev/null || break
done
wait "$demo" || fail "the demo ended with exit code $? after kills"
demo_is_good "$dir/demo.json"
"$TANDEM" verify "$dir/db" --json >"$dir/verify" || fail "the store does not verify: $(cat "$dir/verify")"
must_hold '.ok and .lost == 0 and .unsealed == 0' "$dir/verify"
"$TANDEM" query "$dir/db" --json >"$dir/all.json" || fail "query"
jq -es '[.[] | select(.kind == "fill") | [.account, .instrument, .venue_order, .side, .exec]] | length == (unique | length)' "$dir/all.json" >/dev/null ||
	fail "a fill was counted twice (F10)"
echo "$rounds kills, $(jq -c .pairs "$dir/demo.json")"
