#!/usr/bin/env bash
# Proves that the stores of a demo and of an import verify, also by a second verifier written from the format's page alone; that proofs hold there; and that a store that
# was set back, changed, or signed by another key does not pass.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}" "${TANDEM_SOURCE:?}"
second=$TANDEM_SOURCE/tests/e2e/second_verifier.py
command -v python3 openssl >/dev/null || { echo "python3 or openssl is missing: skipped"; exit 77; }

make_rows() {
	awk -v seed="$1" -v n="$2" 'BEGIN {
		srand(seed); t = 1700000000000 + seed * 10000000; p = 100000
		print "local_ts_ms,venue,symbol,exch_ts_ms,bid,bid_qty,ask,ask_qty"
		for (i = 0; i < n; i++) {
			t += 1 + int(rand() * 200); p += int(rand() * 19) - 9
			printf "%.0f,%s,AU,%.0f,%.2f,1.5,%.2f,2\n", t + 3, rand() < 0.5 ? "WEST" : "EAST", t, p / 100, p / 100 + 0.01
		}
	}'
}

# The demo: receipts of every kind, a recorded market.
"$TANDEM" demo --db "$dir/demo" --duration 8 --json >"$dir/demo.json" 2>"$dir/demo.err" || fail "the demo did not end well"
must_exit 0 "$TANDEM" verify "$dir/demo"
must_say "verified: all of it is as the key that the store names signed it" "$dir/out"
must_exit 0 "$TANDEM" verify "$dir/demo" --json --key "$dir/demo/receipts.key.pub" --jobs 1
must_hold '.ok and .receipts > 256 and .lost == 0 and .unsealed == 0 and .blocks > 0 and .names > 0 and .texts > 0 and (.key_of_store | not) and .checkpoint.size == .last' "$dir/out"
last=$(jq .last "$dir/out")
must_exit 0 "$TANDEM" verify "$dir/demo" --export "$dir/log"
pub=$dir/demo/receipts.key.pub
must_exit 0 python3 "$second" log "$dir/log" --key "$pub"
must_say "^$last receipts, 0 lost" "$dir/out"

# Proofs, each checked by somebody else.
for n in 1 256 257 "$last"; do
	must_exit 0 "$TANDEM" verify "$dir/demo" --proof "$n"
	cp "$dir/out" "$dir/proof"
	must_exit 0 python3 "$second" proof "$dir/proof" "$dir/log" --key "$pub"
	must_exit 0 "$TANDEM" verify "$dir/demo" --consistency "$n"
	cp "$dir/out" "$dir/consistency"
	must_exit 0 python3 "$second" consistency "$dir/consistency" --key "$pub"
done
must_exit 1 "$TANDEM" verify "$dir/demo" --proof $((last + 1))
sed 's/^index .*/index 5/' "$dir/proof" >"$dir/bad"
must_exit 1 python3 "$second" proof "$dir/bad" "$dir/log" --key "$pub"

# The second verifier sees what is changed, too.
entries=$dir/log/tile/entries/000
cp "$entries" "$dir/entries" && printf 'x' | dd of="$entries" bs=1 seek=40 conv=notrunc 2>/dev/null
must_exit 1 python3 "$second" log "$dir/log" --key "$pub"
cp "$dir/entries" "$entries"
block=$(find "$dir/log/blocks" -type f | head -n 1)
printf 'x' | dd of="$block" bs=1 seek=99 conv=notrunc 2>/dev/null
must_exit 1 python3 "$second" log "$dir/log" --key "$pub"

# A store that goes on: what was copied outside stays true, and shows when the store is set back.
make_rows 1 3000 >"$dir/a.csv"
make_rows 2 3000 >"$dir/b.csv"
must_exit 0 "$TANDEM" import "$dir/a.csv" --out "$dir/db"
must_exit 0 "$TANDEM" verify "$dir/db" --export "$dir/first"
cp -r "$dir/db" "$dir/past"
must_exit 0 "$TANDEM" import "$dir/b.csv" --out "$dir/db" --append
must_exit 0 "$TANDEM" verify "$dir/db" --checkpoint "$dir/first/checkpoint" --key "$dir/first/key.pub"
must_say "^outside " "$dir/out"
must_exit 0 "$TANDEM" verify "$dir/db" --export "$dir/second"
must_exit 0 python3 "$second" log "$dir/second" --key "$dir/first/key.pub" --checkpoint "$dir/first/checkpoint"
must_exit 1 "$TANDEM" verify "$dir/past" --checkpoint "$dir/second/checkpoint"
must_say "cut off, or the store was set back" "$dir/out"
must_exit 1 python3 "$second" log "$dir/first" --key "$dir/first/key.pub" --checkpoint "$dir/second/checkpoint"
must_exit 1 "$TANDEM" verify "$dir/demo" --checkpoint "$dir/second/checkpoint"

# Keys: made, told, refused.
must_exit 0 "$TANDEM" key new "$dir/desk.key" --name desk.example.com/receipts
cmp -s "$dir/out" "$dir/desk.key.pub" || fail "the public half that is told is not the one that is kept"
must_exit 3 "$TANDEM" key new "$dir/desk.key"
must_exit 0 "$TANDEM" key show "$dir/desk.key"
must_exit 1 "$TANDEM" verify "$dir/db" --key "$dir/desk.key.pub"
must_say "not signed by the key desk.example.com/receipts" "$dir/out"
must_exit 2 "$TANDEM" key new "$dir/other.key" --name "two words"
must_exit 2 "$TANDEM" key lose "$dir/other.key"
must_exit 3 "$TANDEM" verify "$dir/db" --key "$dir/a.csv"

# A file of the database that is damaged, and one that is gone.
manifest=$(find "$dir/past/db" -name 'MANIFEST-*' | head -n 1)
cp "$manifest" "$dir/manifest" && printf 'x' | dd of="$manifest" bs=1 seek=30 conv=notrunc 2>/dev/null
must_exit 1 "$TANDEM" verify "$dir/past" --patience 20
cp "$dir/manifest" "$manifest"
must_exit 0 "$TANDEM" verify "$dir/past"
find "$dir/past/db" -name '*.sst' | head -n 1 | xargs rm
must_exit 1 "$TANDEM" verify "$dir/past"
must_exit 4 "$TANDEM" verify "$dir/nothing"
must_exit 4 "$TANDEM" verify "$dir/db" --checkpoint "$dir/nothing"
must_exit 2 "$TANDEM" verify "$dir/db" --proof 0
must_exit 2 "$TANDEM" verify "$dir/db" --proof 1 --consistency 2
echo "stores are what was written, and others are not"
