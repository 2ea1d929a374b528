/* Proves that a backtest comes to what can be worked out by hand from its recording, twice to the same byte; that latency costs what it must; and what it refuses. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cmd/backtest_plan.h"
#include "core/cmd/backtest_show.h"
#include "store/record.h"
#include "tests/unit/suite.h"
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MS     1000000LL
#define SECOND (1000 * MS)
#define START  1723161253000000000LL

static int64_t later_ns; /* than START: the next recording */
static char folder[64], config[96], strategy[96], recording[96];

static const char strategy_text[] =
	"local tandem = require \"tandem\"\n"
	"local S = tandem.strategy { version = 1, legs = { \"near\", \"far\" }, params = { at = { 5, min = 0, max = 100 }, lots = { 2, min = 1, max = 50 } } }\n"
	"function S:on_basis(b)\n"
	"  if self.pos.in_flight > 0 then return end\n"
	"  if self.pos.lots == 0 and b.sell_near >= self.params.at then\n"
	"    self:pair { sell = \"near\", buy = \"far\", lots = self.params.lots, tif = \"IOC\", intent = \"open\", reason = \"dear\" }\n"
	"  elseif self.pos.lots < 0 and b.buy_near <= 1 then\n"
	"    self:pair { sell = \"far\", buy = \"near\", lots = -self.pos.lots, tif = \"IOC\", intent = \"close\", reason = \"back\" }\n"
	"  end\n"
	"end\n"
	"return S\n";

static const char config_text[] =
	"return {\n"
	"venues = {\n"
	"{ name = \"A\", adapter = \"binance_usdm\", url = { stream = \"wss://a.test\", api = \"wss://a.test\", rest = \"https://a.test\", user = \"wss://a.test\" } },\n"
	"{ name = \"B\", adapter = \"binance_usdm\", url = { stream = \"wss://b.test\", api = \"wss://b.test\", rest = \"https://b.test\", user = \"wss://b.test\" } },\n"
	"},\n"
	"accounts = { { name = \"a\", venue = \"A\", api_key_file = \"none.key\", secret_file = \"none.secret\" },\n"
	"{ name = \"b\", venue = \"B\", api_key_file = \"none.key\", secret_file = \"none.secret\" } },\n"
	"instruments = {\n"
	"{ name = \"A.X\", venue = \"A\", symbol = \"X\", base = \"X\", quote = \"USDT\", kind = \"linear\", px_dp = 2, qty_dp = 0, tick = \"0.01\", lot = 1, min_qty = 1%s },\n"
	"{ name = \"B.X\", venue = \"B\", symbol = \"X\", base = \"X\", quote = \"USDT\", kind = \"linear\", px_dp = 2, qty_dp = 0, tick = \"0.01\", lot = 1, min_qty = 1, fees = { maker = \"1bp\", taker = \"2bp\" } },\n"
	"},\n"
	"strategies = { { name = \"one\", file = \"s.lua\", legs = { near = \"A.X\", far = \"B.X\" }, accounts = { near = \"a\", far = \"b\" }, params = { at = 5 },\n"
	"limits = { max_pairs_in_flight = 1, max_age = \"10s\", max_skew = \"10s\", max_slip_ticks = 20, max_unwind_slip_ticks = 5000, rescue_budget = 100 } } },\n"
	"risk = { max_order_notional = 100000, max_position_notional = 1000000, collar = \"3000bp\", max_age = \"10s\", max_skew = \"10s\", max_rejects_per_min = 1000 },\n"
	"store = { path = \"db\" },\n"
	"}\n";

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static void put_config(const char *fees)
{
	char text[4096];
	snprintf(text, sizeof text, config_text, fees);
	put(config, text);
}

static void quote(struct record *r, uint16_t venue, int64_t at_ns, int64_t bid, int64_t ask)
{
	struct pack_event ev = { .kind = PACK_QUOTE,
				 .at_ns = START + later_ns + at_ns,
				 .quote = { .px = { bid, ask },
					    .qty = { 10, 10 + at_ns / (100 * MS) % 2 } } };
	ck_assert_int_eq(record_put(r, venue, &ev), 0);
}

