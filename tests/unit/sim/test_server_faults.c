/* Proves that each fault and each delay of the venue does what it says on the wire, and nothing to the venue's truth. */
#include "tests/unit/sim/server_fixture.h"

#define STREAM	   "/stream?streams=btcusdt@bookTicker/btcusdt@depth@100ms"
#define MARKET_BUY "symbol=BTCUSDT side=BUY type=MARKET quantity=0.01"

static struct server_fixture *with(const char *name, const char *value, struct client **api)
{
	struct server_fixture *x = server_fixture_new(NULL);
	struct knobs *k = &x->server.venue[SPOT].wire.knobs;
	ck_assert_int_eq(knobs_set(&k->config, name, value), 0);
	*api = dial(x, 0, SPOT, "/ws-api/v3");
	request(x, *api, SPOT, "userDataStream.subscribe.signature", "");
	run_for(x, 500 * MS);
	return x;
}

static uint64_t orders(const struct server_fixture *x)
{
	return x->server.venue[SPOT].wire.exchange.n_accepted;
}

START_TEST(test_delays_add_up)
{
	struct client *c;
	struct server_fixture *x = with("delay.in", "fixed:5ms", &c);
	ck_assert_int_eq(
		knobs_set(&x->server.venue[SPOT].wire.knobs.config, "delay.out", "fixed:7ms"), 0);
	int64_t t0 = env_sim_now(x->world);
	request(x, c, SPOT, "order.place", MARKET_BUY);
	run_for(x, 100 * MS);
	ck_assert_ptr_nonnull(heard(c, "\"id\":\"order.place\""));
	int64_t took = c->at_ns[c->seen - 1] - t0;
	ck_assert_int_ge(took, 12 * MS + 200000);
	ck_assert_int_le(took, 12 * MS + 300000);
	server_fixture_free(x);
}
END_TEST

START_TEST(test_request_lost)
{
	struct client *c;
	struct server_fixture *x = with("drop.in", "0%", &c);
	ck_assert_int_eq(knobs_set(&x->server.venue[SPOT].wire.knobs.config, "drop.in", "100%"), 0);
	request(x, c, SPOT, "order.place", MARKET_BUY);
	run_for(x, SECOND);
	ck_assert_ptr_null(heard(c, "order.place"));
	ck_assert_uint_eq(orders(x), 0);
	server_fixture_free(x);
}
END_TEST

START_TEST(test_answer_lost)
{
	struct client *c;
	struct server_fixture *x = with("drop.out", "0%", &c);
	ck_assert_int_eq(knobs_set(&x->server.venue[SPOT].wire.knobs.config, "drop.out", "100%"),
			 0);
	request(x, c, SPOT, "order.place", MARKET_BUY);
	run_for(x, SECOND);
	int from = c->seen;
	ck_assert_ptr_null(heard(c, "\"id\":\"order.place\""));
	ck_assert_uint_eq(orders(x), 1);
	c->seen = from; /* but what it did is reported */
	ck_assert_ptr_nonnull(heard(c, "executionReport"));
	server_fixture_free(x);
}
END_TEST

START_TEST(test_timeout_is_unknown)
{
	struct client *c;
	struct server_fixture *x = with("timeout", "100%", &c);
	request(x, c, SPOT, "order.place", MARKET_BUY);
	run_for(x, SECOND);
	const char *t = heard(c, "\"id\":\"order.place\"");
	ck_assert_ptr_nonnull(t);
	ck_assert_ptr_nonnull(strstr(t, "\"code\":-1007"));
	ck_assert_uint_eq(orders(x), 1);
	/* Who only asks is answered. */
	request(x, c, SPOT, "account.status", "");
	run_for(x, SECOND);
	ck_assert_ptr_nonnull(heard(c, "\"accountType\""));
	server_fixture_free(x);
}
END_TEST

START_TEST(test_report_twice)
{
	struct client *c;
	struct server_fixture *x = with("dup.out", "100%", &c);
	request(x, c, SPOT, "order.place",
		"symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=60000 quantity=0.01");
	run_for(x, SECOND);
	const char *one = heard(c, "executionReport"), *two = heard(c, "executionReport");
	ck_assert(one && two);
	ck_assert_str_eq(one, two);
	ck_assert_ptr_null(heard(c, "executionReport"));
	server_fixture_free(x);
}
END_TEST

