/* Proves the whole adapter against a scripted venue on simulated time: coming up, market data, the clock, reconciliation, the end. */
#include "core/base/err.h"
#include "tests/unit/binance/world.h"
#include "tests/unit/suite.h"
#include <string.h>

static struct world *w;

START_TEST(spot_comes_up_with_hmac)
{
	static const enum venue_state way[] = { VENUE_CONNECTING, VENUE_LOGON, VENUE_RECONCILING,
						VENUE_UP };
	const char *asked;
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	ck_assert(world_passed(w, way, 4));
	ck_assert_str_eq(w->venue->ops->name, "binance_spot");
	ck_assert_uint_eq(peer_asked(&w->peer, "session.logon", NULL), 0);
	ck_assert_uint_eq(peer_asked(&w->peer, "userDataStream.subscribe.signature", &asked), 1);
	ck_assert(strstr(asked, "\"signature\":\"") && strstr(asked, "\"apiKey\":\"thekey\""));
	ck_assert_uint_eq(peer_asked(&w->peer,
				     "GET /api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%5D", NULL),
			  1);
	ck_assert_str_eq(peer_conn(&w->peer, DOOR_STREAM)->target,
			 "/public/stream?streams=btcusdt@bookTicker/btcusdt@depth@100ms");
	ck_assert(w->n_rules == 1 && w->rule.tick == 1 && w->rule.lot == 1 &&
		  w->rule.max_qty == 100000);
	ck_assert(w->n_reconciled == 1 && w->full && w->free_e8 == 1250000000 && w->n_clocks > 0);
	ck_assert_int_eq(w->venue->ops->depth_rule(w->venue, 1), DEPTH_NEXT_IS_LAST_PLUS_1);
	world_free(w);
}
END_TEST

START_TEST(spot_logs_on_with_ed25519)
{
	const char *asked;
	w = world_open(BINANCE_SPOT, true);
	world_up(w);
	ck_assert_uint_eq(peer_asked(&w->peer, "session.logon", &asked), 1);
	ck_assert(strstr(asked, "signature"));
	ck_assert_uint_eq(peer_asked(&w->peer, "userDataStream.subscribe {}", NULL), 1);
	peer_script(&w->peer, "order.place", 200, ACK_7);
	world_place_7(w);
	ck_assert_uint_eq(peer_asked(&w->peer, "order.place", &asked), 1);
	ck_assert(!strstr(asked, "signature") && !strstr(asked, "apiKey") &&
		  strstr(asked, "\"timestamp\":17672256"));
	world_free(w);
}
END_TEST

START_TEST(usdm_comes_up_with_a_listen_key)
{
	w = world_open(BINANCE_USDM, false);
	world_up(w);
	ck_assert_str_eq(w->venue->ops->name, "binance_usdm");
	ck_assert_str_eq(
		peer_conn(&w->peer, DOOR_USER)->target,
		"/private/ws?listenKey=abcKEY123&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE/listenKeyExpired");
	ck_assert(w->position[1].n == 1 && w->position[1].qty_short == 250 &&
		  w->position[1].qty_long == 0);
	ck_assert_uint_eq(w->position[0].n, 0);
	ck_assert_int_eq(w->free_e8, 1250000000);
	ck_assert_uint_eq(peer_asked(&w->peer,
				     "GET /fapi/v1/openOrders?recvWindow=5000&timestamp=", NULL),
			  1);
	ck_assert_int_eq(w->venue->ops->depth_rule(w->venue, 1), DEPTH_PREV_IS_LAST);
	world_free(w);
}
END_TEST

