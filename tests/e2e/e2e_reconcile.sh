#!/usr/bin/env bash
# Proves that the receipts of a host and its venues' own books join, execution by execution, and that whatever is dropped, changed, added or told twice on either side is said.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"

"$TANDEM" demo --duration 8 --seed 5 --db "$dir/db" --json >"$dir/demo.json" 2>"$dir/demo.err" || fail "the demo: $?"
for v in spot usdm; do
	must_exit 0 "$TANDEM" venue --statement "$dir/db/venue/$v.ledger"
	cp "$dir/out" "$dir/$v.csv"
	must_exit 0 "$TANDEM" reconcile "$dir/db" "$dir/$v.csv"
	must_say "all of it is joined and the same" "$dir/out"
	must_exit 0 "$TANDEM" reconcile "$dir/db" "$dir/$v.csv" --json
	jq -es --argjson n "$(($(wc -l <"$dir/$v.csv") - 1))" 'last | .ok and .joined == $n and .rows == $n and .only_ours == 0' "$dir/out" >/dev/null ||
		fail "not all of $v is joined: $(tail -n 1 "$dir/out")"
done
must_say "account usdm_demo traded in that time" <("$TANDEM" reconcile "$dir/db" "$dir/spot.csv")

# One dropped in the middle, one priced otherwise, one on the other side, one that never was, one twice.
awk -F, -v OFS=, 'NR == 4 { next } NR == 5 { $6 = $6 + 1 } NR == 6 { $5 = $5 == "BUY" ? "SELL" : "BUY" } { print }
	NR == 7 { print; $3 = 999999; $4 = 888888; print }' "$dir/spot.csv" >"$dir/edited.csv"
must_exit 1 "$TANDEM" reconcile "$dir/db" "$dir/edited.csv" --json
jq -es 'last | (.ok | not) and .only_ours == 1 and .differs == 2 and .only_theirs == 1 and .twice_theirs == 1' "$dir/out" >/dev/null ||
	fail "the edits are counted otherwise: $(tail -n 1 "$dir/out")"
jq -es 'map(.differs // empty) | sort == ["price", "side"]' <(jq -c 'select(.what == "differs")' "$dir/out") >/dev/null || fail "told otherwise: $(cat "$dir/out")"
must_exit 1 "$TANDEM" reconcile "$dir/db" "$dir/edited.csv"
must_say "only the receipts have" "$dir/out"
must_say "execution 888888 of order 999999" "$dir/out"
must_exit 1 "$TANDEM" reconcile "$dir/db" "$dir/edited.csv" --csv
[ "$(wc -l <"$dir/out")" -eq 6 ] || fail "not a row for each finding: $(cat "$dir/out")"

# Both venues in one list: the same symbol, and the same numbers, mean two instruments.
{ cat "$dir/spot.csv"; tail -n +2 "$dir/usdm.csv" | sed 's/,demo,/,other,/'; } >"$dir/both.csv"
must_exit 0 "$TANDEM" reconcile "$dir/db" "$dir/both.csv"
# Without any number: by price, quantity, side and time.
for v in spot usdm; do
	awk -F, -v OFS=, '{ print $1, $2, $5, $6, $7, $8, $9 }' "$dir/$v.csv" >"$dir/bare.csv"
	must_exit 0 "$TANDEM" reconcile "$dir/db" "$dir/bare.csv"
	must_say "all of it is joined and the same" "$dir/out"
done

# The same as a broker in Shanghai would send it: other names, GB18030, a day and a time of it, thousands apart, zeros before numbers, sums below.
{
	echo '成交日期,成交时间,合约,成交序号,报单编号,买/卖,成交价,手数,手续费'
	tail -n +2 "$dir/usdm.csv" | while IFS=, read -r at symbol order trade side px qty fee _; do
		t=$(date -u -d "$at" +%s)
		printf '%s,%s,%s,"  0000%s",%s,%s,"%s",%s,-%s\n' "$(date -u -d "@$((t + 28800))" +%Y%m%d)" "$(date -u -d "@$((t + 28800))" +%H:%M:%S)" \
			"$symbol" "$trade" "$order" "$([ "$side" = BUY ] && echo ' 买' || echo ' 卖')" "${px:0:2},${px:2}" "$qty" "$fee"
	done
	echo '合计,,,,,,,12,'
} | iconv -f UTF-8 -t GB18030 >"$dir/bill.csv"
must_exit 0 "$TANDEM" reconcile "$dir/db" "$dir/bill.csv" --zone +08:00 --from 2020-01-01 --to 2100-01-01
must_say "all of it is joined and the same" "$dir/out"

printf 'a,b\n1,2\n' >"$dir/none.csv"
must_exit 2 "$TANDEM" reconcile "$dir/db" "$dir/none.csv"
must_say "no column says the symbol" "$dir/out.err"
awk 'NR == 3 { sub(/BUY|SELL/, "HOLD") } { print }' "$dir/spot.csv" >"$dir/bad.csv"
must_exit 1 "$TANDEM" reconcile "$dir/db" "$dir/bad.csv"
must_say 'line 3, column 5 (side): "HOLD" is no side' "$dir/out.err"
must_exit 4 "$TANDEM" reconcile "$dir/db" "$dir/absent.csv"
must_exit 4 "$TANDEM" reconcile "$dir/absent" "$dir/spot.csv"
must_exit 2 "$TANDEM" reconcile "$dir/db"
must_exit 2 "$TANDEM" reconcile "$dir/db" "$dir/spot.csv" --zone here
echo "$(wc -l <"$dir/spot.csv") and $(wc -l <"$dir/usdm.csv") lines joined"
