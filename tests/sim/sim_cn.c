/* Proves that pairs of gold at home and abroad end hedged or flat at every hour of the domestic day: through breaks, an auction, locked price limits, flow control, a day's open limit, refusals,
 * partial fills, logins that replay the day, and deaths of the host and of both venues; by the venues' own ledgers. The same seed gives the same receipts. */
#include "adapters/sim/ledger.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/trade/held.h"
#include "core/trade/pair.h"
#include "tests/sim/run.h"
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define S_NS	     1000000000LL
#define MS	     1000000LL
#define SEEDS	     25
#define SEEDS_LONG   400
#define REPLAY_EVERY 5 /* so many-th seed is run again from what its hosts heard */
#define FAULTY_NS    (200 * S_NS)
#define PATIENCE_NS  (1000 * S_NS) /* the longest break of the hours that are drawn, but noon's */
#define PAIRS_MOST   4096
/* Of both legs at rest, grams: XAUUSD comes in lots of 3.11 g, and two instances carry what is left over. */
#define TOLERANCE_E8 (20 * 100000000LL)

struct verdict {
	uint64_t seeds, pairs, hedged, flat, held, refused, fills, host_kills, venue_kills, rescues;
	uint64_t closed_today, closed_earlier; /* orders at home that closed lots of each */
	unsigned failed;
	uint64_t digest; /* of the last seed's receipts */
};

struct seen {
	uint64_t pair;
	uint8_t state, cause;
};

static int complain(uint64_t seed, struct verdict *t, const char *what, int64_t a, int64_t b)
{
	printf("seed %" PRIu64 ": %s: %lld, %lld\n", seed, what, (long long)a, (long long)b);
	t->failed++;
	return 0;
}

static struct seen *seen_of(struct seen *list, uint32_t *n, uint64_t pair)
{
	for (uint32_t i = *n; i-- > 0;)
		if (list[i].pair == pair)
			return &list[i];
	if (*n == PAIRS_MOST)
		return NULL;
	list[*n] = (struct seen){ .pair = pair };
	return &list[(*n)++];
}

/* The counter was asked for lots that the account does not hold of that day. */
static bool wrong_offset(const char *text)
{
	static const enum cn_refusal of[] = { CN_OVER_CLOSE, CN_TODAY_SHORT, CN_YESTERDAY_SHORT };
	for (unsigned k = 0; k < sizeof of / sizeof *of; k++)
		if (strstr(text, cn_refusal_text(of[k])))
			return true;
	return false;
}

/* How each pair ended, as the receipts tell it. */
static void read_pairs(const struct world *w, struct verdict *t, bool *any_held)
{
	static struct seen list[PAIRS_MOST];
	uint32_t n = 0;
	for (uint64_t i = 0; i < w->journal.n; i++) {
		const struct fact *f = &w->journal.fact[i];
		struct seen *s = f->pair && (f->kind == FACT_PAIR || f->kind == FACT_HELD)
					 ? seen_of(list, &n, f->pair)
					 : NULL;
		t->rescues += f->kind == FACT_RESCUE;
		t->closed_today += f->kind == FACT_FILL && f->offset == OFFSET_CLOSE_TODAY;
		t->closed_earlier += f->kind == FACT_FILL && f->offset == OFFSET_CLOSE_YESTERDAY;
		if (f->kind == FACT_REJECTED && wrong_offset(f->text))
			complain(w->plan.seed, t, f->text, (int64_t)f->order, (int64_t)f->seq);
		if (s && f->kind == FACT_PAIR)
			s->state = (uint8_t)f->num[1];
		else if (s)
			s->cause = (uint8_t)f->num[0];
	}
	*any_held = false;
	for (uint32_t i = 0; i < n; i++) {
		const struct seen *s = &list[i];
		t->pairs += s->state != PAIR_REFUSED;
		t->hedged += s->state == PAIR_HEDGED;
		t->flat += s->state == PAIR_FLAT;
		t->held += s->state == PAIR_HELD;
		t->refused += s->state == PAIR_REFUSED;
		*any_held |= s->state == PAIR_HELD;
		/* R6: only what the domestic market did may still hold it when all else is mended. */
		bool named = s->cause == HELD_LOCKED || s->cause == HELD_HALTED ||
			     s->cause == HELD_PRICE || s->cause == HELD_BUDGET;
		if (s->state == PAIR_HELD && !named)
			complain((uint64_t)w->plan.seed, t, held_cause_name(s->cause),
				 (int64_t)s->pair, 0);
		if (s->state != PAIR_HELD && !pair_over((enum pair_state)s->state))
			complain((uint64_t)w->plan.seed, t,
				 pair_state_name((enum pair_state)s->state), (int64_t)s->pair, 0);
	}
}

