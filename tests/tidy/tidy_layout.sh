#!/usr/bin/env bash
# Proves that the root holds exactly the folders and files that it should, and that every library folder explains itself.
# shellcheck source=tests/tidy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

documents=(CMakeLists.txt CMakePresets.json README.md README.zh-CN.md ARCHITECTURE.md LICENSE)

findings=$(
	for name in "${folders[@]}"; do
		[ -d "$name" ] || echo "$name: the folder is missing"
	done
	for name in "${documents[@]}"; do
		[ -f "$name" ] || echo "$name: the file is missing"
	done
	for name in *; do
		case " ${folders[*]} ${documents[*]} " in
		*" $name "*) continue ;;
		esac
		case $name in
		build | build-* | compile_commands.json | CMakeUserPresets.json) ;; # not in the repository
		*) echo "$name: this does not belong in the root" ;;
		esac
	done
	for name in "${libraries[@]}" strategies tests examples; do
		[ -s "$name/README.md" ] || echo "$name: the folder has no README.md"
	done
)
verdict "the root holds ${folders[*]} and ${documents[*]}; every library folder has a README.md" "$findings"
