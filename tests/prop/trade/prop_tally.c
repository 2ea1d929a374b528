/* Proves that over random order lives, days, checkpoints and restarts the tally counts what a naive list of all that happened says, at every step. */
#include "core/base/date.h"
#include "core/base/rng.h"
#include "core/ops/config.h"
#include "core/trade/desk.h"
#include "core/trade/scribe.h"
#include "tests/sim/mem_journal.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

#define SECOND 1000000000LL
#define HOUR   (3600 * SECOND)
enum { ACCOUNTS = 3, INSTRUMENTS = 4, STEPS = 3000, EVENTS = 2 * STEPS, SEEDS = 24 };
#define FACTS 20000

/* One thing that happened, as the exchange would write it down. */
struct event {
	enum { SENT, ASKED, GONE, TRADE } what;
	int64_t utc_ns, lots, opened;
	unsigned account, instrument;
	bool counts, at_limit, crossed, burst;
};

static struct {
	struct config cfg;
	struct config_venue cv[1];
	struct config_account ca[ACCOUNTS];
	struct instrument in[INSTRUMENTS];
	struct calendar calendar[1];
	struct config_exchange_rule rule[3];
	struct mem_journal journal;
	struct desk d;
	struct event event[EVENTS];
	unsigned n;
	struct rng rng;
	bool reborn;
} t;

static const unsigned group[ACCOUNTS] = { 0, 0, 1 };
static const char *const exchange[INSTRUMENTS] = { "X", "X", "Y", "" };

static void fill_config(void)
{
	t.cfg = (struct config){ .n_venues = 1,
				 .n_accounts = ACCOUNTS,
				 .n_instruments = INSTRUMENTS,
				 .n_calendars = 1,
				 .venue = t.cv,
				 .account = t.ca,
				 .instrument = t.in,
				 .calendar = t.calendar,
				 .n_exchange_rules = 3,
				 .exchange_rule = t.rule };
	for (unsigned a = 0; a < ACCOUNTS; a++)
		snprintf(t.ca[a].group, sizeof t.ca[a].group, "g%u", group[a]);
	for (unsigned i = 0; i < INSTRUMENTS; i++) {
		t.in[i] = (struct instrument){ .name_id = 70 + i,
					       .qty_dp = i == 1 ? 2 : 0,
					       .calendar = CALENDAR_NONE };
		snprintf(t.in[i].exchange, sizeof t.in[i].exchange, "%s", exchange[i]);
	}
	t.in[0].calendar = 0;
	t.calendar[0] = (struct calendar){ .zone = "Asia/Shanghai", .n_sessions = 2 };
	t.calendar[0].session[0] =
		(struct calendar_session){ 9 * 3600, 15 * 3600, 0x1f, PHASE_CONTINUOUS, false };
	t.calendar[0].session[1] = (struct calendar_session){ 21 * 3600, 26 * 3600 + 1800, 0x1f,
							      PHASE_CONTINUOUS, true };
	ck_assert_int_eq(calendar_build(&t.calendar[0], 1767225600 * SECOND,
					(1767225600 + 90 * 86400LL) * SECOND),
			 0);
	struct config_exchange_rule r = { .exchange = "X",
					  .instrument = UINT32_MAX,
					  .large_cancel_lots = 300,
					  .burst_messages = 10,
					  .warn_pct = 70,
					  .block_pct = 90,
					  .count_fak = true };
	for (unsigned k = 0; k < tally_kind_max; k++)
		r.limit[k] = 1000000;
	t.rule[0] = r;
	t.rule[1] = r;
	strcpy(t.rule[1].exchange, "Y");
	t.rule[1].count_fak = false;
	t.rule[1].exempt[0] = 1u << 2;
	t.rule[2] = r; /* X from the fifth day on: FAK no longer counts */
	t.rule[2].from = 20260106;
	t.rule[2].count_fak = false;
}

static void open_desk(int64_t utc_ns)
{
	static const struct desk_sizes sizes = {
		.orders = 4, .pairs = 2, .positions = 4, .timers = 4, .book_levels = 4
	};
	t.d = (struct desk){ .cfg = &t.cfg,
			     .instrument = t.in,
			     .journal = &t.journal.journal,
			     .now = { .mono_ns = 1, .utc_ns = utc_ns } };
	ck_assert_int_eq(desk_init(&t.d, &sizes), 0);
	for (unsigned a = 0; a < ACCOUNTS; a++)
		t.d.names.account[a] = 20 + a;
	t.d.names.venue[0] = 10;
}

/* ---- the naive side ---- */

static int32_t day_of(unsigned instrument, int64_t utc_ns)
{
	if (t.in[instrument].calendar == CALENDAR_NONE)
		return date_of_days(date_days_of_s(utc_ns / SECOND));
	const struct calendar *c = &t.calendar[0];
	int32_t day = 0;
	for (uint32_t i = 0; i < c->n_spans && c->span[i].from_utc_ns <= utc_ns; i++)
		day = c->span[i].trading_day;
	return day ? day : date_of_days(date_days_of_s(utc_ns / SECOND));
}

