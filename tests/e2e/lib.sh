# shellcheck shell=bash
# lib - what the end-to-end tests share: a folder of their own, and words for what must hold. Sourced, not run.
set -u
TANDEM=${TANDEM:?the binary to test}
dir=$(mktemp -d "${TMPDIR:-/tmp}/tandem-e2e-XXXXXX")
children=()
cleanup() {
	for pid in "${children[@]:-}"; do [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null; done
	wait 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT

fail() {
	echo "FAILED: $*" >&2
	for f in "$dir"/*.err "$dir"/db/*.log; do [ -s "$f" ] && { echo "--- ${f##*/}" >&2; tail -n 15 "$f" >&2; }; done
	exit 1
}

# must_exit CODE COMMAND... : runs it with its output in $dir/out and $dir/out.err
must_exit() {
	local want=$1 got=0
	shift
	"$@" >"$dir/out" 2>"$dir/out.err" || got=$?
	[ "$got" = "$want" ] || fail "exit code $got, not $want, of: $*"
}

must_say() { grep -q -- "$1" "$2" || fail "'$1' is not in ${2##*/}: $(head -c 300 "$2")"; }
must_hold() { jq -e "$1" "$2" >/dev/null || fail "$1 does not hold in $(cat "$2")"; }

# The demo's own judgement and ours: nothing unhedged, the two books agree, nothing held.
demo_is_good() {
	must_hold '.residual == .venue_residual' "$1"
	must_hold '(.residual | fabs) <= .tolerance' "$1"
	must_hold '.pairs.held == 0' "$1"
	must_hold '.pairs.sent > 0 and .pairs.hedged + .pairs.flat == .pairs.sent' "$1"
	must_hold '.orders >= 2 * .pairs.sent' "$1"
}

# Of a demo that runs on $db, its words in $dir/demo.err: the process that is its host or its venue, and whether the host answers.
pid_of() { sed -n "s/^$1 is up: pid \([0-9]*\).*/\1/p" "$dir/demo.err" | tail -n 1; }
host_is_up() { [ -n "$(pid_of host)" ] && [ -S "${db:-}/control" ]; }

# until_true SECONDS WORDS... : the command succeeds within so many seconds
until_true() {
	local tries=$(($1 * 5)) k
	shift
	for ((k = 0; k < tries; k++)); do
		"$@" && return 0
		sleep 0.2
	done
	return 1
}
