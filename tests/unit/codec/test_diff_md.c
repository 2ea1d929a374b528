/* Proves that quotes become whole books: levels, a market at its limit, prices that cannot be, stamps whose date is the trading day's, status, and what null forgets. */
#include "adapters/codec/diff_md.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"

#define S_NS   1000000000ll
#define HOUR   (3600 * S_NS)
#define DAY_NS (24 * HOUR)

static const struct instrument instruments[] = {
	{ .symbol = "SHFE.au2704", .px_dp = 2, .qty_dp = 0 },
	{ .symbol = "DCE.c2705", .px_dp = 0, .qty_dp = 0 },
};
static struct symbols symbols;
static struct diff_md md;
static struct level level[side_max][DIFF_LEVELS];

static int say(int (*patch)(struct diff_md *, const struct json_value *), const char *text)
{
	struct json_scan j;
	struct json_value v;
	json_scan_init(&j, text, strlen(text));
	ck_assert(json_take(&j, &v));
	return patch(&md, &v);
}

static void open(void)
{
	ck_assert_int_eq(symbols_init(&symbols, instruments, 2, 0), 0);
	ck_assert_int_eq(diff_md_init(&md, &symbols, 2), 0);
}

static void close_all(void)
{
	diff_md_free(&md);
	symbols_free(&symbols);
}

START_TEST(test_levels)
{
	struct depth d;
	open();
	ck_assert_int_eq(
		say(diff_md_quotes,
		    "{\"SHFE.au2704\":{\"datetime\":\"2027-03-02 09:05:00.500000\",\"bid_price1\":613.4,\"bid_volume1\":3,\"bid_price2\":613.38,"
		    "\"bid_volume2\":9,\"ask_price1\":613.42,\"ask_volume1\":1,\"ask_price2\":\"NaN\",\"ask_volume2\":0},\"SHFE.xx\":{\"a\":1}}"),
		0);
	ck_assert(diff_md_book(&md, 0, 2, 0, 0, level, &d));
	ck_assert(d.n[SIDE_BUY] == 2 && d.n[SIDE_SELL] == 1);
	ck_assert(level[SIDE_BUY][1].px == 61338 && level[SIDE_BUY][1].qty == 9);
	/* At the upper limit nobody offers: the side is empty, not at 0. */
	ck_assert_int_eq(say(diff_md_quotes,
			     "{\"SHFE.au2704\":{\"ask_price1\":null,\"ask_volume1\":0}}"),
			 0);
	ck_assert(diff_md_book(&md, 0, 2, 0, 0, level, &d));
	ck_assert(d.n[SIDE_BUY] == 2 && d.n[SIDE_SELL] == 0);
	/* A price that the contract cannot have, and bids that rise: no book. */
	ck_assert_int_eq(say(diff_md_quotes, "{\"SHFE.au2704\":{\"bid_price1\":613.405}}"), 0);
	ck_assert(!diff_md_book(&md, 0, 2, 0, 0, level, &d));
	ck_assert_int_eq(say(diff_md_quotes, "{\"SHFE.au2704\":{\"bid_price1\":613.36}}"), 0);
	ck_assert(!diff_md_book(&md, 0, 2, 0, 0, level, &d));
	close_all();
}
END_TEST

START_TEST(test_forgotten)
{
	struct depth d;
	open();
	ck_assert_int_eq(
		say(diff_md_quotes, "{\"DCE.c2705\":{\"bid_price1\":2300,\"bid_volume1\":5}}"), 0);
	ck_assert_uint_eq(md.n_changed, 1);
	ck_assert_uint_eq(md.changed[0], 1);
	ck_assert_int_eq(say(diff_md_quotes, "{\"DCE.c2705\":null}"), 0);
	ck_assert(diff_md_book(&md, 1, 0, 0, 0, level, &d));
	ck_assert_uint_eq(d.n[SIDE_BUY], 0);
	ck_assert_int_eq(say(diff_md_quotes, "{\"DCE.c2705\":{\"bid_price1\":{}}}"), -ERR_PARSE);
	ck_assert_uint_eq(md.bad, 1);
	ck_assert_str_eq(md.why, "bid_price1");
	close_all();
}
END_TEST

START_TEST(test_status)
{
	open();
	ck_assert_int_eq(
		say(diff_md_status,
		    "{\"SHFE.au2704\":{\"symbol\":\"SHFE.au2704\",\"trade_status\":\"CONTINOUS\"}}"),
		0);
	ck_assert(md.quote[0].status == DIFF_CONTINUOUS && md.quote[0].status_changed);
	diff_md_taken(&md);
	ck_assert_int_eq(say(diff_md_status, "{\"SHFE.au2704\":{\"trade_status\":\"NOTRADING\"}}"),
			 0);
	ck_assert(md.quote[0].status == DIFF_NOT_TRADING && md.n_changed == 1);
	close_all();
}
END_TEST

START_TEST(test_times)
{
	/* Friday 2027-03-05 21:00:00.5 in Shanghai. */
	const int64_t friday = 1804251600 * S_NS + S_NS / 2;
	ck_assert_int_eq(diff_time("2027-03-05 21:00:00.500000", friday), friday);
	ck_assert_int_eq(diff_time("2027-03-05 21:00:00.500000", friday + 3 * DAY_NS), friday);
	/* The night belongs to Monday, and some exchanges write so: the time of day is right, the date is not. */
	ck_assert_int_eq(diff_time("2027-03-08 21:00:00.500000", friday), friday);
	ck_assert_int_eq(diff_day(friday + 3 * DAY_NS, friday + HOUR), friday);
	/* A clock that is a little ahead is no other day. */
	ck_assert_int_eq(diff_time("2027-03-05 21:00:30", friday), friday + 29 * S_NS + S_NS / 2);
	ck_assert_int_eq(diff_time("2027-03-05", friday), 0);
	ck_assert_int_eq(diff_time("2027-13-05 21:00:00", friday), 0);
	ck_assert_int_eq(diff_time("2027-03-05 25:00:00", friday), 0);
	ck_assert_int_eq(diff_time("", friday), 0);
}
END_TEST

SUITE("diff_md", test_levels, test_forgotten, test_status, test_times)