static bool same_place(const struct event *e, unsigned account, unsigned instrument, bool own)
{
	return group[e->account] == group[account] &&
	       (own ? e->instrument == instrument
		    : strcmp(exchange[e->instrument], exchange[instrument]) == 0);
}

static int64_t naive(enum tally_kind k, unsigned account, unsigned instrument)
{
	const bool own = k <= TALLY_OPENED_LOTS;
	int32_t day = day_of(instrument, t.d.now.utc_ns);
	int64_t sum = 0;
	for (unsigned i = 0; i < t.n; i++)
		if (same_place(&t.event[i], account, instrument, own)) {
			int32_t then = day_of(t.event[i].instrument, t.event[i].utc_ns);
			day = then > day ? then : day;
		}
	int32_t row =
		0; /* the day only goes on: a contract whose session is still yesterday's counts into the exchange's newest */
	for (unsigned i = 0; i < t.n; i++) {
		const struct event *e = &t.event[i];
		if (!same_place(e, account, instrument, own))
			continue;
		int32_t then = day_of(e->instrument, e->utc_ns);
		row = then > row ? then : row;
		if (k == TALLY_MESSAGES_PER_S)
			sum += (e->what == SENT || e->what == ASKED) &&
			       e->utc_ns > t.d.now.utc_ns - SECOND;
		if (row != day)
			continue;
		sum += k == TALLY_ORDERS && e->what == SENT;
		sum += k == TALLY_CANCELS && e->what == GONE && e->counts;
		sum += k == TALLY_LARGE_CANCELS && e->what == GONE && e->counts && e->lots >= 300;
		sum += k == TALLY_LIMIT_CANCELS && e->what == GONE && e->counts && e->at_limit;
		sum += k == TALLY_SELF_TRADES && e->what == TRADE && e->crossed;
		sum += k == TALLY_OPENED_LOTS && e->what == TRADE ? e->opened : 0;
		sum += k == TALLY_MESSAGES && (e->what == SENT || e->what == ASKED);
		sum += k == TALLY_BURSTS && e->burst;
	}
	return k == TALLY_OPENED_LOTS && instrument == 1 ? sum / 100 : sum;
}

/* Ten that no burst had, within a second. */
static void note_burst(void)
{
	unsigned n = 0;
	const struct event *last = &t.event[t.n - 1];
	for (unsigned i = t.n; i-- > 0 && t.event[i].utc_ns > last->utc_ns - SECOND;) {
		const struct event *e = &t.event[i];
		if (!same_place(e, last->account, last->instrument, false))
			continue;
		if (e->burst)
			return;
		n += e->what == SENT || e->what == ASKED;
		if (n == 10) {
			t.event[t.n - 1].burst = true;
			return;
		}
	}
}

/* ---- what happens ---- */

static struct fact about(enum fact_kind k, unsigned account, unsigned instrument)
{
	struct fact f;
	fact_init(&f, k);
	scribe_instrument(&t.d, &f, instrument);
	f.account = t.d.names.account[account];
	return f;
}

static struct event *note(int what, unsigned account, unsigned instrument)
{
	struct event *e = &t.event[t.n++];
	*e = (struct event){
		.what = what, .utc_ns = t.d.now.utc_ns, .account = account, .instrument = instrument
	};
	return e;
}

static void message(bool order, unsigned account, unsigned instrument)
{
	struct fact f = about(order ? FACT_SENT : FACT_CANCEL, account, instrument);
	scribe_put(&t.d, &f);
	note(order ? SENT : ASKED, account, instrument);
	note_burst();
}

/* Cancelled by us, a remainder, or by the venue's own will; perhaps told twice; of any size. */
static void gone(unsigned account, unsigned instrument)
{
	static const uint8_t tifs[] = { TIF_GTC, TIF_IOC, TIF_FOK, TIF_DAY };
	struct fact f = about(FACT_CANCELLED, account, instrument);
	const int64_t unit = instrument == 1 ? 100 : 1;
	f.num[0] = rng_range(&t.rng, 0, 50) * unit;
	f.qty = f.num[0] + rng_range(&t.rng, 290, 310) * unit;
	f.num[1] = rng_chance(&t.rng, 100000);
	f.num[4] = tifs[rng_below(&t.rng, 4)];
	f.num[5] = rng_chance(&t.rng, 500000);
	f.num[6] = rng_chance(&t.rng, 300000);
	scribe_put(&t.d, &f);
	struct event *e = note(GONE, account, instrument);
	const bool remainder = f.num[4] == TIF_IOC || f.num[4] == TIF_FOK;
	const bool fak = exchange[instrument][0] == 'X' && day_of(instrument, e->utc_ns) < 20260106;
	const bool exempt = exchange[instrument][0] == 'Y' && account == 2;
	e->counts = !f.num[1] && !exempt && (f.num[5] || (remainder && fak));
	e->at_limit = f.num[6];
	e->lots = (f.qty - f.num[0]) / unit;
}

