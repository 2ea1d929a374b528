/* Proves the counter's side of DIFF: logins, a picture in parts, orders whole once and then by what changed, words for refusals, stamps with the trading day's date, and a ledger that adds up. */
#include "tests/unit/sim/cn_counter.h"

/* The pack that it says when it is looked at; empty: none. */
static const char *look(struct counter *c, int64_t now_ns)
{
	ask(c, now_ns, "{\"aid\":\"peek_message\"}");
	size_t n = cn_wire_say(&c->wire, &c->talk, c->said, sizeof c->said);
	c->said[n] = 0;
	return c->said;
}

static void enter(struct counter *c, int64_t now_ns)
{
	ask(c, now_ns,
	    "{\"aid\":\"req_login\",\"bid\":\"x\",\"user_name\":\"u0\",\"password\":\"p0\"}");
	ck_assert(strstr(look(c, now_ns), "\"trade_more_data\":false"));
	ask(c, now_ns, "{\"aid\":\"confirm_settlement\"}");
}

static void insert(struct counter *c, int64_t now_ns, const char *id, const char *symbol,
		   const char *direction, const char *offset, int px, int lots)
{
	char text[512];
	const char *point = strchr(symbol, '.');
	snprintf(
		text, sizeof text,
		"{\"aid\":\"insert_order\",\"user_id\":\"u0\",\"order_id\":\"%s\",\"exchange_id\":\"%.*s\",\"instrument_id\":\"%s\",\"direction\":\"%s\","
		"\"offset\":\"%s\",\"volume\":%d,\"price_type\":\"LIMIT\",\"limit_price\":%d.0,\"time_condition\":\"GFD\",\"volume_condition\":\"ANY\"}",
		id, (int)(point - symbol), symbol, point + 1, direction, offset, lots, px);
	ask(c, now_ns, text);
}

static void market(struct counter *c, uint16_t i, int64_t now_ns, int64_t bid, int64_t ask_px)
{
	const struct level level[side_max] = { { bid, 50 }, { ask_px, 50 } };
	const struct source_event e = { .kind = SOURCE_SNAPSHOT,
					.depth = { .level = { &level[0], &level[1] },
						   .n = { 1, 1 } } };
	ck_assert_int_eq(cn_wire_market(&c->wire, i, now_ns, &e), 0);
}

START_TEST(logins)
{
	struct counter *c = open_counter();
	ask(c, MORNING, "{\"aid\":\"req_login\",\"user_name\":\"u0\",\"password\":\"p1\"}");
	ck_assert(strstr(look(c, MORNING), "用户登录失败"));
	insert(c, MORNING, "x", "SHFE.au", "BUY", "OPEN", 1000, 1);
	ck_assert(strstr(look(c, MORNING), "CTP:还没有登录"));
	enter(c, MORNING);
	/* Nothing new: nothing is said, and the look waits. */
	ck_assert(look(c, MORNING)[0] == 0 || !strstr(c->said, "orders\":{\""));
	ask(c, MORNING, "no json at all");
	ask(c, MORNING, "{\"aid\":\"insert_order\"}");
	ck_assert(strstr(look(c, MORNING), "CTP:找不到合约"));
	close_counter(c);
}
END_TEST

