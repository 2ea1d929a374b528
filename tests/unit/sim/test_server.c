/* Proves that the venues on their ports stream, answer and trade as Binance does: paths, books that can be followed without a gap, sessions, reports in order, limits, pulse. */
#include "tests/unit/sim/server_fixture.h"

#define SPOT_STREAMS "/stream?streams=btcusdt@bookTicker/btcusdt@depth@100ms/btcusdt@trade"
#define USDM_STREAMS "/public/stream?streams=btcusdt@bookTicker/btcusdt@depth@0ms"

START_TEST(test_market_waits_for_subscribers)
{
	struct server_fixture *x = server_fixture_new(NULL);
	struct client *a = dial(x, 0, SPOT, SPOT_STREAMS);
	ck_assert(a->open);
	run_for(x, 2 * SECOND);
	ck_assert_int_eq(a->n, 0);
	struct client *b = dial(x, 1, USDM, "/public/ws");
	run_for(x, SECOND);
	ck_assert_int_eq(a->n, 0);
	tell(b, "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@bookTicker\"],\"id\":1}");
	run_for(x, SECOND);
	ck_assert_int_gt(a->n, 10);
	ck_assert_ptr_nonnull(heard(b, "{\"result\":null,\"id\":1}"));
	ck_assert_ptr_nonnull(heard(b, "{\"e\":\"bookTicker\""));
	server_fixture_free(x);
}
END_TEST

/* ---------------------------------------------------------------- a book that is followed */

struct followed {
	json_t *level[2]; /* price text -> quantity text */
	int64_t last;
	bool synced;
	int applied;
};

static void follow_side(struct followed *f, int side, const json_t *list)
{
	size_t i;
	json_t *v;
	json_array_foreach(list, i, v)
	{
		const char *px = json_string_value(json_array_get(v, 0)),
			   *qty = json_string_value(json_array_get(v, 1));
		if (atof(qty) == 0)
			json_object_del(f->level[side], px);
		else
			json_object_set_new(f->level[side], px, json_string(qty));
	}
}

/* The rules of the two markets for a diff behind a snapshot. */
static void follow(struct followed *f, const char *text, bool futures)
{
	json_t *j = json_loads(text, 0, NULL), *d = json_object_get(j, "data");
	ck_assert_ptr_nonnull(d);
	int64_t first = number_of(d, "U"), last = number_of(d, "u"),
		pu = futures ? number_of(d, "pu") : 0;
	bool old = futures ? last < f->last : last <= f->last;
	if (!old && !f->synced) {
		ck_assert_int_le(first, futures ? f->last : f->last + 1);
		f->synced = true;
	} else if (!old) {
		ck_assert_int_eq(futures ? pu : first - 1, f->last);
	}
	if (!old) {
		follow_side(f, 0, json_object_get(d, "b"));
		follow_side(f, 1, json_object_get(d, "a"));
		f->last = last;
		f->applied++;
	}
	json_decref(j);
}