START_TEST(market_data_is_passed_on)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	ck_assert(peer_say(
		&w->peer, DOOR_STREAM,
		"{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":5,\"s\":\"BTCUSDT\",\"b\":\"1.00\",\"B\":\"2\",\"a\":\"1.01\",\"A\":\"3\"}}"));
	ck_assert(peer_say(
		&w->peer, DOOR_STREAM,
		"{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":1,\"u\":2,\"b\":[],\"a\":[]}"));
	ck_assert(peer_say(
		&w->peer, DOOR_STREAM,
		"{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":3,\"u\":2,\"b\":[],\"a\":[]}"));
	world_run(w, 10);
	ck_assert(w->n_quotes == 1 && w->quote.px[SIDE_BUY] == 100 && w->quote.recv_ns > 0);
	ck_assert(w->n_depths == 1 && w->n_bad == 1 && w->bad == BAD_SEQUENCE);
	peer_script(&w->peer, "GET /api/v3/depth", 200,
		    "{\"lastUpdateId\":77,\"bids\":[[\"1\",\"1\"]],\"asks\":[]}");
	ck_assert_int_eq(w->venue->ops->snapshot(w->venue, 1), 0);
	env_flush(w->host);
	world_run(w, 20);
	ck_assert(w->n_snapshots == 1 && w->snapshot_seq == 77);
	ck_assert_uint_eq(peer_asked(&w->peer, "GET /api/v3/depth?symbol=BTCUSDT&limit=1000", NULL),
			  1);
	world_free(w);
}
END_TEST

/* How often `what` stands in a text. */
static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;
	for (; text && (text = strstr(text, what)); text++)
		n++;
	return n;
}

START_TEST(streams_that_do_not_fit_into_the_address_are_subscribed_to)
{
	w = world_open_many(BINANCE_SPOT, false, WORLD_INSTRUMENTS);
	ck_assert_int_eq(w->venue->ops->start(w->venue), 0);
	env_flush(w->host);
	world_run(w, 3000);
	const char *target = peer_conn(&w->peer, DOOR_STREAM)->target;
	unsigned streams = count(target, "@"), first = count(target, "@depth@100ms");
	ck_assert(strlen(target) <= 4000 && streams > 100);
	for (unsigned i = 0; i < w->peer.n_asked; i++)
		if (!strncmp(w->peer.asked[i], "SUBSCRIBE", 9))
			first += count(w->peer.asked[i], "@depth@100ms");
	ck_assert_uint_eq(first, WORLD_INSTRUMENTS - 1);
	ck_assert_uint_ge(peer_asked(&w->peer, "SUBSCRIBE", NULL), 2);
	world_free(w);
}
END_TEST

START_TEST(options_that_make_no_sense_are_refused)
{
	w = world_open(BINANCE_USDM, false);
	struct binance_options o = w->options;
	struct instrument odd = w->instrument[1];
	o.recv_window_ns = 0;
	ck_assert_ptr_null(binance_open(&o));
	ck_assert(strstr(err_text(), "recv_window"));
	o = w->options;
	o.user.peer.host[0] = '\0';
	ck_assert_ptr_null(binance_open(&o));
	ck_assert(strstr(err_text(), "user"));
	o = w->options;
	o.reserve_pct = 101;
	ck_assert_ptr_null(binance_open(&o));
	o = w->options;
	strcpy(odd.symbol, "A\"B");
	o.instrument = &odd;
	o.n_instruments = 1;
	ck_assert_ptr_null(binance_open(&o));
	ck_assert(strstr(err_text(), "symbol"));
	struct binance_account a = {
		.account = 4, .name = "main", .api_key_file = w->public, .secret_file = "/nowhere"
	};
	o = w->options;
	o.account = &a;
	ck_assert_ptr_null(binance_open(&o));
	ck_assert(strstr(err_text(), "/nowhere"));
	world_free(w);
}
END_TEST

