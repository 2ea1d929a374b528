#!/usr/bin/env bash
# Proves that a report of a demo that broke, was killed and was spoken to by an operator says what its receipts say: orders, fills, pairs, counters, alerts, limits, versions;
# in English and Chinese, on a page that fetches and runs nothing; and that a wrong day is answered with the days that there are.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"
db=$dir/db

"$TANDEM" demo --duration 20 --seed 11 --db "$db" --json >"$dir/demo.json" 2>"$dir/demo.err" &
children+=("$!")
until_true 60 host_is_up || fail "the demo did not start"
count() { "$TANDEM" query "$db" --kind "$1" --count 2>/dev/null || echo 0; }
at_least() { [ "$(count "$1")" -ge "$2" ]; }
until_true 60 at_least order 20 || fail "the demo does not trade"
# A report beside the running host.
must_exit 0 "$TANDEM" report "$db" --day last --out "$dir/early" --json
must_hold '.ok and .missing == 0 and .orders > 0' "$dir/out"
jq -es 'length == 1 and .[0].ended == "running"' "$dir/early/sessions.jsonl" >/dev/null || fail "its session does not run: $(cat "$dir/early/sessions.jsonl")"
# An operator: a limit, a new version of the script, an alert acknowledged. And a host that dies.
must_exit 0 "$TANDEM" set "$db" order_notional 9000 --reason "a drill"
first=$(pid_of host)
kill -9 "$first"
host_is_new() { [ "$(pid_of host)" != "$first" ] && "$TANDEM" status "$db" >/dev/null 2>&1; }
until_true 60 host_is_new || fail "the host did not come back"
sed -e 's/version = 1,/version = 2,/' "$db/executable_cross.lua" >"$dir/v2.lua"
sed -i '$d' "$dir/v2.lua"
printf 'function S.on_load(old) return old end\nreturn S\n' >>"$dir/v2.lua"
must_exit 0 "$TANDEM" reload "$db" cross --file "$dir/v2.lua" --reason "a drill"
must_exit 0 "$TANDEM" kill "$db" --reason "a drill"
must_exit 0 "$TANDEM" resume "$db" --reason "the drill is over"
kill -9 "$(pid_of venue)"
listed() { alert=$("$TANDEM" alerts "$db" --json 2>/dev/null | jq -r '[.alerts[] | select(.code == "venue_down")][0].id // empty') && [ -n "$alert" ]; }
until_true 30 listed || fail "nobody was told of the venue"
must_exit 0 "$TANDEM" ack "$db" "$alert" --reason "seen"
wait "${children[0]}" || fail "the demo ended with exit code $?"

day=$("$TANDEM" query "$db" --limit 1 --json | jq -r '.time[0:10]')
next=$("$TANDEM" query "$db" --last 1 --json | jq -r '.time[0:10]')
[ "$day" = "$next" ] || { echo "midnight passed: no day has it all"; exit 0; }
must_exit 0 "$TANDEM" report "$db" --day "$day" --out "$dir/en" --json
cp "$dir/out" "$dir/en.json"
must_exit 0 "$TANDEM" report "$db" --day "$day" --lang zh --tz Asia/Shanghai --out "$dir/zh"
"$TANDEM" query "$db" --json >"$dir/all.json" || fail "query"
all() { jq -s "$1" "$dir/all.json"; }
# row WHAT SHEET WANT: what a sheet comes to against what the receipts come to
row() {
	local got want
	got=$(jq -s "$1" "$dir/en/$2.jsonl") want=$(all "$3")
	[ "$got" = "$want" ] || fail "$2: $got, and the receipts say $want"
}
jq -es 'map(.command) | (index("kill") < index("resume")) and (index("resume") < index("ack")) and any(. == "stop")' "$dir/en/operators.jsonl" >/dev/null ||
	fail "the acts: $(cat "$dir/en/operators.jsonl")"
must_hold ".receipts == $(wc -l <"$dir/all.json") and .missing == 0 and .rows.orders == .orders" "$dir/en.json"

# ---- orders: each once, with what became of it
row 'map(.order)' orders 'map(select(.kind == "order") | .order)'
row 'map(.fee // 0) | add | . * 1e8 | round' orders 'map(select(.kind == "fill") | .fee) | add | . * 1e8 | round'
row 'map([.order, .filled_qty]) | sort' orders '[map(select(.order)) | group_by(.order)[] | select(any(.kind == "order")) | [.[0].order, (map(select(.kind == "fill")) | last | .cum_qty // 0)]] | sort'
row 'map(.state) | sort' orders '[map(select(.order and .kind != "order_kept")) | group_by(.order)[] | select(any(.kind == "order")) | last | .state] | sort'
row 'map(select(.refusal_code) | [.order, .refusal_code, .refusal])' orders 'map(select(.kind == "rejected") | [.order, .code, .reason])'
row 'length' events 'map(select(.order and .kind != "order_kept")) | length'
# Every field of the compliance row that a run of the demo must have.
jq -es 'all(.trade_day and .session and .utc_ns and .mono_ns and .venue_clock_bound_ns and .venue and .account and .group and .hedge_flag and .instance
	and (.script | test("^[0-9a-f]{64}$")) and (.build | test("^[0-9a-f]{64}$")) and (.configuration | test("^[0-9a-f]{64}$")) and .pair and has("leg")
	and .order and .client_order and .instrument and .side and .type and .tif and .px and .qty and .state and .states and has("filled_qty") and has("left_qty")
	and (.decision or .rescue_step) and .quotes and (.risk_check or .rescue_step) and has("messages_today") and .cause and .leaf == .seq - 1)' "$dir/en/orders.jsonl" >/dev/null ||
	fail "fields are missing: $(jq -c 'select((.decision and .quotes and .group and .build) | not)' "$dir/en/orders.jsonl" | head -n 2)"
