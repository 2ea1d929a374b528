#!/usr/bin/env bash
# Proves that the demo's children end with it, however it ends, that `demo --db` resumes what was left unfinished, and that what a damaged journal has lost is said.
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

# The same store, whose database lost its newest log and whose ring was written over in ten places of that time.
cp -r "$dir/db" "$dir/hurt"
ring=$(cat "$dir/db/ring")
cp "$ring" "$dir/hurt/" 2>/dev/null || true
hurt="$dir/hurt/${ring##*/}"
printf "%s\n" "$hurt" >"$dir/hurt/ring"
for log in "$dir"/hurt/db/*.log; do truncate -s 50000 "$log"; done
newest=$("$TANDEM" query "$dir/db" --json | tail -n 1 | jq .seq)
slot=448 # store/FORMAT.md
dd if=/dev/urandom of="$hurt" bs=$slot count=10 seek=$((4096 + slot * (newest - 50))) oflag=seek_bytes conv=notrunc status=none
must_exit 0 "$TANDEM" demo --duration 2 --db "$dir/hurt" --json
must_exit 0 "$TANDEM" query "$dir/hurt" --kind alert --json
must_say "10 receipts of the life before are missing" "$dir/out"
must_exit 0 "$TANDEM" query "$dir/hurt" --kind session_open --json
jq -es 'last.lost == 10' "$dir/out" >/dev/null || fail "the opening record does not say it"

must_exit 0 "$TANDEM" demo --db "$dir/db" --json
demo_is_good "$dir/out"
must_say resuming "$dir/out.err"
echo "resumed: $(jq -c .pairs "$dir/out")"