/* B stands at 100.00 / 100.01. A is there too, but from 2 s on for dear_ns at 110.00 / 110.01. */
static void record_market(int64_t dear_ns)
{
	static const struct pack_instrument x = { "X", "X", 2, 0 };
	struct store *s;
	struct record *r;
	const struct store_options o = { .path = recording, .ring = folder, .ring_bytes = 1 << 20 };
	ck_assert_msg(store_open(&o, &s) == 0, "%s", err_text());
	ck_assert_int_eq(record_open(s, "a fixture", &r), 0);
	ck_assert_int_eq(record_venue(r, "A", &x, 1), 0);
	ck_assert_int_eq(record_venue(r, "B", &x, 1), 1);
	for (int64_t t = 0; t < 6 * SECOND; t += 100 * MS) {
		bool dear = t >= 2 * SECOND && t < 2 * SECOND + dear_ns;
		quote(r, 0, t, dear ? 11000 : 10000, dear ? 11001 : 10001);
		if (dear && dear_ns < 100 * MS)
			quote(r, 0, t + dear_ns, 10000, 10001);
		quote(r, 1, t, 10000, 10001);
	}
	ck_assert_int_eq(record_close(r, NULL), 0);
	ck_assert_int_eq(store_close(s), 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static void stand(int64_t dear_ns)
{
	log_set_level(LOG_ERROR);
	strcpy(folder, "/tmp/tandem-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(config, sizeof config, "%s/host.lua", folder);
	snprintf(strategy, sizeof strategy, "%s/s.lua", folder);
	snprintf(recording, sizeof recording, "%s/rec", folder);
	put(strategy, strategy_text);
	put_config(", fees = { maker = \"1bp\", taker = \"3bp\" }");
	record_market(dear_ns);
}

static void leave(void)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct backtest_options options(int64_t latency_ns)
{
	static const char *paths[1];
	paths[0] = recording;
	return (struct backtest_options){ .config = config,
					  .strategy = strategy,
					  .recording = paths,
					  .n_recordings = 1,
					  .seed = 1,
					  .latency = { { .ns = latency_ns } },
					  .n_latencies = 1 };
}

static struct backtest *run(const struct backtest_options *o)
{
	struct backtest *b;
	int rc = backtest_open(o, &b);
	ck_assert_msg(rc == 0, "%s", err_text());
	rc = backtest_run(b);
	ck_assert_msg(rc == 0, "%s", err_text());
	return b;
}

/* Sold 2 at 110.00 and bought 2 at 100.01; bought back at 100.01 and sold at 100.00. Fees: 3 bp of what was done at A, 2 bp at B. */
START_TEST(test_by_hand)
{
	stand(2 * SECOND);
	struct backtest_options o = options(1 * MS);
	struct backtest *b = run(&o);
	const struct bt_instance *in = &backtest_tally(b)->of[0];
	const int64_t fees = (22000 + 20002) * 300 +
			     (20002 + 20000) * 200; /* cents times 1e-8 of the notional, e8 */
	ck_assert_uint_eq(in->sent, 2);
	ck_assert_uint_eq(in->hedged, 2);
	ck_assert_uint_eq(in->opened, 1);
	ck_assert_uint_eq(in->closed, 1);
	ck_assert_uint_eq(in->broken, 0);
	ck_assert_int_eq(in->fees_e8, fees);
	ck_assert_int_eq(in->net_e8, (22000 - 20002 - 20002 + 20000) * 1000000LL - fees);
	ck_assert_int_eq(in->slip_e8, 0);
	ck_assert_int_eq(in->naked_ns, 0);
	ck_assert_double_eq(in->pos_lots, 0);
	ck_assert_uint_eq(in->n_days, 1);
	ck_assert_uint_eq(backtest_venue(b, 0)->at_once, 2);
	ck_assert_uint_eq(reel_stats(backtest_reel(b))->quotes, 120);
	ck_assert_int_eq(reel_books(backtest_reel(b))[0], PAPER_BEST);
	backtest_close(b);
	leave();
}
END_TEST

static char *told(const struct backtest_options *o)
{
	struct backtest *b = run(o);
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	ck_assert_int_eq(backtest_json(b, NULL, f), 0);
	ck_assert_int_eq(backtest_html(b, f), 0);
	backtest_text(b, NULL, f);
	fclose(f);
	backtest_close(b);
	return text;
}

START_TEST(test_repeats)
{
	stand(2 * SECOND);
	struct backtest_options o = options(1 * MS);
	char *one = told(&o), *two = told(&o);
	ck_assert_str_eq(one, two);
	ck_assert_ptr_nonnull(strstr(one, "\"net\":19.75399"));
	ck_assert_ptr_nonnull(strstr(one, "<svg"));
	ck_assert_ptr_null(strstr(one, "<script"));
	ck_assert_ptr_null(strstr(one, "src="));
	ck_assert_ptr_nonnull(strstr(one, "Queue: a resting order stands behind everything"));
	free(one);
	free(two);
	leave();
}
END_TEST

/* The price is there for 4 ms: at 5 ms one way its leg comes too late, and the other is taken back. */
START_TEST(test_latency)
{
	stand(4 * MS);
	struct backtest_options o = options(1 * MS);
	struct backtest *b = run(&o);
	ck_assert_uint_eq(backtest_tally(b)->of[0].broken, 0);
	ck_assert_int_gt(backtest_tally(b)->of[0].net_e8, 0);
	backtest_close(b);
	o.latency[0].ns = 5 * MS;
	b = run(&o);
	const struct bt_instance *in = &backtest_tally(b)->of[0];
	ck_assert_uint_eq(in->broken, 1);
	ck_assert_uint_eq(in->rescued, 1);
	ck_assert_int_lt(in->net_e8, 0);
	ck_assert_int_ge(in->naked_ns, 10 * MS); /* to the news and back */
	ck_assert_int_eq(in->left_base_e8, 0);
	backtest_close(b);
	leave();
}
END_TEST

START_TEST(test_named_latency)
{
	stand(2 * SECOND);
	struct backtest_options o = options(1 * MS);
	o.n_latencies = 3;
	o.latency[1] = (struct backtest_latency){ .name = "far", .ns = 7 * MS };
	o.latency[2] = (struct backtest_latency){ .name = "A", .ns = 2 * MS };
	struct backtest *b = run(&o);
	ck_assert_int_eq(backtest_latency_ns(b, 0), 2 * MS);
	ck_assert_int_eq(backtest_latency_ns(b, 1), 7 * MS);
	ck_assert_int_eq(backtest_tally(b)->of[0].naked_ns,
			 20 * MS); /* ten for each of two pairs */
	backtest_close(b);
	o.latency[2].name[0] = 'Z';
	ck_assert_int_eq(backtest_open(&o, &b), -ERR_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err_text(), "Z"));
	leave();
}
END_TEST

START_TEST(test_params_and_span)
{
	stand(2 * SECOND);
	struct backtest_options o = options(1 * MS), whole = o;
	o.n_sets = 1;
	o.set[0] = (struct backtest_set){ .param = "lots", .value = 5 };
	struct backtest *b = run(&o);
	ck_assert_int_eq(backtest_tally(b)->of[0].volume_e8 / 1000000,
			 5 * (11000 + 10001 + 10001 + 10000));
	backtest_close(b);
	o.set[0].value = 51; /* beyond its bounds */
	ck_assert_int_lt(backtest_open(&o, &b), 0);
	ck_assert_ptr_nonnull(strstr(err_text(), "lots"));
	/* From the middle: the books are made of what lies before. */
	whole.from_ns = START + 3 * SECOND + 50 * MS;
	b = run(&whole);
	ck_assert_uint_eq(backtest_tally(b)->of[0].sent, 2);
	backtest_close(b);
	whole.to_ns = START + 3 * SECOND + 500 * MS;
	b = run(&whole);
	ck_assert_uint_eq(backtest_tally(b)->of[0].sent, 1);
	ck_assert_double_eq(backtest_tally(b)->of[0].pos_lots, -2);
	backtest_close(b);
	whole.from_ns = START + 60 * SECOND;
	whole.to_ns = 0;
	ck_assert_int_eq(backtest_open(&whole, &b), -ERR_NOTFOUND);
	leave();
}
END_TEST

START_TEST(test_refuses)
{
	struct backtest *b;
	stand(2 * SECOND);
	struct backtest_options o = options(1 * MS);
	put_config(""); /* no fees */
	ck_assert_int_eq(backtest_open(&o, &b), -ERR_CONFIG);
	put_config(", fees = { maker = 0, taker = 0 }");
	b = run(&o);
	char text[BACKTEST_SENTENCE];
	bool told_free = false;
	for (unsigned i = 0; backtest_warns(b, i, text); i++)
		told_free |= strstr(text, "cost nothing") != NULL;
	ck_assert(told_free);
	backtest_close(b);
	struct reel_alias alias = { "A", "NOWHERE" };
	o.alias[0] = alias;
	o.n_aliases = 1;
	ck_assert_int_eq(backtest_open(&o, &b), -ERR_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err_text(), "there is: A, B"));
	o.n_aliases = 0;
	o.instance = "two";
	ck_assert_int_eq(backtest_open(&o, &b), -ERR_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err_text(), "it has: one"));
	leave();
}
END_TEST

