/* Proves that recorded frames of the real venues come out of the simulated one byte by byte, in order, at their pace; skipped without recordings. */
#include "adapters/sim/recording.h"
#include "core/base/err.h"
#include "core/io/clock_page.h"
#include "tests/unit/sim/server_fixture.h"

static char spot[256], usdm[256];

static bool find_data(void)
{
	const char *dir = getenv("TANDEM_DATA");
	if (!dir)
		dir = TANDEM_DATA_DEFAULT;
	snprintf(spot, sizeof spot, "%s/binance_btc/spot_btcusdt_20240808.gz", dir);
	snprintf(usdm, sizeof usdm, "%s/binance_btc/usdm_btcusdt_20240808.gz", dir);
	return access(spot, R_OK) == 0 && access(usdm, R_OK) == 0;
}

static void recorded(struct venue_setup *u)
{
	u->source = SETUP_RECORDING;
	u->n_files = 2;
	snprintf(u->file[0].path, sizeof u->file[0].path, "%s", spot);
	snprintf(u->file[1].path, sizeof u->file[1].path, "%s", usdm);
	u->file[1].venue = 1;
}

/* The recorded frames of one venue again, straight from the file. */
static int compare(const struct client *c, uint16_t venue, const struct venue_setup *u)
{
	struct market_source *m;
	const struct recording_file f = { u->file[venue].path, venue };
	struct source_instrument i = { .venue = venue,
				       .symbol = "BTCUSDT",
				       .px_dp = u->venue[venue].instrument[0].px_dp,
				       .qty_dp = u->venue[venue].instrument[0].qty_dp };
	struct source_event e;
	ck_assert_int_eq(recording_open(&(struct recording_config){ .file = &f,
								    .n_files = 1,
								    .instrument = &i,
								    .n_instruments = 1 },
					&m),
			 0);
	int n = 0;
	int64_t first_ns = 0;
	while (n < c->n && source_pop(m, &e) > 0) {
		if (e.kind == SOURCE_SNAPSHOT)
			continue;
		ck_assert_msg(strlen(c->text[n]) == e.n_raw &&
				      memcmp(c->text[n], e.raw, e.n_raw) == 0,
			      "frame %d is %.200s, not %.200s", n, c->text[n], e.raw);
		if (n == 0)
			first_ns = e.time_ns;
		int64_t late = (c->at_ns[n] - c->at_ns[0]) - (e.time_ns - first_ns);
		ck_assert_msg(late > -MS && late < MS, "frame %d is %lld ns late", n,
			      (long long)late);
		n++;
	}
	source_free(m);
	return n;
}

START_TEST(test_byte_by_byte)
{
	struct server_fixture *x = server_fixture_new(recorded);
	struct client *a = dial(
		x, 0, SPOT, "/stream?streams=btcusdt@bookTicker/btcusdt@depth@100ms/btcusdt@trade");
	struct client *b = dial(
		x, 1, USDM, "/stream?streams=btcusdt@bookTicker/btcusdt@depth@0ms/btcusdt@trade");
	run_for(x, 15 * SECOND);
	ck_assert_int_gt(compare(a, SPOT, &x->setup), 300);
	ck_assert_int_gt(compare(b, USDM, &x->setup), 1000);
	server_fixture_free(x);
}
END_TEST

/* The recorder's clock ran 1.27 s behind the exchange's: what the venue answers must agree with what its frames say. */
START_TEST(test_the_clock_is_that_of_the_stamps)
{
	struct server_fixture *x = calloc(1, sizeof *x);
	struct clock_page *clock;
	char page[96];
	strcpy(x->dir, "/tmp/tandem-venue-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(x->dir));
	snprintf(page, sizeof page, "%s/clock", x->dir);
	fixture_setup(&x->setup, x->dir);
	recorded(&x->setup);
	ck_assert_int_eq(env_sim_open(&(struct env_sim_opt){ .seed = 5 }, &x->world), 0);
	ck_assert_int_eq(env_sim_add(x->world, "venue", &x->venue), 0);
	ck_assert_int_eq(clock_page_create(page, 1767225600 * SECOND, &clock), 0);
	ck_assert_msg(server_open(&x->server, &x->setup, x->venue, clock) == 0, "%s", err_text());
	for (int i = 0; i < 2; i++) {
		int64_t offset = x->server.venue[i].wire.knobs.config.clock_offset_ns;
		ck_assert_msg(offset > 1260 * MS && offset < 1280 * MS, "venue %d: %lld ns", i,
			      (long long)offset);
	}
	server_close(&x->server);
	clock_page_close(clock);
	env_sim_free(x->world);
	nftw(x->dir, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(x);
}
END_TEST

/* The book from REST, and a restart in the middle of a recording. */
START_TEST(test_book_and_restart)
{
	struct server_fixture *x = server_fixture_new(recorded);
	dial(x, 0, SPOT, "/stream?streams=btcusdt@bookTicker");
	dial(x, 1, USDM, "/stream?streams=btcusdt@bookTicker");
	run_for(x, 10 * SECOND);
	ck_assert_int_eq(rest_ask(x, USDM, "GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=50", false),
			 200);
	char *before = strdup(strstr(x->body, "\"bids\""));
	uint64_t popped = x->server.state.page->popped;
	fixture_stop(x);
	run_for(x, 10 * MS);
	fixture_start(x);
	ck_assert_int_eq(rest_ask(x, USDM, "GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=50", false),
			 200);
	ck_assert_uint_eq(x->server.state.page->popped, popped);
	ck_assert_str_eq(strstr(x->body, "\"bids\""), before);
	free(before);
	server_fixture_free(x);
}
END_TEST

int main(void)
{
	static const TTest *tests[3];
	if (!find_data()) {
		printf("skipped: %s is not there\n", spot);
		return 77;
	}
	tests[0] = test_byte_by_byte;
	tests[1] = test_book_and_restart;
	tests[2] = test_the_clock_is_that_of_the_stamps;
	return suite_run("server_recording", tests, 3);
}
