/* Proves that frames of the three markets are told apart, that new symbols are adopted at scales that hold them, and that snapshots find their instrument. */
#include "adapters/import/frames.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <string.h>

#define SPOT                                                                                                    \
	"1723161254087891268 {\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":50093239212,\"s\":\"BTCUSDT\"," \
	"\"b\":\"61837.63000000\",\"B\":\"3.78826000\",\"a\":\"61837.64000000\",\"A\":\"1.54698000\"}}\n"
#define SNAPSHOT \
	"{\"lastUpdateId\":5,\"bids\":[[\"61837.63\",\"1\"]],\"asks\":[[\"61837.64\",\"2\"]]}\n"
#define USDM                                                                                                           \
	"1723161255088169167 {\"stream\":\"btcusdt@bookTicker\",\"data\":{\"e\":\"bookTicker\",\"u\":5123107839020,"   \
	"\"s\":\"BTCUSDT\",\"b\":\"61800.20\",\"B\":\"2.507\",\"a\":\"61800.30\",\"A\":\"2.510\",\"T\":1723161256313," \
	"\"E\":1723161256313}}\n"
#define COINM                                                                                                           \
	"1626916403.8469708: {\"stream\":\"bchusd_perp@bookTicker\",\"data\":{\"u\":167006084895,\"e\":\"bookTicker\"," \
	"\"s\":\"BCHUSD_PERP\",\"ps\":\"BCHUSD\",\"b\":\"427.84\",\"B\":\"24\",\"a\":\"427.90\",\"A\":\"669\","         \
	"\"T\":1626916403864,\"E\":1626916403871}}\n"
#define DEPTH                                                                                                          \
	"1633998512.0633569: {\"stream\":\"nknusdt@depth\",\"data\":{\"e\":\"depthUpdate\",\"E\":1633998512068,\"s\":" \
	"\"NKNUSDT\",\"U\":1,\"u\":3,\"b\":[[\"0.35130000\",\"987654321012.5\"]],\"a\":[]}}\n"

/* Two trades in one message; a whole book, a change, one that does not come out, and one behind it. */
#define OKX_TRADES                                                                                   \
	"1652459226163000000 {\"arg\":{\"channel\":\"trades\",\"instId\":\"BTC-USDT\"},\"data\":["   \
	"{\"instId\":\"BTC-USDT\",\"tradeId\":\"338\",\"px\":\"30243.5\",\"sz\":\"0.001\",\"side\":" \
	"\"buy\",\"ts\":\"1652459226050\"},"                                                         \
	"{\"instId\":\"BTC-USDT\",\"tradeId\":\"339\",\"px\":\"30243.4\",\"sz\":\"2\",\"side\":"     \
	"\"sell\",\"ts\":\"1652459226051\"}]}\n"
#define OKX_BOOK(action, entry)                                                                             \
	"1652459225.7087345: {\"arg\":{\"channel\":\"books\",\"instId\":\"BTC-USDT\"},\"action\":\"" action \
	"\",\"data\":[{" entry ",\"ts\":\"1652459225464\"}]}\n"
#define OKX_WHOLE                                                                \
	OKX_BOOK("snapshot", "\"asks\":[[\"101\",\"3\",\"0\",\"1\"]],"           \
			     "\"bids\":[[\"100.5\",\"2\",\"0\",\"1\"],[\"100\"," \
			     "\"1.25\",\"0\",\"3\"]],\"checksum\":-938636478")
#define OKX_CHANGE(sum)                                                                    \
	OKX_BOOK("update", "\"asks\":[[\"101\",\"0\",\"0\",\"0\"],[\"101.5\",\"4\",\"0\"," \
			   "\"1\"]],\"bids\":[[\"100.5\",\"1\",\"0\",\"1\"]],\"checksum\":" sum)

static struct instrument known[8];
static unsigned n_known;
static struct symbols symbols;

static const struct symbol *adopt(void *owner, const char *symbol, size_t n,
				  const struct csv_scale *px, const struct csv_scale *qty)
{
	(void)owner;
	struct instrument *i = &known[n_known++];
	*i = (struct instrument){ .px_dp = csv_decimals(px, 3), .qty_dp = csv_decimals(qty, 5) };
	memcpy(i->symbol, symbol, n);
	symbols_free(&symbols);
	ck_assert_int_eq(symbols_init(&symbols, known, n_known, 0), 0);
	return symbols_find(&symbols, symbol, n);
}

static struct frames f;

