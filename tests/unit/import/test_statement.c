/* Proves that the statements of exchanges and brokers are read as they write them, column by column, and that what cannot be read is refused with its place. */
#include "adapters/import/statement.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <iconv.h>
#include <string.h>

static struct statement s;
static struct statement_row row;

static void open_text(const char *header, const char *map)
{
	ck_assert_msg(statement_open(&s, header, strlen(header), map) == 0, "%s", err_text());
}

static void read_line(const char *line)
{
	ck_assert_msg(statement_row(&s, 2, line, strlen(line), &row) == 1, "%s", err_text());
}

static void is(struct statement_dec d, int64_t v, unsigned dp)
{
	ck_assert_msg(d.known && d.v == v && d.dp == dp, "%lld / 10^%u", (long long)d.v, d.dp);
}

START_TEST(binance_api)
{
	open_text(
		"id,orderId,symbol,price,qty,quoteQty,commission,commissionAsset,time,isBuyer,isMaker",
		NULL);
	read_line(
		"28457,100234,BTCUSDT,61832.20,0.00400000,247.3,0.00000400,BTC,1723123801123,true,false");
	ck_assert_str_eq(row.exec, "28457");
	ck_assert_str_eq(row.order, "100234");
	ck_assert_str_eq(row.symbol, "BTCUSDT");
	ck_assert_str_eq(row.fee_asset, "BTC");
	is(row.px, 618322, 1);
	is(row.qty, 4, 3);
	is(row.fee, 4, 6);
	ck_assert(row.side == SIDE_BUY && row.at_ns == 1723123801123000000);
	read_line("28458,100234,BTCUSDT,61832.20,1,2,0,BTC,1723123801123,false,true");
	ck_assert(row.side == SIDE_SELL);
	statement_close(&s);
}
END_TEST

START_TEST(binance_page)
{
	open_text(
		"\xef\xbb\xbf\"Date(UTC)\",\"Pair\",\"Side\",\"Price\",\"Executed\",\"Amount\",\"Fee\",\"OrderNo\"\r\n",
		NULL);
	read_line(
		"\"2024-08-08 13:30:01\",BTCUSDT,BUY,\"61,832.20\",0.0040000000BTC,247.32USDT,0.0000040000BTC,77\r\n");
	is(row.px, 618322, 1);
	is(row.qty, 4, 3);
	is(row.fee, 4, 6);
	ck_assert_str_eq(row.fee_asset, "BTC");
	ck_assert_str_eq(row.order, "77");
	ck_assert(row.at_ns == 1723123801000000000 && row.exec[0] == 0);
	statement_close(&s);
}
END_TEST

START_TEST(okx)
{
	open_text("instId,tradeId,ordId,side,fillPx,fillSz,fee,feeCcy,ts", NULL);
	read_line("BTC-USDT-SWAP,123,456,sell,61832.2,3,-0.5,USDT,1723123801123");
	is(row.fee, -5, 1);
	ck_assert(row.side == SIDE_SELL && row.at_ns == 1723123801123000000);
	ck_assert_str_eq(row.symbol, "BTC-USDT-SWAP");
	statement_close(&s);
}
END_TEST

/* As settlement bills come: GB18030, a day and a time of it in Shanghai, sums below. */
START_TEST(domestic_bill)
{
	char utf8[][120] = { "成交日期,成交时间,合约,成交序号,报单编号,买/卖,成交价,手数,手续费",
			     "20240808,21:30:01,au2412,    12345,  678,卖,561.24,2,20.00",
			     "合计,,,,,,,2,20.00" };
	char gb[120];
	iconv_t cd = iconv_open("GB18030", "UTF-8");
	for (int i = 0; i < 3; i++) {
		char *in = utf8[i], *out = gb;
		size_t n = strlen(in), room = sizeof gb;
		ck_assert(iconv(cd, &in, &n, &out, &room) != (size_t)-1);
		size_t len = sizeof gb - room;
		if (i == 0) {
			ck_assert_msg(statement_open(&s, gb, len, NULL) == 0, "%s", err_text());
			s.zone_ns = 8 * 3600 * 1000000000LL;
		} else {
			int got = statement_row(&s, 1u + (unsigned)i, gb, len, &row);
			ck_assert_msg(got == (i == 1), "%d: %s", got, err_text());
		}
		if (i == 1) {
			ck_assert_str_eq(row.exec, "12345");
			ck_assert_str_eq(row.symbol, "au2412");
			is(row.px, 56124, 2);
			is(row.fee, 20, 0);
			ck_assert(row.side == SIDE_SELL && row.at_ns == 1723123801000000000);
		}
	}
	iconv_close(cd);
	statement_close(&s);
}
END_TEST

