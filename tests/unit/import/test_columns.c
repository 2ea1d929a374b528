/* Proves that headers as different sources write them say which column is what, that a map says the rest, and that a table without prices is refused in words. */
#include "adapters/import/columns.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <string.h>

/* Columns in the order of the enum: arrival stamp day venue symbol bid ask bid_qty ask_qty seq. */
static const struct {
	const char *line, *map;
	int at[column_max];
	uint8_t unit, stamp_unit;
	bool venue_clock;
} cases[] = {
	{ "local_ts_ns,venue,symbol,exch_T_ms,exch_E_ms,update_id,bid,bid_qty,ask,ask_qty",
	  NULL,
	  { 0, 4, -1, 1, 2, 6, 8, 7, 9, 5 },
	  MOMENT_NS,
	  MOMENT_MS,
	  false },
	{ "ts_utc_ms,venue,bid,ask",
	  NULL,
	  { 0, -1, -1, 1, -1, 2, 3, -1, -1, -1 },
	  MOMENT_MS,
	  moment_unit_max,
	  true },
	{ "exchange;symbol;timestamp;local_timestamp;ask_amount;ask_price;bid_price;bid_amount",
	  NULL,
	  { 3, 2, -1, 0, 1, 6, 5, 7, 4, -1 },
	  moment_unit_max,
	  moment_unit_max,
	  false },
	{ "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time",
	  NULL,
	  { 6, -1, -1, -1, -1, 1, 3, 2, 4, 0 },
	  moment_unit_max,
	  moment_unit_max,
	  true },
	{ "ts_recv,ts_event,symbol,bid_px_00,ask_px_00,bid_sz_00,ask_sz_00,bid_ct_00,ask_ct_00,sequence,bid_px_01",
	  NULL,
	  { 0, 1, -1, -1, 2, 3, 4, 5, 6, 9 },
	  moment_unit_max,
	  moment_unit_max,
	  false },
	{ "timestamp\tasks[0].price\tasks[0].amount\tbids[0].price\tbids[0].amount\tasks[1].price",
	  NULL,
	  { 0, -1, -1, -1, -1, 3, 1, 4, 2, -1 },
	  moment_unit_max,
	  moment_unit_max,
	  true },
	{ "<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>\t<FLAGS>",
	  NULL,
	  { 1, -1, 0, -1, -1, 2, 3, -1, -1, -1 },
	  moment_unit_max,
	  moment_unit_max,
	  true },
	{ "localTimestamp|bidPrice|bidSize|askPrice|askSize",
	  NULL,
	  { 0, -1, -1, -1, -1, 1, 3, 2, 4, -1 },
	  moment_unit_max,
	  moment_unit_max,
	  false },
	{ "\xef\xbb\xbf\"Time\", \"Bid\", \"Ask\"",
	  NULL,
	  { 0, -1, -1, -1, -1, 1, 2, -1, -1, -1 },
	  moment_unit_max,
	  moment_unit_max,
	  true },
	{ "time;bid;ask;bidqty;askqty",
	  NULL,
	  { 0, -1, -1, -1, -1, 1, 2, 3, 4, -1 },
	  moment_unit_max,
	  moment_unit_max,
	  true },
	{ "TIMESTAMP,SYMBOL,BIDSIZ,BESTBID,OFRSIZ,bestofferprice,bidtime,asknum",
	  NULL,
	  { 0, -1, -1, -1, 1, 3, 5, 2, 4, -1 },
	  moment_unit_max,
	  moment_unit_max,
	  true },
	{ "when,p1,p2,bp",
	  "ts_us=when,bid=p1,ask=2",
	  { 0, -1, -1, -1, -1, 1, 2, -1, -1, -1 },
	  MOMENT_US,
	  moment_unit_max,
	  true },
	{ "1398902400292,OANDA,1.38676,1.38686",
	  "ts_ms=0,venue=1,bid=2,ask=3",
	  { 0, -1, -1, 1, -1, 2, 3, -1, -1, -1 },
	  MOMENT_MS,
	  moment_unit_max,
	  true },
};

