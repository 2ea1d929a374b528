/* Proves what each answer about an order becomes, that silence and timeouts are unknown, and that limits are kept and heeded. */
#include "core/base/err.h"
#include "tests/unit/binance/world.h"
#include "tests/unit/suite.h"
#include <string.h>

static struct world *w;

START_TEST(an_order_is_acknowledged_and_filled)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	peer_script(&w->peer, "order.place", 200, ACK_7);
	unsigned clocks = w->n_clocks;
	world_place_7(w);
	EXECS(w, 0, EXEC_ACK);
	const struct exec_report *r = world_last(w);
	ck_assert(r->order == 7 && r->account == 4 && r->venue == 1 && r->instrument == 1 &&
		  r->px == 6183760 && r->qty == 10);
	ck_assert_str_eq(r->venue_order, "28");
	ck_assert_uint_eq(w->n_clocks, clocks + 1);
	ck_assert(peer_say(&w->peer, DOOR_API, REPORT("TRADE", "FILLED", "0.010", "0.010", "99")));
	world_run(w, 10);
	EXECS(w, 1, EXEC_FILL);
	ck_assert(world_last(w)->cum == 10 && world_last(w)->fee_e8 == 1000000);
	ck_assert_str_eq(world_last(w)->exec, "99");
	world_free(w);
}
END_TEST

START_TEST(refusals_and_what_is_none)
{
	static const struct {
		int status;
		const char *body;
		enum exec_kind kind;
		enum reject_class why;
	} rows[] = {
		{ 400, REFUSED("-2010", "Account has insufficient balance for requested action."),
		  EXEC_REJECTED, REJECT_MONEY },
		{ 400, REFUSED("-1013", "Filter failure: PRICE_FILTER"), EXEC_REJECTED,
		  REJECT_PRICE },
		{ 408, REFUSED("-1007", "Timeout"), EXEC_UNKNOWN, REJECT_TRANSIENT },
		{ 500, REFUSED("-1000", "An unknown error"), EXEC_UNKNOWN, REJECT_TRANSIENT },
		{ 503, REFUSED("-1008", "Server is currently overloaded"), EXEC_REJECTED,
		  REJECT_TRANSIENT },
		{ 200,
		  "\"result\":{\"symbol\":\"BTCUSDT\",\"orderId\":28,\"clientOrderId\":\"else\"}",
		  EXEC_UNKNOWN, REJECT_OTHER },
		{ 200, "\"result\":[]", EXEC_UNKNOWN, REJECT_OTHER },
	};
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unsigned before = w->n_execs;
		peer_script(&w->peer, "order.place", rows[i].status, rows[i].body);
		world_place_7(w);
		EXECS(w, before, rows[i].kind);
		ck_assert_int_eq(world_last(w)->reject_class, rows[i].why);
		ck_assert_uint_eq(world_last(w)->order, 7);
		world_run(w, 100);
	}
	world_free(w);
}
END_TEST

START_TEST(silence_is_unknown_and_nothing_is_sent_again)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	world_place_7(w);
	ck_assert_uint_eq(w->n_execs, 0);
	world_run(w, 1200);
	EXECS(w, 0, EXEC_UNKNOWN);
	world_run(w, 5000);
	ck_assert_uint_eq(peer_asked(&w->peer, "order.place", NULL), 1);
	ck_assert_uint_eq(w->n_execs, 1);
	world_free(w);
}
END_TEST

START_TEST(status_with_the_fills_before_it)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	unsigned clocks = w->n_clocks;
	peer_script(&w->peer, "order.status", 200, STATE_7("CANCELED", "0.006"));
	peer_script(&w->peer, "myTrades", 200,
		    "\"result\":[" TRADE("91", "0.002") "," TRADE("92", "0.004") "]");
	world_query_7(w, 2);
	EXECS(w, 0, EXEC_FILL, EXEC_FILL, EXEC_STATUS);
	ck_assert(w->exec[0].replayed && w->exec[0].order == 7 && w->exec[0].qty == 2 &&
		  w->exec[0].fee_e8 == 1000000);
	ck_assert_str_eq(w->exec[0].exec, "91");
	ck_assert_str_eq(w->exec[0].client, OURS);
	ck_assert(w->exec[2].status == ORDER_CANCELLED && w->exec[2].cum == 6);
	ck_assert_uint_eq(w->n_clocks,
			  clocks); /* when it last changed says nothing of the time now */
	/* What is known already is not asked for again. */
	world_query_7(w, 6);
	EXECS(w, 3, EXEC_STATUS);
	ck_assert_uint_eq(peer_asked(&w->peer, "myTrades", NULL), 1);
	world_free(w);
}
END_TEST

