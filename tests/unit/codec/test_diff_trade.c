/* Proves that a user's picture is kept entry by entry, that it is whole only when the server says so, and that too much or nonsense breaks it in words; and what orders and refusals are called. */
#include "adapters/codec/diff_code.h"
#include "adapters/codec/diff_request.h"
#include "adapters/codec/diff_trade.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <stdio.h>

static struct diff_user user;
static const struct diff_user_sizes sizes = { 2, 2, 2 };

static int say(const char *text)
{
	struct json_scan j;
	struct json_value v;
	json_scan_init(&j, text, strlen(text));
	ck_assert(json_take(&j, &v));
	return diff_user_trade(&user, &v);
}

START_TEST(test_whole)
{
	ck_assert_int_eq(diff_user_init(&user, "u", &sizes), 0);
	ck_assert_int_eq(say("{\"other\":{\"orders\":{\"x\":{\"status\":\"ALIVE\"}}}}"), 0);
	ck_assert(!user.any && !diff_user_order(&user, "x"));
	ck_assert_int_eq(
		say("{\"u\":{\"trade_more_data\":true,\"orders\":{\"a\":{\"status\":\"ALIVE\",\"volume_left\":2}}}}"),
		0);
	ck_assert(!diff_user_whole(&user));
	ck_assert_int_eq(say("{\"u\":{\"trade_more_data\":false,\"trading_day\":\"20270302\"}}"),
			 0);
	ck_assert(diff_user_whole(&user));
	ck_assert_str_eq(user.trading_day, "20270302");
	ck_assert_uint_eq(user.orders.n_listed, 1);
	/* Changed twice, listed once; null says nothing of it any more. */
	ck_assert_int_eq(say("{\"u\":{\"orders\":{\"a\":{\"volume_left\":1}}}}"), 0);
	ck_assert_uint_eq(user.orders.n_listed, 1);
	diff_table_taken(&user.orders);
	ck_assert_int_eq(say("{\"u\":{\"orders\":{\"a\":null}}}"), 0);
	ck_assert_uint_eq(diff_user_order(&user, "a")->status, 0);
	ck_assert_int_eq(say("{\"u\":null}"), 0);
	ck_assert(!diff_user_whole(&user) && !diff_user_order(&user, "a"));
	diff_user_free(&user);
}
END_TEST

START_TEST(test_broken)
{
	ck_assert_int_eq(diff_user_init(&user, "u", &sizes), 0);
	ck_assert_int_eq(say("{\"u\":{\"orders\":{\"a\":{},\"b\":{},\"c\":{}}}}"), -ERR_FULL);
	ck_assert_str_eq(user.why, "more entries than there is room for");
	char key[128] = "{\"u\":{\"trades\":{\"";
	size_t n = strlen(key);
	memset(key + n, 'x', 70);
	snprintf(key + n + 70, sizeof(key) - n - 70, "\":{}}}}");
	ck_assert_int_lt(say(key), 0);
	ck_assert_int_eq(say("{\"u\":{\"trades\":{\"a\":{\"volume\":\"many\"}}}}"), -ERR_PARSE);
	ck_assert_int_eq(say("{\"u\":{\"orders\":[]}}"), -ERR_PARSE);
	diff_user_free(&user);
}
END_TEST

START_TEST(test_positions)
{
	ck_assert_int_eq(diff_user_init(&user, "u", &sizes), 0);
	/* The newer names go before the older ones, side by side as SHFE and others need them. */
	ck_assert_int_eq(
		say("{\"u\":{\"positions\":{\"SHFE.au\":{\"pos_long_today\":1,\"pos_long_his\":2,\"volume_long_today\":9,\"volume_long_his\":9,\"volume_short_his\":4}}}}"),
		0);
	const struct diff_position *p = diff_position_at(&user, 0);
	ck_assert_int_eq(diff_position_lots(p, false, true), 1);
	ck_assert_int_eq(diff_position_lots(p, false, false), 2);
	ck_assert_int_eq(diff_position_lots(p, true, false), 4);
	ck_assert_int_eq(diff_position_lots(p, true, true), 0);
	diff_user_free(&user);
}
END_TEST

