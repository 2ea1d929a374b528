/* Proves that DIFF's packs are read and written as its public documents show them: quotes, an account's picture, requests. Texts are re-typed from shinnytech/diff, with their mistakes mended. */
#include "adapters/codec/diff_md.h"
#include "adapters/codec/diff_pack.h"
#include "adapters/codec/diff_request.h"
#include "adapters/codec/diff_trade.h"
#include "tests/unit/suite.h"
#include <string.h>

#define MINUTE_NS 60000000000ll

static const struct instrument instruments[] = {
	{ .symbol = "SHFE.cu1612", .px_dp = 1, .qty_dp = 0 },
	{ .symbol = "SHFE.cu1803", .px_dp = 0, .qty_dp = 0 },
};

static const char quotes[] =
	"{\"aid\":\"rtn_data\",\"data\":[{\"quotes\":{\"SHFE.cu1612\":{\"instrument_id\":\"SHFE.cu1612\",\"volume_multiple\":300,\"price_tick\":0.2,"
	"\"price_decs\":1,\"max_market_order_volume\":1000,\"min_market_order_volume\":1,\"max_limit_order_volume\":1000,\"min_limit_order_volume\":1,"
	"\"margin\":4480.0,\"commission\":2.5,\"datetime\":\"2016-12-30 13:21:32.500000\",\"ask_price1\":36590.0,\"ask_volume1\":121,"
	"\"bid_price1\":36580.0,\"bid_volume1\":3,\"last_price\":36580.0,\"highest\":36580.0,\"lowest\":36580.0,\"amount\":213445312.5,\"volume\":23344,"
	"\"open_interest\":23344,\"pre_open_interest\":23344,\"pre_close\":36170.0,\"open\":36270.0,\"close\":\"-\",\"lower_limit\":34160.0,"
	"\"upper_limit\":38530.0,\"average\":36270.1,\"pre_settlement\":36270.0,\"settlement\":\"-\"}}}]}";
/* The transport chapter's example: three patches, one step. */
static const char change[] =
	"{\"aid\":\"rtn_data\",\"data\":[{\"balance\":10237421.1},{\"float_profit\":283114.780999997},{\"quotes\":{\"SHFE.cu1612\":{"
	"\"datetime\":\"2016-12-30 14:31:02.000000\",\"last_price\":36605.0,\"volume\":25431,\"pre_close\":36170.0}}}]}";

static unsigned apply(struct diff_md *m, struct diff_user *u, const char *text)
{
	struct diff_pack p;
	struct json_value part[diff_part_max];
	unsigned n = 0;
	ck_assert(diff_pack_open(&p, text, strlen(text)));
	for (; diff_pack_next(&p, part); n++) {
		if (m && part[DIFF_QUOTES].token)
			ck_assert_int_eq(diff_md_quotes(m, &part[DIFF_QUOTES]), 0);
		if (u && part[DIFF_TRADE].token)
			ck_assert_int_eq(diff_user_trade(u, &part[DIFF_TRADE]), 0);
		if (u && part[DIFF_NOTIFY].token)
			ck_assert_int_eq(diff_user_notify(u, &part[DIFF_NOTIFY]), 0);
	}
	ck_assert_ptr_null(p.why);
	return n;
}

START_TEST(test_quotes)
{
	struct symbols s;
	struct diff_md m;
	struct level level[side_max][DIFF_LEVELS];
	struct depth d;
	const int64_t stamp = 1483075292500000000; /* 2016-12-30 05:21:32.5 UTC */
	ck_assert_int_eq(symbols_init(&s, instruments, 2, 0), 0);
	ck_assert_int_eq(diff_md_init(&m, &s, 2), 0);
	ck_assert_uint_eq(apply(&m, NULL, quotes), 1);
	ck_assert_uint_eq(m.n_changed, 1);
	ck_assert(m.quote[0].changed && m.quote[0].limits_changed);
	ck_assert(diff_md_book(&m, 0, 1, 0, stamp + MINUTE_NS, level, &d));
	ck_assert_int_eq(d.venue_ns, stamp);
	ck_assert(d.n[SIDE_BUY] == 1 && d.n[SIDE_SELL] == 1);
	ck_assert(level[SIDE_BUY][0].px == 365800 && level[SIDE_BUY][0].qty == 3);
	ck_assert(level[SIDE_SELL][0].px == 365900 && level[SIDE_SELL][0].qty == 121);
	ck_assert_int_eq(m.quote[0].upper_e8, 3853000000000);
	diff_md_taken(&m);
	/* What is not named stays. */
	ck_assert_uint_eq(apply(&m, NULL, change), 3);
	ck_assert(m.quote[0].changed && !m.quote[0].limits_changed);
	ck_assert_int_eq(m.quote[0].last_e8, 3660500000000);
	ck_assert_int_eq(m.quote[0].bid_e8[0], 3658000000000);
	diff_md_free(&m);
	symbols_free(&s);
}
END_TEST

