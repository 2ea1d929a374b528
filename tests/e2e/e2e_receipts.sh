#!/usr/bin/env bash
# Proves that every field of a compliance row (store/FORMAT.md) is found for every order of a run, that a backup beside the host and an archive hold it, and that damage is found.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}" "${TANDEM_SOURCE:?}"

"$TANDEM" demo --duration 14 --seed 11 --db "$dir/db" --json >"$dir/demo.json" 2>"$dir/demo.err" &
children+=("$!")
for _ in $(seq 300); do grep -q '^host is up' "$dir/demo.err" 2>/dev/null && break; sleep 0.1; done
sleep 3

# Beside the host: a copy, and a look.
must_exit 0 "$TANDEM" backup "$dir/db" "$dir/backup" --json
must_hold '.ok and .first == 1 and .receipts == .last and .blocks >= 0' "$dir/out"
must_exit 0 "$TANDEM" doctor "$dir/db" --json
must_hold '.ok and ([.findings[].what] | index("host_runs"))' "$dir/out"
must_exit 4 "$TANDEM" doctor "$dir/backup/none"
wait "${children[0]}" || fail "the demo ended with exit code $?"

# ---- a compliance row for every order
"$TANDEM" query "$dir/db" --json >"$dir/all.json" || fail "query"
cat >"$dir/fields.jq" <<'JQ'
def why($s; $by): [limit(64; recurse($by[.cause // 0 | tostring] // empty))];
INDEX(.seq | tostring) as $by
| [.[]] as $all
| ($all | map(select(.kind == "session_open"))) as $open
| ($all | group_by(.order) | map({key: (.[0].order // "none"), value: .}) | from_entries) as $of
| [$all[] | select(.kind == "order")]
| map(. as $o | $of[.order] as $life | ([$o] | [.[0] | recurse($by[.cause // 0 | tostring] // empty)]) as $chain
  | ($open | map(select(.seq < $o.seq)) | last) as $session
  | ($life | map(select(.kind == "fill"))) as $fills
  | ($life | map(select(.kind == "sent"))[0]) as $sent
  | ($life | map(select(.kind == "ack"))[0]) as $ack
  | ($chain | map(select(.kind == "quote"))) as $quotes
  | ($chain | map(select(.kind == "decision"))[0]) as $decision
  | (($life | map(select(.kind == "rejected")) | length) > 0) as $refused
  | ($chain | any(.kind == "rescue")) as $rescue
  | {
    "trade day": ($o.utc_ns > 0), "session": ($session.epoch > 0),
    "UTC": ($o.utc_ns > 0 and $o.mono_ns > 0), "measured offset and error": any($all[]; .kind == "clock" and .venue == $o.venue and has("bound_ns")),
    "venue": ($o.venue | length > 0), "account": ($o.account | length > 0),
    "controlling group": any($all[]; .kind == "account" and .account == $o.account and (.reason | test("^group "))),
    "hedge flag": any($all[]; .kind == "account" and .account == $o.account and .hedge_flag == 0),
    "decision maker": ($o.instance | length > 0), "script hash": ($o.script | test("^[0-9a-f]{64}$")),
    "host build hash": any($all[]; .kind == "build" and .cause == $session.seq and (.reason | test("^sha256 [0-9a-f]{64}$"))),
    "configuration hash": ($session.reason | test("configuration [0-9a-f]{64}")),
    "pair": ($o.pair | length > 0), "leg": ($o.leg >= 0), "order id": ($o.order | length > 0),
    "client order id": ($sent.exec | length > 0), "parent": ($o | has("parent")),
    "venue order id": ($refused or ($ack.venue_order | length > 0)),
    "execution id": all($fills[]; .exec | length > 0),
    "instrument": ($o.instrument | length > 0), "side": ($o.side == "buy" or $o.side == "sell"),
    "type": ($o | has("type")), "time in force": ($o | has("tif")), "price": ($o.px > 0), "quantity": ($o.qty > 0),
    "status": all($life[] | select(.kind != "quote"); .state | length > 0),
    "filled, left, last": all($fills[]; has("cum_qty") and has("leaves_qty") and .qty > 0 and .px > 0),
    "fees": all($fills[]; has("fee") and (.fee_asset | length > 0)),
    "refusal": all($life[] | select(.kind == "rejected"); has("code") and (.reason | length > 0)),
    "resent": all($fills[]; has("replayed")),
    "trigger": ($rescue or ($decision != null and (($decision.reason // "") | length > 0))),
    "quotes used": ($rescue or ($quotes | length >= 2 and all(.recv_ns > 0 and .bid_px > 0))),
    "risk checks": any($chain[], $life[]; .kind == "pair" or .kind == "risk" or .kind == "rescue"),
    "reason to be cancelled": all($life[] | select(.kind == "cancelled"); has("why")),
    "step of a rescue": (($rescue | not) or ($chain | any(.kind == "rescue" and has("step")))),
    "latency": ($sent.mono_ns >= $o.mono_ns and ($refused or $ack.round_trip_ns > 0)),
    "sequence": ($o.seq > 0), "cause": ($o.cause > 0)
  } | {order: $o.order, missing: [to_entries[] | select(.value != true) | .key], fields: keys})
JQ
jq -s -f "$dir/fields.jq" "$dir/all.json" >"$dir/rows.json" || fail "the rows"
must_hold 'length > 20' "$dir/rows.json"
jq -e 'all(.missing | length == 0)' "$dir/rows.json" >/dev/null || fail "fields are missing: $(jq -c '[.[] | select(.missing | length > 0)][0:5] | map(del(.fields))' "$dir/rows.json")"
# The page lists the same fields: who adds one to the one, adds it to the other.
jq -r '.[0].fields[]' "$dir/rows.json" | sort >"$dir/tested"
sed -n '/^## A row of compliance/,/^## /s/^| \([a-zA-Z][^|]*[^ |]\) | .*/\1/p' "$TANDEM_SOURCE/store/FORMAT.md" | grep -v '^field$' | sort >"$dir/listed"
diff "$dir/listed" "$dir/tested" >"$dir/diff.err" || fail "FORMAT.md and this test name other fields"

# A session says at its end how much there was of it.
jq -es '(map(select(.kind == "session_open")) | last) as $o | last as $c
	| $c.kind == "session_close" and $c.receipts == $c.seq - $o.seq
	and $c.orders == (map(select(.kind == "order")) | length) and $c.fills == (map(select(.kind == "fill")) | length)' "$dir/all.json" >/dev/null ||
	fail "the closing record counts otherwise: $(tail -n 1 "$dir/all.json")"

# ---- the backup is the store as it was, and reads the same
must_exit 0 "$TANDEM" backup --check "$dir/backup"
"$TANDEM" query "$dir/backup" --json >"$dir/then.json" || fail "query of the backup"
cmp -s <(head -n "$(wc -l <"$dir/then.json")" "$dir/all.json") "$dir/then.json" || fail "the backup reads otherwise"

# ---- a day there and back; what a restart needs stays
today=$(jq -r '.time[0:10]' "$dir/all.json" | head -n 1)
must_exit 0 "$TANDEM" archive "$dir/db" --day "$today" "$dir/day" --json
must_hold '.ok and .receipts > 0' "$dir/out"
must_exit 1 "$TANDEM" archive "$dir/db" --day "$today" "$dir/day2" --remove
must_say "a restart reads" "$dir/out.err"
must_exit 0 "$TANDEM" archive --restore "$dir/day" "$dir/new"
must_exit 0 "$TANDEM" explain "$dir/new" last

# ---- damage: said, opening refused, repaired with what the backup has
must_exit 0 "$TANDEM" doctor "$dir/db"
cp -r "$dir/db" "$dir/hurt"
f=$(find "$dir/hurt/db" -name '*.sst' -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
rm "$f"
must_exit 4 "$TANDEM" query "$dir/hurt"
must_say "No such file" "$dir/out.err"
must_exit 1 "$TANDEM" doctor "$dir/hurt"
must_say "db_damaged" "$dir/out"
rc=0
"$TANDEM" doctor "$dir/hurt" --repair >"$dir/out" 2>"$dir/out.err" || rc=$?
[ "$rc" -le 1 ] || fail "doctor --repair: $rc"
must_say "tells of it" "$dir/out"
[ -d "$dir/hurt/db/../db.damaged" ] || fail "nothing was put aside"
must_exit 0 "$TANDEM" archive --restore "$dir/day" "$dir/hurt"
must_exit 0 "$TANDEM" doctor "$dir/hurt" --json
must_hold '.ok and .lost == 0' "$dir/out"
echo "$(jq length "$dir/rows.json") orders, each with $(wc -l <"$dir/tested") fields"