static void open_text(const char *text)
{
	struct frames_look look;
	const struct frames_owner owner = { NULL, adopt };
	n_known = 0;
	ck_assert(frames_are(text, strlen(text)));
	ck_assert_msg(frames_look(text, strlen(text), &look) == 0, "%s", err_text());
	ck_assert_int_eq(frames_open(&f, &look, &symbols, &owner), 0);
}

static int line(const char *text, struct pack_event *ev)
{
	const char *why;
	return frames_line(&f, text, strcspn(text, "\n"), ev, &why);
}

START_TEST(markets_are_told_apart)
{
	static const struct {
		const char *text;
		enum frames_market market;
	} cases[] = {
		{ SPOT SNAPSHOT, FRAMES_SPOT },
		{ SNAPSHOT USDM, FRAMES_USDM },
		{ COINM, FRAMES_COINM },
		{ DEPTH, FRAMES_SPOT },
		{ "wss://fstream.binance.com/stream <-> 1.5\n", FRAMES_USDM },
		{ "https://dapi.binance.com/dapi/v1/depth?symbol=X -> 1.5: {}\n", FRAMES_COINM },
		{ "https://api.binance.com/api/v3/depth?symbol=X -> 1.5: {}\n", FRAMES_SPOT },
		{ "wss://ws.okx.com:8443/ws/v5/public <-> 1.5\n", FRAMES_OKX },
		{ OKX_TRADES, FRAMES_OKX },
	};
	struct frames_look look;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(frames_look(cases[i].text, strlen(cases[i].text), &look), 0);
		ck_assert_msg(look.market == cases[i].market, "%s", cases[i].text);
	}
	static const char other[] = "wss://stream.bybit.com/v5/public/spot <-> 1.5\n";
	ck_assert_int_eq(frames_look(other, sizeof other - 1, &look), -ERR_PARSE);
	ck_assert_ptr_nonnull(strstr(err_text(), "bybit.com"));
	ck_assert(!frames_are("ts_ms,bid,ask\n1398902400292,1,2\n", 33));
	ck_assert_str_eq(frames_venue(FRAMES_COINM), "BN.COINM");
	ck_assert_str_eq(frames_venue(FRAMES_OKX), "OKX");
}
END_TEST

START_TEST(frames_become_events)
{
	struct pack_event ev;
	open_text(SPOT SNAPSHOT);
	ck_assert_int_eq(line(SPOT, &ev), 1);
	ck_assert_int_eq(ev.kind, PACK_QUOTE);
	ck_assert_int_eq(ev.at_ns, 1723161254087891268);
	ck_assert_int_eq(ev.quote.px[SIDE_BUY], 6183763000000);
	ck_assert_int_eq(ev.quote.venue_ns, 0);
	/* Without a time and a symbol: the file's last, and its only one. */
	ck_assert_int_eq(line(SNAPSHOT, &ev), 1);
	ck_assert_int_eq(ev.kind, PACK_SNAPSHOT);
	ck_assert_int_eq(ev.at_ns, 1723161254087891268);
	ck_assert_int_eq(ev.depth.last_seq, 5);
	ck_assert_uint_eq(n_known, 1);
	frames_close(&f);
	open_text(USDM);
	ck_assert_int_eq(line(USDM, &ev), 1);
	ck_assert_int_eq(ev.quote.venue_ns, 1723161256313000000);
	frames_close(&f);
}
END_TEST

START_TEST(large_quantities_get_fewer_decimals)
{
	struct pack_event ev;
	open_text(DEPTH);
	ck_assert_int_eq(line(DEPTH, &ev), 1);
	ck_assert_int_eq(ev.at_ns, 1633998512063356900);
	ck_assert_uint_eq(known[0].px_dp, 8);
	ck_assert_uint_eq(known[0].qty_dp, 1);
	ck_assert_int_eq(ev.depth.level[SIDE_BUY][0].qty, 9876543210125);
	frames_close(&f);
}
END_TEST

START_TEST(a_snapshot_that_says_nothing_waits_for_its_name)
{
	struct pack_event ev;
	const char *why;
	open_text(SPOT DEPTH); /* two symbols */
	ck_assert_int_lt(frames_line(&f, SNAPSHOT, sizeof SNAPSHOT - 2, &ev, &why), 0);
	ck_assert_ptr_nonnull(strstr(why, "--symbol"));
	static const char named[] =
		"https://api.binance.com/api/v3/depth?symbol=NKNUSDT&limit=5 -> 1633998512.3: {\"lastUpdateId\":7,"
		"\"bids\":[],\"asks\":[[\"1\",\"2\"]]}";
	ck_assert_int_eq(line(named, &ev), 1);
	ck_assert_int_eq(ev.at_ns, 1633998512300000000);
	ck_assert_str_eq(known[ev.instrument].symbol, "NKNUSDT");
	frames_close(&f);
}
END_TEST

