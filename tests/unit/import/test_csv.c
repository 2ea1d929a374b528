/* Proves that a row becomes exactly the quote that it says, at a scale that its file's numbers choose, or is refused with a reason. */
#include "adapters/import/csv.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

static struct csv_row row;
static struct quote q;
static const char *why;

static int read_line(struct csv *c, const char *line, unsigned px_dp, unsigned qty_dp)
{
	why = "";
	int rc = csv_row(c, line, strlen(line), &row, &why);
	return rc ? rc : csv_quote(c, &row, px_dp, qty_dp, &q, &why);
}

static void open_text(struct csv *c, const char *text)
{
	ck_assert_msg(csv_open(c, text, strlen(text), NULL) == 0, "%s", err_text());
}

#define FULL "local_ts_ns,venue,symbol,exch_T_ms,exch_E_ms,update_id,bid,bid_qty,ask,ask_qty\n"

START_TEST(every_column_arrives)
{
	struct csv c;
	open_text(&c, FULL);
	ck_assert_int_eq(
		read_line(&c,
			  "1723161254087891268,BN.USDM,BTCUSDT,1723161255000,1723161255343,500,"
			  "61837.63,3.78826,61837.64,1.54698",
			  8, 5),
		0);
	ck_assert_int_eq(row.at_ns, 1723161254087891268);
	ck_assert_int_eq(row.stamp_ns, 1723161255343000000);
	ck_assert(row.venue.n == 7 && memcmp(row.venue.p, "BN.USDM", 7) == 0);
	ck_assert(row.symbol.n == 7 && memcmp(row.symbol.p, "BTCUSDT", 7) == 0);
	ck_assert_int_eq(q.px[SIDE_BUY], 6183763000000);
	ck_assert_int_eq(q.px[SIDE_SELL], 6183764000000);
	ck_assert_int_eq(q.qty[SIDE_BUY], 378826);
	ck_assert_int_eq(q.qty[SIDE_SELL], 154698);
	ck_assert_int_eq(q.seq, 500);
	ck_assert_int_eq(q.recv_ns, row.at_ns);
}
END_TEST

START_TEST(what_a_file_leaves_out_is_left_out)
{
	struct csv c;
	open_text(&c, FULL);
	ck_assert_int_eq(read_line(&c, "1723161254087891268,V,S,,,,1.5,2,,", 8, 8), 0);
	ck_assert_int_eq(row.stamp_ns, 0);
	ck_assert_int_eq(q.seq, 0);
	ck_assert_int_eq(q.qty[SIDE_SELL], 0);
	ck_assert_int_eq(q.qty[SIDE_BUY], 200000000);
	open_text(&c, "ts_utc_ms,venue,bid,ask\n");
	c.no_size = 100;
	ck_assert_int_eq(read_line(&c, "1398902400292,OANDA,-1.38676,0", 5, 2), 0);
	ck_assert_int_eq(q.px[SIDE_BUY], -138676);
	ck_assert_int_eq(q.qty[SIDE_BUY], 100);
	ck_assert_int_eq(q.qty[SIDE_SELL], 100);
}
END_TEST

START_TEST(days_may_stand_apart)
{
	struct csv c;
	open_text(&c, "date,time,bid,ask\n2024.08.08,23:54:00.100,1,2\n");
	ck_assert_int_eq(read_line(&c, "2024.08.08,23:54:00.100,1,2", 8, 8), 0);
	ck_assert_int_eq(row.at_ns, 1723161240100000000);
	ck_assert_int_eq(read_line(&c, "2024.08.09,00:00:00,1,2", 8, 8), 0);
	ck_assert_int_eq(row.at_ns, 1723161600000000000);
	ck_assert_int_lt(read_line(&c, "2024.08.32,00:00:00,1,2", 8, 8), 0);
}
END_TEST