[ "$(head -n 1 "$dir/en/orders.csv" | tr , '\n' | wc -l)" -ge 66 ] || fail "the columns of orders.csv"
[ "$(wc -l <"$dir/en/orders.csv")" = $(($(count order) + 1)) ] || fail "the rows of orders.csv"

# ---- pairs, counters, the rest
row 'map(.pair) | sort' pairs 'map(select(.kind == "pair") | .pair) | unique'
row 'map([.pair, .state]) | sort' pairs '[map(select(.kind == "pair")) | group_by(.pair)[] | [.[0].pair, last.state]] | sort'
row 'map(select(.broke) | .pair) | sort' pairs 'map(select(.kind == "pair" and .state == "BROKEN") | .pair) | unique'
row 'map(select(.instrument) | [.account, .orders, .fills, .rejects]) | sort' counters '[group_by(.account)[] | select(any(.kind == "sent")) | [.[0].account, (map(select(.kind == "sent")) | length), (map(select(.kind == "fill")) | length), (map(select(.kind == "rejected")) | length)]] | sort'
row 'map(select(.instrument | not) | .messages) | add' counters 'map(select(.kind == "sent" or .kind == "cancel" or .kind == "replace")) | length'
row 'map(.seq)' connections 'map(select(.kind == "venue") | .seq)'
row 'map(.seq)' gaps 'map(select(.kind == "feed") | .seq)'
row 'map(.seq)' reconciliation 'map(select(.kind == "reconcile") | .seq)'
row 'map(.seq)' operators 'map(select(.kind == "operator") | .seq)'
row 'map(.seq) | sort' alerts 'map(select(.kind == "alert") | .seq)'
row 'map(.seq)' scripts 'map(select(.kind == "script") | .seq)'
row 'map(.count) | add // 0' breaches 'map(select(.kind == "risk") | .count) + map(select(.kind == "limit" and .what <= 2) | .count) | add // 0'
jq -es 'map(select(.ack_by)) | length == 1 and .[0].code == "venue_down" and .[0].ack_after_ns > 0' "$dir/en/alerts.jsonl" >/dev/null || fail "who acknowledged: $(cat "$dir/en/alerts.jsonl")"
jq -es 'any(.what == "set" and .limit == "order_notional" and .bound == 9000) and any(.what == "in_force")' "$dir/en/limits.jsonl" >/dev/null || fail "the limits: $(cat "$dir/en/limits.jsonl")"
jq -es 'map(.ended) == ["killed", "orderly"] and .[1].receipts == .[1].counted and .[1].clean == "yes"' "$dir/en/sessions.jsonl" >/dev/null ||
	fail "the sessions: $(cat "$dir/en/sessions.jsonl")"
jq -es 'length >= 2 and all(.within_1ms_percent >= .within_100us_percent)' "$dir/en/clocks.jsonl" >/dev/null || fail "the clocks"

# ---- pages: whole, in both languages, with the difference of the versions, and nothing from outside
for p in en zh; do
	page=$dir/$p/report.html
	[ "$(grep -c '</html>' "$page")" = 1 ] || fail "$p: the page is not whole"
	if grep -qiE '<script|<link|<img|<iframe|src=|@import|url\([^#]|javascript:' "$page"; then fail "$p: the page fetches or runs something"; fi
	[ "$(grep -c '<svg' "$page")" -ge 4 ] || fail "$p: pictures are missing"
	must_say '^+function S.on_load' "$page"
	must_say "$(jq -r 'select(.kind == "fill") | .order' "$dir/all.json" | head -n 1)" "$page"
done
must_say 'lang="en"' "$dir/en/report.html"
must_say 'lang="zh"' "$dir/zh/report.html"
must_say '自成交' "$dir/zh/report.html"
must_say '>买<' "$dir/zh/report.html"
must_say 'Asia/Shanghai' "$dir/zh/report.html"
must_say '+08:00' "$dir/zh/orders.csv"
if LC_ALL=C grep -q $'[\x80-\xff]' "$dir/en/report.html"; then fail "the English page has Chinese in it"; fi
# What programs read is the same in both but for the clock.
cmp -s <(jq -c 'del(.time)' "$dir/en/orders.jsonl") <(jq -c 'del(.time)' "$dir/zh/orders.jsonl") || fail "the tables differ by language"

# ---- one page alone, and what is asked for wrongly
must_exit 0 "$TANDEM" report "$db" --day "$day" --out "$dir/one.html"
test -s "$dir/one.html" || fail "no page"
must_exit 0 "$TANDEM" report "$db" --day "$day" --csv --out "$dir/csv"
[ -s "$dir/csv/orders.csv" ] || fail "--csv wrote nothing"
if [ -e "$dir/csv/report.html" ] || [ -e "$dir/csv/orders.jsonl" ]; then fail "--csv wrote more than it was asked for"; fi
must_exit 1 "$TANDEM" report "$db" --day 2020-01-01 --out "$dir/none"
must_say "no receipt is of 2020-01-01; there are $day" "$dir/out.err"
must_exit 2 "$TANDEM" report "$db" --day 2020-02-31
must_exit 2 "$TANDEM" report "$db"
must_exit 2 "$TANDEM" report "$db" --day last --lang fr
must_exit 2 "$TANDEM" report "$db" --day last --csv --out "$dir/one.html"
must_exit 4 "$TANDEM" report "$dir/nothing" --day last
must_exit 4 "$TANDEM" report "$db" --day last --out "$dir/no/such/folder"
echo "$(jq .orders "$dir/en.json") orders, $(jq .receipts "$dir/en.json") receipts"