START_TEST(test_ids)
{
	char text[VENUE_CLIENT_ID];
	const uint64_t ids[] = { 1, 0x0100000200000007, UINT64_MAX };
	for (unsigned i = 0; i < 3; i++) {
		size_t n = diff_encode_id(ids[i], text);
		ck_assert_uint_eq(n, 19);
		ck_assert_uint_eq(diff_decode_id(text, n), ids[i]);
		ck_assert_uint_eq(diff_decode_id(text, n - 1), 0);
	}
	ck_assert_uint_eq(diff_decode_id("TDM010000020000000G", 19), 0);
	ck_assert_uint_eq(diff_decode_id("PYSDK_insert_0123456", 20), 0);
}
END_TEST

static const struct instrument sugar = { .symbol = "CZCE.SR705", .px_dp = 0, .qty_dp = 0 },
			       gold = { .symbol = "SHFE.au2704", .px_dp = 2, .qty_dp = 0 };

static bool can(const struct instrument *in, uint8_t type, uint8_t tif, uint8_t offset,
		const char *says)
{
	char out[512];
	const struct order o = {
		.id = 7, .type = type, .tif = tif, .offset = offset, .px = 61342, .qty = 2
	};
	return diff_insert(&o, in, "u", out, sizeof out) > 0 && strstr(out, says);
}

START_TEST(test_orders)
{
	ck_assert(can(&gold, ORD_LIMIT, TIF_DAY, OFFSET_OPEN,
		      "\"GFD\",\"volume_condition\":\"ANY\""));
	ck_assert(can(&gold, ORD_LIMIT, TIF_FOK, OFFSET_OPEN,
		      "\"IOC\",\"volume_condition\":\"ALL\""));
	ck_assert(can(&gold, ORD_LIMIT, TIF_IOC, OFFSET_CLOSE_TODAY, "\"CLOSETODAY\""));
	ck_assert(can(&gold, ORD_LIMIT, TIF_IOC, OFFSET_CLOSE_YESTERDAY, "\"CLOSE\""));
	ck_assert(can(&gold, ORD_LIMIT, TIF_IOC, OFFSET_OPEN, "\"limit_price\":613.42"));
	/* Elsewhere a close is a close. */
	ck_assert(can(&sugar, ORD_LIMIT, TIF_IOC, OFFSET_CLOSE_TODAY, "\"CLOSE\""));
	/* No words for these: nothing is sent. */
	ck_assert(!can(&sugar, ORD_LIMIT, TIF_FOK, OFFSET_OPEN, ""));
	ck_assert(!can(&gold, ORD_MARKET, TIF_IOC, OFFSET_OPEN, ""));
	ck_assert(!can(&gold, ORD_LIMIT, TIF_GTC, OFFSET_OPEN, ""));
	ck_assert(!can(&gold, ORD_LIMIT, TIF_IOC, OFFSET_NONE, ""));
}
END_TEST

START_TEST(test_words)
{
	ck_assert_uint_eq(diff_code_find(31, "")->reject_class, REJECT_MONEY);
	ck_assert_uint_eq(diff_code_find(0, "CTP:资金不足")->reject_class, REJECT_MONEY);
	ck_assert_int_eq(diff_code_find(0, "CTP:平今仓位不足")->code, 50);
	ck_assert_uint_eq(diff_code_find(0, "已撤单报单被拒绝SHFE:价格超出涨停板")->reject_class,
			  REJECT_PRICE);
	ck_assert_uint_eq(diff_code_find(0, "当前状态禁止此项操作")->reject_class, REJECT_CLOSED);
	ck_assert_uint_eq(diff_code_find(0, "每秒发送请求数超过许可数")->reject_class, REJECT_RATE);
	ck_assert_uint_eq(diff_code_find(0, "something else")->reject_class, REJECT_OTHER);
	ck_assert(diff_code_is_cancel("已撤单") && !diff_code_is_cancel("CTP:资金不足"));
}
END_TEST

SUITE("diff_trade", test_whole, test_broken, test_positions, test_ids, test_orders, test_words)
