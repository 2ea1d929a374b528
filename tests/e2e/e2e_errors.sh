#!/usr/bin/env bash
# Proves that what a user gets wrong is said in one clear line, with the exit code that the documentation states.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"

must_exit 2 "$TANDEM"
must_exit 2 "$TANDEM" dance
must_say "no such verb" "$dir/out.err"
must_exit 0 "$TANDEM" --help
must_exit 0 "$TANDEM" --version
for verb in demo run check venue backtest import query verify key explain why-not tca reconcile report replay status positions orders pnl held resolve kill pause resume reload versions new test lint repl backup archive doctor; do must_exit 0 "$TANDEM" "$verb" --help; done
must_exit 2 "$TANDEM" demo --speed fast
for wrong in -1 0 0s 5x 25h 90000 s; do must_exit 2 "$TANDEM" demo --duration "$wrong"; done
must_say "like 30s or 5min, or plain seconds" "$dir/out.err"
must_exit 4 "$TANDEM" demo --spot "$dir/none.gz" --usdm "$dir/none.gz"
must_say "none.gz" "$dir/out.err"
must_exit 4 "$TANDEM" query "$dir/nothing"
must_exit 4 "$TANDEM" explain "$dir/nothing" last
must_exit 4 "$TANDEM" why-not "$dir/nothing"
must_exit 2 "$TANDEM" why-not
must_exit 4 "$TANDEM" versions "$dir/nothing"
must_exit 4 "$TANDEM" backup "$dir/nothing" "$dir/to"
must_exit 2 "$TANDEM" backup "$dir/nothing"
must_exit 4 "$TANDEM" archive "$dir/nothing" --day 2026-11-22 "$dir/to"
must_exit 2 "$TANDEM" archive "$dir/nothing" "$dir/to"
must_exit 2 "$TANDEM" archive "$dir/nothing" --day 2026-02-30 "$dir/to"
must_exit 2 "$TANDEM" archive --restore "$dir/nothing" "$dir/to" --remove
must_exit 4 "$TANDEM" archive --restore "$dir/nothing" "$dir/to"
must_exit 4 "$TANDEM" doctor "$dir/nothing" --json
must_hold '.ok == false' "$dir/out"
must_exit 2 "$TANDEM" doctor
must_exit 4 "$TANDEM" report "$dir/nothing" --day last --json
must_exit 2 "$TANDEM" report "$dir/nothing"
must_exit 2 "$TANDEM" versions
must_exit 2 "$TANDEM" why-not "$dir/nothing" --gate nonsense
must_say "no gate and no limit" "$dir/out.err"
must_exit 4 "$TANDEM" status "$dir/nothing"
must_exit 4 "$TANDEM" kill "$dir/nothing"
must_exit 4 "$TANDEM" status "$dir/nothing" --json
must_hold '.ok == false and (.error | length) > 0' "$dir/out"
must_exit 4 "$TANDEM" kill "$dir/nothing" --json
must_hold '.ok == false' "$dir/out"
touch "$dir/file"
must_exit 2 "$TANDEM" demo --db "$dir/file" --json
must_hold '.ok == false' "$dir/out"
must_say "is a file" "$dir/out.err"
mkdir "$dir/mine" && echo "-- mine" >"$dir/mine/host.lua"
must_exit 2 "$TANDEM" demo --db "$dir/mine"
must_exit 2 "$TANDEM" demo --db "$dir/$(printf 'x%.0s' {1..120})"
must_say "shorter" "$dir/out.err"
printf 'return {\n\tvenues = {},\n\tcolour = "blue",\n}\n' >"$dir/bad.lua"
must_exit 3 "$TANDEM" run "$dir/bad.lua"
must_say 'bad.lua:3:.*colour' "$dir/out.err"
must_exit 3 "$TANDEM" check "$dir/bad.lua"
must_exit 3 "$TANDEM" venue "$dir/bad.lua"
must_exit 3 "$TANDEM" run "$dir/none.lua"

# A second host on the same store is refused.
"$TANDEM" demo --duration 60 --db "$dir/db" --json >"$dir/demo.json" 2>"$dir/demo.err" &
children+=("$!")
for _ in $(seq 300); do grep -q '^host is up' "$dir/demo.err" 2>/dev/null && break; sleep 0.1; done
must_exit 4 "$TANDEM" run "$dir/db/host.lua"
must_say "in use by process" "$dir/out.err"
must_exit 4 "$TANDEM" demo --db "$dir/db" --json
must_say "another demo" "$dir/out.err"
must_exit 1 "$TANDEM" kill "$dir/db" --scope nobody
must_say "no instance or venue" "$dir/out.err"
must_exit 0 "$TANDEM" pause "$dir/db" --scope cross --reason lunch
must_exit 0 "$TANDEM" status "$dir/db" --json
must_hold '.ok and .risk == "ACTIVE" and .instances[0].paused and (.instances[0].paused_why | test("lunch"))' "$dir/out"
must_exit 0 "$TANDEM" resume "$dir/db" --scope cross
must_exit 0 "$TANDEM" kill "$dir/db" --reason "end of test"
must_say "nothing opens" "$dir/out"
must_exit 0 "$TANDEM" status "$dir/db" --json
must_hold '.risk == "HALTED"' "$dir/out"
must_exit 1 "$TANDEM" resume "$dir/db"
must_say "say why" "$dir/out.err"
must_exit 0 "$TANDEM" resume "$dir/db" --reason "checked"
echo "every mistake was named"
