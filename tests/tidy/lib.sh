# For the tidy tests: `root` is the tree to read (the first argument, or this checkout), and
# `verdict` turns a list of findings, one a line as file:line: what, into the test's end.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C
root=${1:-${TANDEM_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}}
cd "$root"

folders=(core lua strategies adapters store tests examples)
# shellcheck disable=SC2034 # read by the tests
libraries=(core/base core/io core/market core/trade core/ops core/cmd lua adapters/codec
	adapters/binance adapters/diff adapters/sim adapters/import store)

# The files of the project's folders with one of the endings given, sorted. Without endings: all.
# Seeds of the fuzzers are data, not text of ours.
files_of()
{
	local names=() ending
	for ending in "$@"; do
		names+=(-o -name "*.$ending")
	done
	[ ${#names[@]} -eq 0 ] || names=("(" "${names[@]:1}" ")")
	find "${folders[@]}" -path tests/fuzz/corpus -prune -o -type f "${names[@]}" -print \
		2>/dev/null | sort || true
}

# The scripts, with or without an ending.
scripts()
{
	files_of sh
	find .ci tests examples -maxdepth 1 -type f ! -name '*.*' -exec grep -lm 1 '^#!' {} + \
		2>/dev/null || true
}

# verdict RULE FINDINGS
verdict()
{
	[ -z "$2" ] && exit 0
	printf '%s\n' "$2"
	printf 'The rule: %s\n' "$1"
	exit 1
}
