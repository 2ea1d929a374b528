/* Proves what the DIFF adapter tells the core: the way up, quotes, orders and fills once each, refusals, questions, broken lines, and the traps of domestic counters. */
#include "core/base/err.h"
#include "tests/unit/diff/world.h"
#include "tests/unit/suite.h"
#include <string.h>

static int place(struct world *w, const struct order *o)
{
	int rc = w->venue->ops->place(w->venue, o);
	env_flush(w->host);
	world_run(w, 20);
	return rc;
}

static int ask(struct world *w, const struct order *o)
{
	int rc = w->venue->ops->query(w->venue, o);
	env_flush(w->host);
	return rc;
}

static struct order placed_7(struct world *w)
{
	struct order o = world_order(7);
	struct env_now now;
	env_now(w->host, &now);
	o.sent_mono_ns = now.mono_ns;
	ck_assert_int_eq(place(w, &o), 0);
	return o;
}

START_TEST(the_way_up)
{
	struct world *w = world_open();
	const char *said;
	ck_assert_int_eq(w->venue->ops->start(w->venue), 0);
	env_flush(w->host);
	world_run(w, 100);
	ck_assert_int_eq(w->venue->state, VENUE_LOGON);
	ck_assert_uint_eq(
		peer_asked(
			&w->peer,
			"{\"aid\":\"req_login\",\"bid\":\"simnow\",\"user_name\":\"u1\",\"password\":\"secret\"}",
			NULL),
		1);
	ck_assert_uint_eq(peer_asked(&w->peer, "{\"aid\":\"subscribe_quote\"", &said), 1);
	ck_assert(strstr(said, "SHFE.au2704,DCE.c2705"));
	/* Not before the picture is whole (F64), and a settlement is confirmed then. */
	world_trade(
		w,
		"\"trade_more_data\":true,\"accounts\":{\"CNY\":{\"currency\":\"CNY\",\"balance\":100.5,\"available\":80}}");
	ck_assert_int_eq(w->venue->state, VENUE_LOGON);
	ck_assert_uint_eq(peer_asked(&w->peer, "{\"aid\":\"confirm_settlement\"", NULL), 0);
	world_trade(
		w,
		"\"trade_more_data\":false,\"positions\":{\"SHFE.au2704\":{\"exchange_id\":\"SHFE\",\"instrument_id\":\"au2704\","
		"\"pos_long_today\":2,\"pos_long_his\":3,\"pos_short_his\":1}}");
	world_run(w, 50);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	ck_assert_uint_eq(peer_asked(&w->peer, "{\"aid\":\"confirm_settlement\"", NULL), 1);
	ck_assert(w->n_reconciled == 1 && w->full);
	ck_assert(w->lots[SIDE_BUY][0] == 2 && w->lots[SIDE_BUY][1] == 3);
	ck_assert(w->lots[SIDE_SELL][0] == 0 && w->lots[SIDE_SELL][1] == 1);
	ck_assert(w->free_e8 == 8000000000 && w->locked_e8 == 2050000000);
	/* Each pack is followed by another look. */
	ck_assert_uint_ge(peer_asked(&w->peer, "{\"aid\":\"peek_message\"", NULL), 4);
	world_free(w);
}
END_TEST

START_TEST(quotes_are_books)
{
	struct world *w = world_open();
	world_up(w);
	world_quote(
		w,
		"{\"quotes\":{\"SHFE.au2704\":{\"datetime\":\"2026-01-01 08:00:00.500000\",\"price_tick\":0.02,\"upper_limit\":660,\"lower_limit\":560.02,"
		"\"bid_price1\":613.4,\"bid_volume1\":3,\"ask_price1\":613.42,\"ask_volume1\":5}}}");
	ck_assert(w->n_depths == 1 && w->top[SIDE_BUY].px == 61340 && w->top[SIDE_SELL].qty == 5);
	ck_assert(w->n_rules == 1 && w->rule.band_hi == 66000 && w->rule.band_lo == 56002 &&
		  w->rule.tick == 2);
	world_quote(
		w,
		"{\"quotes\":{\"SHFE.au2704\":{\"upper_limit\":660,\"bid_volume1\":4}}},{\"trading_status\":{\"SHFE.au2704\":{\"trade_status\":\"CONTINOUS\"}}}");
	ck_assert(w->n_depths == 2 && w->top[SIDE_BUY].qty == 4 && w->n_rules == 1);
	ck_assert_int_eq(w->halted, 0);
	world_quote(w, "{\"trading_status\":{\"SHFE.au2704\":{\"trade_status\":\"NOTRADING\"}}}");
	ck_assert_int_eq(w->halted, 1);
	/* A pack that cannot be read: the picture is the server's no more, and begins anew. */
	ck_assert(peer_say(
		&w->peer, DOOR_STREAM,
		"{\"aid\":\"rtn_data\",\"data\":[{\"quotes\":{\"SHFE.au2704\":{\"bid_price1\":[]}}}]}"));
	world_run(w, 600);
	ck_assert(w->n_bad == 1 && w->n_feed_downs == 1);
	ck_assert_uint_eq(w->peer.connects[DOOR_STREAM], 2);
	world_free(w);
}
END_TEST

