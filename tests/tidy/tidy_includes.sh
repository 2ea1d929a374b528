#!/usr/bin/env bash
# Proves that includes follow the arrows between the folders, and that each third-party header is named only where it may be.
# shellcheck source=tests/tidy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Who includes whom: files that match the first pattern may include what matches the second.
# The first row that fits a file counts; patterns are extended regular expressions, whole.
# core/trade may see core/ops/config.h, and nothing else of ops: it is plain data, the limits and names that trade obeys.
arrows='
core/base/.*        core/base/.*
core/io/.*          core/(base|io)/.*
core/market/.*      core/(base|market)/.*|core/io/env\.h
core/trade/.*       core/(base|market|trade)/.*|core/io/env\.h|core/ops/config\.h
core/ops/.*         core/(base|io|market|ops)/.*|core/trade/(snapshot|strategy|order|fact|alert|tally_kind|limit)\.h|gen/embed\.h
core/engine[^/]*    core/(base|io|market|trade|ops)/.*|core/engine[^/]*
core/cmd/.*         .*
lua/.*              lua/.*|core/(base|market|trade)/.*|core/ops/config\.h|gen/embed\.h
adapters/codec/.*   adapters/codec/.*|core/(base|io|market|trade)/.*
adapters/binance/.* adapters/(codec|binance)/.*|core/(base|io|market|trade)/.*
adapters/diff/.*    adapters/(codec|diff)/.*|adapters/binance/bn_(link|budget|orders)\.h|core/(base|io|market|trade)/.*
adapters/sim/.*     adapters/(codec|sim)/.*|core/(base|io|market|trade)/.*
adapters/import/.*  adapters/(codec|import)/.*|adapters/sim/recording\.h|core/(base|io|market|trade)/.*
store/.*            store/.*|core/base/.*|core/trade/(fact|journal)\.h|core/market/(event|pack|tape)\.h
tests/.*            .*
'

# Third-party headers, and the files that may name them.
outside='
event2/.*                       core/io/loop\.c|core/ops/(console|alert_)[^/]*\.c
openssl/.*                      core/base/digest\.c|core/io/(tls|ca)\.c|core/ops/alert_webhook\.c|adapters/codec/sign\.c|adapters/sim/server_keys\.c|store/(merkle\.c|note[^/]*)
rocksdb/.*                      store/kv\.c
msgpack(\.h|/.*)                store/receipt\.c
(luajit-2.1/)?(lua|lualib|lauxlib|luajit)\.h    lua/.*
wslay/.*                        core/io/ws\.c
jansson\.h                      adapters/codec/[^/]*\.c|adapters/sim/(wire_(request|stream)|cn_ask)\.c
zlib\.h                         adapters/codec/okx_book\.c|adapters/sim/recording\.c|adapters/import/input\.c
editline/readline\.h            core/cmd/cmd_repl\.c
check\.h                        tests/.*
'

# shellcheck disable=SC2016 # awk's own dollars
findings=$(files_of c h | arrows=$arrows outside=$outside xargs -r awk '
	BEGIN {
		n_arrows = rows(ENVIRON["arrows"], from, to)
		n_outside = rows(ENVIRON["outside"], header, user)
	}

	function rows(table, left, right,    lines, n, i, words, count) {
		n = split(table, lines, "\n")
		for (i = 1; i <= n; i++)
			if (split(lines[i], words, " ") == 2) {
				left[++count] = "^(" words[1] ")$"
				right[count] = "^(" words[2] ")$"
			}
		return count
	}

	function say(what) { print FILENAME ":" FNR ": " what }

	function third_party(name,    i) {
		for (i = 1; i <= n_outside; i++)
			if (name ~ header[i]) {
				if (FILENAME !~ user[i] && FILENAME !~ /^tests\//)
					say("<" name "> has no place here")
				return 1
			}
		return 0
	}

	/^[ \t]*#[ \t]*include[ \t]*["<]/ {
		quoted = /include[ \t]*"/
		name = $0
		sub(/^[^"<]*["<]/, "", name)
		sub(/[">].*/, "", name)
		if (third_party(name) || !quoted)
			next
		if (name !~ /^(core|lua|adapters|store|tests|gen)\//) {
			say("\"" name "\" is not a path from the root")
			next
		}
		for (i = 1; i <= n_arrows && FILENAME !~ from[i]; i++)
			;
		if (i > n_arrows)
			say("the table has no row for this folder")
		else if (name !~ to[i])
			say("\"" name "\" lies against the arrows")
	}')
verdict "includes go one way, by the tables in tests/tidy/tidy_includes.sh" "$findings"
