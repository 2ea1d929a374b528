#!/usr/bin/env bash
# Proves that what `new` writes and prints works as printed: tests, lint, the simulated venues, console and reload; and that findings have their exit codes.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}" "${TANDEM_SOURCE:?}"
cd "$dir" || fail "the folder"
mkdir bin && ln -s "$TANDEM" bin/tandem
PATH=$dir/bin:$PATH

must_exit 0 tandem new my_cross
cp out printed
for file in my_cross.lua my_cross_test.lua sim/host.lua sim/venue.lua; do
	must_say "^my_cross/$file" printed
	[ -s "my_cross/$file" ] || fail "$file was not written"
done
grep -q '^function S:on_basis(b)$' my_cross/my_cross.lua || fail "the hook has no line of its own"
must_exit 2 tandem new my_cross
must_say "is not empty" out.err
must_exit 2 tandem new "1/2 3"
must_exit 0 tandem new other --json
must_hold '.ok and .name == "other" and (.files | length) == 4' out

# Every command, in its order; those for another terminal run while the demo does.
sed -nE 's/^  (tandem (test|lint|demo) .*)$/\1/p' printed >first
sed -nE 's/^  (tandem (status|repl|reload) .*)$/\1/p' printed >second
[ "$(cat first second | wc -l)" = 6 ] || fail "three commands and three: $(cat printed)"
if ! command -v luacheck >/dev/null; then echo "without luacheck: lint says so, and reads the code all the same"; fi
head -n 2 first | while read -r command; do
	bash -c "$command" >out 2>out.err || fail "$command: $(cat out out.err)"
done || exit 1
bash -c "$(sed -n 3p first)" >demo.out 2>demo.err &
demo=$!
children+=("$demo")
for _ in $(seq 300); do grep -q '^host is up' demo.out && break; sleep 0.1; done
sleep 3
echo 'instances.my_cross.lots' >line
echo "-- a change" >>my_cross/my_cross.lua
while read -r command; do
	bash -c "$command" <line >out 2>out.err || fail "$command: $(cat out out.err)"
done <second
must_exit 0 tandem repl my_cross/sim --json -e 'limits'
must_hold 'length > 5 and all(.[]; has("limit"))' out
must_exit 0 tandem repl my_cross/sim --json -e '{ prices["spot.BTCUSDT"].bid, status.running, #positions >= 0 }'
must_hold '.[0] > 1000 and .[1] and .[2]' out
must_exit 1 tandem repl my_cross/sim -e 'nonsense'
wait "$demo" || fail "the demo ended with $?: $(tail -n 5 demo.out demo.err)"
must_say '^pairs .* 0 held' demo.out
# And again, on what the demo has recorded.
must_exit 0 bash -c "$(sed -nE 's/^  (tandem backtest .*)$/\1/p' printed)"
must_say '^  my_cross (.*my_cross.lua)' out

# With the instruments of a configuration: its fees (2.3 and 1.7 bp), its steps.
cat >my_cross/real_test.lua <<-'END'
	local test = require "tandem.test"
	test.strategy "my_cross.lua" { config = "sim/host.lua", instance = "my_cross", params = { lots = 2 } }
	test("fees are the configuration's", function(t)
	  local b = t:basis { near = { 10020, 10020.01 }, far = { 9999.9, 10000 } }
	  t:equal(b.sell_near_net, 20 - 10020 * 2.3e-4 - 10000 * 1.7e-4)
	  t:expect_pair { sell = "near", buy = "far", lots = 2 }
	end)
	test("ticks are the configuration's", function(t)
	  t:basis { far = { 9999.95, 10000 } }
	end)
END
must_exit 1 tandem test my_cross/real_test.lua
must_say 'ok      fees are' out
must_say 'no multiple of its tick 0.1' out
sed -i 's/instance = "my_cross"/instance = "none"/' my_cross/real_test.lua
must_exit 1 tandem test my_cross/real_test.lua
must_say 'has no instance none' out

# Without a host: what it left behind.
must_exit 0 tandem repl my_cross/sim --json -e '{ status.running, #receipts("operator") }'
must_hold '.[0] == false and .[1] > 0' out
must_exit 1 tandem repl my_cross/sim -e 'positions'
must_say "no host runs" out.err
must_exit 4 tandem repl nowhere
must_exit 2 tandem repl

# The tests that the page shows, of a strategy that ships and of one that the page shows too: it begins with "-- its_name.lua:".
cp "$TANDEM_SOURCE/strategies/executable_cross.lua" .
awk '/^```lua$/ { block = ""; inside = 1; next }
	/^```/ {
		if (inside && block ~ /tandem\.test/)
			printf "%s", block >("page" ++n "_test.lua")
		else if (inside && match(block, /^-- [a-z_]+\.lua:/))
			printf "%s", block >substr(block, 4, RLENGTH - 4)
		inside = 0
		next
	}
	inside { block = block $0 "\n" }' "$TANDEM_SOURCE/strategies/README.md"
must_exit 0 tandem test page1_test.lua page2_test.lua
must_say '^2 tests, 2 ok' out
must_exit 0 tandem lint maker.lua
must_say 'maker.lua: nothing' out

# A test that fails, a file that is wrong, a file that is not there.
must_exit 0 tandem test "$TANDEM_SOURCE"/strategies/*_test.lua
sed -i 's/open_bp = 8, close_bp = 5, lots = 3/open_bp = 8, close_bp = 5, lots = 2/' my_cross/my_cross_test.lua
must_exit 1 tandem test my_cross/my_cross.lua
must_say 'FAILED  sells what is dear' out
must_say 'my_cross_test.lua:[0-9]*:' out
must_say 'its lots is 2, not 3' out
must_exit 1 tandem test my_cross/my_cross.lua --json --only 'sells*'
must_hold '.run == 1 and .failed == 1 and (.ok | not) and .tests[0].line > 0' out
must_exit 1 tandem test my_cross/my_cross.lua --only 'no such test'
must_exit 0 tandem test my_cross/my_cross.lua --list
echo 'x = 1' >bad_test.lua
must_exit 1 tandem test bad_test.lua
must_say 'bad_test.lua:1: x is not declared' out.err
must_exit 4 tandem test none_test.lua
must_exit 2 tandem test

sed -i 's/b.sell_near_net_bp, b.buy_near_net_bp/b.sell_near_net_bp, b.buy_neer_net_bp/' other/other.lua
must_exit 1 tandem lint other/other.lua
must_say 'other.lua:[0-9]*: error: b has no field buy_neer_net_bp' out
must_exit 1 tandem lint other/other.lua --json
must_hold '.errors >= 1 and (.ok | not) and any(.findings[]; .code == "field" and .line > 10)' out
must_exit 0 tandem lint "$TANDEM_SOURCE"/strategies/executable_cross.lua
mkdir empty
must_exit 0 env PATH="$dir/empty" "$TANDEM" lint my_cross/my_cross.lua
must_say 'luacheck is not installed' out.err
must_exit 4 tandem lint none.lua
must_exit 2 tandem lint
echo "new, test, lint, demo, repl and reload did what was printed"