START_TEST(test_reject)
{
	struct client *c;
	struct server_fixture *x = with("reject", "100%", &c);
	request(x, c, SPOT, "order.place", MARKET_BUY);
	run_for(x, SECOND);
	ck_assert_ptr_nonnull(heard(c, "\"code\":-1008"));
	ck_assert_uint_eq(orders(x), 0);
	server_fixture_free(x);
}
END_TEST

/* The sequence tells that something is missing, and what comes twice can be known. */
START_TEST(test_feed_drops_and_doubles)
{
	for (int doubled = 0; doubled < 2; doubled++) {
		struct client *c;
		struct server_fixture *x = with(doubled ? "dup.feed" : "drop.feed", "30%", &c);
		struct client *s = dial(x, 1, SPOT, STREAM);
		dial(x, 2, USDM, "/public/ws/btcusdt@bookTicker");
		run_for(x, 20 * SECOND);
		int gaps = 0, twice = 0;
		int64_t last = 0;
		for (const char *t; (t = heard(s, "depthUpdate"));) {
			json_t *j = json_loads(t, 0, NULL), *d = json_object_get(j, "data");
			gaps += last && number_of(d, "U") > last + 1;
			twice += last && number_of(d, "u") == last;
			last = number_of(d, "u");
			json_decref(j);
		}
		ck_assert_int_eq(gaps > 10, !doubled);
		ck_assert_int_eq(twice > 10, doubled);
		server_fixture_free(x);
	}
}
END_TEST

static void planned(struct venue_setup *u)
{
	static const char *const plan[] = { "freeze@2s:500ms", "reject@4s:1s", "halt@6s:1s",
					    "disconnect@8s" };
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(knobs_set(&u->venue[SPOT].knobs, "plan", plan[i]), 0);
}

/* How many frames came between two times after `from`. */
static int between(const struct client *c, int64_t from, int64_t lo, int64_t hi)
{
	int n = 0;
	for (int i = 0; i < c->n; i++)
		n += c->at_ns[i] - from >= lo && c->at_ns[i] - from < hi;
	return n;
}

START_TEST(test_plan)
{
	struct server_fixture *x = server_fixture_new(planned);
	struct client *api = dial(x, 0, SPOT, "/ws-api/v3"), *s = dial(x, 1, SPOT, STREAM);
	struct client *other = dial(x, 2, USDM, "/public/ws/btcusdt@bookTicker");
	int64_t t0 = x->server.market.start_mono_ns;
	ck_assert(x->server.market.started);
	run_for(x, 2600 * MS);
	ck_assert_int_gt(between(s, t0, 1000 * MS, 2000 * MS), 20);
	ck_assert_int_eq(between(s, t0, 2010 * MS, 2500 * MS), 0);
	ck_assert(s->open);
	ck_assert_int_gt(between(other, t0, 2010 * MS, 2500 * MS), 0);
	run_for(x, t0 + 4500 * MS - env_sim_now(x->world));
	request(x, api, SPOT, "order.place", MARKET_BUY);
	run_for(x, SECOND);
	ck_assert_ptr_nonnull(heard(api, "\"code\":-1008"));
	request(x, api, SPOT, "order.place", MARKET_BUY);
	run_for(x, 100 * MS);
	ck_assert_ptr_nonnull(heard(api, "\"status\":200"));
	run_for(x, t0 + 6500 * MS - env_sim_now(x->world));
	request(x, api, SPOT, "order.place", MARKET_BUY);
	run_for(x, 1100 * MS);
	ck_assert_ptr_nonnull(heard(api, "Market is closed."));
	ck_assert(api->open);
	run_for(x, SECOND);
	ck_assert(api->closed && s->closed && other->open);
	server_fixture_free(x);
}
END_TEST

