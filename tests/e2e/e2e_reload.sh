#!/usr/bin/env bash
# Proves that versions of a script come and go under a trading host: good, broken and runaway ones, shadows and canaries, back again, by hand and on save, over kills;
# and that the receipts know which version did what.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"
db=$dir/db

"$TANDEM" demo --duration 600 --seed 5 --db "$db" --json >"$dir/demo.json" 2>"$dir/demo.err" &
demo=$!
children+=("$demo")
host_is_new() { [ -n "$(pid_of host)" ] && [ "$(pid_of host)" != "$first" ] && "$TANDEM" status "$db" >/dev/null 2>&1; }
kill_host() {
	first=$(pid_of host)
	kill -9 "$first"
	until_true 60 host_is_new || fail "the host did not come back"
}
versions() { "$TANDEM" versions "$db" cross --json >"$dir/versions" 2>"$dir/versions.err" || fail "versions"; }
# The version that the newest receipt of a version that trades names.
live() { versions && jq -rs '[.[] | select(.kind == "script" and .state == "live")] | last | .version' "$dir/versions"; }
is_live() { [ "$(live)" = "$1" ]; }
sha_of() { sha256sum "$1" | cut -d' ' -f1; }
pairs_of() { "$TANDEM" query "$db" --kind pair --json 2>/dev/null | jq -s --arg s "$1" '[.[] | select(.script == $s) | .pair] | unique | length'; }
has_pairs() { [ "$(pairs_of "$1")" -ge "$2" ]; }
reload() { must_exit 0 "$TANDEM" reload "$db" cross "$@"; }
no_reload() { must_exit 1 "$TANDEM" reload "$db" cross "$@"; }

until_true 60 host_is_up || fail "the demo did not start"
script=$db/executable_cross.lua
cp "$script" "$dir/v1.lua"
# make N SED...: version N, which understands the memory of any other
make() {
	local n=$1
	shift
	sed -e "s/version = 1,/version = $n,/" "$@" "$dir/v1.lua" >"$dir/v$n.lua"
	sed -i '$d' "$dir/v$n.lua"
	printf 'function S.on_load(old) return old end\nreturn S\n' >>"$dir/v$n.lua"
}
for n in 2 3 4 5 6 7; do make "$n"; done

# Bad ones first: each is refused in words, and the first goes on.
until_true 60 has_pairs "$(sha_of "$dir/v1.lua")" 3 || fail "the first version does not trade"
reload
must_say "nothing to do: .* is the version that trades" "$dir/out"
sed 's/function S:on_basis/fonction S:on_basis/' "$dir/v2.lua" >"$dir/syntax.lua"
no_reload --file "$dir/syntax.lua"
must_say "syntax.lua:[0-9]*: " "$dir/out.err"
sed 's/local p, pos = .*/error("on purpose")/' "$dir/v2.lua" >"$dir/raises.lua"
no_reload --file "$dir/raises.lua" --json
must_hold '.ok == false and (.error | test("dry run.*raises.lua:[0-9]+: .*on purpose"))' "$dir/out"
sed 's/local p, pos = .*/while true do end/' "$dir/v2.lua" >"$dir/runaway.lua"
no_reload --file "$dir/runaway.lua"
must_say "dry run" "$dir/out.err"
sed '/on_load/d' "$dir/v2.lua" >"$dir/forgets.lua"
no_reload --file "$dir/forgets.lua"
must_say "on_load" "$dir/out.err"
sed 's/legs = { "near", "far" }/legs = { "far", "near" }/' "$dir/v2.lua" >"$dir/legs.lua"
no_reload --file "$dir/legs.lua"
must_exit 2 "$TANDEM" reload "$db" cross --file "$dir/nothing.lua"
must_exit 1 "$TANDEM" reload "$db" nobody
must_exit 2 "$TANDEM" reload "$db"
must_exit 2 "$TANDEM" reload "$db" cross --shadow --canary
must_exit 2 "$TANDEM" reload "$db" cross --back --file "$dir/v2.lua"
must_exit 4 "$TANDEM" reload "$dir/nowhere" cross
no_reload --back
no_reload --drop
no_reload --promote --reason "there is none"
is_live 1 || fail "a broken version trades: $(cat "$dir/versions")"
[ "$(jq -rs '[.[] | select(.state == "refused")] | length' "$dir/versions")" -ge 5 ] || fail "refusals are not in the receipts"

