#!/usr/bin/env bash
# Proves that the configurations of the strategies that ship are right, and that gold and copper at home are traded against gold and copper abroad with them, and end hedged or flat.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}" "${TANDEM_SOURCE:?}"
cp -r "$TANDEM_SOURCE/examples" "$TANDEM_SOURCE/strategies" "$dir"
cd "$dir/examples" || fail "copying the examples"

mkdir -p keys
for key in keys/spot.key keys/spot.secret keys/usdm.key keys/usdm.secret; do
	install -m 600 /dev/null "$key"
	echo 0123456789abcdef >"$key"
done
must_exit 0 "$TANDEM" check strategies.lua
for file in "$TANDEM_SOURCE"/strategies/*.lua; do
	name=$(basename "$file" .lua)
	[ "$name" = "${name%_test}" ] || continue
	[ "$name" = parity ] || must_say "strategies/$name.lua" "$dir/out"
	[ -s "${file%.lua}.md" ] || fail "$name has no page"
	grep -q "($name.lua)" "$TANDEM_SOURCE/strategies/README.md" || fail "strategies/README.md does not list $name"
done

sed -i -e 's/port = 191../port = 0/' -e 's/speed = 1,/speed = "max", duration = "180s",/' parity_venue.lua
"$TANDEM" venue parity_venue.lua --port-file "$dir/ports" >"$dir/venue.out" 2>"$dir/venue.err" &
children+=("$!")
for _ in $(seq 100); do [ -s "$dir/ports" ] && break; sleep 0.1; done
[ -s "$dir/ports" ] || fail "the venues did not start"
sed -i -e "s/19111/$(sed -n 's/^shfe //p' "$dir/ports")/g" -e "s/19112/$(sed -n 's/^abroad //p' "$dir/ports")/g" parity.lua
must_exit 0 "$TANDEM" check parity.lua
"$TANDEM" run parity.lua >"$dir/host.out" 2>"$dir/host.err" &
host=$!
children+=("$host")
for _ in $(seq 600); do [ -e metals/finished ] && break; sleep 0.1; done
[ -e metals/finished ] || fail "the market did not come to its end"
kill -TERM "$host"
wait "$host" || fail "the host ended with $?"

"$TANDEM" query metals.db --json >"$dir/all.json" || fail "query"
for instance in gold copper; do
	jq -s --arg i "$instance" '[.[] | select(.kind == "pair" and .instance == $i) | {pair, state}] | group_by(.pair) | map(.[-1].state)' "$dir/all.json" >"$dir/$instance.pairs"
	jq -e 'all(. == "HEDGED" or . == "FLAT" or . == "REFUSED") and ([.[] | select(. == "HEDGED")] | length) > 1' "$dir/$instance.pairs" >/dev/null ||
		fail "$instance: pairs ended as $(jq -c 'group_by(.) | map({(.[0]): length}) | add' "$dir/$instance.pairs")"
done
for v in shfe abroad; do
	must_exit 0 "$TANDEM" venue --ledger "metals/$v.ledger"
	must_hold .adds_up "$dir/out"
	cp "$dir/out" "$dir/$v.json"
done
lots() { jq --arg s "$2" '[.trading[] | select(.symbol == $s) | .position] | add // 0' "$dir/$1.json"; }
# Grams less than the smallest order could mend; tonnes to the last one.
jq -ne --argjson h "$(lots shfe SHFE.au2704)" --argjson a "$(lots abroad XAUUSD)" '($h * 1000 + $a * 3110.34768) | fabs < 20' >/dev/null ||
	fail "gold is not hedged: $(lots shfe SHFE.au2704) lots at home, $(lots abroad XAUUSD) abroad"
[ $(($(lots shfe SHFE.cu2704) * 5 + $(lots abroad CAUSD) * 25)) = 0 ] || fail "copper is not hedged: $(lots shfe SHFE.cu2704) lots at home, $(lots abroad CAUSD) abroad"
echo "$(jq length "$dir/gold.pairs") pairs of gold, $(jq length "$dir/copper.pairs") of copper"