struct count {
	const struct world *w;
	uint64_t fills, unheard;
	unsigned venue;
};

/* Every fill of the ledger is in the receipts, once, with its price and quantity. */
static int one_fill(void *owner, const struct ledger_record *r)
{
	struct count *c = owner;
	char exec[VENUE_ID_TEXT], order[VENUE_ID_TEXT];
	unsigned heard = 0;
	if (r->kind != LEDGER_FILL)
		return 0;
	c->fills++;
	snprintf(exec, sizeof exec, "%" PRIu64, r->body.fill.trade);
	snprintf(order, sizeof order, "%" PRIu64, r->order);
	for (uint64_t i = 0; i < c->w->journal.n; i++) {
		const struct fact *f = &c->w->journal.fact[i];
		heard += f->kind == FACT_FILL && f->venue == c->venue + 1 && f->side == r->side &&
			 strcmp(f->exec, exec) == 0 && strcmp(f->venue_order, order) == 0;
	}
	c->unheard += heard != 1;
	return 0;
}

static int64_t position_of(const struct ledger_totals *t, const char *symbol)
{
	int i = ledger_find_symbol(t, symbol);
	return i < 0 ? 0 : t->trading[0][i].position;
}

static void read_ledgers(const struct world *w, struct verdict *t, bool any_held)
{
	static struct ledger_totals totals[2];
	static const char *const names[] = { "shfe", "abroad" };
	uint64_t seed = w->plan.seed;
	for (unsigned v = 0; v < 2; v++) {
		char path[400];
		struct count c = { .w = w, .venue = v };
		snprintf(path, sizeof path, "%s/%s.ledger", w->setup.dir, names[v]);
		if (ledger_totals(path, &totals[v]) || ledger_check(&totals[v]) ||
		    ledger_read(path, one_fill, &c, NULL))
			complain(seed, t, err_text(), v, 0);
		if (c.unheard)
			complain(seed, t, "fills that are not in the receipts once",
				 (int64_t)c.unheard, (int64_t)c.fills);
		t->fills += c.fills;
	}
	/* Lots of a kilogram, and thousandths of a hundred ounces. */
	int64_t home = position_of(&totals[0], "SHFE.au2704") * 1000 * 100000000LL;
	int64_t abroad = position_of(&totals[1], "XAUUSD") * 311034768LL;
	int64_t left = home + abroad;
	if (!any_held && (left > TOLERANCE_E8 || left < -TOLERANCE_E8))
		complain(seed, t, "not hedged, in grams e8", home, abroad);
}

/* What the host knows at the end, after all its deaths, is what the exchange has: lots of today and of earlier days, and what it counts of the day (never too few). */
static void compare_days(struct world *w, struct verdict *t)
{
	const struct cn_exchange *x = world_cn(w);
	struct desk *d = w->host_open ? engine_desk(w->engine) : NULL;
	const uint64_t seed = w->plan.seed;
	if (!x || !d || d->session[0].phase != PHASE_CONTINUOUS)
		return;
	const struct cn_count *count = cn_count_of(x, 0, 0);
	struct tally_use cancels, opened;
	tally_use(d, TALLY_CANCELS, 0, 0, &cancels);
	tally_use(d, TALLY_OPENED_LOTS, 0, 0, &opened);
	if (cancels.used < count->cancels)
		complain(seed, t, "cancels counted, and at the exchange", cancels.used,
			 count->cancels);
	if (opened.used != count->opened)
		complain(seed, t, "lots opened, and at the exchange", opened.used, count->opened);
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		const struct cn_position *p = cn_position_of(x, 0, 0, side);
		int64_t today = 0, earlier = 0;
		for (uint32_t i = 0; i < d->positions.n; i++) {
			const struct position *row = &d->positions.row[i];
			today += row->instrument == 0 ? row->qty[side][0] : 0;
			earlier += row->instrument == 0 ? row->qty[side][1] : 0;
		}
		if (today != p->today)
			complain(seed, t, "lots of today, and at the exchange", today, p->today);
		if (earlier != p->yesterday)
			complain(seed, t, "earlier lots, and at the exchange", earlier,
				 p->yesterday);
	}
}

