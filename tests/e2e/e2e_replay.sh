#!/usr/bin/env bash
# Proves that what the demo records runs again bit for bit: a plain run, one whose host is killed in the middle, one that takes a new version; and that a changed receipt is found.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"

demo_in_the_background() {
	"$TANDEM" demo --duration "$1" --seed "$2" --db "$3" --json >"$dir/demo.json" 2>"$dir/demo.err" &
	demo=$!
	children+=("$demo")
}
pid_of() { sed -n "s/^$1 is up: pid \([0-9]*\).*/\1/p" "$dir/demo.err" | tail -n 1; }
sent() { "$TANDEM" query "$1" --kind decision --json 2>/dev/null | wc -l; }
until_sent() {
	for _ in $(seq 300); do
		[ "$(sent "$1")" -ge "$2" ] && return
		sleep 0.1
	done
	fail "the demo sends nothing"
}
identical() {
	must_exit 0 "$TANDEM" replay "$@"
	tail -n 1 "$dir/out" | grep -Eq '^[1-9][0-9]* calls, [1-9][0-9]* decisions, all identical$' ||
		fail "its last line is '$(tail -n 1 "$dir/out")'"
}

# A plain run: every receipt of the engine is made again.
must_exit 0 "$TANDEM" demo --duration 5 --seed 3 --db "$dir/plain" --json
identical "$dir/plain"
must_exit 0 "$TANDEM" replay "$dir/plain" --json
"$TANDEM" query "$dir/plain" --json >"$dir/all.json" || fail "query"
own=$(jq -s '[.[] | select(.kind != "inputs" and .kind != "block")] | length' "$dir/all.json")
blocks=$(jq -s '[.[] | select(.kind == "block")] | length' "$dir/all.json")
[ "$blocks" -gt 0 ] || fail "no market was recorded"
must_hold ".ok and .identical and .not_recorded == 0 and .receipts == $((own + blocks))" "$dir/out"
decisions=$(jq -s '[.[] | select(.kind == "decision")] | length' "$dir/all.json")
must_hold ".decisions == $decisions" "$dir/out"

# Nothing in the span: nothing was proven.
must_exit 1 "$TANDEM" replay "$dir/plain" --from 2100-01-01
must_say "0 calls" "$dir/out"
# A store without inputs.
must_exit 1 "$TANDEM" replay "$dir/nowhere"

# A host that is killed: both of its lives, up to the last whole entry.
demo_in_the_background 8 5 "$dir/killed"
for _ in $(seq 300); do [ -n "$(pid_of host)" ] && break; sleep 0.1; done
until_sent "$dir/killed" 3
kill -9 "$(pid_of host)"
wait "$demo" || fail "the demo ended with exit code $? after a kill"
identical "$dir/killed"
must_say "^2 lives" "$dir/out"
must_say "^1 of them killed" "$dir/out"

# A version that comes at half time, and goes again.
demo_in_the_background 10 6 "$dir/reloaded"
until_sent "$dir/reloaded" 2
sed 's/version = 1,/version = 2,/' "$dir/reloaded/executable_cross.lua" | sed '$d' >"$dir/v2.lua"
printf 'function S.on_load(old) return old end\nreturn S\n' >>"$dir/v2.lua"
must_exit 0 "$TANDEM" reload "$dir/reloaded" cross --file "$dir/v2.lua"
until_sent "$dir/reloaded" $(($(sent "$dir/reloaded") + 2))
must_exit 0 "$TANDEM" pause "$dir/reloaded"
must_exit 0 "$TANDEM" resume "$dir/reloaded"
# A machine that is short of time may have gone back by itself: then that is what is run again.
"$TANDEM" reload "$dir/reloaded" cross --back >"$dir/back" 2>&1 || grep -q "no version to go back to" "$dir/back" ||
	fail "going back: $(cat "$dir/back")"
wait "$demo" || fail "the demo ended with exit code $? after a reload"
identical "$dir/reloaded"