START_TEST(what_is_no_event_is_said_or_passed_over)
{
	struct pack_event ev;
	const char *why;
	open_text(SPOT);
	ck_assert_int_eq(line("wss://stream.binance.com/x <-> 1.5", &ev), 0);
	ck_assert_int_eq(
		line("1.5: {\"stream\":\"x@kline_1m\",\"data\":{\"e\":\"kline\",\"s\":\"X\"}}",
		     &ev),
		0);
	ck_assert_uint_eq(f.other, 1);
	static const char *const bad[] = { "hello", "1.5: {\"e\":\"trade\",\"s\":\"X\"}", "1.5: {",
					   "1.5: {\"lastUpdateId\":\"x\"}" };
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		why = NULL;
		ck_assert_msg(frames_line(&f, bad[i], strlen(bad[i]), &ev, &why) < 0, "%s", bad[i]);
		ck_assert_msg(why && *why, "%s", bad[i]);
	}
	frames_close(&f);
}
END_TEST

START_TEST(okx_frames_become_events)
{
	struct pack_event ev;
	const char *why;
	open_text(OKX_TRADES);
	ck_assert_int_eq(line(OKX_TRADES, &ev), 1);
	ck_assert(ev.kind == PACK_TRADE && ev.trade.id == 338 && ev.at_ns == 1652459226163000000);
	ck_assert_str_eq(known[ev.instrument].symbol, "BTC-USDT");
	ck_assert_int_eq(frames_more(&f, &ev, &why), 1);
	ck_assert(ev.kind == PACK_TRADE && ev.trade.id == 339 && !why);
	ck_assert_int_eq(frames_more(&f, &ev, &why), 0);
	ck_assert_int_eq(line(OKX_WHOLE, &ev), 1);
	ck_assert(ev.kind == PACK_SNAPSHOT && ev.depth.last_seq == 1 && ev.depth.prev_seq == -1);
	ck_assert_int_eq(frames_line(&f, OKX_CHANGE("1948096211"),
				     sizeof OKX_CHANGE("1948096211") - 2, &ev, &why),
			 1);
	ck_assert(ev.kind == PACK_DEPTH && ev.depth.last_seq == 2 && !why);
	ck_assert_int_eq(ev.depth.venue_ns, 1652459225464000000);
	/* The book broke: once as an event, then only as lines that were left out. */
	ck_assert_int_eq(frames_line(&f, OKX_CHANGE("5"), sizeof OKX_CHANGE("5") - 2, &ev, &why),
			 1);
	ck_assert(ev.kind == PACK_BAD && ev.instrument == 0 && strstr(why, "checksum"));
	ck_assert_int_lt(frames_line(&f, OKX_CHANGE("5"), sizeof OKX_CHANGE("5") - 2, &ev, &why),
			 0);
	ck_assert_ptr_nonnull(strstr(why, "waits"));
	ck_assert_uint_eq(f.other, 0);
	ck_assert_int_eq(line("1652459226.5: pong", &ev), 0);
	ck_assert_int_eq(line("1652459226500000000 pong", &ev), 0);
	ck_assert_int_eq(line("1.5: {\"event\":\"subscribe\",\"arg\":{}}", &ev), 0);
	ck_assert_uint_eq(f.other, 3);
	ck_assert_int_lt(line("1652459226.5: ping", &ev), 0);
	frames_close(&f);
}
END_TEST

START_TEST(scales_of_okx_levels_are_not_its_counts)
{
	struct pack_event ev;
	static const char large[] =
		"1.5: {\"arg\":{\"channel\":\"bbo-tbt\",\"instId\":\"X-Y\"},\"data\":[{\"asks\":[[\"0.000000000012\","
		"\"98765432101\",\"0\",\"123456789012345678\"]],\"bids\":[],\"ts\":\"1\",\"seqId\":1}]}\n";
	open_text(large);
	ck_assert_int_eq(line(large, &ev), 1);
	ck_assert_uint_eq(known[0].px_dp, 12);
	ck_assert_uint_eq(known[0].qty_dp, 2);
	ck_assert_int_eq(ev.quote.qty[SIDE_SELL], 9876543210100);
	frames_close(&f);
}
END_TEST

SUITE("frames", okx_frames_become_events, scales_of_okx_levels_are_not_its_counts,
      markets_are_told_apart, frames_become_events, large_quantities_get_fewer_decimals,
      a_snapshot_that_says_nothing_waits_for_its_name, what_is_no_event_is_said_or_passed_over)