/* A market in two stores at once, and one that is in the first until the second begins. */
START_TEST(test_several_recordings)
{
	char second[96];
	stand(2 * SECOND);
	snprintf(second, sizeof second, "%s/second", folder);
	const char *paths[2] = { recording, recording };
	struct backtest_options o = options(1 * MS);
	struct backtest *b;
	o.recording = paths;
	o.n_recordings = 2;
	ck_assert_int_eq(backtest_open(&o, &b), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "at the same time"));
	paths[1] = second;
	strcpy(recording, second);
	later_ns = 60 * SECOND;
	record_market(2 * SECOND);
	snprintf(recording, sizeof recording, "%s/rec", folder);
	b = run(&o);
	ck_assert_uint_eq(backtest_tally(b)->of[0].sent, 4);
	ck_assert_uint_eq(reel_stats(backtest_reel(b))->quotes, 240);
	backtest_close(b);
	leave();
}
END_TEST

START_TEST(test_another_time)
{
	stand(2 * SECOND);
	struct backtest_options o = options(1 * MS);
	/* Expired by now, and not when it was recorded. */
	put_config(
		", fees = { maker = \"1bp\", taker = \"3bp\" }, expiry = \"2024-12-25T08:00:00Z\"");
	struct backtest *b = run(&o);
	ck_assert_uint_eq(backtest_tally(b)->of[0].sent, 2);
	backtest_close(b);
	/* And when it was: nothing is traded. */
	put_config(
		", fees = { maker = \"1bp\", taker = \"3bp\" }, expiry = \"2024-06-25T08:00:00Z\"");
	b = run(&o);
	ck_assert_uint_eq(backtest_tally(b)->of[0].sent, 0);
	ck_assert_uint_gt(backtest_tally(b)->why.n_gates, 0);
	backtest_close(b);
	leave();
}
END_TEST

START_TEST(test_finds_the_configuration)
{
	char found[256], other[128];
	bool is_config;
	stand(2 * SECOND);
	ck_assert_int_eq(backtest_plan_find(strategy, found, &is_config), 0);
	ck_assert_str_eq(found, config);
	ck_assert(!is_config);
	ck_assert_int_eq(backtest_plan_find(config, found, &is_config), 0);
	ck_assert(is_config);
	snprintf(other, sizeof other, "%s/other.lua", folder);
	put(other, "return { instruments = {}, strategies = { { file = \"s.lua\" } } }");
	ck_assert_int_eq(backtest_plan_find(strategy, found, &is_config), -ERR_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err_text(), "--config"));
	unlink(other);
	unlink(config);
	ck_assert_int_eq(backtest_plan_find(strategy, found, &is_config), -ERR_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err_text(), "no fees"));
	leave();
}
END_TEST

SUITE("backtest", test_by_hand, test_repeats, test_latency, test_named_latency,
      test_params_and_span, test_refuses, test_several_recordings, test_another_time,
      test_finds_the_configuration)