START_TEST(test_clock_of_the_venue)
{
	struct client *c;
	struct server_fixture *x = with("clock.offset", "3s", &c);
	struct env_now now;
	env_now(x->host, &now);
	ck_assert_int_eq(rest_ask(x, SPOT, "GET", "/api/v3/time", false), 200);
	json_t *j = json_loads(x->body, 0, NULL);
	int64_t ahead = number_of(j, "serverTime") - now.utc_ns / MS;
	json_decref(j);
	ck_assert_int_ge(ahead, 3000);
	ck_assert_int_le(ahead, 3020);
	request(x, c, SPOT, "account.status", "recvWindow=2000");
	run_for(x, 10 * MS);
	ck_assert_ptr_nonnull(heard(c, "\"code\":-1021"));
	server_fixture_free(x);
}
END_TEST

/* A second symbol beside BTCUSDT: a currency pair with a price of its own. */
static void with_currency(struct venue_setup *u)
{
	struct setup_venue *v = &u->venue[SPOT];
	struct instrument *i = &v->instrument[1];
	*i = v->instrument[0];
	strcpy(i->name, "SPOT.USDCNH");
	strcpy(i->symbol, "USDCNH");
	i->px_dp = 5;
	i->rule[0].tick = 10; /* 0.0001 */
	i->base = asset_intern(&u->assets, "USD");
	i->quote = i->settle = asset_intern(&u->assets, "CNH");
	v->mid_e8[1] = 720000000;
	v->n_instruments = 2;
}

static void fed_badly(struct venue_setup *u)
{
	static const char *const plan[] = { "feed_freeze@2s:500ms", "mute.USDCNH@4s:1s",
					    "mute@6s" };
	with_currency(u);
	u->venue[SPOT].ping_every_ns = 50 * MS;
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(knobs_set(&u->venue[SPOT].knobs, "plan", plan[i]), 0);
}

/* Frames with this text between two times after `from`. */
static int of_symbol(const struct client *c, const char *text, int64_t from, int64_t lo, int64_t hi)
{
	int n = 0;
	for (int i = 0; i < c->n; i++)
		n += c->at_ns[i] - from >= lo && c->at_ns[i] - from < hi &&
		     strstr(c->text[i], text) != NULL;
	return n;
}

#define BTC "\"s\":\"BTCUSDT\""
#define CNH "\"s\":\"USDCNH\""

/* F32, F48: prices stand still or are gone while the connection lives and requests are answered. */
START_TEST(test_market_data_alone)
{
	struct server_fixture *x = server_fixture_new(fed_badly);
	struct client *api = dial(x, 0, SPOT, "/ws-api/v3");
	struct client *s =
		dial(x, 1, SPOT,
		     "/stream?streams=btcusdt@bookTicker/usdcnh@bookTicker/usdcnh@depth@100ms");
	dial(x, 2, USDM, "/public/ws/btcusdt@bookTicker");
	int64_t t0 = x->server.market.start_mono_ns;
	ck_assert(x->server.market.started);
	run_for(x, t0 + 2100 * MS - env_sim_now(x->world));
	request(x, api, SPOT, "order.place", MARKET_BUY);
	run_for(x, 100 * MS);
	ck_assert_ptr_nonnull(heard(api, "\"status\":200")); /* while the feed is frozen */
	run_for(x, t0 + 9 * SECOND - env_sim_now(x->world));
	/* held back, then all at once */
	ck_assert_int_gt(of_symbol(s, BTC, t0, 1000 * MS, 2000 * MS), 20);
	ck_assert_int_eq(of_symbol(s, BTC, t0, 2005 * MS, 2500 * MS), 0);
	ck_assert_int_gt(of_symbol(s, BTC, t0, 2500 * MS, 2502 * MS), 10);
	/* one symbol is lost, and its numbers show it; the other goes on */
	ck_assert_int_gt(of_symbol(s, CNH, t0, 3000 * MS, 4000 * MS), 5);
	ck_assert_int_eq(of_symbol(s, CNH, t0, 4005 * MS, 5000 * MS), 0);
	ck_assert_int_gt(of_symbol(s, BTC, t0, 4005 * MS, 5000 * MS), 20);
	ck_assert_int_gt(of_symbol(s, CNH, t0, 5000 * MS, 6000 * MS), 5);
	/* all of it, for good */
	ck_assert_int_gt(of_symbol(s, BTC, t0, 5000 * MS, 6000 * MS), 20);
	ck_assert_int_eq(between(s, t0, 6005 * MS, 9000 * MS), 0);
	ck_assert(s->open && api->open);
	server_fixture_free(x);
}
END_TEST