static void check_followed(int venue)
{
	struct server_fixture *x = server_fixture_new(NULL);
	struct client *c[] = { dial(x, 0, SPOT, SPOT_STREAMS), dial(x, 1, USDM, USDM_STREAMS) };
	run_for(x, SECOND);
	struct followed f = { .level = { json_object(), json_object() } };
	const char *target = venue == SPOT ? "/api/v3/depth?symbol=BTCUSDT&limit=5000"
					   : "/fapi/v1/depth?symbol=BTCUSDT&limit=1000";
	ck_assert_int_eq(rest_ask(x, venue, "GET", target, false), 200);
	json_t *snap = json_loads(x->body, 0, NULL);
	f.last = number_of(snap, "lastUpdateId");
	follow_side(&f, 0, json_object_get(snap, "bids"));
	follow_side(&f, 1, json_object_get(snap, "asks"));
	json_decref(snap);
	run_for(x, 3 * SECOND);
	for (const char *t; (t = heard(c[venue], "depthUpdate"));)
		follow(&f, t, venue == USDM);
	ck_assert_int_gt(f.applied, 10);
	/* Each level of the venue's own book stands in the one that was followed. */
	struct level level[200];
	const struct exchange *e = &x->server.venue[venue].wire.exchange;
	int dp_px = venue == SPOT ? 2 : 1, dp_qty = venue == SPOT ? 5 : 3;
	for (int side = 0; side < 2; side++) {
		int64_t seq;
		uint32_t n = exchange_depth(e, 0, side, level, 200, &seq);
		ck_assert_uint_gt(n, 50);
		ck_assert_int_eq(seq, f.last);
		uint32_t same = 0;
		for (uint32_t i = 0; i < n; i++) {
			char px[32], qty[32];
			snprintf(px, sizeof px, "%.*f", venue == SPOT ? 8 : dp_px,
				 (double)level[i].px / (double)dec_pow10[dp_px]);
			snprintf(qty, sizeof qty, "%.*f", venue == SPOT ? 8 : dp_qty,
				 (double)level[i].qty / (double)dec_pow10[dp_qty]);
			const char *held = json_string_value(json_object_get(f.level[side], px));
			same += held && strcmp(held, qty) == 0;
		}
		ck_assert_msg(same == n, "venue %d side %d: %u of %u levels agree", venue, side,
			      same, n);
	}
	json_decref(f.level[0]);
	json_decref(f.level[1]);
	server_fixture_free(x);
}

START_TEST(test_books_can_be_followed)
{
	check_followed(SPOT);
	check_followed(USDM);
}
END_TEST

/* ---------------------------------------------------------------- paths */

START_TEST(test_paths)
{
	static const struct {
		int venue;
		const char *path;
		bool open;
	} row[] = {
		{ SPOT, "/ws", true },
		{ SPOT, "/ws/btcusdt@trade", true },
		{ SPOT, "/stream", true },
		{ SPOT, "/ws-api/v3", true },
		{ SPOT, "/ws-api/v3?returnRateLimits=false", true },
		{ SPOT, "/ws-fapi/v1", false },
		{ SPOT, "/public/stream", false },
		{ SPOT, "/nothing", false },
		{ SPOT, "/stream?foo=1", false },
		{ USDM, "/public/ws", true },
		{ USDM, "/market/stream", true },
		{ USDM, "/stream?streams=btcusdt@trade", true },
		{ USDM, "/ws-fapi/v1", true },
		{ USDM, "/ws-api/v3", false },
		{ USDM, "/ws/0000000000000000000000000000000000000000000000000000000000000000",
		  false },
		{ USDM, "/private/ws/nokey", false },
		{ USDM, "/private/ws?listenKey=nokey", false },
		/* Clients number their connections so. */
		{ SPOT, "/ws/0", true },
		{ USDM, "/public/ws/0", true },
	};
	struct server_fixture *x = server_fixture_new(NULL);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct client *c = dial(x, 0, row[i].venue, row[i].path);
		run_for(x, 5 * MS);
		EXPECT_MSG(c->open == row[i].open, "%s", row[i].path);
		ws_drop(&c->ws);
		run_for(x, 5 * MS);
	}
	for (int i = 0; i < SERVER_CONNS; i++)
		ck_assert_int_eq(x->server.conn[i].phase, CONN_FREE);
	server_fixture_free(x);
}
END_TEST

