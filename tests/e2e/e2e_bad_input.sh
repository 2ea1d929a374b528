#!/usr/bin/env bash
# Proves what bad recordings, ports, disks, keys and configurations get: one clear line that says what and where, the documented exit code, and no lost receipt.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
: "${dir:?set by lib.sh}" "${TANDEM:?}"

one_line() { [ "$(grep -c '^tandem' "$dir/out.err")" = 1 ] || fail "not one line: $(cat "$dir/out.err")"; }

# A recording of our own: "<ns> {frame}" lines of one symbol; spot has no pu and no times in bookTicker.
recording() { # MARKET SYMBOL LINES
	awk -v market="$1" -v symbol="$2" -v lines="$3" 'BEGIN {
		px = market == "spot" ? 60000 : 60030
		for (i = 1; i <= lines; i++) {
			wave = int(300 * sin(i / 400)) / 10
			bid = px + (market == "spot" ? 0 : wave); ask = bid + 0.1; t = sprintf("%.0f", 1723161253000 + i)
			qty = 1 + (i % 997) / 1000
			stream = tolower(symbol)
			if (i % 10 == 1)
				printf "%s000000 {\"stream\":\"%s@depth\",\"data\":{\"e\":\"depthUpdate\",\"E\":%s,%s\"s\":\"%s\",\"U\":%d,\"u\":%d%s,\"b\":[[\"%.1f\",\"%.3f\"]],\"a\":[[\"%.1f\",\"%.3f\"]]}}\n",
					t, stream, t, market == "spot" ? "" : "\"T\":" t ",", symbol, i, i, market == "spot" ? "" : ",\"pu\":" (i > 10 ? i - 10 : 0), bid, qty, ask, qty
			else
				printf "%s000000 {\"stream\":\"%s@bookTicker\",\"data\":{%s\"u\":%d,\"s\":\"%s\",\"b\":\"%.1f\",\"B\":\"%.3f\",\"a\":\"%.1f\",\"A\":\"%.3f\"%s}}\n",
					t, stream, market == "spot" ? "" : "\"e\":\"bookTicker\",", i, symbol, bid, qty, ask, qty, market == "spot" ? "" : ",\"T\":" t ",\"E\":" t
		}
	}'
}
recording spot BTCUSDT 12000 >"$dir/spot"
recording usdm BTCUSDT 12000 >"$dir/usdm"
recording usdm ETHUSDT 3000 >"$dir/other"

# ---- recordings
refused() { # WORDS SPOT USDM
	must_exit 4 "$TANDEM" demo --duration 3 --spot "$dir/$2" --usdm "$dir/$3" --db "$dir/never"
	must_say "$1" "$dir/out.err"
	one_line
	[ ! -e "$dir/never/status" ] || fail "a host was started on $2"
}
echo "to be or not to be" >"$dir/prose"
: >"$dir/empty"
mkdir "$dir/folder"
head -c 100000 /dev/urandom >"$dir/noise"
gzip -c "$dir/spot" | head -c 60 >"$dir/stump.gz"
refused "prose: no bookTicker" prose usdm
refused "empty: no bookTicker" empty usdm
refused "there is no database to read" folder usdm
refused "noise: no bookTicker" noise usdm
refused "stump.gz: no bookTicker" stump.gz usdm
refused "no-such-file: No such file" no-such-file usdm
refused "no symbol in common" spot other

played() { # SPOT USDM DB
	must_exit 0 "$TANDEM" demo --duration 4 --spot "$dir/$1" --usdm "$dir/$2" --db "$dir/db-$3" --json
	must_hold '.ok and .residual == .venue_residual' "$dir/out"
}
gzip -c "$dir/spot" >"$dir/whole.gz"
head -c $(($(stat -c %s "$dir/whole.gz") / 8)) "$dir/whole.gz" >"$dir/torn.gz"
played torn.gz usdm torn
must_say "break off in the middle" "$dir/db-torn/venue.log"
awk 'NR % 100 == 0 { print "\001garbage {"; print "1723161253937085768 {\"stream\":"; print "" } { print }' "$dir/spot" >"$dir/mixed"
played mixed usdm mixed
must_say "lines are no frames" "$dir/db-mixed/venue.log"
for market in spot usdm; do # the shape of another recorder
	sed -E 's/^([0-9]{10})([0-9]{9}) /\1.\2: /' "$dir/$market" >"$dir/$market.seconds"