START_TEST(orders)
{
	struct counter *c = open_counter();
	market(c, GOLD, MORNING, 999, 1001);
	enter(c, MORNING);
	insert(c, MORNING, "one", "SHFE.au", "BUY", "OPEN", 1000, 2);
	ck_assert(strstr(look(c, MORNING), "\"one\":{\"user_id\":\"u0\"") &&
		  strstr(c->said, "\"status\":\"ALIVE\""));
	/* Its number is used up for good. */
	insert(c, MORNING, "one", "SHFE.au", "BUY", "OPEN", 1000, 2);
	ck_assert(strstr(look(c, MORNING), "单号重复"));
	ask(c, MORNING, "{\"aid\":\"cancel_order\",\"order_id\":\"one\"}");
	/* By what changed only. */
	ck_assert(strstr(look(c, MORNING), "\"one\":{\"exchange_order_id\"") &&
		  strstr(c->said, "已撤单"));
	ask(c, MORNING, "{\"aid\":\"cancel_order\",\"order_id\":\"one\"}");
	ck_assert(strstr(look(c, MORNING), "撤单失败,CTP:报单已全成交或已撤销,不能再撤 one"));
	insert(c, MORNING, "dear", "SHFE.au", "BUY", "OPEN", 2000, 1);
	ck_assert(strstr(look(c, MORNING), "已撤单报单被拒绝价格超出涨停板"));
	insert(c, MORNING, "none", "SHFE.au", "SELL", "CLOSETODAY", 999, 1);
	ck_assert(strstr(look(c, MORNING), "CTP:平今仓位不足"));
	insert(c, MORNING, "two", "SHFE.au", "BUY", "OPEN", 1001, 2);
	ck_assert(strstr(look(c, MORNING), "\"volume\":2,\"price\":1001") &&
		  strstr(c->said, "\"pos_long_today\":2"));
	insert(c, MORNING, "three", "SHFE.au", "SELL", "CLOSETODAY", 999, 2);
	ck_assert(strstr(look(c, MORNING), "\"pos_long_today\":0"));
	close_counter(c);
}
END_TEST

START_TEST(a_picture_in_parts)
{
	struct counter *c = open_counter();
	char id[16];
	enter(c, MORNING);
	for (int i = 0; i < 100; i++) {
		snprintf(id, sizeof id, "o%d", i);
		insert(c, MORNING, id, "DCE.c", "BUY", "OPEN", 960, 1);
	}
	c->talk = (struct cn_talk){ 0 };
	ask(c, MORNING, "{\"aid\":\"req_login\",\"user_name\":\"u0\",\"password\":\"p0\"}");
	ck_assert(strstr(look(c, MORNING), "\"trade_more_data\":true") &&
		  strstr(c->said, "\"o63\"") && !strstr(c->said, "\"o64\""));
	ck_assert(strstr(look(c, MORNING), "\"trade_more_data\":false") &&
		  strstr(c->said, "\"o99\""));
	close_counter(c);
}
END_TEST

/* Monday night belongs to Tuesday: DCE writes Tuesday's date beside the time of the night. The settlement ends the login, and the lots are yesterday's. */
START_TEST(days)
{
	struct counter *c = open_counter();
	const int64_t night = at(1, H(21, 30)), end = at(2, H(15, 30));
	char stamp[64];
	cn_wire_tick(&c->wire, night);
	market(c, CORN, night, 999, 1001);
	market(c, GOLD, night, 999, 1001);
	enter(c, night);
	insert(c, night, "corn", "DCE.c", "BUY", "OPEN", 1001, 1);
	insert(c, night, "gold", "SHFE.au", "BUY", "OPEN", 1001, 1);
	snprintf(stamp, sizeof stamp, "\"insert_date_time\":%lld", (long long)at(2, H(21, 30)));
	ck_assert_msg(strstr(look(c, night), stamp) != NULL, "%s", c->said);
	snprintf(stamp, sizeof stamp, "\"insert_date_time\":%lld", (long long)night);
	ck_assert(strstr(c->said, stamp));
	ck_assert(!cn_wire_is_over(&c->wire, &c->talk));
	cn_wire_tick(&c->wire, end);
	cn_wire_tick(&c->wire, at(2, H(21, 0)));
	ck_assert(cn_wire_is_over(&c->wire, &c->talk));
	c->talk = (struct cn_talk){ 0 };
	ask(c, at(2, H(21, 1)), "{\"aid\":\"req_login\",\"user_name\":\"u0\",\"password\":\"p0\"}");
	ck_assert(strstr(look(c, at(2, H(21, 1))), "\"pos_long_his\":1") &&
		  !strstr(c->said, "\"gold\""));
	close_counter(c);
}
END_TEST

SUITE("cn_wire", logins, orders, a_picture_in_parts, days)