START_TEST(bad_rows_say_why)
{
	static const char *const bad[] = {
		"",
		"1398902400292",
		"1398902400292,A",
		"yesterday,A,1,2",
		"1398902400292,A,,",
		"1398902400292,A,nan,2",
		"1398902400292,A,1e,2",
		"1398902400292,A,e5,2",
		"1398902400292,A,1e5e5,2",
		"1398902400292,A,1e-9,2",
		"1398902400292,A,1e300,2",
		"1398902400292,A,1e30,2",
		"1398902400292,A,1,2.123456789",
		"1398902400292,A,99999999999999999999,2",
		"1398902400292,A,1.38676.1,2",
		"-5,A,1,2",
	};
	struct csv c;
	open_text(&c, "ts_utc_ms,venue,bid,ask\n");
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(read_line(&c, bad[i], 8, 8) < 0, "%s", bad[i]);
		ck_assert_msg(strlen(why) > 10, "%s", bad[i]);
	}
	open_text(&c, FULL);
	ck_assert_int_lt(read_line(&c, "1723161254087891268,V,S,,,,1.5,-2,1.6,1", 8, 8), 0);
}
END_TEST

START_TEST(units_and_scales_come_from_the_rows)
{
	struct csv c;
	open_text(&c, "timestamp,local_timestamp,bid_price,ask_price,bid_amount,ask_amount\n"
		      "1633998512063,1633998512063356,0.000012345678,0.00002,123456789012,1\n");
	ck_assert_uint_eq(c.columns.unit[COLUMN_ARRIVAL], MOMENT_US);
	ck_assert_uint_eq(c.columns.unit[COLUMN_STAMP], MOMENT_MS);
	ck_assert_uint_eq(c.px.decimals, 12);
	ck_assert_uint_eq(csv_decimals(&c.px, 3), 12);
	ck_assert_uint_eq(c.qty.digits, 12);
	ck_assert_uint_eq(csv_decimals(&c.qty, 5), 1);
	ck_assert_uint_eq(csv_decimals(&(struct csv_scale){ 5, 2 }, 3), 8);
	ck_assert_uint_eq(csv_decimals(&(struct csv_scale){ 12, 6 }, 5), 6);
	/* Comments, a header of numbers only, dates. */
	open_text(&c, "# made by hand\n\n# ts,bid,ask\n2024-08-08T23:54:00Z,1,2\n");
	ck_assert_uint_eq(c.columns.unit[COLUMN_ARRIVAL], MOMENT_DATE);
	ck_assert_uint_eq(c.skip, 3);
	ck_assert_int_eq(csv_open(&c, "1398902400292,1,2\n", 18, "ts_ms=0,bid=1,ask=2"), 0);
	ck_assert_uint_eq(c.skip, 0);
	ck_assert_int_lt(csv_open(&c, "ts,bid,ask\n12,1,2\n", 18, NULL), 0);
	ck_assert_int_lt(csv_open(&c, "", 0, NULL), 0);
	ck_assert_int_lt(csv_open(&c, "\n\n", 2, NULL), 0);
}
END_TEST

START_TEST(numbers_of_programs_that_keep_floats)
{
	static const struct {
		const char *text;
		int64_t px;
	} good[] = {
		{ "1e-05", 1000 },	    { "1.25E-5", 1250 }, { "-3.5e+2", -35000000000 },
		{ "6.1e4", 6100000000000 }, { "0e0", 0 },	 { "0.0e-30", 0 },
		{ "100e-8", 100 },
	};
	struct csv c;
	char line[128];
	open_text(&c, "ts_utc_ms,venue,bid,ask\n1398902400292,A,1.2e-09,3e+06\n");
	ck_assert_uint_eq(c.px.decimals, 10);
	ck_assert_uint_eq(c.px.digits, 7);
	for (unsigned i = 0; i < sizeof good / sizeof *good; i++) {
		snprintf(line, sizeof line, "1398902400292,A,%s,2", good[i].text);
		ck_assert_msg(read_line(&c, line, 8, 8) == 0, "%s: %s", line, why);
		ck_assert_msg(q.px[SIDE_BUY] == good[i].px, "%s: %lld", good[i].text,
			      (long long)q.px[SIDE_BUY]);
	}
}
END_TEST

SUITE("csv", numbers_of_programs_that_keep_floats, every_column_arrives,
      what_a_file_leaves_out_is_left_out, days_may_stand_apart, bad_rows_say_why,
      units_and_scales_come_from_the_rows)