done
played spot.seconds usdm.seconds seconds

# ---- ports, keys, certificates, configurations: on the folder of a demo that has ended
db=$dir/db-mixed
config=$db/host.lua
cp "$config" "$dir/good.lua"
"$TANDEM" venue "$db/venue.lua" >"$dir/venue.log" 2>&1 &
venue=$!
children+=("$venue")
for _ in $(seq 200); do grep -q ^ready "$dir/venue.log" && break; sleep 0.05; done
grep -q ^ready "$dir/venue.log" || fail "the venue does not start again"
port=$(sed -n 's/^spot //p' "$db/ports")
sed "0,/port = [0-9]*/s//port = $port/; s/dir = \"venue\"/dir = \"second\"/" "$db/venue.lua" >"$db/taken.lua"
must_exit 4 "$TANDEM" venue "$db/taken.lua"
must_say "port $port: another program listens there" "$dir/out.err"
one_line
must_exit 4 "$TANDEM" venue "$db/venue.lua" # the ledgers are in use

chmod 0644 "$db"/venue/keys/spot_demo.ed25519.pem
must_exit 3 "$TANDEM" run "$config"
must_say "host.lua:[0-9]*: .*mode 0644.*type: chmod 600 .*spot_demo.ed25519.pem" "$dir/out.err"
chmod 0600 "$db"/venue/keys/spot_demo.ed25519.pem

cat >"$dir/ten.lua" <<-'END'
	return {
		venues = {
			{ name = "spot", adapter = "binance_moon", colour = "blue",
				answer_timeout = "soon",
				url = { stream = "ftp://localhost", api = "wss://localhost:99999/x", rest = "https://localhost:1" } },
		},
		accounts = { { name = "a", group = "g", venue = "nowhere", api_key_file = "none", secret_file = "none" } },
		instruments = { { name = "x", venue = "spot", symbol = "BTCUSDT", base = "BTC", quote = "USDT",
			kind = "cubic", px_dp = 99 } },
		strategies = {},
		risk = { collar = "wide", max_age = -1 },
		store = { path = 5 },
		engine = { spin = "yes" },
	}
END
for verb in run check; do
	must_exit 3 "$TANDEM" "$verb" "$dir/ten.lua"
	cat "$dir/out" "$dir/out.err" >"$dir/said"
	for word in binance_moon colour soon ftp:// 99999 nowhere cubic 99 wide max_age store.path spin; do
		grep -q "ten.lua:[0-9]*: .*$word" "$dir/said" || fail "$verb does not name '$word' with its line: $(cat "$dir/said")"
	done
done