START_TEST(a_clock_that_is_off_is_set_by_the_venues)
{
	const char *asked;
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	env_sim_step_utc(w->sim, 3600ll * 1000000000);
	peer_script(&w->peer, "order.place", 400,
		    REFUSED("-1021", "Timestamp for this request is outside of the recvWindow."));
	unsigned asked_time = peer_asked(&w->peer, "GET /api/v3/time", NULL);
	world_place_7(w);
	EXECS(w, 0, EXEC_REJECTED);
	ck_assert_int_eq(world_last(w)->reject_class, REJECT_CLOCK);
	world_run(w, 200);
	ck_assert_uint_eq(peer_asked(&w->peer, "GET /api/v3/time", NULL), asked_time + 1);
	world_place_7(w);
	peer_asked(&w->peer, "order.place", &asked);
	ck_assert_msg(strstr(asked, "\"timestamp\":176722560") != NULL, "%s", asked);
	world_free(w);
}
END_TEST

/* exchangeInfo says BREAK: the core is told, and the question is put again soon, not in an hour. */
START_TEST(a_symbol_that_does_not_trade_is_told)
{
	static const char halted[] =
		"{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"BREAK\",\"orderTypes\":[\"LIMIT\"],\"timeInForce\":[\"IOC\"],"
		"\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.01\"},"
		"{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"100\",\"stepSize\":\"0.001\"}]}]}";
	w = world_open(BINANCE_SPOT, false);
	peer_script(&w->peer, "GET /api/v3/exchangeInfo", 200, halted);
	world_up(w);
	ck_assert_uint_eq(w->n_halts, 1);
	unsigned asked = peer_asked(&w->peer, "GET /api/v3/exchangeInfo", NULL);
	world_run(w, 25000);
	ck_assert_uint_eq(w->n_halts, 3);
	ck_assert_uint_eq(peer_asked(&w->peer, "GET /api/v3/exchangeInfo", NULL), asked + 2);
	peer_script_good(&w->peer);
	world_run(w, 10000);
	ck_assert_uint_eq(w->n_halts, 3);
	asked = peer_asked(&w->peer, "GET /api/v3/exchangeInfo", NULL);
	world_run(w, 60000);
	ck_assert_uint_eq(peer_asked(&w->peer, "GET /api/v3/exchangeInfo", NULL), asked);
	world_free(w);
}
END_TEST

/* In doubt for a minute and a half: the question is put soon, and as long as the answers say nothing new each time later. */
START_TEST(rules_in_doubt_are_asked_for_ever_later)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	unsigned asked = peer_asked(&w->peer, "GET /api/v3/exchangeInfo", NULL), more[3];
	static const int until[] = { 30, 200, 900 }; /* tenths of a second */
	for (int i = 0, k = 0; k < 3; k++) {
		for (; i < until[k]; i++) {
			w->venue->ops->ask_rules(w->venue);
			world_run(w, 100);
		}
		more[k] = peer_asked(&w->peer, "GET /api/v3/exchangeInfo", NULL) - asked;
	}
	ck_assert_uint_eq(more[0], 1);
	ck_assert_uint_le(more[1], 4);
	ck_assert_uint_ge(more[2], more[1] + 1);
	ck_assert_uint_le(more[2], 6);
	world_free(w);
}
END_TEST

START_TEST(a_position_that_is_not_listed_is_none)
{
	w = world_open(BINANCE_USDM, false);
	peer_script(
		&w->peer, "v2/account.position", 200,
		"\"result\":[{\"symbol\":\"XRPUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"5\"}]");
	world_up(w);
	ck_assert(w->position[1].n == 1 && w->position[1].qty_short == 0 &&
		  w->position[1].qty_long == 0);
	world_free(w);
}
END_TEST

START_TEST(a_reconciliation_that_fails_is_not_full_and_is_tried_again)
{
	w = world_open(BINANCE_SPOT, false);
	peer_script(&w->peer, "account.status", 200, NULL);
	ck_assert_int_eq(w->venue->ops->start(w->venue), 0);
	env_flush(w->host);
	world_run(w, 1500);
	ck_assert(w->n_reconciled == 1 && !w->full && w->venue->state == VENUE_RECONCILING);
	peer_script(&w->peer, "account.status", 200, "\"result\":{\"balances\":[]}");
	world_run(w, 6000);
	ck_assert(w->full && w->venue->state == VENUE_UP);
	world_free(w);
}
END_TEST

