#!/usr/bin/env bash
# Proves that a cut venue reaches people: the command gets it as JSON, the log has it, the list shows it until somebody acknowledges it, and that leaves a receipt with a name.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"
db=$dir/db

"$TANDEM" demo --duration 300 --seed 7 --db "$db" --json >"$dir/demo.json" 2>"$dir/demo.err" &
children+=("$!")
host_is_new() { [ -n "$(pid_of host)" ] && [ "$(pid_of host)" != "$first" ]; }
until_true 60 host_is_up || fail "the demo did not start"

cat >"$dir/tell" <<'EOF'
#!/bin/sh
exec cat >>"$1"
EOF
chmod 700 "$dir/tell"
# The host starts anew with a command and a webhook at which nobody listens.
sed -i "0,/^return {/s||return { alerts = { { match = \"*/info\", every = \"2s\", sinks = { \"log\", \"command\", \"webhook\" } } }, alert_command = { \"$dir/tell\", \"$dir/told\" }, alert_webhook = \"http://127.0.0.1:9/S3CRET\",|" "$db/host.lua"
grep -q alert_command "$db/host.lua" || fail "the demo's configuration has not the form that was expected"
must_exit 0 "$TANDEM" check "$db/host.lua"
first=$(pid_of host)
kill -9 "$first"
until_true 60 host_is_new || fail "the host did not come back"
until_true 30 "$TANDEM" alerts "$db" --json >"$dir/none" || fail "alerts"

kill -9 "$(pid_of venue)"
told() { [ -s "$dir/told" ] && jq -es 'any(.[]; .code == "venue_down" and .severity == "critical" and .venue != null and .count == 1)' "$dir/told" >/dev/null; }
until_true 30 told || fail "the command was not told: $(cat "$dir/told" 2>/dev/null)"
listed() { "$TANDEM" alerts "$db" --json >"$dir/alerts" 2>/dev/null && jq -e 'any(.alerts[]; .code == "venue_down")' "$dir/alerts" >/dev/null; }
until_true 30 listed || fail "the list has it not: $(cat "$dir/alerts")"
must_hold '.alerts[] | select(.code == "venue_down") | .count >= 1 and .id > 0 and (.first | test("Z$")) and .severity == "critical"' "$dir/alerts"
must_exit 0 "$TANDEM" alerts "$db"
must_say 'venue_down' "$dir/out"
# The webhook's failure is an alert to the others, without its secret.
failed() { jq -es 'any(.[]; .code == "sink_failed" and (.text | test("webhook")))' "$dir/told" >/dev/null; }
until_true 60 failed || fail "nobody was told that the webhook fails: $(cat "$dir/told")"
! grep -rqs S3CRET "$dir/told" "$dir/demo.err" "$db"/*.log || fail "the webhook's secret was shown"

id=$(jq -r '[.alerts[] | select(.code == "venue_down")][0].id' "$dir/alerts")
must_exit 0 "$TANDEM" ack "$db" "$id" --reason "a drill"
must_say 'venue_down.*acknowledged' "$dir/out"
must_exit 1 "$TANDEM" ack "$db" "$id" --json
must_hold '.ok == false' "$dir/out"
"$TANDEM" alerts "$db" --json | jq -e --argjson id "$id" '.ok and all(.alerts[]; .id != $id)' >/dev/null || fail "it is still open"
acked() { "$TANDEM" query "$db" --kind operator --json >"$dir/act" && jq -es --argjson id "$id" 'any(.[]; .cause == $id and (.reason | test("venue_down.*: a drill")))' "$dir/act" >/dev/null; }
until_true 20 acked || fail "no receipt of it: $(tail -n 3 "$dir/act")"

must_exit 0 "$TANDEM" counters "$db" --json
must_hold '.ok and .counters == []' "$dir/out"
for verb in alerts counters; do
	must_exit 4 "$TANDEM" "$verb" "$dir/nothing"
	must_exit 2 "$TANDEM" "$verb"
done
must_exit 2 "$TANDEM" ack "$db" nonsense
must_exit 2 "$TANDEM" ack "$db"
must_exit 4 "$TANDEM" ack "$dir/nothing" 1
echo "told of $(jq -s length "$dir/told") alerts"
