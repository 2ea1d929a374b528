#!/usr/bin/env bash
# Proves that the commands which the pages show do what they say, that both languages show the same, and that the example configurations are right.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}" "${TANDEM_SOURCE:?}"

# The commands of a page's shell blocks, without remarks.
commands() { awk '/^```/ { inside = /^```sh$/; next } inside' "$1" | sed -E 's/[[:space:]]+# .*$//; /^[[:space:]]*$/d'; }
# Its Lua blocks, without what is for people.
blocks() { awk '/^```/ { inside = /^```lua$/; next } inside' "$1" | sed -E 's/[[:space:]]*--.*$//; s/doc = "[^"]*"//'; }
headings() { grep -cE '^#{1,3} ' "$1"; }

english=$TANDEM_SOURCE/README.md chinese=$TANDEM_SOURCE/README.zh-CN.md
[ "$(commands "$english" | wc -l)" -gt 15 ] || fail "README.md shows hardly any command"
diff <(commands "$english") <(commands "$chinese") >"$dir/out" || fail "the two READMEs show different commands: $(cat "$dir/out")"
diff <(blocks "$english") <(blocks "$chinese") >"$dir/out" || fail "the two READMEs show different scripts: $(cat "$dir/out")"
[ "$(headings "$english")" = "$(headings "$chinese")" ] || fail "the two READMEs have different sections"

mkdir "$dir/tree"
cp -r "$TANDEM_SOURCE/examples" "$TANDEM_SOURCE/strategies" "$dir/tree"
cd "$dir/tree" || fail "copying the examples"
rm -rf examples/keys examples/venue

# At first the keys are missing, and all of them are named.
must_exit 3 "$TANDEM" check examples/binance_pair.lua
for key in spot.key spot.secret usdm.key usdm.secret; do must_say "examples/keys/$key" "$dir/out"; done
# They are made as the head of the file says.
sed -nE 's/^--   ((mkdir|install) .*)$/\1/p' examples/binance_pair.lua >"$dir/keys.sh"
bash -e "$dir/keys.sh" || fail "the commands at the head of binance_pair.lua"
for key in examples/keys/*; do echo 0123456789abcdef >"$key"; done
[ "$(find examples/keys -type f -perm 600 | wc -l)" = 4 ] || fail "four key files were to be made"

data=${TANDEM_DATA:-$TANDEM_SOURCE/../shared/data}
spot=$(find "$data" -name 'spot_*.gz' 2>/dev/null | sort | head -n 1)
usdm=$(find "$data" -name "usdm_${spot##*spot_}" 2>/dev/null | head -n 1)
recordings="s|SPOT.gz|$spot|; s|USDM.gz|$usdm|; s|--speed max|& --duration 5 --db $dir/r|"
if [ -z "$spot" ] || [ -z "$usdm" ]; then
	echo "without recordings: $data has none"
	recordings='/SPOT.gz/d'
fi

# What installs, builds or runs everything is not a part of this test; a simulated venue runs until it is stopped, below.
# A reader waits some seconds for a demo to come up; a busy machine may need longer.
host_of() { for _ in $(seq 600); do [ -S "$1/control" ] && break; sleep 0.1; done; sleep 3; }
export -f host_of
patient() { awk '/ demo .*&$/ { for (i = 1; i < NF; i++) if ($i == "--db") db = $(i + 1) } /^sleep / { $0 = "host_of " db } { print }'; }
for page in README.md examples/README.md; do
	commands "$TANDEM_SOURCE/$page" | sed -E "/^\.\//d; /tandem venue examples/d; s|/tmp/|$dir/|g; s|--duration 10|--duration 6|; $recordings; s|build/release/tandem|$TANDEM|" | patient >"$dir/page.sh"
	must_exit 0 bash -xe "$dir/page.sh"
	must_say 'HEDGED\|tandem\|venues:' "$dir/out"
done
must_exit 0 "$TANDEM" query "$dir/e" --kind operator --json
for word in "risk ACTIVE -> HALTED" enough "risk HALTED -> ACTIVE" "looked at it"; do must_say "$word" "$dir/out"; done
must_exit 0 "$TANDEM" status "$dir/e" --json
must_hold '.running == false and .pairs.in_flight == 0' "$dir/out"

"$TANDEM" venue examples/venue.lua >"$dir/venue.out" 2>"$dir/venue.err" &
venue=$!
children+=("$venue")
for _ in $(seq 100); do grep -q '^ready' "$dir/venue.out" && break; sleep 0.1; done
must_say '^ready spot=' "$dir/venue.out"
must_hold '.venues | length == 2' "$(find . -name endpoints.json)"
kill -TERM "$venue"
wait "$venue" || fail "the simulated venue ended with $?"
echo "$(commands "$english" | wc -l) commands of README.md, $(commands "$TANDEM_SOURCE/examples/README.md" | wc -l) of examples/README.md"
