#!/usr/bin/env bash
# Proves that 500 kills of host, venue or both, at moments drawn from a seed, orphan nothing, double nothing, and are reconciled soon (F52, I3, I4, I8).
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"
kills=${KILLS:-500}
RANDOM=${SEED:-1}

"$TANDEM" demo --duration $((kills + 30)) --seed "${SEED:-1}" --db "$dir/db" --json >"$dir/demo.json" 2>"$dir/demo.err" &
demo=$!
children+=("$demo")
pid_of() { sed -n "s/^$1 is up: pid \([0-9]*\).*/\1/p" "$dir/demo.err" | tail -n 1; }
for _ in $(seq 300); do [ -n "$(pid_of host)" ] && break; sleep 0.1; done
[ -n "$(pid_of host)" ] || fail "the demo did not start"

# Half of them fall while the one before is still being recovered from.
done_kills=0 host_kills=0 venue_kills=0
while [ "$done_kills" -lt "$kills" ] && kill -0 "$demo" 2>/dev/null; do
	sleep "$((RANDOM % 2)).$((RANDOM % 10))$((RANDOM % 10))"
	case $((RANDOM % 5)) in
	0) kill -9 "$(pid_of venue)" 2>/dev/null && venue_kills=$((venue_kills + 1)) ;;
	1) kill -9 "$(pid_of host)" "$(pid_of venue)" 2>/dev/null && host_kills=$((host_kills + 1)) && venue_kills=$((venue_kills + 1)) ;;
	*) kill -9 "$(pid_of host)" 2>/dev/null && host_kills=$((host_kills + 1)) ;;
	esac
	done_kills=$((done_kills + 1))
done
wait "$demo" || fail "the demo ended with exit code $? after $done_kills kills"
[ "$done_kills" -eq "$kills" ] || fail "the demo ended by itself after $done_kills kills"
demo_is_good "$dir/demo.json"

"$TANDEM" query "$dir/db" --json >"$dir/all.json" || fail "query"
unique() {
	jq -es "[.[] | select($1) | $2] | length == (unique | length)" "$dir/all.json" >/dev/null || fail "$3"
}
unique '.kind == "fill"' '[.account, .instrument, .venue_order, .side, .exec]' "a fill was counted twice (F10)"
unique '.kind == "sent"' '.exec' "a client order id was used twice (I3)"
unique '.kind == "sent"' '.order' "an order was sent twice (I3)"

# From a host's start, or its venue's when that came later, to both markets reconciled.
jq -s '
	reduce .[] as $f ({open: null, up: {}, took: []};
		if $f.kind == "session_open" then .open = $f.utc_ns | .up = {}
		elif $f.kind == "venue" and $f.state == "LOGON" and .open then .logon[$f.venue] = $f.utc_ns
		elif $f.kind == "venue" and $f.state == "UP" and .open then
			.up[$f.venue] = $f.utc_ns
			| if (.up | length) == 2 then
				.took += [(([.up[]] | max) - ([.open, (.logon | [.[]] | max)] | max)) / 1e6] | .open = null
			  else . end
		else . end)
	| .took | sort | {n: length, p50_ms: .[(length / 2 | floor)], p99_ms: .[(length * 0.99 | floor)], worst_ms: .[-1]}' \
	"$dir/all.json" >"$dir/reconciled.json" || fail "how long reconciling took"
must_hold '.n > 0 and .p99_ms < 2000' "$dir/reconciled.json"
echo "$done_kills kills ($host_kills of the host, $venue_kills of the venue): $(jq -c .pairs "$dir/demo.json"), reconciled $(jq -c . "$dir/reconciled.json")"