/* The gateway has it, the exchange not yet: no acknowledgement; then one, two fills, the rest cancelled, each once. */
START_TEST(fills_go_before_the_end)
{
	struct world *w = world_open();
	world_up(w);
	const char *said;
	(void)placed_7(w);
	ck_assert_uint_eq(peer_asked(&w->peer, "{\"aid\":\"insert_order\"", &said), 1);
	ck_assert(strstr(said, "\"order_id\":\"" OURS "\"") &&
		  strstr(said, "\"limit_price\":613.42"));
	world_trade(w, ORDER_7("ALIVE", "3", "", "报单已提交"));
	ck_assert_uint_eq(w->n_execs, 0);
	world_trade(w, ORDER_7("ALIVE", "3", "   28", "未成交"));
	EXECS(w, 0, EXEC_ACK);
	ck_assert_str_eq(w->exec[0].venue_order, "28");
	ck_assert_uint_eq(w->exec[0].order, 7);
	/* The end comes in a pack before its last fill. */
	world_trade(w, "\"trades\":{" TRADE_7("51", "1", "BUY") "}," ORDER_7("FINISHED", "1",
									     "   28", "已撤单"));
	EXECS(w, 1, EXEC_FILL);
	ck_assert(w->exec[1].qty == 1 && w->exec[1].px == 61340 && w->exec[1].fee_e8 == 1001000000);
	ck_assert_str_eq(w->exec[1].exec, "51");
	ck_assert(!w->exec[1].replayed);
	world_trade(w, "\"trades\":{" TRADE_7("52", "1", "BUY") "}");
	EXECS(w, 2, EXEC_FILL, EXEC_CANCELLED);
	ck_assert(w->exec[3].has_cum && w->exec[3].cum == 2);
	/* Said again, told no more. */
	world_trade(w, "\"trades\":{" TRADE_7("52", "1", "BUY") "}," ORDER_7("FINISHED", "1",
									     "   28", "已撤单"));
	ck_assert_uint_eq(w->n_execs, 4);
	world_free(w);
}
END_TEST

START_TEST(a_fill_waits_for_its_orders_number)
{
	struct world *w = world_open();
	world_up(w);
	(void)placed_7(w);
	world_trade(w, "\"trades\":{" TRADE_7("51", "3", "BUY") "}");
	ck_assert_uint_eq(w->n_execs, 0);
	world_trade(w, ORDER_7("FINISHED", "0", "28", "全部成交"));
	EXECS(w, 0, EXEC_FILL);
	ck_assert_str_eq(w->exec[0].venue_order, "28");
	world_free(w);
}
END_TEST

START_TEST(refusals_have_a_class)
{
	static const struct {
		const char *part;
		enum reject_class class;
		int32_t code;
	} row[] = {
		{ ORDER_7("FINISHED", "3", "", "CTP:资金不足"), REJECT_MONEY, 31 },
		{ ORDER_7("FINISHED", "3", "", "已撤单报单被拒绝SHFE:价格超出涨停板"), REJECT_PRICE,
		  0 },
		{ ORDER_7("FINISHED", "3", "", "CTP:只能平仓"), REJECT_OPENING, 29 },
	};
	for (unsigned i = 0; i < 3; i++) {
		struct world *w = world_open();
		world_up(w);
		(void)placed_7(w);
		world_trade(w, row[i].part);
		EXECS(w, 0, EXEC_REJECTED);
		ck_assert_int_eq(w->exec[0].reject_class, row[i].class);
		ck_assert_int_eq(w->exec[0].code, row[i].code);
		ck_assert(w->exec[0].text[0]);
		world_free(w);
	}
}
END_TEST

