#!/usr/bin/env bash
# Proves that the tidy tests fail where they should: each is given a sound tree, then the same tree with one fault.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
faults=0

sound()
{
	rm -rf "${tree:?}"/* && cd "$tree"
	mkdir -p core/{base,io,market,trade,ops,cmd} lua strategies adapters/{codec,binance,diff,sim,import} \
		store tests examples
	touch CMakeLists.txt CMakePresets.json ARCHITECTURE.md README.zh-CN.md LICENSE
	printf '# Tandem\n\n## Two Words\n[here](core/base/README.md) [there](#two-words)\n' >README.md
	for folder in core/{base,io,market,trade,ops,cmd} lua strategies adapters/{codec,binance,diff,sim,import} \
		store tests examples; do
		echo "# $folder" >"$folder/README.md"
	done
	printf '#include <stdio.h>\n#include "core/base/a.h"\nint f(void)\n{\n\treturn 1;\n}\n' >core/base/a.c
	printf 'local function f()\n\treturn 1\nend\n' >lua/a.lua
	printf '#!/bin/sh\necho "%sHOME"\n' '$' >examples/quickstart
	chmod +x examples/quickstart
}

# catches TEST FAULT...: the test passes on the sound tree and fails once FAULT has been run in it.
catches()
{
	local test=$1 status=0
	shift
	sound
	bash "$here/$test.sh" "$tree" >/dev/null || status=$?
	[ $status -ne 77 ] || return 0
	if [ $status -ne 0 ]; then
		echo "$test finds a fault in a sound tree"
		faults=1
	fi
	eval "$*"
	if bash "$here/$test.sh" "$tree" >/dev/null; then
		echo "$test does not see: $*"
		faults=1
	fi
}

# shellcheck disable=SC2016 # the faults are commands for eval
{
	catches tidy_includes 'echo "#include \"core/io/env.h\"" >>core/base/a.c'
	catches tidy_includes 'echo "#include \"core/io/stream.h\"" >core/market/a.h'
	catches tidy_includes 'echo "#include \"store/kv.h\"" >core/trade/a.c'
	catches tidy_includes 'echo "#include \"a.h\"" >>core/base/a.c'
	catches tidy_includes 'echo "#  include <openssl/sha.h>" >core/trade/a.c'
	catches tidy_includes 'echo "#include <lua.h>" >core/ops/config.c'
	catches tidy_includes 'echo "#include \"core/base/a.h\"" >strategies/a.c'
	catches tidy_length 'seq 601 | sed "s/^/# /" >core/base/b.h'
	catches tidy_length '{ printf "int g(void)\n{\n"; seq 70 | sed "s/.*/\t;/"; echo "}"; } >core/base/b.c'
	catches tidy_length '{ echo "function M.g()"; seq 70 | sed "s/.*/\tf()/"; echo "end"; } >strategies/b.lua'
	catches tidy_length '{ printf "#!/bin/sh\nf() {\n"; seq 70 | sed "s/.*/\techo/"; echo "}"; } >tests/run'
	catches tidy_layout 'mkdir tools'
	catches tidy_layout 'touch notes.txt'
	catches tidy_layout 'rm LICENSE'
	catches tidy_layout 'rm -r examples'
	catches tidy_layout 'rm core/ops/README.md'
	catches tidy_links 'echo "[x](nowhere.md)" >>store/README.md'
	catches tidy_links 'echo "[x](../README.md#three-words)" >>store/README.md'
	catches tidy_words 'echo "/* TO''DO: later */" >>core/base/a.c'
	catches tidy_words 'echo "-- see /wo''rk/notes" >>lua/a.lua'
	catches tidy_words 'echo "X""XX" >>LICENSE'
	catches tidy_shell 'echo "rm -rf \$1/" >>examples/quickstart'
	catches tidy_shell 'chmod -x examples/quickstart'
}
exit $faults
