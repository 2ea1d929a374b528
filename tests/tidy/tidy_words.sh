#!/usr/bin/env bash
# Proves that the sources name no path of one machine and hold no mark of work put off.
# shellcheck source=tests/tidy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Written so that this file does not find itself.
marks='(^|[^A-Za-z0-9_])(TO''DO|FIX''ME|X''XX)([^A-Za-z0-9_]|$)'
paths='(^|[^A-Za-z0-9_./-])/(wo''rk|tmp/tan''dem)(/|[^A-Za-z0-9_-]|$)'

mapfile -t files < <({
	files_of
	find . -maxdepth 1 -type f | sed 's|^\./||'
	find .ci -type f 2>/dev/null
} | sort -u)
findings=$(grep -InE -- "$marks|$paths" "${files[@]}" || true)
verdict "no path of one machine, no mark of work put off" "$findings"