/* -3: nothing was sent on; openings pause, what reduces goes out (F43). */
START_TEST(flow_control_is_obeyed)
{
	struct world *w = world_open();
	struct order o = world_order(8), rescue = world_order(9);
	world_up(w);
	(void)placed_7(w);
	world_trade(w, ORDER_7("FINISHED", "3", "", "每秒发送请求数超过许可数"));
	EXECS(w, 0, EXEC_REJECTED);
	ck_assert_int_eq(w->exec[0].reject_class, REJECT_RATE);
	ck_assert_int_eq(place(w, &o), -ERR_LIMIT);
	rescue.rescue = true;
	ck_assert_int_eq(place(w, &rescue), 0);
	world_run(w, 1100);
	ck_assert_int_eq(place(w, &o), 0);
	ck_assert_uint_eq(peer_asked(&w->peer, "{\"aid\":\"insert_order\"", NULL), 3);
	world_free(w);
}
END_TEST

START_TEST(a_refused_cancel_is_told)
{
	struct world *w = world_open();
	world_up(w);
	struct order o = placed_7(w);
	ck_assert_int_eq(w->venue->ops->cancel(w->venue, &o), 0);
	world_run(w, 20);
	ck_assert_uint_eq(
		peer_asked(&w->peer,
			   "{\"aid\":\"cancel_order\",\"user_id\":\"u1\",\"order_id\":\"" OURS,
			   NULL),
		1);
	world_notice(w, "WARNING", 26, "撤单失败,CTP:报单已全成交或已撤销,不能再撤 " OURS);
	EXECS(w, 0, EXEC_CANCEL_REJECTED);
	ck_assert_int_eq(w->exec[0].reject_class, REJECT_GONE);
	ck_assert_uint_eq(w->exec[0].order, 7);
	world_free(w);
}
END_TEST

/* The whole day comes again with each login: told as replayed, with the same identities; a self-trade bears one number on both sides. */
START_TEST(a_login_replays_the_day)
{
	struct world *w = world_open();
	world_up(w);
	(void)placed_7(w);
	world_trade(w, "\"trades\":{" TRADE_7("51", "3", "BUY") "}," ORDER_7("FINISHED", "0", "28",
									     "全部成交"));
	EXECS(w, 0, EXEC_FILL);
	env_sim_cut(w->sim, PEER_PORT + DOOR_API);
	world_run(w, 400);
	ck_assert_int_eq(w->venue->state, VENUE_LOGON);
	world_trade(w,
		    "\"trade_more_data\":false,\"trades\":{" TRADE_7("51", "3", "BUY") "," TRADE_7(
			    "51", "3", "SELL") "}," ORDER_7("FINISHED", "0", "28", "全部成交"));
	world_run(w, 50);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	EXECS(w, 1, EXEC_FILL, EXEC_FILL);
	for (unsigned i = 1; i < 3; i++) {
		ck_assert(w->exec[i].replayed);
		ck_assert_str_eq(w->exec[i].exec, w->exec[0].exec);
		ck_assert_str_eq(w->exec[i].venue_order, w->exec[0].venue_order);
	}
	ck_assert(w->exec[1].side == SIDE_BUY && w->exec[2].side == SIDE_SELL);
	world_free(w);
}
END_TEST

/* What was under way when the line broke is unknown, and nothing waits to be sent (tqsdk#71). */
START_TEST(a_broken_line_sends_nothing_later)
{
	struct world *w = world_open();
	struct order o = world_order(8);
	world_up(w);
	(void)placed_7(w);
	env_sim_cut(w->sim, PEER_PORT + DOOR_API);
	world_run(w, 20);
	EXECS(w, 0, EXEC_UNKNOWN);
	ck_assert_int_eq(place(w, &o), -ERR_STATE);
	world_run(w, 400);
	world_trade(w, "\"trade_more_data\":false");
	world_run(w, 50);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	ck_assert_uint_eq(peer_asked(&w->peer, "{\"aid\":\"insert_order\"", NULL), 1);
	world_free(w);
}
END_TEST

