/* Proves that the probe learns from a recording what is traded in it, in which steps and at about what price, and what two recordings have in common. */
#include "adapters/sim/probe.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct probe_symbol symbol[PROBE_SYMBOLS];
static unsigned n;

static void line(const char *json)
{
	char text[600];
	int len = snprintf(text, sizeof text, "1723161253937085768 %s", json);
	probe_line(text, (size_t)len, symbol, &n);
}

#define TICKER(s, b, B, a, A)                                                        \
	"{\"data\":{\"e\":\"bookTicker\",\"s\":\"" s "\",\"b\":\"" b "\",\"B\":\"" B \
	"\",\"a\":\"" a "\",\"A\":\"" A "\"}}"

START_TEST(steps_are_what_all_numbers_share)
{
	n = 0;
	line(TICKER("BTCUSDT", "61837.60", "1.500", "61837.70", "0.002"));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(symbol[0].symbol, "BTCUSDT");
	ck_assert_int_eq(symbol[0].tick_e8, 10000000);
	ck_assert_int_eq(symbol[0].lot_e8, 200000);
	line(TICKER("BTCUSDT", "61837.55", "1.500", "61837.70", "0.001"));
	ck_assert_int_eq(symbol[0].tick_e8, 5000000);
	ck_assert_int_eq(symbol[0].lot_e8, 100000);
	ck_assert_int_eq(symbol[0].px_e8, 6183770000000);
	ck_assert_uint_eq(symbol[0].frames, 2);
}
END_TEST

/* The levels of a change may lie anywhere: a best price is worth more, and a quantity of nothing is no step. */
START_TEST(the_price_is_where_it_trades)
{
	n = 0;
	line("{\"data\":{\"e\":\"depthUpdate\",\"s\":\"ETHUSDT\",\"b\":[[\"2500.10\",\"3.0\"],[\"1.00\",\"0.0\"]],"
	     "\"a\":[[\"99999.00\",\"0.5\"]]}}");
	ck_assert_int_eq(symbol[0].px_e8, 250010000000);
	ck_assert_int_eq(symbol[0].lot_e8, 50000000);
	line(TICKER("ETHUSDT", "2501.00", "1", "2501.10", "1"));
	line("{\"data\":{\"e\":\"depthUpdate\",\"s\":\"ETHUSDT\",\"b\":[[\"7.00\",\"3.0\"]],\"a\":[]}}");
	ck_assert_int_eq(symbol[0].px_e8, 250110000000);
	ck_assert_int_eq(symbol[0].tick_e8, 10000000);
}
END_TEST

START_TEST(what_is_no_market_is_passed_over)
{
	n = 0;
	line("{\"lastUpdateId\":1,\"bids\":[[\"1.0\",\"1\"]]}");
	line("{\"data\":{\"e\":\"aggTrade\",\"s\":\"BTCUSDT\",\"p\":\"1\"}}");
	line(TICKER("", "1", "1", "2", "1"));
	line(TICKER("A\\\\B", "1", "1", "2", "1"));
	line(TICKER("A]==]B", "1", "1", "2", "1"));
	line(TICKER("THIS_NAME_IS_LONGER_THAN_ANY_SYMBOL", "1", "1", "2", "1"));
	line("{\"e\":\"bookTicker\",\"s\":\"CUT");
	line("{\"e\":\"bookTicker\"}");
	ck_assert_uint_eq(n, 0);
	line(TICKER("BTCUSDT_260327", "x", "-1", "1e5", "0"));
	ck_assert_uint_eq(n, 1);
	ck_assert(symbol[0].tick_e8 == 0 && symbol[0].lot_e8 == 0 && symbol[0].px_e8 == 0);
}
END_TEST

START_TEST(many_symbols_do_not_run_over)
{
	n = 0;
	for (int i = 0; i < PROBE_SYMBOLS + 10; i++) {
		char json[200];
		snprintf(json, sizeof json, TICKER("S%d", "1", "1", "2", "1"), i);
		line(json);
	}
	ck_assert_uint_eq(n, PROBE_SYMBOLS);
}
END_TEST

START_TEST(the_busiest_symbol_of_both_is_taken)
{
	static const struct probe_symbol a[] = { { .symbol = "A", .frames = 900 },
						 { .symbol = "B", .frames = 50 },
						 { .symbol = "C", .frames = 40 } },
					 b[] = { { .symbol = "C", .frames = 45 },
						 { .symbol = "B", .frames = 30 },
						 { .symbol = "D", .frames = 999 } };
	unsigned ia = 9, ib = 9;
	ck_assert_str_eq(probe_common(a, 3, b, 3, &ia, &ib), "C");
	ck_assert(ia == 2 && ib == 0);
	ck_assert_ptr_null(probe_common(a, 1, b, 3, &ia, &ib));
	ck_assert_ptr_null(probe_common(a, 0, b, 0, &ia, &ib));
}
END_TEST

START_TEST(files)
{
	char path[] = "/tmp/tandem-probe-XXXXXX";
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(probe_file(path, symbol, &n), -ERR_PARSE);
	ck_assert_ptr_nonnull(strstr(err_text(), "is it a recording"));
	dprintf(fd, "1723161253937085768 %s\nrubbish\n",
		TICKER("BTCUSDT", "61837.60", "1.500", "61837.70", "0.002"));
	close(fd);
	ck_assert_int_eq(probe_file(path, symbol, &n), 0);
	ck_assert_uint_eq(n, 1);
	unlink(path);
	ck_assert_int_lt(probe_file(path, symbol, &n), 0);
	ck_assert_uint_eq(n, 0);
}
END_TEST

SUITE("probe", steps_are_what_all_numbers_share, the_price_is_where_it_trades,
      what_is_no_market_is_passed_over, many_symbols_do_not_run_over,
      the_busiest_symbol_of_both_is_taken, files)
