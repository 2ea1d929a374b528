/* Proves what broken, silent and ending lines do: orders become unknown, sessions begin anew, nothing is sent again, nobody storms. */
#include "core/base/err.h"
#include "tests/unit/binance/world.h"
#include "tests/unit/suite.h"
#include <string.h>

static struct world *w;

START_TEST(a_lost_line_makes_open_orders_unknown_and_refuses_new_ones)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	peer_script(&w->peer, "order.place", 200, ACK_7);
	world_place_7(w);
	env_sim_cut(w->sim, PEER_PORT + DOOR_API);
	world_run(w, 5);
	EXECS(w, 1, EXEC_UNKNOWN);
	ck_assert(world_last(w)->order == 7 && world_last(w)->text[0]);
	ck_assert_str_eq(world_last(w)->venue_order, "28");
	ck_assert_int_lt(w->venue->state, VENUE_RECONCILING);
	struct order o = world_order(8);
	ck_assert_int_eq(w->venue->ops->place(w->venue, &o), -ERR_STATE);
	ck_assert_int_eq(w->venue->ops->cancel(w->venue, &o), -ERR_STATE);
	ck_assert_int_eq(w->venue->ops->query(w->venue, &o), -ERR_STATE);
	world_run(w, 1000);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	ck_assert_uint_eq(w->n_reconciled, 2);
	ck_assert_uint_eq(peer_asked(&w->peer, "order.place", NULL), 1);
	world_free(w);
}
END_TEST

START_TEST(a_lost_user_stream_is_a_lost_session)
{
	w = world_open(BINANCE_USDM, false);
	world_up(w);
	peer_script(&w->peer, "order.place", 200, ACK_7);
	world_place_7(w);
	env_sim_cut(w->sim, PEER_PORT + DOOR_USER);
	world_run(w, 5);
	EXECS(w, 1, EXEC_UNKNOWN);
	ck_assert_int_lt(w->venue->state, VENUE_RECONCILING);
	world_run(w, 1000);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	ck_assert_uint_eq(w->peer.connects[DOOR_USER], 2);
	world_free(w);
}
END_TEST

START_TEST(a_lost_market_stream_leaves_the_session_up)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	env_sim_cut(w->sim, PEER_PORT + DOOR_STREAM);
	world_run(w, 1000);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	ck_assert_uint_eq(w->n_feed_downs, 1); /* and the core knows that it sees nothing */
	ck_assert_uint_eq(w->peer.connects[DOOR_STREAM], 2);
	ck_assert_uint_eq(w->peer.connects[DOOR_API], 1);
	ck_assert(peer_conn(&w->peer, DOOR_STREAM) != NULL);
	world_free(w);
}
END_TEST

/* Lines A and B: one may go, the books go on; only both together leave the core blind. */
START_TEST(of_two_market_lines_one_may_be_lost)
{
	static const char quote[] =
		"{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":5,\"s\":\"BTCUSDT\",\"b\":\"1.00\",\"B\":\"2\",\"a\":\"1.01\",\"A\":\"3\"}}";
	w = world_open(BINANCE_SPOT, false);
	w->venue->ops->free(w->venue);
	w->options.lines = 2;
	w->venue = binance_open(&w->options);
	ck_assert_ptr_nonnull(w->venue);
	world_up(w);
	world_run(w, 500);
	ck_assert_uint_eq(w->peer.connects[DOOR_STREAM], 2);
	struct peer_conn *line[2];
	unsigned n = 0;
	for (unsigned i = 0; i < PEER_CONNS; i++)
		if (w->peer.conn[i].used && w->peer.conn[i].door == DOOR_STREAM && n < 2)
			line[n++] = &w->peer.conn[i];
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(line[0]->target, line[1]->target);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(ws_send_text(&line[i]->ws, quote, strlen(quote)), 0);
	env_flush(w->peer.env);
	world_run(w, 10);
	ck_assert_uint_eq(w->n_quotes, 2); /* what comes twice is the book's to see */
	ws_close(&line[0]->ws, 1001, "gone");
	env_flush(w->peer.env);
	world_run(w, 50);
	ck_assert_uint_eq(w->n_feed_downs, 0);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	ck_assert_int_eq(ws_send_text(&line[1]->ws, quote, strlen(quote)), 0);
	env_flush(w->peer.env);
	world_run(w, 10);
	ck_assert_uint_eq(w->n_quotes, 3);
	world_run(w, 1000);
	ck_assert_uint_eq(w->peer.connects[DOOR_STREAM], 3);
	env_sim_cut(w->sim, PEER_PORT + DOOR_STREAM);
	world_run(w, 50);
	ck_assert_uint_eq(w->n_feed_downs, 1);
	world_run(w, 1000);
	ck_assert_uint_eq(w->peer.connects[DOOR_STREAM], 5);
	world_free(w);
}
END_TEST