START_TEST(open_orders_are_reported_foreign_ones_too)
{
	w = world_open(BINANCE_SPOT, false);
	peer_script(
		&w->peer, "openOrders.status", 200,
		"\"result\":[{\"symbol\":\"BTCUSDT\",\"orderId\":5,\"clientOrderId\":\"web_1\",\"price\":\"1\",\"origQty\":\"1\",\"executedQty\":\"0\",\"status\":\"NEW\",\"side\":\"SELL\"},"
		"{\"symbol\":\"XRPUSDT\",\"orderId\":6,\"clientOrderId\":\"web_2\",\"price\":\"1\",\"origQty\":\"1\",\"executedQty\":\"0\",\"status\":\"NEW\",\"side\":\"SELL\"}]");
	world_up(w);
	EXECS(w, 0, EXEC_STATUS);
	ck_assert(w->exec[0].order == 0 && w->exec[0].status == ORDER_LIVE &&
		  w->exec[0].side == SIDE_SELL && w->full);
	world_free(w);
}
END_TEST

START_TEST(account_updates_bring_positions_and_ask_for_balances)
{
	w = world_open(BINANCE_USDM, false);
	world_up(w);
	unsigned before = peer_asked(&w->peer, "v2/account.balance", NULL);
	ck_assert(peer_say(
		&w->peer, DOOR_USER,
		"{\"e\":\"ACCOUNT_UPDATE\",\"E\":5,\"T\":4,\"a\":{\"m\":\"ORDER\",\"B\":[{\"a\":\"USDT\",\"wb\":\"1\",\"cw\":\"1\",\"bc\":\"0\"}],"
		"\"P\":[{\"s\":\"BTCUSDT\",\"pa\":\"0.004\",\"ep\":\"1\",\"ps\":\"BOTH\"}]}}"));
	world_run(w, 200);
	ck_assert(w->position[1].qty_long == 4 && w->position[1].qty_short == 0);
	ck_assert_uint_eq(peer_asked(&w->peer, "v2/account.balance", NULL), before + 1);
	world_free(w);
}
END_TEST

static void query_from_within(struct world *x, const struct exec_report *r)
{
	struct order o = world_order(r->order);
	if (r->kind == EXEC_UNKNOWN)
		ck_assert_int_eq(x->venue->ops->query(x->venue, &o), -ERR_STATE);
}

START_TEST(stop_ends_it_and_the_core_may_ask_from_within)
{
	w = world_open(BINANCE_SPOT, false);
	world_up(w);
	peer_script(&w->peer, "order.place", 200, ACK_7);
	world_place_7(w);
	w->on_exec = query_from_within;
	w->venue->ops->stop(w->venue);
	env_flush(w->host);
	EXECS(w, 1, EXEC_UNKNOWN);
	ck_assert_int_eq(w->venue->state, VENUE_DOWN);
	world_run(w, 10000);
	ck_assert_uint_eq(w->peer.connects[DOOR_API], 1);
	ck_assert(!peer_conn(&w->peer, DOOR_API) && !peer_conn(&w->peer, DOOR_STREAM));
	world_free(w);
}
END_TEST

SUITE("binance", spot_comes_up_with_hmac, spot_logs_on_with_ed25519,
      usdm_comes_up_with_a_listen_key, market_data_is_passed_on,
      streams_that_do_not_fit_into_the_address_are_subscribed_to,
      options_that_make_no_sense_are_refused, a_clock_that_is_off_is_set_by_the_venues,
      a_symbol_that_does_not_trade_is_told, rules_in_doubt_are_asked_for_ever_later,
      a_position_that_is_not_listed_is_none,
      a_reconciliation_that_fails_is_not_full_and_is_tried_again,
      open_orders_are_reported_foreign_ones_too,
      account_updates_bring_positions_and_ask_for_balances,
      stop_ends_it_and_the_core_may_ask_from_within)
