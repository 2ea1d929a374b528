/* Proves that a simulated venue plays what was recorded into a store: streams, the book over REST and a restart in the middle, for depth and for best prices alone;
 * that what the store does not have is said in words; and what a demo finds out about a store before it runs on it. */
#include "core/base/log.h"
#include "core/cmd/store_feed.h"
#include "store/record.h"
#include "tests/unit/sim/server_fixture.h"

static char folder[64];

static const struct pack_instrument btc = { "BN.BTCUSDT", "BTC-USDT", 2, 5 };
static const struct pack_instrument other = { "BN.ETHUSDT", "ETHUSDT", 2, 5 };
static const int64_t start = 1723161253000000000;

static struct pack_event quote(int k, int64_t px)
{
	return (struct pack_event){
		.kind = PACK_QUOTE,
		.at_ns = start + k * 100 * MS,
		.quote = { .px = { px, px + 10 }, .qty = { 100000 + k, 200000 }, .seq = 1000 + k }
	};
}

/* Venue A: a snapshot, then changes, quotes and trades; venue B: best prices alone. */
static void record_both(void)
{
	struct store *s;
	struct record *r;
	const struct store_options o = { .path = folder, .ring = folder, .ring_bytes = 1 << 20 };
	ck_assert_msg(store_open(&o, &s) == 0, "%s", err_text());
	ck_assert_int_eq(record_open(s, "a fixture", &r), 0);
	ck_assert_int_eq(record_venue(r, "A", (const struct pack_instrument[]){ other, btc }, 2),
			 0);
	ck_assert_int_eq(record_venue(r, "B.SPOT", &btc, 1), 1);
	for (int k = 0; k < 1000; k++) {
		struct level l[side_max] = { { 6180000 - k % 7 * 10, 100000 + k },
					     { 6180010 + k % 5 * 10, 200000 } };
		struct pack_event ev = { .kind = k ? PACK_DEPTH : PACK_SNAPSHOT,
					 .instrument = 1,
					 .at_ns = start + k * 100 * MS,
					 .depth = { .first_seq = 1000 + k,
						    .last_seq = 1000 + k,
						    .prev_seq = 999 + k,
						    .level = { &l[0], &l[1] },
						    .n = { 1, 1 } } };
		ck_assert_int_eq(record_put(r, 0, &ev), 0);
		ev = quote(k, 6180000 + k % 9 * 10);
		ck_assert_int_eq(record_put(r, 1, &ev), 0);
		ev.kind = PACK_TRADE;
		ev.instrument = 1;
		ev.trade = (struct market_trade){ .px = 6180000, .qty = 1000, .id = 500 + k };
		ck_assert_int_eq(record_put(r, 0, &ev), 0);
	}
	ck_assert_int_eq(record_close(r, NULL), 0);
	ck_assert_int_eq(store_close(s), 0);
}