START_TEST(usdm_asks_for_trades_over_rest)
{
	const char *asked;
	w = world_open(BINANCE_USDM, false);
	world_up(w);
	peer_script(&w->peer, "order.status", 200, STATE_7("FILLED", "0.010"));
	peer_script(
		&w->peer, "GET /fapi/v1/userTrades", 200,
		"[{\"symbol\":\"BTCUSDT\",\"id\":91,\"orderId\":28,\"price\":\"61837.5\",\"qty\":\"0.010\",\"commission\":\"0.01\",\"commissionAsset\":\"USDT\",\"time\":1,\"buyer\":true,\"maker\":false}]");
	world_query_7(w, 0);
	EXECS(w, 0, EXEC_FILL, EXEC_STATUS);
	ck_assert_uint_eq(peer_asked(&w->peer, "GET /fapi/v1/userTrades?", &asked), 1);
	ck_assert(strstr(asked, "orderId=28") && strstr(asked, "&signature="));
	world_free(w);
}
END_TEST

START_TEST(trades_that_lag_leave_it_unknown)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	peer_script(&w->peer, "order.status", 200, STATE_7("FILLED", "0.010"));
	peer_script(&w->peer, "myTrades", 200, "\"result\":[" TRADE("91", "0.002") "]");
	world_query_7(w, 0);
	EXECS(w, 0, EXEC_FILL, EXEC_UNKNOWN);
	peer_script(&w->peer, "myTrades", 400, REFUSED("-1003", "slow down"));
	world_run(w, 100);
	world_query_7(w, 2);
	EXECS(w, 2, EXEC_UNKNOWN);
	world_free(w);
}
END_TEST

START_TEST(not_found_counts_only_after_the_settle_time)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	peer_script(&w->peer, "order.status", 400, REFUSED("-2013", "Order does not exist."));
	world_place_7(w);
	world_query_7(w, 0);
	EXECS(w, 0, EXEC_UNKNOWN);
	world_run(w, 3500); /* the order's own silence is told in between */
	world_query_7(w, 0);
	EXECS(w, 1, EXEC_UNKNOWN, EXEC_NOT_FOUND);
	world_free(w);
}
END_TEST

START_TEST(cancels)
{
	static const char cancelled[] =
		"\"result\":{\"symbol\":\"BTCUSDT\",\"origClientOrderId\":\"" OURS
		"\",\"orderId\":28,\"clientOrderId\":\"x\",\"price\":\"61837.6\","
		"\"origQty\":\"0.010\",\"executedQty\":\"0.000\",\"status\":\"CANCELED\",\"side\":\"BUY\",\"transactTime\":1}";
	struct order o = world_order(7);
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	peer_script(&w->peer, "order.place", 200, ACK_7);
	world_place_7(w);
	peer_script(&w->peer, "order.cancel", 400, REFUSED("-2011", "Unknown order sent."));
	ck_assert_int_eq(w->venue->ops->cancel(w->venue, &o), 0);
	env_flush(w->host);
	world_run(w, 10);
	EXECS(w, 1, EXEC_CANCEL_REJECTED);
	ck_assert_int_eq(world_last(w)->reject_class, REJECT_GONE);
	/* A fill that has not come yet: the end waits for the account's own events. */
	ck_assert(peer_say(&w->peer, DOOR_API,
			   REPORT("TRADE", "PARTIALLY_FILLED", "0.004", "0.004", "99")));
	world_run(w, 10);
	peer_script(&w->peer, "order.cancel", 200, cancelled);
	ck_assert_int_eq(w->venue->ops->cancel(w->venue, &o), 0);
	env_flush(w->host);
	world_run(w, 10);
	EXECS(w, 2, EXEC_FILL);
	world_free(w);
}
END_TEST

START_TEST(a_cancel_without_fills_ends_the_order)
{
	static const char cancelled[] =
		"\"result\":{\"symbol\":\"BTCUSDT\",\"orderId\":28,\"clientOrderId\":\"" OURS
		"\",\"price\":\"61837.6\","
		"\"origQty\":\"0.010\",\"executedQty\":\"0.000\",\"status\":\"CANCELED\",\"side\":\"BUY\",\"updateTime\":1}";
	struct order o = world_order(7);
	w = world_open(BINANCE_USDM, false);
	world_up(w);
	peer_script(&w->peer, "order.place", 200, ACK_7);
	world_place_7(w);
	peer_script(&w->peer, "order.cancel", 200, cancelled);
	ck_assert_int_eq(w->venue->ops->cancel(w->venue, &o), 0);
	env_flush(w->host);
	world_run(w, 10);
	EXECS(w, 1, EXEC_CANCELLED);
	/* It is over: a broken line says nothing more of it. */
	env_sim_cut(w->sim, PEER_PORT + DOOR_API);
	world_run(w, 5);
	ck_assert_uint_eq(w->n_execs, 2);
	world_free(w);
}
END_TEST

START_TEST(the_budget_keeps_a_part_for_cancels)
{
	unsigned placed = 0;
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	world_run(w, 2000);
	for (uint64_t id = 100; id < 120; id++) {
		struct order o = world_order(id);
		int rc = w->venue->ops->place(w->venue, &o);
		ck_assert(rc == 0 || rc == -ERR_LIMIT || rc == -ERR_FULL);
		placed += rc == 0;
	}
	ck_assert_uint_eq(placed, 16); /* 20 a second, a fifth of it kept */
	struct order o = world_order(100), rescue = world_order(100);
	rescue.rescue = true;
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(w->venue->ops->cancel(w->venue, &o), 0);
	ck_assert_int_eq(w->venue->ops->cancel(w->venue, &o), -ERR_LIMIT);
	ck_assert_int_eq(w->venue->ops->place(w->venue, &rescue), -ERR_LIMIT);
	world_free(w);
}
END_TEST