/* Absence counts only in a picture that was asked for after the settle time (F13, F64); until then the question stays open. */
START_TEST(absence_needs_a_fresh_picture)
{
	struct world *w = world_open();
	world_up(w);
	struct order o = placed_7(w);
	ck_assert_int_eq(ask(w, &o), 0);
	ck_assert_uint_eq(w->n_execs, 0);
	world_run(w, 3100);
	ck_assert_int_eq(ask(w, &o), 0); /* the line is given up for a new login */
	world_run(w, 400);
	EXECS(w, 0, EXEC_UNKNOWN);
	world_trade(w, "\"trade_more_data\":false");
	world_run(w, 50);
	ck_assert_int_eq(ask(w, &o), 0);
	EXECS(w, 1, EXEC_NOT_FOUND);
	world_free(w);
}
END_TEST

START_TEST(a_question_is_answered_from_the_picture)
{
	struct world *w = world_open();
	world_up(w);
	struct order o = placed_7(w);
	world_trade(w, "\"trades\":{" TRADE_7("51", "1", "BUY") "}," ORDER_7("ALIVE", "2", "28",
									     "部分成交"));
	unsigned n = w->n_execs;
	ck_assert_int_eq(ask(w, &o), 0);
	EXECS(w, n, EXEC_FILL, EXEC_STATUS);
	ck_assert(w->exec[n].replayed);
	ck_assert(w->exec[n + 1].status == ORDER_LIVE && w->exec[n + 1].cum == 1);
	/* A picture that nothing has come to for long says nothing of what is alive. */
	world_run(w, 3500);
	n = w->n_execs;
	ck_assert_int_eq(ask(w, &o), 0);
	world_run(w, 50);
	EXECS(w, n, EXEC_UNKNOWN);
	world_free(w);
}
END_TEST

START_TEST(an_order_of_a_day_that_is_over)
{
	struct world *w = world_open();
	world_up(w);
	struct order o = placed_7(w);
	world_run(w, 4000);
	env_sim_cut(w->sim, PEER_PORT + DOOR_API);
	world_run(w, 400);
	world_trade(w, "\"trading_day\":\"20260102\",\"trade_more_data\":false");
	world_run(w, 50);
	unsigned n = w->n_execs;
	ck_assert_int_eq(ask(w, &o), 0);
	EXECS(w, n, EXEC_CANCELLED);
	ck_assert_str_eq(w->exec[n].text, "its trading day is over");
	world_free(w);
}
END_TEST

/* Over noon a counter refuses what it takes an hour later: the login is tried again, slowly, for ever. */
START_TEST(a_refused_login_is_tried_again)
{
	struct world *w = world_open();
	ck_assert_int_eq(w->venue->ops->start(w->venue), 0);
	env_flush(w->host);
	world_run(w, 100);
	world_notice(w, "ERROR", 7, "用户登录失败!CTP:还没有初始化");
	ck_assert_int_eq(w->venue->state, VENUE_DOWN);
	world_run(w, 2000);
	ck_assert_uint_eq(peer_asked(&w->peer, "{\"aid\":\"req_login\"", NULL), 1);
	world_run(w, 4000);
	ck_assert_uint_ge(peer_asked(&w->peer, "{\"aid\":\"req_login\"", NULL), 2);
	world_trade(w, "\"trade_more_data\":false");
	world_run(w, 50);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	world_free(w);
}
END_TEST

/* An order that somebody else sent on this account. */
START_TEST(a_foreign_fill_has_no_order_of_ours)
{
	struct world *w = world_open();
	world_up(w);
	world_trade(
		w,
		"\"trades\":{\"m1|9\":{\"order_id\":\"manual.1\",\"exchange_id\":\"SHFE\",\"instrument_id\":\"au2704\",\"exchange_trade_id\":\"9\","
		"\"direction\":\"SELL\",\"volume\":1,\"price\":613.4}},\"orders\":{\"manual.1\":{\"exchange_id\":\"SHFE\",\"instrument_id\":\"au2704\","
		"\"direction\":\"SELL\",\"volume_orign\":1,\"volume_left\":0,\"status\":\"FINISHED\",\"exchange_order_id\":\"77\",\"limit_price\":613.4}}");
	EXECS(w, 0, EXEC_FILL);
	ck_assert_uint_eq(w->exec[0].order, 0);
	ck_assert_str_eq(w->exec[0].client, "manual.1");
	ck_assert_int_eq(w->exec[0].forced, FORCED_NONE);
	world_free(w);
}
END_TEST