/* One side of a trade, or both of them. */
static void trade(unsigned account, unsigned instrument)
{
	static unsigned ids;
	const bool both = rng_chance(&t.rng, 400000);
	const unsigned exec = ++ids;
	for (int side = 0; side < 1 + both; side++) {
		struct fact f = about(rng_chance(&t.rng, 200000) ? FACT_FOREIGN : FACT_FILL,
				      account, instrument);
		f.side = (uint8_t)side;
		f.qty = rng_range(&t.rng, 1, 900);
		f.offset = rng_chance(&t.rng, 500000) ? OFFSET_OPEN : OFFSET_CLOSE;
		snprintf(f.exec, sizeof f.exec, "%u", exec);
		scribe_put(&t.d, &f);
		struct event *e = note(TRADE, account, instrument);
		e->opened = f.offset == OFFSET_OPEN ? f.qty : 0;
		e->crossed = side == 1 && !(exchange[instrument][0] == 'Y' && account == 2);
	}
}

static void mark(int phase)
{
	struct fact f;
	fact_init(&f, FACT_CHECKPOINT);
	f.num[0] = phase;
	scribe_put(&t.d, &f);
}

struct reading {
	uint64_t first;
	bool framed;
};

/* As recover_fact does it. */
static int recall(void *arg, const struct fact *f)
{
	struct reading *r = arg;
	r->first = r->first ? r->first : f->seq;
	tally_recall(&t.d, f, r->framed);
	if (f->kind == FACT_CHECKPOINT)
		r->framed = f->num[0] == CHECKPOINT_BEGIN && f->seq == r->first;
	return 0;
}

static void restart(void)
{
	struct reading r = { 0 };
	const int64_t utc_ns = t.d.now.utc_ns;
	desk_free(&t.d);
	open_desk(utc_ns);
	ck_assert_int_eq(mem_journal_recover(&t.journal, recall, &r), 0);
	t.reborn = true;
}

static void checkpoint(void)
{
	mark(CHECKPOINT_BEGIN);
	tally_write(&t.d);
	if (rng_chance(&t.rng, 200000))
		restart(); /* killed before it was whole */
	else
		mark(CHECKPOINT_END);
}

static void step(bool restarts)
{
	const unsigned account = (unsigned)rng_below(&t.rng, ACCOUNTS),
		       what = (unsigned)rng_below(&t.rng, 100);
	const unsigned instrument = (unsigned)rng_below(&t.rng, INSTRUMENTS);
	t.d.now.utc_ns += rng_chance(&t.rng, 10000)    ? rng_range(&t.rng, HOUR, 20 * HOUR)
			  : rng_chance(&t.rng, 500000) ? 0
						       : rng_range(&t.rng, 1, 150 * SECOND / 1000);
	if (instrument == 3 || what < 60)
		message(what < 35, account, instrument);
	else if (what < 80)
		gone(account, instrument);
	else if (what < 95)
		trade(account, instrument);
	else if (what < 98)
		checkpoint();
	else if (restarts)
		restart();
}

static void compare(uint64_t seed, unsigned at)
{
	const unsigned account = (unsigned)rng_below(&t.rng, ACCOUNTS),
		       i = (unsigned)rng_below(&t.rng, 3);
	for (unsigned k = 0; k < tally_kind_max; k++) {
		struct tally_use u;
		const int64_t want = naive((enum tally_kind)k, account, i);
		const bool bound = tally_use(&t.d, (enum tally_kind)k, (uint16_t)account, i, &u);
		EXPECT(bound == !(i == 2 && account == 2)); /* exempt there */
		const bool least = t.reborn && (k == TALLY_BURSTS || k == TALLY_MESSAGES_PER_S);
		EXPECT_MSG(least ? u.used >= want : u.used == want,
			   "seed %llu, step %u: %s of account %u in %u: %lld, not %lld",
			   (unsigned long long)seed, at, tally_kind_name((enum tally_kind)k),
			   account, i, (long long)u.used, (long long)want);
	}
}

START_TEST(as_a_naive_list_says)
{
	const uint64_t seed = (uint64_t)_i + 1;
	memset(&t, 0, sizeof t);
	rng_seed(&t.rng, seed);
	fill_config();
	ck_assert_int_eq(mem_journal_init(&t.journal, FACTS), 0);
	open_desk((1767225600 + 3600) * SECOND); /* a New Year's morning */
	for (unsigned s = 0; s < STEPS; s++) {
		step(_i % 3 != 0);
		if (s % 7 == 0)
			compare(seed, s);
	}
	struct tally_use u;
	ck_assert(!tally_use(&t.d, TALLY_ORDERS, 0, 3, &u)); /* no exchange, no count */
	desk_free(&t.d);
	mem_journal_free(&t.journal);
	calendar_free(&t.calendar[0]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tally");
	TCase *group_of_tests = tcase_create("tally");
	tcase_add_loop_test(group_of_tests, as_a_naive_list_says, 0, SEEDS);
	suite_add_tcase(suite, group_of_tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
