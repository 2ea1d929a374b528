#!/usr/bin/env bash
# Proves that a host whose strategy cannot be loaded still goes on with the pairs that are open, and refuses to start where none is.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"
db=$dir/db

"$TANDEM" demo --duration 300 --seed 5 --db "$db" --json >"$dir/demo.json" 2>"$dir/demo.err" &
demo=$!
children+=("$demo")
host_is_new() { [ -n "$(pid_of host)" ] && [ "$(pid_of host)" != "$first" ]; }
until_true 60 host_is_up || fail "the demo did not start"

# A pair is left open, by a policy that leaves it to the operator.
sed -i 's/on_leg_fail = "cheapest"/on_leg_fail = "hold"/' "$db/host.lua"
first=$(pid_of host)
kill -9 "$first"
until_true 60 host_is_new || fail "the host did not come back"
held() {
	"$TANDEM" held "$db" --json >"$dir/held" 2>"$dir/held.err" &&
		jq -e '[.held[] | select(.state == "HELD" and .open_orders == 0)] | length > 0' "$dir/held" >/dev/null
}
until_true 60 held || fail "no pair was held"
pair=$(jq -r '[.held[] | select(.state == "HELD" and .open_orders == 0)][0].pair' "$dir/held")

# The script is broken, and the host dies: it comes back for the pair.
echo 'error("broken on purpose")' >"$db/executable_cross.lua"
first=$(pid_of host)
kill -9 "$first"
until_true 60 host_is_new || fail "a host with an open pair did not start without its script"
grep -q 'in quarantine from the start.*broken on purpose' "$db"/*.log "$dir/demo.err" || fail "the log does not say why"
stands() { "$TANDEM" held "$db" --json 2>/dev/null | jq -e --arg p "$pair" 'any(.held[]; .pair == $p)' >/dev/null; }
until_true 30 stands || fail "the pair is forgotten"
"$TANDEM" query "$db" --kind alert --json >"$dir/alerts" || fail "query"
jq -es 'any(.[]; tostring | test("not loaded.*broken on purpose"))' "$dir/alerts" >/dev/null || fail "no alert says so"

# It can be ended: that takes the engine, the venues and the legs as they were.
gone() { "$TANDEM" held "$db" --json 2>/dev/null | jq -e --arg p "$pair" '.ok and all(.held[]; .pair != $p)' >/dev/null; }
end() { "$TANDEM" resolve "$db" "$pair" unwind >/dev/null 2>&1; gone; }
until_true 60 end || fail "the pair could not be ended"
"$TANDEM" query "$db" --pair "$pair" --kind pair --json | jq -es 'last.state | . == "FLAT" or . == "HEDGED"' >/dev/null || fail "it did not end"

# With nothing open there is nothing to come back for.
kill -9 "$(pid_of host)"
wait "$demo" && fail "the host started without its script and without a pair"
tail -n 1 "$db/host.log" | grep -q 'broken on purpose' || fail "the refusal does not say why"
