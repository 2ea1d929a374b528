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
for verb in demo run check venue query explain status kill pause resume; do must_exit 0 "$TANDEM" "$verb" --help; done
must_exit 2 "$TANDEM" demo --speed fast
must_exit 2 "$TANDEM" demo --duration -1
must_exit 4 "$TANDEM" demo --spot "$dir/none.gz" --usdm "$dir/none.gz"
must_say "none.gz" "$dir/out.err"
must_exit 4 "$TANDEM" query "$dir/nothing"
must_exit 4 "$TANDEM" explain "$dir/nothing" last
must_exit 4 "$TANDEM" status "$dir/nothing"
must_exit 4 "$TANDEM" kill "$dir/nothing"
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
must_exit 0 "$TANDEM" kill "$dir/db" --reason "end of test"
must_say "nothing opens" "$dir/out"
must_exit 0 "$TANDEM" status "$dir/db" --json
must_hold '.risk == "HALTED"' "$dir/out"
must_exit 0 "$TANDEM" resume "$dir/db" --reason "checked"
echo "every mistake was named"