START_TEST(brokers)
{
	open_text("Symbol;Date/Time;Quantity;T. Price;Comm/Fee;TradeID", NULL);
	s.comma = true;
	read_line("GCZ4;2024-08-08 13:30:01;-1.000;2.450,1;-2,05;99");
	is(row.qty, 1000, 0);
	is(row.px, 24501, 1);
	ck_assert(row.side == SIDE_SELL); /* by the sign of its quantity */
	statement_close(&s);
	open_text("Deal No,Item,B/S,Rate,Volume", "exec=Deal No,symbol=Item,px=Rate");
	read_line("5,AU,B,1,2");
	ck_assert_str_eq(row.exec, "5");
	ck_assert_str_eq(row.symbol, "AU");
	statement_close(&s);
}
END_TEST

static void refused(const char *line, const char *why)
{
	ck_assert_int_eq(statement_row(&s, 7, line, strlen(line), &row), -ERR_PARSE);
	ck_assert_msg(strstr(err_text(), why), "%s", err_text());
}

START_TEST(what_cannot_be_read)
{
	const char *none = "a,b,c", *nothing = "symbol,price,qty";
	ck_assert_int_eq(statement_open(&s, none, strlen(none), NULL), -ERR_PARSE);
	ck_assert_msg(strstr(err_text(), "no column says the symbol"), "%s", err_text());
	ck_assert_int_eq(statement_open(&s, nothing, strlen(nothing), NULL), -ERR_PARSE);
	ck_assert_msg(strstr(err_text(), "and no time"), "%s", err_text());
	ck_assert_int_eq(statement_open(&s, none, 5, "exec=d"), -ERR_ARG);
	ck_assert_int_eq(statement_open(&s, none, 5, "exec"), -ERR_ARG);
	ck_assert_int_eq(statement_open(&s, none, 5, "deal=a"), -ERR_ARG);
	open_text("id,symbol,side,price,qty,time", NULL);
	refused("1,X,HOLD,1,2,1723123801123", "line 7, column 3 (side): \"HOLD\" is no side");
	refused("1,X,BUY,one,2,1723123801123", "column 4 (px): \"one\" is no number");
	refused("1,X,BUY,1e5,2,1723123801123", "column 4 (px)");
	refused("1,X,BUY,99999999999999999999,2,1723123801123", "column 4 (px)");
	refused("1,X,BUY,1,2,yesterday", "column 6 (time): \"yesterday\" is no time");
	refused("1,X,BUY,1", "line 7 has 4 fields");
	ck_assert_int_eq(statement_row(&s, 8, "", 0, &row), 0);
	read_line("\"4\"\"2\",\"\x1b[2J\",BUY,1,2,1723123801123");
	ck_assert_str_eq(row.exec, "4?2");
	ck_assert_str_eq(row.symbol, "?[2J");
	statement_close(&s);
}
END_TEST

START_TEST(decimals_compare)
{
	struct statement_dec a = { 5, 1, true }, b = { 500, 3, true }, c = { -5, 1, true },
			     wide = { INT64_MAX, 0, true }, fine = { INT64_MAX, 18, true };
	ck_assert_int_eq(statement_dec_cmp(a, b), 0);
	ck_assert_int_gt(statement_dec_cmp(a, c), 0);
	ck_assert_int_gt(statement_dec_cmp(wide, fine), 0);
	ck_assert_int_lt(statement_dec_cmp(fine, wide), 0);
}
END_TEST

SUITE("statement", binance_api, binance_page, okx, domestic_bill, brokers, what_cannot_be_read,
      decimals_compare)