static void make_folder(void)
{
	log_set_level(LOG_ERROR);
	strcpy(folder, "/tmp/tandem-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	record_both();
}

static void remove_folder(void)
{
	nftw(folder, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void recorded(struct venue_setup *u)
{
	static const char *const names[] = { "a", "B.SPOT" }; /* whatever its capitals */
	u->source = SETUP_RECORDING;
	u->n_files = 2;
	for (uint16_t k = 0; k < 2; k++) {
		snprintf(u->file[k].path, sizeof u->file[k].path, "%s#%s", folder, names[k]);
		u->file[k].venue = k;
		u->venue[k].instrument[0].px_dp = 2;
		u->venue[k].instrument[0].qty_dp = 5;
	}
	ck_assert_msg(store_feed_open(u, &u->feed) == 0, "%s", err_text());
	ck_assert_ptr_nonnull(u->feed);
}

START_TEST(test_streams)
{
	struct server_fixture *x = server_fixture_new(recorded);
	struct client *a = dial(x, 0, SPOT, "/stream?streams=btcusdt@depth@100ms/btcusdt@trade");
	struct client *b = dial(x, 1, USDM, "/stream?streams=btcusdt@bookTicker/btcusdt@depth@0ms");
	run_for(x, 20 * SECOND);
	const char *f = heard(a, "depthUpdate");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(strstr(f, "\"U\":1001,\"u\":1001"));
	ck_assert_ptr_nonnull(strstr(f, "[[\"61799.90000000\",\"1.00001000\"]]"));
	ck_assert_ptr_nonnull(f = heard(a, "\"e\":\"trade\""));
	ck_assert_ptr_nonnull(strstr(f, "\"p\":\"61800.00000000\",\"q\":\"0.01000000\""));
	/* A change of the book, then the quote that it comes from, under one number. */
	ck_assert_ptr_nonnull(f = heard(b, "\"u\":1001,\"pu\":1000"));
	ck_assert_ptr_nonnull(strstr(f, "depthUpdate"));
	ck_assert_ptr_nonnull(f = heard(b, "bookTicker\",\"u\":1001"));
	ck_assert_msg(strstr(f, "\"b\":\"61800.10\",\"B\":\"1.00001\"") != NULL, "%s", f);
	ck_assert_int_gt(a->n, 350);
	ck_assert_int_gt(b->n, 300);
	struct playback_feed *feed = x->setup.feed;
	server_fixture_free(x);
	store_feed_close(feed);
}
END_TEST

static void restart(int venue, const char *ask)
{
	struct server_fixture *x = server_fixture_new(recorded);
	dial(x, 0, SPOT, "/stream?streams=btcusdt@bookTicker");
	dial(x, 1, USDM, "/stream?streams=btcusdt@bookTicker");
	run_for(x, 3 * SECOND);
	ck_assert_int_eq(rest_ask(x, venue, "GET", ask, false), 200);
	ck_assert_ptr_nonnull(strstr(x->body, "[\"618"));
	char *before = strdup(strstr(x->body, "\"bids\""));
	uint64_t popped = x->server.state.page->popped;
	fixture_stop(x);
	run_for(x, 10 * MS);
	fixture_start(x);
	ck_assert_uint_eq(x->server.state.page->popped, popped);
	ck_assert_int_eq(rest_ask(x, venue, "GET", ask, false), 200);
	ck_assert_str_eq(strstr(x->body, "\"bids\""), before);
	free(before);
	struct playback_feed *feed = x->setup.feed;
	server_fixture_free(x);
	store_feed_close(feed);
}

START_TEST(test_book_and_restart)
{
	restart(SPOT, "/api/v3/depth?symbol=BTCUSDT&limit=50");
	restart(USDM, "/fapi/v1/depth?symbol=BTCUSDT&limit=50");
}
END_TEST

static int open_with(const char *one, const char *two)
{
	static struct venue_setup u;
	memset(&u, 0, sizeof u);
	u.source = SETUP_RECORDING;
	u.n_venues = 2;
	u.n_files = 2;
	strcpy(u.venue[0].name, "spot");
	strcpy(u.venue[1].name, "usdm");
	u.file[1].venue = 1;
	snprintf(u.file[0].path, sizeof u.file[0].path, "%s", one);
	snprintf(u.file[1].path, sizeof u.file[1].path, "%s", two);
	int rc = store_feed_open(&u, &u.feed);
	store_feed_close(u.feed);
	return rc;
}

START_TEST(test_words)
{
	char a[80], b[80], none[80];
	snprintf(a, sizeof a, "%s#A", folder);
	snprintf(b, sizeof b, "%s#b.spot", folder);
	snprintf(none, sizeof none, "%s/nothing", folder);
	ck_assert_int_eq(open_with(a, b), 0);
	ck_assert_int_eq(open_with(a, folder), -ERR_NOTFOUND); /* none is called usdm */
	ck_assert_msg(strstr(err_text(), "it has: A, B.SPOT") != NULL, "%s", err_text());
	ck_assert_msg(strstr(err_text(), "usdm = \"") != NULL, "%s", err_text());
	ck_assert_int_eq(open_with(a, none), -ERR_CONFIG);
	ck_assert_int_eq(open_with(none, none), 0); /* files, then: nothing to open here */
	ck_assert_int_eq(open_with("/tmp", "/tmp"), -ERR_NOTFOUND);
	ck_assert(store_feed_is(a) && store_feed_is(folder) && !store_feed_is(none));
}
END_TEST

START_TEST(test_probe)
{
	static struct probe_symbol out[PROBE_SYMBOLS];
	char spot[128], usdm[128], want[128];
	unsigned n = 0;
	snprintf(want, sizeof want, "%s#B.SPOT", folder);
	ck_assert_msg(store_feed_probe(want, out, &n) == 0, "%s", err_text());
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(out[0].symbol, "BTCUSDT");
	ck_assert_int_eq(out[0].tick_e8, 10000000); /* 0.10 */
	ck_assert_int_eq(out[0].lot_e8, 1000);	    /* 0.00001 */
	ck_assert_int_eq(out[0].px_e8 / 100000000, 61800);
	ck_assert(out[0].has_best);
	ck_assert_msg(store_feed_pair(folder, spot, usdm, sizeof spot) == 0, "%s", err_text());
	ck_assert_str_eq(spot, want);
	snprintf(want, sizeof want, "%s#A", folder);
	ck_assert_str_eq(usdm, want);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_streams, test_book_and_restart, test_words,
				       test_probe };
	Suite *suite = suite_create("store_feed");
	TCase *group = tcase_create("store_feed");
	tcase_add_checked_fixture(group, make_folder, remove_folder);
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tcase_add_test(group, tests[i]);
	suite_add_tcase(suite, group);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
