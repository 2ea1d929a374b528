#!/usr/bin/env bash
# Proves that the demo's children end with it, however it ends, and that `demo --db` resumes what was left unfinished.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"

"$TANDEM" demo --duration 10 --seed 3 --db "$dir/db" --json >"$dir/first.json" 2>"$dir/demo.err" &
demo=$!
children+=("$demo")
for _ in $(seq 300); do grep -q '^host is up' "$dir/demo.err" 2>/dev/null && break; sleep 0.1; done
sleep 3
pids=$(sed -n 's/.* is up: pid \([0-9]*\).*/\1/p' "$dir/demo.err")
kill -9 "$demo"
wait "$demo" 2>/dev/null
sleep 0.5
for pid in $pids; do
	# A dead child that nobody has reaped yet still has a number, and state Z.
	state=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -c1)
	[ -z "$state" ] || [ "$state" = Z ] || fail "child $pid outlived its parent"
done
must_exit 0 "$TANDEM" demo --db "$dir/db" --json
demo_is_good "$dir/out"
must_say resuming "$dir/out.err"
echo "resumed: $(jq -c .pairs "$dir/out")"