static uint64_t digest_of(const struct world *w)
{
	uint64_t h = 0xcbf29ce484222325ull;
	for (uint64_t i = 0; i < w->journal.n; i++) {
		const uint8_t *b = (const uint8_t *)&w->journal.fact[i];
		for (size_t k = 0; k < offsetof(struct fact, venue_order); k++)
			h = (h ^ b[k]) * 0x100000001b3ull;
	}
	return h;
}

/* One of the checker's invariants that does not hold. */
static void judge(struct world *w, struct checker *c, struct verdict *t)
{
	uint32_t n;
	const struct checker_violation *v = checker_violations(c, &n);
	for (uint32_t i = 0; i < n; i++) {
		printf("seed %" PRIu64 ": I%u at %.3f s, pair %" PRIu64 " order %016" PRIx64
		       " receipt %" PRIu64 ": %s\n",
		       w->plan.seed, v[i].invariant, (double)v[i].at_ns / 1e9, v[i].pair,
		       v[i].order, v[i].seq, v[i].text);
		t->failed++;
	}
}

static void harm(struct world *w, struct rng *r)
{
	int64_t dead_ns = rng_range(r, 20, 3000) * MS;
	const int64_t felt_ns = world_now(w) + dead_ns + 5 * S_NS;
	switch (rng_below(r, 8)) {
	case 0:
		world_kill_host(w, dead_ns);
		break;
	case 1:
	case 2:
		world_kill_host_at(w, (enum world_door)rng_range(r, 1, world_door_max - 1),
				   (uint32_t)rng_range(r, 1, 40), dead_ns);
		break;
	case 3:
		(void)world_kill_venue(w, dead_ns);
		checker_trouble(w->checker, UINT_MAX, TROUBLE_LINK, felt_ns);
		break;
	case 4:
		checker_trouble(w->checker, UINT_MAX, TROUBLE_LINK, felt_ns);
		env_sim_cut(w->sim, rng_below(r, 2) ? WORLD_SPOT_PORT : WORLD_USDM_PORT);
		break;
	default:
		break;
	}
}

/* In steps that end with each phase of the domestic day, so that the checker knows of breaks; false: the world broke, or there is nothing more to wait for. */
static int go_on(struct world *w, int64_t until_ns)
{
	int rc = 0;
	while (!rc && world_now(w) < until_ns) {
		int64_t ends = world_cn_trouble(w, until_ns + 5 * S_NS);
		rc = world_run(w, ends < until_ns ? ends : until_ns);
		if (w->calm && w->host_open && engine_done(w->engine))
			break;
	}
	return rc;
}

static int with_faults(struct world *w, struct rng *r)
{
	int rc = 0;
	for (int64_t until = world_now(w) + FAULTY_NS; !rc && world_now(w) < until;) {
		rc = go_on(w, world_now(w) + rng_range(r, 200, 12000) * MS);
		if (!rc)
			harm(w, r);
	}
	return rc;
}

/* Everybody goes home, and is back for the night session of the next trading day. */
static int sleep_until(struct world *w, int64_t until_ns)
{
	int64_t dead_ns = until_ns - world_now(w);
	world_kill_host(w, dead_ns);
	checker_trouble(w->checker, UINT_MAX, TROUBLE_LINK, until_ns + 5 * S_NS);
	int rc = world_kill_venue(w, dead_ns);
	return rc ? rc : go_on(w, until_ns + S_NS);
}