# A good one, with pairs of both in the receipts; each under its own text.
cp "$dir/v2.lua" "$script"
reload --reason "a good one"
must_say "version 2 of cross trades; dry run: [1-9][0-9]* calls" "$dir/out"
until_true 60 has_pairs "$(sha_of "$dir/v2.lua")" 3 || fail "the second version does not trade"
versions
jq -es --arg s "$(sha_of "$dir/v2.lua")" '[.[] | select(.script == $s and .state == "live")] | last | .by != null and (.reason | test("a good one"))' "$dir/versions" >/dev/null ||
	fail "who asked, and why, is not told: $(cat "$dir/versions")"
must_exit 0 "$TANDEM" versions "$db" --source "$(sha_of "$dir/v1.lua" | head -c 10)"
cmp -s "$dir/out" "$dir/v1.lua" || fail "the text of the first version is not what it was"
must_exit 0 "$TANDEM" versions "$db" --diff "$(sha_of "$dir/v1.lua")" "$(sha_of "$dir/v2.lua")"
must_say '^+function S.on_load' "$dir/out"
must_exit 1 "$TANDEM" versions "$db" --source ffffffffff
pair=$("$TANDEM" query "$db" --kind pair --json | jq -rs --arg s "$(sha_of "$dir/v2.lua")" '[.[] | select(.script == $s and .state == "HEDGED")][0].pair')
"$TANDEM" explain "$db" "$pair" >"$dir/story" || fail "explain"
must_say "version 2, sha256 $(sha_of "$dir/v2.lua" | head -c 16)" "$dir/story"
must_say "executable_cross.lua" "$dir/story"

# A shadow: recorded, compared, never sent.
reload --shadow --file "$dir/v3.lua"
must_say "runs as a shadow" "$dir/out"
shadow_is_counted() { "$TANDEM" query "$db" --kind shadow --json | jq -es --arg s "$(sha_of "$dir/v3.lua")" 'last | .script == $s and .events > 50 and .same > 0' >/dev/null; }
until_true 40 shadow_is_counted || fail "the shadow is not compared"
must_exit 0 "$TANDEM" status "$db"
must_say "version 2 $(sha_of "$dir/v2.lua" | head -c 12).*, a shadow beside it: the same in [0-9]* of [0-9]* events" "$dir/out"
[ "$(pairs_of "$(sha_of "$dir/v3.lua")")" = 0 ] || fail "a shadow has traded"
reload --drop
must_say "events the same in" "$dir/out"
reload --shadow --file "$dir/v3.lua"
no_reload --promote
must_say "reason" "$dir/out.err"
reload --promote --reason "watched it all day"
until_true 60 has_pairs "$(sha_of "$dir/v3.lua")" 1 || fail "the shadow that was promoted does not trade"
reload --back
is_live 2 || fail "the step back did not go to version 2"

# A version that fails once it trades: the dry run has no pair's news, the trial has.
sed 's/if p.event ~= "hedged" then return end/error("only when it counts")/' "$dir/v4.lua" >"$script"
reload
failed=$(sha_of "$script")
gone_back() { versions && jq -es --arg s "$failed" 'any(.[]; .script == $s and .state == "refused")' "$dir/versions" >/dev/null && is_live 2; }
until_true 60 gone_back || fail "a version that raises in its trial was not gone back from: $(cat "$dir/versions")"
kill_host
until_true 30 is_live 2 || fail "a restart took the file that was gone back from"
must_say "the one that traded goes on" "$db/host.log"