START_TEST(test_groups_of_streams)
{
	struct server_fixture *x = server_fixture_new(NULL);
	dial(x, 0, SPOT, SPOT_STREAMS);
	struct client *pub =
		dial(x, 1, USDM, "/public/stream?streams=btcusdt@bookTicker/btcusdt@aggTrade");
	struct client *mkt =
		dial(x, 2, USDM, "/market/stream?streams=btcusdt@bookTicker/btcusdt@aggTrade");
	run_for(x, 2 * SECOND);
	ck_assert_ptr_null(heard(pub, "aggTrade"));
	pub->seen = 0;
	ck_assert_ptr_nonnull(heard(pub, "btcusdt@bookTicker"));
	ck_assert_ptr_null(heard(mkt, "bookTicker"));
	mkt->seen = 0;
	ck_assert_ptr_nonnull(heard(mkt, "btcusdt@aggTrade"));
	tell(mkt, "{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":\"l\"}");
	run_for(x, 10 * MS);
	ck_assert_ptr_nonnull(heard(
		mkt, "{\"result\":[\"btcusdt@bookTicker\",\"btcusdt@aggTrade\"],\"id\":\"l\"}"));
	tell(mkt, "{\"method\":\"UNSUBSCRIBE\",\"params\":[\"btcusdt@aggTrade\"],\"id\":2}");
	run_for(x, 10 * MS);
	ck_assert_ptr_nonnull(heard(mkt, "{\"result\":null,\"id\":2}"));
	run_for(x, 2 * SECOND);
	ck_assert_ptr_null(heard(mkt, "aggTrade"));
	tell(mkt, "{\"method\":\"DANCE\",\"id\":3}");
	tell(mkt, "nonsense");
	run_for(x, 10 * MS);
	ck_assert_ptr_nonnull(heard(mkt, "\"error\":{\"code\":2,"));
	ck_assert_ptr_nonnull(heard(mkt, "\"error\":{\"code\":3,"));
	server_fixture_free(x);
}
END_TEST

/* ---------------------------------------------------------------- trading */

START_TEST(test_spot_trade_with_reports)
{
	struct server_fixture *x = server_fixture_new(NULL);
	struct client *c = dial(x, 0, SPOT, "/ws-api/v3");
	request(x, c, SPOT, "userDataStream.subscribe.signature", "");
	run_for(x, 5 * MS);
	ck_assert_ptr_nonnull(heard(c, "{\"subscriptionId\":0}"));
	request(x, c, SPOT, "order.place",
		"symbol=BTCUSDT side=BUY type=MARKET quantity=0.01 newClientOrderId=m1");
	run_for(x, 5 * MS);
	/* With no delays an answer comes ahead of what it caused. */
	ck_assert_ptr_nonnull(heard(c, "\"status\":\"FILLED\""));
	ck_assert_ptr_nonnull(
		heard(c, "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\""));
	ck_assert_ptr_nonnull(heard(c, "\"x\":\"TRADE\""));
	ck_assert_ptr_nonnull(heard(c, "outboundAccountPosition"));
	ck_assert_uint_eq(x->server.venue[SPOT].wire.exchange.n_fills > 0, 1);
	server_fixture_free(x);
}
END_TEST