static int live(struct world *w, struct rng *r, struct checker *c)
{
	int rc = with_faults(w, r);
	if (!rc && world_cn_night_ns(w)) {
		rc = sleep_until(w, world_cn_night_ns(w));
		if (!rc)
			rc = with_faults(w, r);
	}
	if (!rc)
		rc = world_calm(w);
	checker_calm(c, world_now(w));
	if (!rc)
		rc = go_on(w, world_now(w) + PATIENCE_NS);
	(void)world_cn_trouble(w, world_now(w)); /* the phase that it ends in */
	checker_end(c, world_now(w));
	return rc;
}

static int open_world(struct world *w, uint64_t seed, const char *dir, struct checker *c)
{
	const struct world_options o = { .seed = seed,
					 .dir = dir,
					 .records = seed % REPLAY_EVERY == 0,
					 .cn_script = TANDEM_SOURCE_DIR "/examples/cn_gold.lua" };
	struct checker_terms terms;
	int rc = world_open(w, &o);
	if (rc)
		return rc;
	run_terms(w, &terms);
	checker_begin(c, &terms);
	for (uint64_t i = 0; i < w->journal.n; i++)
		checker_fact(c, &w->journal.fact[i]);
	w->checker = c;
	return 0;
}

static void one_seed(struct world *w, struct checker *c, uint64_t seed, const char *dir,
		     struct verdict *t)
{
	struct rng r;
	bool any_held = false;
	rng_seed(&r, seed * 7919);
	int rc = open_world(w, seed, dir, c);
	if (!rc)
		rc = live(w, &r, c);
	if (rc) {
		printf("seed %" PRIu64 ": %s\n", seed, err_text());
		t->failed++;
	} else {
		read_pairs(w, t, &any_held);
		read_ledgers(w, t, any_held);
		compare_days(w, t);
		judge(w, c, t);
		if (!any_held && !(w->host_open && engine_done(w->engine)))
			complain(seed, t, "the host did not come to its end", 0, 0);
	}
	char why[RECORD_WHY];
	if (!rc && w->o.records && world_replay(w, why)) {
		printf("seed %" PRIu64 " replayed otherwise: %s\n", seed,
		       why[0] ? why : err_text());
		t->failed++;
	}
	t->seeds++;
	t->digest = digest_of(w);
	t->host_kills += w->host_kills;
	t->venue_kills += w->venue_kills;
	world_close(w);
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	(void)s, (void)kind, (void)at;
	return remove(path);
}

int main(int argc, char **argv)
{
	static struct world w;
	char dir[] = "/tmp/tandem-sim-cn.XXXXXX";
	struct verdict t = { 0 };
	uint64_t from = 1, to = getenv("TANDEM_LONG") ? SEEDS_LONG : SEEDS;
	if (argc > 1) /* one seed by hand */
		from = to = strtoull(argv[1], NULL, 10);
	log_set_level(LOG_ERROR);
	struct checker *checker;
	if (checker_open(&checker) || !mkdtemp(dir) ||
	    (argc == 1 && !freopen("/dev/null", "w", stderr)))
		return 1;
	for (uint64_t seed = from; seed <= to; seed++)
		one_seed(&w, checker, seed, dir, &t);
	struct verdict again = { 0 };
	one_seed(&w, checker, to, dir, &again);
	if (again.digest != t.digest) {
		printf("seed %" PRIu64 " did not repeat itself\n", to);
		t.failed++;
	}
	world_free(&w);
	checker_free(checker);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	printf("%" PRIu64 " seeds, %" PRIu64 " pairs: %" PRIu64 " hedged, %" PRIu64
	       " flat, %" PRIu64 " held; %" PRIu64 " fills, %" PRIu64
	       " of them close lots of today and %" PRIu64 " earlier ones, %" PRIu64
	       " rescues, %" PRIu64 " deaths of the host, %" PRIu64 " of the venues; %u failed\n",
	       t.seeds, t.pairs, t.hedged, t.flat, t.held, t.fills, t.closed_today,
	       t.closed_earlier, t.rescues, t.host_kills, t.venue_kills, t.failed);
	return t.failed != 0 ||
	       (argc == 1 && (t.pairs < 200 || !t.closed_today || !t.closed_earlier));
}