START_TEST(a_silent_line_is_dropped_and_a_quiet_one_is_pinged)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	unsigned alive = w->n_alive;
	world_run(w, 30000);
	ck_assert_uint_eq(w->peer.connects[DOOR_STREAM], 1);
	ck_assert_uint_eq(w->peer.connects[DOOR_API], 1);
	ck_assert_uint_gt(w->n_alive, alive);
	env_sim_freeze(w->sim, PEER_PORT + DOOR_API, true, true);
	world_run(w, 16000);
	ck_assert_uint_gt(w->peer.connects[DOOR_API], 1);
	ck_assert_uint_eq(w->peer.connects[DOOR_STREAM], 1);
	world_free(w);
}
END_TEST

/* How long after an order the core knows that its line is dead, and how long until the account was read anew. */
static void half_open(enum binance_api api, enum peer_door frozen, bool closely, int64_t *known_ms,
		      int64_t *back_ms)
{
	w = world_open(api, false);
	if (!closely) {
		w->venue->ops->free(w->venue);
		w->options.ping_after_ns = 0;
		w->venue = binance_open(&w->options);
		ck_assert_ptr_nonnull(w->venue);
	}
	world_up(w);
	world_run(w, 2000); /* idle */
	env_sim_freeze(w->sim, (uint16_t)((uint16_t)(PEER_PORT + frozen)), true, true);
	world_place_7(w);
	*known_ms = *back_ms = 10;
	while (*known_ms < 20000 && w->venue->state == VENUE_UP) {
		world_run(w, 10);
		*known_ms += 10;
	}
	ck_assert_int_lt(w->venue->state, VENUE_RECONCILING);
	EXECS(w, w->n_execs - 1, EXEC_UNKNOWN);
	/* A line that was cut: the old one is lost, a new one works. */
	env_sim_thaw(w->sim, (uint16_t)(PEER_PORT + frozen));
	*back_ms = *known_ms;
	while (*back_ms < 20000 && w->venue->state != VENUE_UP) {
		world_run(w, 10);
		*back_ms += 10;
	}
	ck_assert_uint_eq(w->n_reconciled, 2);
	ck_assert_uint_eq(peer_asked(&w->peer, "order.place", NULL), 1);
	world_free(w);
}

START_TEST(a_line_that_died_without_a_word_under_an_order_is_known_within_a_second)
{
	static const struct {
		enum binance_api api;
		enum peer_door door;
	} line[] = { { BINANCE_SPOT, DOOR_API },
		     { BINANCE_USDM, DOOR_API },
		     { BINANCE_USDM, DOOR_USER } };
	int64_t known, back;
	for (unsigned i = 0; i < sizeof(line) / sizeof(*line); i++) {
		half_open(line[i].api, line[i].door, true, &known, &back);
		ck_assert_int_le(known, 1000);
		ck_assert_int_le(back, 1200);
		half_open(line[i].api, line[i].door, false, &known, &back);
		ck_assert_int_gt(known, 7000); /* an idle line's bound */
	}
}
END_TEST

START_TEST(a_market_line_that_died_under_an_order_is_made_anew)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	env_sim_freeze(w->sim, PEER_PORT + DOOR_STREAM, true, true);
	peer_script(&w->peer, "order.place", 200, ACK_7);
	world_place_7(w);
	world_run(w, 1100);
	ck_assert_uint_eq(w->n_feed_downs, 1);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	world_free(w);
}
END_TEST

/* What a dead line had under way keeps no place: the next session's questions go out at once. */
START_TEST(rest_questions_under_way_end_with_a_dead_line)
{
	w = world_open(BINANCE_USDM, false);
	world_up(w);
	world_run(w, 2000);
	env_sim_freeze(w->sim, 0, true, true);
	ck_assert_int_eq(w->venue->ops->probe(w->venue, 1), 0);
	ck_assert_int_eq(w->venue->ops->snapshot(w->venue, 1), 0);
	world_place_7(w);
	world_run(w, 790);
	env_sim_thaw(w->sim, 0);
	world_run(w, 500);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	ck_assert_uint_eq(w->n_reconciled, 2);
	world_free(w);
}
END_TEST

/* A venue that thinks for long is no dead line, and a ping every now and then is all that it costs. */
START_TEST(a_line_that_answers_pings_may_be_silent_under_an_order)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	struct order o = world_order(7);
	o.tif = TIF_GTC;
	peer_script(&w->peer, "order.place", 200, ACK_7);
	ck_assert_int_eq(w->venue->ops->place(w->venue, &o), 0);
	env_flush(w->host);
	unsigned alive = w->n_alive;
	world_run(w, 10000);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	ck_assert_uint_eq(w->peer.connects[DOOR_API], 1);
	ck_assert_uint_eq(w->peer.connects[DOOR_STREAM], 1);
	ck_assert_uint_ge(w->n_alive - alive, 20);
	ck_assert_uint_le(w->n_alive - alive, 40); /* of the market stream: fewer than 5 a second */
	world_free(w);
}
END_TEST