START_TEST(headers_are_understood)
{
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct columns c;
		int rc = columns_find(&c, cases[i].line, strlen(cases[i].line), cases[i].map);
		ck_assert_msg(rc == 0, "%s: %s", cases[i].line, err_text());
		for (unsigned k = 0; k < column_max; k++)
			ck_assert_msg(c.at[k] == cases[i].at[k], "%s: %s is %d, not %d",
				      cases[i].line, column_name((enum column)k), c.at[k],
				      cases[i].at[k]);
		ck_assert_msg(c.unit[COLUMN_ARRIVAL] == cases[i].unit, "%s", cases[i].line);
		ck_assert_msg(c.at[COLUMN_STAMP] < 0 || c.unit[COLUMN_STAMP] == cases[i].stamp_unit,
			      "%s", cases[i].line);
		ck_assert_msg(c.venue_clock == cases[i].venue_clock, "%s", cases[i].line);
		ck_assert(c.header == (cases[i].line[0] != '1'));
	}
}
END_TEST

START_TEST(what_says_too_little_is_refused)
{
	static const char *const bad[][2] = {
		{ "ts_ms,venue,price", NULL },
		{ "bid,ask", NULL },
		{ "", NULL },
		{ "ts_ms,bid,ask", "ask=7" },
		{ "ts_ms,bid,ask", "colour=1" },
		{ "ts_ms,bid,ask", "bid" },
		{ "1,2,3", NULL },
		{ "ts_ms,bid_qty,ask_qty", NULL },
	};
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct columns c;
		err_set(ERR_ARG, "-");
		ck_assert_msg(columns_find(&c, bad[i][0], strlen(bad[i][0]), bad[i][1]) < 0, "%s",
			      bad[i][0]);
		ck_assert_uint_gt(strlen(err_text()), 20);
	}
}
END_TEST

START_TEST(what_is_no_text_is_not_shown)
{
	static const struct {
		const char *line;
		size_t n;
		const char *word;
	} bad[] = {
		{ "\xff\xfet\0s\0", 6, "UTF-16" },
		{ "ts,bid,ask\r1,2,3\r", 17, "CR" },
		{ "ts,bid\0,ask", 11, "0x00" },
		{ "\x1b]0;owned\x07,bid", 15, "0x1b" },
	};
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct columns c;
		ck_assert_int_eq(columns_find(&c, bad[i].line, bad[i].n, NULL), -ERR_PARSE);
		ck_assert_msg(strstr(err_text(), bad[i].word) != NULL, "%s", err_text());
		for (const char *p = err_text(); *p; p++)
			ck_assert(*p >= ' ' && *p < 127);
	}
}
END_TEST

START_TEST(rows_are_split_as_their_writer_meant)
{
	struct columns c;
	struct field f[COLUMNS_MAX];
	const char *head = "ts_ms,venue,bid,ask", *row = "1, \"a,b\" ,,\"1.5\",more,and more";
	ck_assert_int_eq(columns_find(&c, head, strlen(head), NULL), 0);
	ck_assert_uint_eq(columns_split(&c, row, strlen(row), f), 4);
	ck_assert_uint_eq(f[0].n, 1);
	ck_assert(f[1].n == 3 && memcmp(f[1].p, "a,b", 3) == 0);
	ck_assert_uint_eq(f[2].n, 0);
	ck_assert(f[3].n == 3 && memcmp(f[3].p, "1.5", 3) == 0);
	ck_assert_uint_eq(columns_split(&c, "1,x", 3, f), 2);
	ck_assert_uint_eq(columns_split(&c, "", 0, f), 1);
}
END_TEST

SUITE("columns", what_is_no_text_is_not_shown, headers_are_understood,
      what_says_too_little_is_refused, rows_are_split_as_their_writer_meant)
