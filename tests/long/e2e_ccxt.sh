#!/usr/bin/env bash
# Proves that the simulated venues speak Binance's wire to a client that somebody else wrote: ccxt, with its own streams, signatures and errors.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"

here=$(cd "$(dirname "$0")/ccxt" && pwd -P)
source=${TANDEM_SOURCE:-$(cd "$here/../../.." && pwd -P)}
cache=$source/build/ccxt

skip() {
	echo "skipped: $*"
	exit 77
}

for program in node npm; do
	command -v "$program" >/dev/null || skip "$program is not there"
done
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || skip "node $(node -v) is older than ccxt takes"

# The packages of the lockfile, and no script of theirs; kept for the next time.
if ! cmp -s "$here/package-lock.json" "$cache/installed"; then
	mkdir -p "$cache"
	cp "$here/package.json" "$here/package-lock.json" "$cache/"
	rm -f "$cache/installed"
	if ! (cd "$cache" && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1) >"$dir/npm.err" 2>&1; then
		grep -q EINTEGRITY "$dir/npm.err" && fail "the registry's ccxt is not the one of the lockfile"
		skip "npm could not fetch ccxt: $(grep -m 1 'npm error' "$dir/npm.err" || tail -n 1 "$dir/npm.err")"
	fi
	cp "$here/package-lock.json" "$cache/installed"
fi

cp "$here/venue.lua" "$dir/venue.lua"
(cd "$dir" && exec "$TANDEM" venue venue.lua) >"$dir/venue.out" 2>"$dir/venue.err" &
venue=$!
children+=("$venue")
for _ in $(seq 200); do
	grep -q '^ready' "$dir/venue.out" && break
	kill -0 "$venue" 2>/dev/null || fail "the venue ended before it was ready"
	sleep 0.05
done
must_say '^ready' "$dir/venue.out"

NODE_EXTRA_CA_CERTS=$dir/venue/tls/ca.pem node "$here/client.mjs" "$dir/venue/endpoints.json" \
	"$cache/node_modules/ccxt/js/ccxt.js" || fail "ccxt and the venues do not agree (above)"

kill -TERM "$venue"
wait "$venue" || fail "the venue ended with exit code $?"