START_TEST(a_key_that_is_refused_is_not_tried_in_a_storm)
{
	w = world_open(BINANCE_SPOT, true);
	peer_script(&w->peer, "session.logon", 401,
		    REFUSED("-2015", "Invalid API-key, IP, or permissions for action."));
	ck_assert_int_eq(w->venue->ops->start(w->venue), 0);
	env_flush(w->host);
	world_run(w, 20000);
	ck_assert_uint_le(peer_asked(&w->peer, "session.logon", NULL), 9);
	ck_assert_uint_ge(peer_asked(&w->peer, "session.logon", NULL), 3);
	ck_assert_int_lt(w->venue->state, VENUE_RECONCILING);
	world_free(w);
}
END_TEST

START_TEST(an_unreadable_event_is_as_good_as_a_broken_line)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	peer_script(&w->peer, "order.place", 200, ACK_7);
	world_place_7(w);
	ck_assert(peer_say(&w->peer, DOOR_API, REPORT("TRADE", "FILLED", "0.0105", "0.010", "99")));
	world_run(w, 5);
	ck_assert_uint_eq(w->n_bad, 1);
	EXECS(w, 1, EXEC_UNKNOWN);
	world_run(w, 1000);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	world_free(w);
}
END_TEST

START_TEST(the_venues_farewells)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	ck_assert(peer_say(&w->peer, DOOR_STREAM, "{\"e\":\"serverShutdown\",\"E\":1}"));
	world_run(w, 300);
	ck_assert_uint_eq(w->peer.connects[DOOR_STREAM], 2);
	ck_assert(peer_say(
		&w->peer, DOOR_STREAM,
		"{\"u\":5,\"s\":\"BTCUSDT\",\"b\":\"1.00\",\"B\":\"2\",\"a\":\"1.01\",\"A\":\"3\"}"));
	world_run(w, 10);
	ck_assert_uint_eq(w->n_quotes, 1);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	ck_assert(peer_say(
		&w->peer, DOOR_API,
		"{\"subscriptionId\":0,\"event\":{\"e\":\"eventStreamTerminated\",\"E\":1}}"));
	world_run(w, 1000);
	ck_assert_uint_eq(w->peer.connects[DOOR_API], 2);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	world_free(w);
}
END_TEST

START_TEST(a_listen_key_is_kept_alive_and_replaced)
{
	w = world_open(BINANCE_USDM, false);
	world_up(w);
	world_run(w, 1801000);
	ck_assert_uint_eq(peer_asked(&w->peer, "PUT /fapi/v1/listenKey", NULL), 1);
	peer_script(&w->peer, "PUT /fapi/v1/listenKey", 400,
		    "{\"code\":-1125,\"msg\":\"This listenKey does not exist.\"}");
	world_run(w, 1801000);
	ck_assert_uint_eq(peer_asked(&w->peer, "POST /fapi/v1/listenKey", NULL), 2);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	ck_assert(peer_say(&w->peer, DOOR_USER,
			   "{\"e\":\"listenKeyExpired\",\"E\":1,\"listenKey\":\"abcKEY123\"}"));
	world_run(w, 1000);
	ck_assert_uint_eq(peer_asked(&w->peer, "POST /fapi/v1/listenKey", NULL), 3);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	world_free(w);
}
END_TEST

START_TEST(a_day_passes)
{
	w = world_open(BINANCE_USDM, false);
	world_up(w);
	world_run(w, 24 * 3600 * 1000ll);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
	ck_assert_uint_eq(w->peer.connects[DOOR_STREAM], 2);
	ck_assert_uint_eq(w->peer.connects[DOOR_API], 2);
	world_free(w);
}
END_TEST

SUITE("bn_link", a_lost_line_makes_open_orders_unknown_and_refuses_new_ones,
      a_lost_user_stream_is_a_lost_session, a_lost_market_stream_leaves_the_session_up,
      of_two_market_lines_one_may_be_lost, a_silent_line_is_dropped_and_a_quiet_one_is_pinged,
      a_line_that_died_without_a_word_under_an_order_is_known_within_a_second,
      a_market_line_that_died_under_an_order_is_made_anew,
      rest_questions_under_way_end_with_a_dead_line,
      a_line_that_answers_pings_may_be_silent_under_an_order,
      a_key_that_is_refused_is_not_tried_in_a_storm,
      an_unreadable_event_is_as_good_as_a_broken_line, the_venues_farewells,
      a_listen_key_is_kept_alive_and_replaced, a_day_passes)