static const char account[] =
	"{\"aid\":\"rtn_data\",\"data\":[{\"trade\":{\"user1\":{\"user_id\":\"user1\",\"accounts\":{\"CNY\":{\"account_id\":\"423423\",\"currency\":\"CNY\","
	"\"balance\":9963216.550000003,\"available\":9480176.150000002,\"pre_balance\":12345,\"margin\":11232.23,\"frozen_margin\":12345,"
	"\"frozen_premium\":123,\"risk_ratio\":0.048482375}},\"positions\":{\"SHFE.cu1801\":{\"exchange_id\":\"SHFE\",\"instrument_id\":\"cu1801\","
	"\"hedge_flag\":\"SPEC\",\"open_price_long\":3203.5,\"volume_long_today\":5,\"volume_long_his\":6,\"volume_short_today\":7,\"volume_short_his\":8,"
	"\"order_volume_buy_open\":1}},\"orders\":{\"123\":{\"order_id\":\"123\",\"order_type\":\"TRADE\",\"exchange_id\":\"SHFE\",\"instrument_id\":\"cu1801\","
	"\"direction\":\"BUY\",\"offset\":\"OPEN\",\"volume_orign\":6,\"volume_left\":3,\"trade_type\":\"TAKEPROFIT\",\"price_type\":\"LIMIT\","
	"\"limit_price\":45000,\"time_condition\":\"GTD\",\"volume_condition\":\"ANY\",\"min_volume\":0,\"hedge_flag\":\"SPECULATION\",\"status\":\"ALIVE\","
	"\"last_msg\":\"\",\"force_close\":\"NOT\",\"frozen_money\":15750,\"insert_date_time\":\"151754\",\"exchange_order_id\":\"434214\"}},"
	"\"trades\":{\"123|1\":{\"order_id\":\"123\",\"exchange_id\":\"SHFE\",\"instrument_id\":\"cu1801\",\"exchange_trade_id\":\"1243\",\"direction\":\"BUY\","
	"\"offset\":\"OPEN\",\"volume\":3,\"price\":1234.5,\"trade_date_time\":1928374000000000}}}}},"
	"{\"notify\":{\"2010\":{\"type\":\"MESSAGE\",\"level\":\"INFO\",\"code\":1000,\"content\":\"abcd\"}}}]}";

START_TEST(test_account)
{
	struct diff_user u;
	const struct diff_user_sizes sizes = { 8, 8, 8 };
	ck_assert_int_eq(diff_user_init(&u, "user1", &sizes), 0);
	ck_assert(!diff_user_whole(&u));
	ck_assert_uint_eq(apply(NULL, &u, account), 2);
	ck_assert(diff_user_whole(&u));
	const struct diff_order *o = diff_user_order(&u, "123");
	ck_assert_ptr_nonnull(o);
	ck_assert(o->direction == DIFF_BUY && o->offset == DIFF_OPEN && o->status == DIFF_ALIVE);
	ck_assert(o->volume_orign == 6 && o->volume_left == 3 && o->price_e8 == 4500000000000);
	ck_assert_str_eq(o->exchange_order_id, "434214");
	const struct diff_trade *t = diff_trade_at(&u, 0);
	ck_assert(t->volume == 3 && t->price_e8 == 123450000000 && t->at_ns == 1928374000000000);
	const struct diff_position *p = diff_position_at(&u, 0);
	ck_assert(diff_position_lots(p, false, true) == 5 &&
		  diff_position_lots(p, false, false) == 6);
	ck_assert(diff_position_lots(p, true, true) == 7 &&
		  diff_position_lots(p, true, false) == 8);
	ck_assert_int_eq(diff_account_at(&u, 0)->available_e8, 948017615000000);
	ck_assert_uint_eq(u.n_notifies, 1);
	ck_assert_str_eq(u.notify[0].content, "abcd");
	diff_user_free(&u);
}
END_TEST

#define SAYS(call, want)                                                                \
	do {                                                                            \
		char out[DIFF_REQUEST_MAX];                                             \
		ptrdiff_t n = (call);                                                   \
		ck_assert_msg(n == (ptrdiff_t)strlen(want) && !strcmp(out, want), "%s", \
			      n > 0 ? out : "nothing");                                 \
	} while (0)

START_TEST(test_requests)
{
	const uint32_t which[] = { 0, 1 };
	const struct diff_login l = { .bid = "aaa", .user = "43214", .password = "abcd123" };
	struct order o = { .id = 0x0100000200000007,
			   .side = SIDE_BUY,
			   .type = ORD_LIMIT,
			   .tif = TIF_IOC,
			   .offset = OFFSET_OPEN,
			   .px = 30502,
			   .qty = 1 };
	SAYS(diff_peek(out, sizeof out), "{\"aid\":\"peek_message\"}");
	SAYS(diff_login(&l, out, sizeof out),
	     "{\"aid\":\"req_login\",\"bid\":\"aaa\",\"user_name\":\"43214\",\"password\":\"abcd123\"}");
	SAYS(diff_confirm(out, sizeof out), "{\"aid\":\"confirm_settlement\"}");
	SAYS(diff_subscribe("subscribe_quote", instruments, which, 2, out, sizeof out),
	     "{\"aid\":\"subscribe_quote\",\"ins_list\":\"SHFE.cu1612,SHFE.cu1803\"}");
	SAYS(diff_insert(&o, &instruments[1], "user1", out, sizeof out),
	     "{\"aid\":\"insert_order\",\"user_id\":\"user1\",\"order_id\":\"TDM0100000200000007\",\"exchange_id\":\"SHFE\",\"instrument_id\":\"cu1803\","
	     "\"direction\":\"BUY\",\"offset\":\"OPEN\",\"volume\":1,\"price_type\":\"LIMIT\",\"limit_price\":30502,\"time_condition\":\"IOC\","
	     "\"volume_condition\":\"ANY\"}");
	SAYS(diff_cancel(o.id, "user1", out, sizeof out),
	     "{\"aid\":\"cancel_order\",\"user_id\":\"user1\",\"order_id\":\"TDM0100000200000007\"}");
}
END_TEST

SUITE("golden diff", test_quotes, test_account, test_requests)
