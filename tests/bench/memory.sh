#!/usr/bin/env bash
# Resident memory of the demo's two processes, the host and the simulated venues, once all pools are taken: a line of JSON each.
#   TANDEM=build/release/tandem tests/bench/memory.sh [SECONDS]
set -euo pipefail

tandem=${TANDEM:?set TANDEM to the binary}
seconds=${1:-12}
dir=$(mktemp -d)
trap 'kill "$demo" 2>/dev/null || true; wait "$demo" 2>/dev/null || true; rm -rf "$dir"' EXIT

"$tandem" demo --duration "$((seconds + 10))" --db "$dir/db" --json >"$dir/out" 2>"$dir/err" &
demo=$!
sleep "$seconds"
kill -0 "$demo" 2>/dev/null || {
	cat "$dir/err" >&2
	echo "memory.sh: the demo ended early" >&2
	exit 1
}

value_kb() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"; }

read -ra children <"/proc/$demo/task/$demo/children" || true # its only line has no end
for child in "${children[@]}"; do
	verb=$(tr '\0' '\n' <"/proc/$child/cmdline" | sed -n 2p)
	printf '{"bench":"memory","figure":"%s","rss_kb":%s,"rss_peak_kb":%s,"anonymous_kb":%s,"shared_kb":%s,"after_s":%s}\n' \
		"$verb" "$(value_kb "$child" VmRSS)" "$(value_kb "$child" VmHWM)" "$(value_kb "$child" RssAnon)" \
		"$(value_kb "$child" RssShmem)" "$seconds"
done