/* F65: the broker closes what the margin does not carry any more. */
START_TEST(a_forced_close_is_told_as_one)
{
	struct world *w = world_open();
	world_up(w);
	world_trade(
		w,
		"\"trades\":{\"f1|9\":{\"order_id\":\"f1\",\"exchange_id\":\"SHFE\",\"instrument_id\":\"au2704\",\"exchange_trade_id\":\"9\","
		"\"direction\":\"SELL\",\"volume\":1,\"price\":613.4}},\"orders\":{\"f1\":{\"exchange_id\":\"SHFE\",\"instrument_id\":\"au2704\","
		"\"direction\":\"SELL\",\"volume_orign\":1,\"volume_left\":0,\"status\":\"FINISHED\",\"exchange_order_id\":\"77\",\"limit_price\":613.4,"
		"\"last_msg\":\"全部成交(强平)\"}}");
	EXECS(w, 0, EXEC_FILL);
	ck_assert_uint_eq(w->exec[0].order, 0);
	ck_assert_int_eq(w->exec[0].forced, FORCED_CLOSE);
	world_free(w);
}
END_TEST

/* F67: why it is gone, where the words say it. */
START_TEST(an_end_has_a_reason)
{
	static const struct {
		const char *part;
		enum cancel_why why;
	} row[] = {
		{ ORDER_7("FINISHED", "3", "28", "已撤单"), CANCEL_UNSAID },
		{ ORDER_7("FINISHED", "3", "28", "已撤单(自成交)"), CANCEL_SELF_TRADE },
		{ ORDER_7("FINISHED", "3", "28", "剩余撤销"), CANCEL_EXPIRED },
	};
	for (unsigned i = 0; i < 3; i++) {
		struct world *w = world_open();
		world_up(w);
		(void)placed_7(w);
		world_trade(w, ORDER_7("ALIVE", "3", "28", "未成交"));
		world_trade(w, row[i].part);
		EXECS(w, 0, EXEC_ACK, EXEC_CANCELLED);
		ck_assert_int_eq(w->exec[1].why, row[i].why);
		world_free(w);
	}
}
END_TEST

/* The core asks now and then: what the picture says now is the answer, and each question has one. */
START_TEST(every_question_about_all_is_answered)
{
	struct world *w = world_open();
	world_up(w);
	ck_assert_uint_eq(w->n_reconciled, 1);
	world_trade(
		w,
		"\"positions\":{\"SHFE.au2704\":{\"exchange_id\":\"SHFE\",\"instrument_id\":\"au2704\",\"pos_long_today\":2,\"pos_short_his\":1}}");
	for (unsigned n = 2; n < 5; n++) {
		ck_assert_int_eq(w->venue->ops->reconcile(w->venue), 0);
		world_run(w, 120);
		ck_assert(w->n_reconciled == n && w->full);
	}
	ck_assert(w->lots[SIDE_BUY][0] == 2 && w->lots[SIDE_SELL][1] == 1);
	env_sim_cut(w->sim, PEER_PORT + DOOR_API);
	world_run(w, 20);
	ck_assert_int_eq(w->venue->ops->reconcile(w->venue), -ERR_STATE);
	ck_assert_uint_eq(w->n_reconciled, 4);
	ck_assert(!w->venue->ops->replace && !w->venue->ops->cancel_all && !w->venue->ops->arm);
	world_free(w);
}
END_TEST

SUITE("diff", the_way_up, quotes_are_books, fills_go_before_the_end,
      a_fill_waits_for_its_orders_number, refusals_have_a_class, flow_control_is_obeyed,
      a_refused_cancel_is_told, a_login_replays_the_day, a_broken_line_sends_nothing_later,
      absence_needs_a_fresh_picture, a_question_is_answered_from_the_picture,
      an_order_of_a_day_that_is_over, a_refused_login_is_tried_again,
      a_foreign_fill_has_no_order_of_ours, a_forced_close_is_told_as_one, an_end_has_a_reason,
      every_question_about_all_is_answered)