START_TEST(test_futures_user_stream)
{
	char path[128];
	struct server_fixture *x = server_fixture_new(NULL);
	ck_assert_int_eq(rest_ask(x, USDM, "POST", "/fapi/v1/listenKey", true), 200);
	json_t *j = json_loads(x->body, 0, NULL);
	snprintf(path, sizeof path, "/private/ws/%s", text_of(j, "listenKey"));
	json_decref(j);
	struct client *u = dial(x, 0, USDM, path), *c = dial(x, 1, USDM, "/ws-fapi/v1");
	ck_assert(u->open);
	request(x, c, USDM, "order.place",
		"symbol=BTCUSDT side=SELL type=MARKET quantity=0.010 newClientOrderId=f1");
	run_for(x, 5 * MS);
	ck_assert_ptr_nonnull(heard(c, "\"clientOrderId\":\"f1\""));
	ck_assert_ptr_nonnull(heard(u, "ORDER_TRADE_UPDATE"));
	ck_assert_ptr_nonnull(heard(u, "\"X\":\"FILLED\""));
	ck_assert_ptr_nonnull(heard(u, "ACCOUNT_UPDATE"));
	/* By the newer address, with the events that it wants. */
	char *key = path + sizeof "/private/ws/" - 1;
	char query[192];
	snprintf(query, sizeof query,
		 "/private/ws?listenKey=%s&events=ORDER_TRADE_UPDATE/listenKeyExpired", key);
	struct client *some = dial(x, 2, USDM, query);
	snprintf(query, sizeof query, "/private/ws?listenKey=%s", key);
	struct client *all = dial(x, 3, USDM, query);
	ck_assert(some->open && all->open);
	request(x, c, USDM, "order.place",
		"symbol=BTCUSDT side=SELL type=MARKET quantity=0.010 newClientOrderId=f2");
	run_for(x, 5 * MS);
	ck_assert_ptr_nonnull(heard(some, "ORDER_TRADE_UPDATE"));
	ck_assert_ptr_null(heard(some, "ACCOUNT_UPDATE"));
	ck_assert_ptr_nonnull(heard(all, "TRADE_LITE"));
	ck_assert_ptr_nonnull(heard(all, "ACCOUNT_UPDATE"));
	run_for(x, 3601 * SECOND);
	ck_assert_ptr_nonnull(heard(some, "listenKeyExpired"));
	ck_assert_ptr_nonnull(heard(u, "listenKeyExpired"));
	server_fixture_free(x);
}
END_TEST

/* ---------------------------------------------------------------- limits and pulse */

START_TEST(test_too_many_messages)
{
	struct server_fixture *x = server_fixture_new(NULL);
	struct client *c = dial(x, 0, SPOT, "/ws");
	for (int i = 0; i < 5; i++)
		tell(c, "{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}");
	run_for(x, 10 * MS);
	ck_assert(c->open);
	run_for(x, SECOND);
	for (int i = 0; i < 6; i++)
		tell(c, "{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}");
	run_for(x, 10 * MS);
	ck_assert(c->closed);
	ck_assert_uint_eq(c->code, WS_CLOSE_POLICY);
	server_fixture_free(x);
}
END_TEST

START_TEST(test_pulse)
{
	struct server_fixture *x = server_fixture_new(NULL);
	struct client *alive = dial(x, 0, SPOT, "/ws");
	run_for(x, 300 * SECOND);
	ck_assert(alive->open); /* its pongs went back */
	env_sim_freeze(x->world, 7001, true, false);
	run_for(x, 81 * SECOND);
	ck_assert(alive->closed);
	env_sim_thaw(x->world, 7001);
	struct client *old = dial(x, 1, SPOT, "/ws");
	run_for(x, 86399 * SECOND);
	ck_assert(old->open);
	run_for(x, 2 * SECOND);
	ck_assert(old->closed);
	server_fixture_free(x);
}
END_TEST

START_TEST(test_keep_alive_of_rest)
{
	struct server_fixture *x = server_fixture_new(NULL);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(rest_ask(x, SPOT, "GET", "/api/v3/time", false), 200);
	ck_assert_int_eq(rest_ask(x, SPOT, "GET", "/nowhere", false), 404);
	server_fixture_free(x);
}
END_TEST

static uint64_t one_run(void)
{
	struct server_fixture *x = server_fixture_new(NULL);
	dial(x, 0, SPOT, SPOT_STREAMS);
	dial(x, 1, USDM, USDM_STREAMS);
	run_for(x, 3 * SECOND);
	uint64_t digest = env_sim_digest(x->world);
	server_fixture_free(x);
	return digest;
}

START_TEST(test_same_seed_same_bytes)
{
	ck_assert_uint_eq(one_run(), one_run());
}
END_TEST

SUITE("server", test_market_waits_for_subscribers, test_books_can_be_followed, test_paths,
      test_groups_of_streams, test_spot_trade_with_reports, test_futures_user_stream,
      test_too_many_messages, test_pulse, test_keep_alive_of_rest, test_same_seed_same_bytes)
