#!/usr/bin/env bash
# Proves that an operator sees every limit of a running host, lowers one at once and raises one only with a reason, kills and resumes parts of it, and that all of that outlives the host.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"
db=$dir/db

"$TANDEM" demo --duration 300 --seed 7 --db "$db" --json >"$dir/demo.json" 2>"$dir/demo.err" &
children+=("$!")
host_is_new() { [ -n "$(pid_of host)" ] && [ "$(pid_of host)" != "$first" ]; }
answers() { "$TANDEM" limits "$db" --json >"$dir/limits" 2>/dev/null; }
bound_of() { jq -r --arg l "$1" --arg s "$2" '[.limits[] | select(.limit == $l and .scope == $s)][0].bound' "$dir/limits"; }
until_true 60 host_is_up || fail "the demo did not start"
until_true 30 answers || fail "no answer"

# Every limit that the configuration sets has a row.
must_hold '.ok and ([.limits[].limit] | index("order_notional") and index("position_notional") and index("pairs_in_flight"))' "$dir/limits"
must_hold 'all(.limits[]; .action != null and .scope != null and .hits >= 0)' "$dir/limits"
must_exit 0 "$TANDEM" limits "$db"
must_say '^limit .*scope .*bound .*use .*action' "$dir/out"

# Lower at once; higher with a reason; nonsense not at all.
was=$(bound_of order_notional global)
must_exit 0 "$TANDEM" set "$db" order_notional 1
must_say 'order_notional_e8 of all is 1' "$dir/out"
must_exit 1 "$TANDEM" set "$db" order_notional "$was"
must_say 'say why' "$dir/out.err"
must_exit 0 "$TANDEM" set "$db" order_base 0.5 --scope instance:cross --json
must_hold '.ok and .command == "set"' "$dir/out"
must_exit 1 "$TANDEM" set "$db" order_base 0.5 --scope instance:nobody
must_exit 2 "$TANDEM" set "$db" order_notionl 5
must_exit 2 "$TANDEM" set "$db" order_notional 250ms
must_exit 2 "$TANDEM" set "$db" order_notional
must_exit 2 "$TANDEM" set "$db" order_notional -5 --reason "a slip of the finger"
"$TANDEM" set "$db" order_notional -5 2>&1 | grep -q 'order_notional takes 0 to 10000000000, or off'
must_exit 2 "$TANDEM" set "$db" reject_ratio 101%

# Nothing of that size leaves any more, and the receipt names the bound and who set it.
refused() { "$TANDEM" query "$db" --kind risk --json 2>/dev/null | jq -rs '[.[] | select(.reason | test("order_notional"))] | last | .reason' | grep -q 'set by an operator'; }
until_true 60 refused || fail "no proposal was refused by the lowered limit"

# A parameter of a script: within its bounds, listed, and with a receipt.
param_of() { "$TANDEM" params "$db" --json 2>/dev/null | jq -r --arg p "$1" '[.params[] | select(.instance == "cross" and .param == $p)][0].value'; }
must_exit 0 "$TANDEM" params "$db"
must_say '^instance .*param .*value .*configured' "$dir/out"
must_exit 0 "$TANDEM" set "$db" cross.open_bp 12.5 --reason "a drill"
must_say 'cross.open_bp is 12.5; it was' "$dir/out"
must_exit 1 "$TANDEM" set "$db" cross.open_bp 1e9
must_say 'outside the bounds' "$dir/out.err"
must_exit 1 "$TANDEM" set "$db" cross.no_such 1
must_exit 2 "$TANDEM" set "$db" cross.open_bp twelve
must_exit 2 "$TANDEM" set "$db" cross.open_bp 1 --scope instance:cross
[ "$(param_of open_bp)" = 12.5 ] || fail "the parameter is not in force"
receipted() { "$TANDEM" query "$db" --kind param --json 2>/dev/null | grep -q 'open_bp = 12.5'; }
until_true 10 receipted || fail "the parameter has no receipt"

# A venue, and with it whoever trades there; twice is once.
venue=$("$TANDEM" status "$db" --json | jq -r '.venues[0].name')
must_exit 0 "$TANDEM" kill "$db" "venue:$venue" --mode stop --reason "a drill"
must_exit 0 "$TANDEM" kill "$db" "venue:$venue" --mode stop --reason "a drill"
must_exit 2 "$TANDEM" kill "$db" --mode dance
reducing() { "$TANDEM" status "$db" --json | jq -e '.venues[0].risk == "REDUCING" and .instances[0].risk == "REDUCING" and .risk == "ACTIVE"' >/dev/null; }
until_true 10 reducing || fail "the venue is not REDUCING"
must_exit 0 "$TANDEM" pause "$db" cross --reason "a drill"

# All of it stands again after a crash.
first=$(pid_of host)
kill -9 "$first"
until_true 60 host_is_new || fail "the host did not come back"
until_true 30 reducing || fail "the venue's state did not outlive the host"
"$TANDEM" status "$db" --json >"$dir/status"
must_hold '.instances[0].paused and (.instances[0].paused_why | test("a drill"))' "$dir/status"
until_true 30 answers || fail "no answer"
[ "$(bound_of order_notional global)" = 1 ] || fail "the lowered limit did not outlive the host"
[ "$(bound_of order_base instance)" = 0.5 ] || fail "the new limit did not outlive the host"
[ "$(param_of open_bp)" = 12.5 ] || fail "the parameter did not outlive the host"
must_exit 0 "$TANDEM" set "$db" cross.open_bp default
must_say 'it was 12.5' "$dir/out"

# It takes a reason to open again.
must_exit 1 "$TANDEM" resume "$db" "venue:$venue"
must_say 'say why' "$dir/out.err"
must_exit 0 "$TANDEM" resume "$db" "venue:$venue" --reason "looked at"
must_exit 0 "$TANDEM" resume "$db" --reason "looked at"
must_exit 0 "$TANDEM" set "$db" order_notional "$was" --reason "the drill is over"
sent() { "$TANDEM" status "$db" --json | jq -r .pairs.sent; }
before=$(sent)
opens_again() { [ "$(sent)" -gt "$before" ]; }
until_true 60 opens_again || fail "nothing opens again"
must_exit 4 "$TANDEM" limits "$dir/nothing"
must_exit 4 "$TANDEM" set "$dir/nothing" order_notional 5
echo "limits set, parts killed and resumed; all of it outlived a crash"