# A host that cannot come up says why and goes on trying; it trades nothing.
runs_without() { # NAME WORDS SED-EXPRESSION
	sed "$3; s#path = \".\"#path = \"$1-store\"#; s#ring = \".\"#ring = \"$1-store\"#; /clock_page/d" "$dir/good.lua" >"$db/$1.lua"
	"$TANDEM" run "$db/$1.lua" >"$dir/$1.log" 2>&1 &
	local host=$!
	children+=("$host")
	for _ in $(seq 100); do grep -q "$2" "$dir/$1.log" && break; sleep 0.05; done
	grep -q "$2" "$dir/$1.log" || fail "'$2' is not said of $1: $(tail -n 5 "$dir/$1.log")"
	kill -0 "$host" 2>/dev/null || fail "the host on $1 ended: $(tail -n 3 "$dir/$1.log")"
	kill "$host"
	wait "$host" || fail "the host on $1 did not stop cleanly: exit code $?"
	"$TANDEM" query "$db/$1-store" --json >"$dir/$1.json" || fail "query of $1"
	jq -es 'map(select(.kind == "order")) | length == 0' "$dir/$1.json" >/dev/null || fail "$1: an order was made"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=somebody -days 2 -keyout "$dir/other.key" -out "$db/other.pem" 2>/dev/null || fail "openssl"
runs_without wrong-ca "certificate" 's#venue/tls/ca.pem#other.pem#'
# A port where no TLS is spoken.
perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die; open F, ">", $ARGV[0]; print F $s->sockport; close F;
	while ($c = $s->accept) { print $c "220 smtp.example.org ESMTP\r\n"; close $c }' "$dir/plain.port" &
children+=("$!")
for _ in $(seq 100); do [ -s "$dir/plain.port" ] && break; sleep 0.05; done
runs_without plain-port "market stream lost.*TLS\|market stream lost.*SSL\|market stream lost.*version" "s#localhost:[0-9]*#localhost:$(cat "$dir/plain.port")#g"

# ---- two hosts on one store, a folder that cannot be written to, a full disk
"$TANDEM" run "$config" >"$dir/host.log" 2>&1 &
host=$!
children+=("$host")
for _ in $(seq 200); do grep -q ^ready "$dir/host.log" && break; sleep 0.05; done
must_exit 4 "$TANDEM" run "$config"
must_say "in use by process $host" "$dir/out.err"
one_line
kill "$host"
wait "$host" || fail "the host did not stop cleanly"

stored_in() { # FOLDER
	sed "s#path = \".\"#path = \"$1\"#; s#ring = \".\"#ring = \"$1\"#" "$dir/good.lua" >"$db/stored.lua"
}
unwritable() { # FOLDER WORDS
	stored_in "$1"
	must_exit 4 "$TANDEM" run "$db/stored.lua"
	must_say "$2" "$dir/out.err"
	one_line
}
unwritable /proc/tandem "/proc/tandem"
: >"$db/a-file"
stored_in "$db/a-file"
must_exit 3 "$TANDEM" run "$db/stored.lua"
must_say "stored.lua:[0-9]*: .*a-file is a file" "$dir/out.err"
if [ "$(id -u)" != 0 ]; then
	mkdir "$db/read-only" && chmod 0555 "$db/read-only"
	unwritable "$db/read-only" "read-only.*Permission denied"
fi

mkdir "$dir/disk"
if mount -t tmpfs -o size=48m tmpfs "$dir/disk" 2>/dev/null; then
	trap 'umount -l "$dir/disk" 2>/dev/null; cleanup' EXIT
	head -c 47M /dev/zero >"$dir/disk/fill"
	unwritable "$dir/disk/db" "No space left"
	rm "$dir/disk/fill"
	# It fills up while the host trades: nothing opens, the host stays up, and every receipt is there afterwards.
	stored_in "$dir/disk/db"
	"$TANDEM" run "$db/stored.lua" >"$dir/full.log" 2>&1 &
	host=$!
	children+=("$host")
	for _ in $(seq 200); do grep -q ^ready "$dir/full.log" && break; sleep 0.05; done
	sleep 2
	cat /dev/zero >"$dir/disk/fill" 2>/dev/null
	sleep 3
	kill -0 "$host" 2>/dev/null || fail "the host ended on a full disk: $(tail -n 3 "$dir/full.log")"
	must_exit 0 "$TANDEM" status "$dir/disk/db" --json
	rm "$dir/disk/fill"
	kill "$host"
	wait "$host" || fail "the host that had a full disk did not stop cleanly"
	must_exit 0 "$TANDEM" query "$dir/disk/db" --json
	jq -es 'map(.seq) as $s | $s == [range(1; ($s | length) + 1)] and length > 10' "$dir/out" >/dev/null || fail "the sequence has gaps after a full disk"
	umount "$dir/disk"
else
	echo "a full disk: skipped, since no file system can be mounted here"
fi
echo "every mistake of the world was named"