# A canary trades a part, over a kill of the host too; then `--back` works after the restart.
sed -i 's/params = { open_bp/reload = { canary = { "25%", "50%" }, canary_pairs = 1000, max_broken = "100%", on_save = true }, params = { open_bp/' "$db/host.lua"
kill_host
reload --canary --file "$dir/v5.lua"
canary=$(sha_of "$dir/v5.lua")
until_true 60 has_pairs "$canary" 3 || fail "the canary does not trade"
must_exit 0 "$TANDEM" status "$db" --json
must_hold '.instances[0].script | .version == 5 and .on_trial and .part_ppm == 250000' "$dir/out"
kill_host
until_true 30 is_live 5 || fail "the canary was lost by a kill: $(cat "$dir/versions")"
before=$(pairs_of "$canary")
until_true 60 has_pairs "$canary" $((before + 2)) || fail "the canary does not trade after a kill"
jq -es '[.[] | select(.kind == "script" and .state == "live")] | last | .part_ppm == 250000' "$dir/versions" >/dev/null || fail "the canary's step was lost by a kill: $(tail -n 1 "$dir/versions")"
reload --back --reason "a drill"
is_live 2 || fail "--back after a restart did not go to version 2"

# On save: an editor that writes and renames, one that writes in place, twice; the same again is nothing.
cp "$dir/v6.lua" "$db/.executable_cross.lua.tmp"
mv "$db/.executable_cross.lua.tmp" "$script"
until_true 30 is_live 6 || fail "a file that was renamed into its place was not taken: $(tail -n 3 "$dir/versions")"
{ head -c 700 "$dir/v7.lua" && sleep 0.05 && tail -c +701 "$dir/v7.lua"; } >"$script"
until_true 30 is_live 7 || fail "a file that was written in place was not taken: $(tail -n 3 "$dir/versions")"
versions
cp "$dir/versions" "$dir/versions.before"
touch "$script"
cat "$dir/v7.lua" >"$script"
sleep 1
versions
cmp -s "$dir/versions" "$dir/versions.before" || fail "a file that has not changed brought something about: $(tail -n 1 "$dir/versions")"
cp "$dir/syntax.lua" "$script"
refused_by_itself() { "$TANDEM" query "$db" --kind alert --json | jq -es 'any(.[]; .reason | test("a new version was not taken: .*executable_cross.lua:[0-9]+"))' >/dev/null; }
until_true 30 refused_by_itself || fail "nobody was told that a file which was saved cannot be taken"
is_live 7 || fail "a broken file that was saved is trading"
kill_host
until_true 30 is_live 7 || fail "a broken file kept a host from coming back with the version that traded"

# One that was stopped stays so after a kill, until somebody asks for it anew.
sed '$d' "$dir/v7.lua" >"$dir/v8.lua"
printf 'function S:on_param() while true do end end\nreturn S\n' >>"$dir/v8.lua"
reload --canary --file "$dir/v8.lua"
reload --promote --reason "to be stopped without a trial"
"$TANDEM" set "$db" cross.open_bp 9 >/dev/null || fail "a parameter could not be set"
is_stopped() { "$TANDEM" status "$db" --json 2>/dev/null | jq -e '.running and .instances[0].quarantined' >/dev/null; }
until_true 30 is_stopped || fail "a runaway in on_param was not stopped"
kill_host
until_true 30 is_stopped || fail "what was stopped runs again after a kill"
must_say "still in quarantine" "$db/host.log"
reload --file "$dir/v8.lua"
goes_on() { "$TANDEM" status "$db" --json 2>/dev/null | jq -e '.running and (.instances[0].quarantined | not)' >/dev/null; }
until_true 30 goes_on || fail "what was asked for anew stays stopped"

# A pair is of one version, whatever came meanwhile; and every version that traded can be read.
kill -INT "$demo"
wait "$demo" || fail "the demo ended with exit code $?"
demo_is_good "$dir/demo.json"
"$TANDEM" query "$db" --json >"$dir/all.json" || fail "query"
jq -es '[.[] | select(.pair != null and .script != null) | [.pair, .script]] | unique | length == ([.[][0]] | unique | length)' "$dir/all.json" >/dev/null ||
	fail "receipts of one pair name two scripts"
for sha in $(jq -rs '[.[] | select(.kind == "pair") | .script] | unique | .[]' "$dir/all.json"); do
	[ "$("$TANDEM" versions "$db" --source "$sha" | sha256sum | cut -d' ' -f1)" = "$sha" ] || fail "the text of $sha is not in the store"
done
echo "versions that traded: $(jq -rs '[.[] | select(.kind == "pair") | .script] | unique | length' "$dir/all.json"), $(jq -c .pairs "$dir/demo.json")"
