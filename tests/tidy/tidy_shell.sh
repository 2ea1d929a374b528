#!/usr/bin/env bash
# Proves that every script passes shellcheck and that those without an ending can be executed.
# shellcheck source=tests/tidy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

command -v shellcheck >/dev/null || { echo "skipped: shellcheck is not installed"; exit 77; }
mapfile -t files < <(scripts)
findings=$(
	shellcheck -x -f gcc "${files[@]}" || true
	for file in "${files[@]}"; do
		case $file in
		*.sh) ;;
		*) [ -x "$file" ] || echo "$file:1: the script is not executable" ;;
		esac
	done
)
verdict "scripts pass shellcheck" "$findings"