/* The price of a quote, e-5. */
static int64_t bid_of(const char *frame)
{
	const char *at = strstr(frame, "\"b\":\"");
	ck_assert_ptr_nonnull(at);
	return (int64_t)(atof(at + 5) * 1e5 + 0.5);
}

START_TEST(test_every_symbol_is_quoted)
{
	struct server_fixture *x = server_fixture_new(with_currency);
	struct client *s = dial(x, 1, SPOT, "/stream?streams=usdcnh@bookTicker/usdcnh@depth@100ms");
	dial(x, 2, USDM, "/public/ws/btcusdt@bookTicker");
	run_for(x, 3 * SECOND);
	ck_assert_int_gt(of_symbol(s, "bookTicker", 0, 0, INT64_MAX), 10);
	ck_assert_int_gt(of_symbol(s, "depthUpdate", 0, 0, INT64_MAX), 10);
	int64_t bid = bid_of(heard(s, "bookTicker"));
	ck_assert_int_gt(bid, 719000);
	ck_assert_int_lt(bid, 721000);
	ck_assert_int_eq(bid % 10, 0); /* on its tick */
	ck_assert_int_eq(rest_ask(x, SPOT, "GET", "/api/v3/depth?symbol=USDCNH&limit=5", false),
			 200);
	ck_assert_ptr_nonnull(strstr(x->body, "\"bids\":[[\"7."));
	server_fixture_free(x);
}
END_TEST

static void jumpy(struct venue_setup *u)
{
	ck_assert_int_eq(knobs_set(&u->venue[SPOT].knobs, "plan", "clock@2s:1h"), 0);
	ck_assert_int_eq(knobs_set(&u->venue[SPOT].knobs, "plan", "clock@4s:-3600080ms"), 0);
	ck_assert_int_eq(knobs_set(&u->venue[SPOT].knobs, "clock.grain", "1s"), 0);
}

/* The stamp of the venue, ms, against the world's. */
static int64_t stamp_ahead(struct server_fixture *x, struct client *c)
{
	struct env_now now;
	request(x, c, SPOT, "time", "");
	run_for(x, 10 * MS);
	const char *at = heard(c, "serverTime");
	ck_assert_ptr_nonnull(at);
	env_now(x->host, &now);
	int64_t stamp = strtoll(strstr(at, "serverTime") + 12, NULL, 10);
	ck_assert_int_eq(stamp % 1000, 0); /* its grain */
	return stamp - now.utc_ns / MS;
}

/* F46, F47: the venue's clock jumps an hour ahead, and back below the truth; the venue goes on. */
START_TEST(test_clock_jumps)
{
	struct server_fixture *x = server_fixture_new(jumpy);
	struct client *api = dial(x, 0, SPOT, "/ws-api/v3");
	struct client *s = dial(x, 1, SPOT, STREAM);
	dial(x, 2, USDM, "/public/ws/btcusdt@bookTicker");
	int64_t t0 = x->server.market.start_mono_ns;
	run_for(x, SECOND);
	int64_t ahead = stamp_ahead(x, api);
	ck_assert(ahead <= 0 && ahead > -1100);
	run_for(x, t0 + 2500 * MS - env_sim_now(x->world));
	ahead = stamp_ahead(x, api);
	ck_assert(ahead <= 3600000 && ahead > 3600000 - 1100);
	run_for(x, t0 + 4500 * MS - env_sim_now(x->world));
	ahead = stamp_ahead(x, api);
	ck_assert(ahead <= -80 && ahead > -80 - 1100);
	ck_assert_int_gt(between(s, t0, 4100 * MS, 4500 * MS), 5);
	request(x, api, SPOT, "order.place", MARKET_BUY);
	run_for(x, 100 * MS);
	ck_assert_ptr_nonnull(heard(api, "\"status\":200"));
	server_fixture_free(x);
}
END_TEST

SUITE("server_faults", test_delays_add_up, test_request_lost, test_answer_lost,
      test_timeout_is_unknown, test_report_twice, test_reject, test_feed_drops_and_doubles,
      test_plan, test_clock_of_the_venue, test_market_data_alone, test_every_symbol_is_quoted,
      test_clock_jumps)