# Another version and another configuration on the same inputs: the same text decides the same; a higher threshold does not, and only ever opens less.
must_exit 0 "$TANDEM" replay "$dir/plain" --strategy "$dir/plain/executable_cross.lua" --json
must_hold '.identical and .compared_calls == .calls and .different == 0 and .outcome_now == .outcome_then' "$dir/out"
sed 's/open_bp = 8/open_bp = 400/' "$dir/plain/host.lua" >"$dir/plain/higher.lua"
must_exit 0 "$TANDEM" replay "$dir/plain" --config "$dir/plain/higher.lua" --json
must_hold '.identical and .different > 0 and .different == (.decisions_that_differ | length)' "$dir/out"
must_hold 'all(.decisions_that_differ[]; .then.pairs > 0 or .now.intent != "open")' "$dir/out"
must_hold '.outcome_then.sent > 0 and .outcome_now.sent == 0' "$dir/out"
must_exit 0 "$TANDEM" replay "$dir/plain" --config "$dir/plain/higher.lua"
must_say "then open .* now nothing" "$dir/out"

# The page: both versions drawn over time, the parameter that differs, every decision that does; nothing is fetched and nothing runs.
must_exit 0 "$TANDEM" replay "$dir/plain" --config "$dir/plain/higher.lua" --html "$dir/page.html"
[ "$(grep -c '<svg' "$dir/page.html")" = 3 ] || fail "the page has not its three pictures"
for what in "thresholds then" "thresholds now" "all identical" "<code>open_bp</code>" "Decisions that differ"; do
	must_say "$what" "$dir/page.html"
done
must_say '<td class="n">8</td><td class="n">400</td><td>differs</td>' "$dir/page.html"
! grep -Eqi '<script|https?://|@import' <(sed 's|http://www.w3.org/[0-9a-z/]*||g' "$dir/page.html") || fail "the page fetches or runs something"
must_exit 2 "$TANDEM" replay "$dir/plain" --html "$dir/page.html"

# What the script was then is in the store: today's file says nothing of it. A version with a timer of its own has that timer.
cp "$dir/plain/executable_cross.lua" "$dir/timed.lua"
sed -i '$d' "$dir/timed.lua"
printf 'function S:on_start() self:every(0.1, "count") end\nfunction S:count() self:metric("seen", state.seen) end\nreturn S\n' >>"$dir/timed.lua"
"$TANDEM" replay "$dir/plain" --strategy "$dir/timed.lua" --json >"$dir/before.json" || fail "a version with a timer: $(cat "$dir/before.json")"
must_hold '.different == 0 and .calls_of_its_own > 20' "$dir/before.json"
printf 'this is no script any more\n' >"$dir/plain/executable_cross.lua"
must_exit 0 "$TANDEM" replay "$dir/plain" --strategy "$dir/timed.lua" --json
jq -S .outcome_then "$dir/before.json" >"$dir/a.json"
jq -S .outcome_then "$dir/out" | cmp - "$dir/a.json" || fail "what came of it then follows from today's file"
must_hold '.outcome_now == .outcome_then and .different == 0' "$dir/out"

# A change in what was heard is found where it first matters, and both sides are shown. What a killed host heard last lies in a file beside its ring.
marker=planted-$$-original
demo_in_the_background 60 7 "$dir/planted"
until_sent "$dir/planted" 2
must_exit 0 "$TANDEM" pause "$dir/planted" --reason "$marker"
kill -STOP "$demo"
for who in host venue; do kill -9 "$(pid_of $who)"; done
kill -9 "$demo"
wait "$demo" 2>/dev/null
identical "$dir/planted"
file=$(grep -ls "$marker" "$dir"/planted/*.inputs /dev/shm/*.inputs | head -n 1)
[ -n "$file" ] || fail "what the killed host heard is not beside its ring"
LC_ALL=C sed -i "s/$marker/planted-$$-replaced/g" "$file"
must_exit 1 "$TANDEM" replay "$dir/planted"
must_say "^first difference: receipt [0-9]* (" "$dir/out"
must_say "then .*original.*now .*replaced" "$dir/out"
must_exit 1 "$TANDEM" replay "$dir/planted" --json
must_hold '.ok == false and .identical == false and .receipt > 0' "$dir/out"
rm -f "$file" "${file%.inputs}"
echo "all identical, and what was planted was found"