START_TEST(too_many_requests_pause_everything)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	struct env_now now;
	env_now(w->host, &now);
	peer_script(
		&w->peer, "order.place", 429,
		"\"error\":{\"code\":-1003,\"msg\":\"Too much\",\"data\":{\"serverTime\":1,\"retryAfter\":1767225604000}}");
	world_place_7(w);
	EXECS(w, 0, EXEC_REJECTED);
	ck_assert_int_eq(world_last(w)->reject_class, REJECT_RATE);
	struct order o = world_order(8);
	ck_assert_int_eq(w->venue->ops->place(w->venue, &o), -ERR_LIMIT);
	ck_assert_int_eq(w->venue->ops->query(w->venue, &o), -ERR_LIMIT);
	ck_assert_int_eq(w->venue->ops->snapshot(w->venue, 1), -ERR_LIMIT);
	ck_assert_int_gt(w->paused_until_ns[true], now.mono_ns + 1000000000); /* the core knows */
	world_run(w, 4000);
	ck_assert_int_eq(w->venue->ops->place(w->venue, &o), 0);
	world_free(w);
}
END_TEST

START_TEST(too_many_orders_pause_only_orders)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	peer_script(&w->peer, "order.place", 429,
		    "\"error\":{\"code\":-1015,\"msg\":\"Too many new orders\"}");
	world_place_7(w);
	peer_script(&w->peer, "order.place", 200, ACK_7);
	struct order o = world_order(8);
	int rc = w->venue->ops->place(w->venue, &o);
	ck_assert_int_eq(rc, -ERR_LIMIT);
	ck_assert(w->paused_until_ns[false] > 0 && w->paused_until_ns[true] == 0);
	ck_assert_int_eq(w->venue->ops->query(w->venue, &o), 0);
	world_free(w);
}
END_TEST

/* It does not say how long: a tenth of a second, then twice as long each time, up to ten seconds; a ban is left alone at once. */
START_TEST(a_pause_without_a_length_begins_small)
{
	static const int64_t want_ms[] = { 100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000 };
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	peer_script(&w->peer, "order.place", 429,
		    "\"error\":{\"code\":-1003,\"msg\":\"Too much\"}");
	for (unsigned i = 0; i < sizeof want_ms / sizeof *want_ms; i++) {
		struct env_now now;
		struct order o = world_order(7 + i);
		ck_assert_int_eq(w->venue->ops->place(w->venue, &o), 0);
		env_flush(w->host);
		world_run(w, 10);
		env_now(w->host, &now);
		int64_t left_ms = (w->paused_until_ns[true] - now.mono_ns) / 1000000;
		ck_assert_int_le(left_ms, want_ms[i]);
		ck_assert_int_ge(left_ms, want_ms[i] - 10);
		world_run(w, left_ms + 2);
	}
	world_run(w, 11000);
	peer_script(&w->peer, "order.place", 418, "\"error\":{\"code\":-1003,\"msg\":\"banned\"}");
	struct order o = world_order(70);
	ck_assert_int_eq(w->venue->ops->place(w->venue, &o), 0);
	env_flush(w->host);
	world_run(w, 9000);
	ck_assert_int_eq(w->venue->ops->place(w->venue, &o), -ERR_LIMIT);
	world_free(w);
}
END_TEST

/* A header says seconds, the venue's messages a time of its own clock, which may be far from ours. */
START_TEST(retry_after_counts_on_the_venues_clock)
{
	for (int sign = -1; sign <= 1; sign += 2) {
		w = world_open(BINANCE_SPOT, false);
		env_sim_step_utc(w->sim, sign * 3600ll * 1000000000);
		world_up(w);
		peer_script(&w->peer, "GET /api/v3/depth", 429,
			    "{\"code\":-1003,\"msg\":\"Too much\"}");
		ck_assert_int_eq(w->venue->ops->snapshot(w->venue, 1), 0);
		env_flush(w->host);
		world_run(w, 5000);
		ck_assert_int_eq(w->venue->ops->snapshot(w->venue, 1), -ERR_LIMIT);
		world_run(w, 3000);
		ck_assert_int_eq(w->venue->ops->snapshot(w->venue, 1), 0);
		world_free(w);
	}
}
END_TEST

SUITE("bn_replies", an_order_is_acknowledged_and_filled, refusals_and_what_is_none,
      silence_is_unknown_and_nothing_is_sent_again, status_with_the_fills_before_it,
      usdm_asks_for_trades_over_rest, trades_that_lag_leave_it_unknown,
      not_found_counts_only_after_the_settle_time, cancels, a_cancel_without_fills_ends_the_order,
      the_budget_keeps_a_part_for_cancels, too_many_requests_pause_everything,
      too_many_orders_pause_only_orders, a_pause_without_a_length_begins_small,
      retry_after_counts_on_the_venues_clock)
