#!/usr/bin/env bash
# Proves that every relative link in the project's Markdown leads to a file, and to a heading where it names one.
# shellcheck source=tests/tidy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# file:line:target of each inline link or image outside code.
links()
{
	awk '
		FNR == 1 { code = 0 }
		/^[ \t]*```/ { code = !code }
		code { next }
		{
			line = $0
			gsub(/`[^`]*`/, "", line)
			while (match(line, /\]\([^)]*\)/)) {
				target = substr(line, RSTART + 2, RLENGTH - 3)
				line = substr(line, RSTART + RLENGTH)
				sub(/[ \t]+".*$/, "", target)
				print FILENAME ":" FNR ":" target
			}
		}' "$@"
}

# The anchors of a file: its headings in lower case, without punctuation, blanks as hyphens.
anchors()
{
	awk '
		/^[ \t]*```/ { code = !code }
		!code && /^#+ / {
			sub(/^#+ +/, "")
			$0 = tolower($0)
			gsub(/[!-,.\/:-@\[-^`{-~]/, "")
			gsub(/ /, "-")
			print
		}' "$1"
}

mapfile -t pages < <({ ls -- *.md && files_of md; } 2>/dev/null | sort -u)
[ ${#pages[@]} -gt 0 ] || verdict "the project has pages" "README.md: there is none"
findings=$(
	links "${pages[@]}" | while IFS=: read -r page line target; do
		case $target in
		http://* | https://* | mailto:*) continue ;;
		esac
		path=${target%%#*}
		if [ -z "$path" ]; then
			file=$page
		else
			file=$(dirname "$page")/$path
		fi
		if [ ! -e "$file" ]; then
			echo "$page:$line: nothing stands at $target"
		elif [ "$target" != "$path" ] && [ -f "$file" ] &&
			! anchors "$file" | grep -qxF -- "${target#*#}"; then
			echo "$page:$line: no heading for $target"
		fi
	done
)
verdict "links in the project's pages resolve" "$findings"
