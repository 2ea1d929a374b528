#!/usr/bin/env bash
# Proves that no source file is longer than 600 lines and no function longer than 70.
# shellcheck source=tests/tidy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# shellcheck disable=SC2016 # awk's own dollars
findings=$({ files_of c h lua cmake && scripts; } | sort -u | xargs -r awk '
	FNR == 1 { tell_file(); file = FILENAME; start = 0 }
	{ lines = FNR }

	function tell_file() {
		if (lines > 600)
			print file ":" lines ": the file has more than 600 lines"
		lines = 0
	}

	function close_function() {
		if (FNR - start + 1 > 70)
			print FILENAME ":" start ": " name " has " FNR - start + 1 " lines"
		start = 0
	}

	# C and shell: a brace in the first column opens and closes a function; its name stands before.
	FILENAME !~ /\.(lua|cmake)$/ {
		if (!start && /^\{/ || !start && /^[A-Za-z_]+\(\)[ ]*\{/) {
			start = FNR
			name = before == "" ? $1 : before
			sub(/\(.*/, "", name)
			sub(/.*[ *]/, "", name)
		} else if (start && /^\}/) {
			close_function()
		}
		before = /^[A-Za-z_]/ ? $0 : before
		next
	}

	# Lua: an `end` that stands as far in as the line with `function` did.
	FILENAME ~ /\.lua$/ {
		match($0, /^[ \t]*/)
		indent = RLENGTH
		if (!start && /(^|[^A-Za-z0-9_])function[ (]/ && !/(^|[^A-Za-z0-9_])end[^A-Za-z0-9_]*$/) {
			start = FNR
			depth = indent
			name = "the function"
		} else if (start && indent == depth && /^[ \t]*end/) {
			close_function()
		}
	}
	END { tell_file() }')
verdict "a file has at most 600 lines, a function at most 70" "$findings"
