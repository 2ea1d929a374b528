#include "tests/sim/run.h"

#include "core/base/err.h"
#include "core/ops/config.h"
#include <stdlib.h>
#include <string.h>

#define EASE_NS	     4000000000LL
#define EASE_STEP_NS 100000000LL
#define TOGETHER_NS  100000000LL /* faults within this are a pair of faults */

int runner_open(struct runner *r)
{
	memset(r, 0, sizeof *r);
	int rc = checker_open(&r->checker);
	return rc ? rc : director_open(&r->director);
}

void runner_free(struct runner *r)
{
	checker_free(r->checker);
	director_free(&r->director);
	world_free(&r->world);
}

/* The configuration as numbers, and which index of a venue is which of ours. */
static int64_t price_at(void *owner, unsigned instrument, enum side side)
{
	struct world *w = owner;
	const struct instrument *in = &w->instrument[instrument - 1];
	const struct match *m = world_match(w, in->venue, in->symbol);
	/* With what has been taken of it, and what newer quotes say. */
	return m ? match_estimate(m, side, false, 0, in->rule[0].lot).worst_px : 0;
}

static uint64_t synced(void *owner)
{
	const struct journal *j = &((struct world *)owner)->journal.journal;
	return j->ops->synced(j);
}

static const struct fact *fact_at(void *owner, uint64_t seq)
{
	const struct mem_journal *j = &((struct world *)owner)->journal;
	return seq && seq <= j->n ? &j->fact[seq - 1] : NULL;
}

/* Its own, or the coarsest lot of its legs. */
static int64_t lot_base_of(const struct config *c, uint32_t i)
{
	int64_t most = c->instance[i].lot_base_e8;
	for (unsigned l = 0; l < c->instance[i].n_legs && !c->instance[i].lot_base_e8; l++) {
		const struct instrument *in = &c->instrument[c->instance[i].leg[l]];
		int64_t base = instrument_base_e8(in, in->rule[0].lot, 0);
		most = base > most ? base : most;
	}
	return most;
}

void run_terms(struct world *w, struct checker_terms *t)
{
	const struct config *c = w->cfg;
	*t = (struct checker_terms){ .instrument = w->instrument,
				     .n_instruments = c->n_instruments,
				     .n_venues = c->n_venues,
				     .n_accounts = c->n_accounts,
				     .n_instances = c->n_instances,
				     .max_imbalance_base_e8 = c->risk.max_imbalance_base_e8,
				     .max_position_base_e8 = c->risk.max_position_base_e8,
				     .tolerance_base_e8 = c->risk.residual_tolerance_base_e8,
				     .max_age_ns = c->risk.max_age_ns,
				     .max_order_e8 = c->risk.max_order_notional_e8,
				     .slip_tick = w->plan.slip_tick,
				     .price = price_at,
				     .fact = fact_at,
				     .synced = synced,
				     .answer_ns = c->venue[0].answer_timeout_ns,
				     .owner = w,
				     .patience_ns = RUN_PATIENCE_NS };
	for (uint32_t i = 0; i < w->plan.n_instances; i++) {
		const struct world_instance *in = &w->plan.instance[i];
		t->holds[i + 1] = in->on_leg_fail == LEG_FAIL_HOLD;
		t->cheapest[i + 1] = in->on_leg_fail == LEG_FAIL_CHEAPEST;
		t->reopens[i + 1] = in->reopens;
		t->lot_base_e8[i + 1] = lot_base_of(c, i);
		t->max_in_flight[i + 1] = c->instance[i].max_pairs_in_flight;
		t->waits[i + 1] = in->chase_ms > 0;
		t->messages[i + 1] = (uint32_t)in->messages;
	}
	for (uint16_t a = 0; a < c->n_accounts; a++)
		for (uint16_t b = 0; b <= a; b++)
			if (strcmp(c->account[a].group, c->account[b].group) == 0 &&
			    !t->group_of[a + 1])
				t->group_of[a + 1] = b + 1u;
	for (uint16_t v = 0; v < c->n_venues; v++) {
		const struct setup_venue *u = &w->setup.venue[v];
		t->messages_per_s[v] = c->venue[v].messages_per_s;
		t->reserve_pct[v] = c->venue[v].reserve_pct;
		for (uint16_t i = 0; i < u->n_instruments; i++)
			for (uint32_t k = 0; k < c->n_instruments; k++)
				if (c->instrument[k].venue == v &&
				    strcmp(c->instrument[k].symbol, u->instrument[i].symbol) == 0)
					t->instrument_of[v][i] = k + 1;
		for (uint16_t a = 0; a < u->n_accounts; a++)
			for (uint32_t k = 0, nth = 0; k < c->n_accounts; k++)
				if (c->account[k].venue == v && nth++ == a)
					t->account_of[v][a] = k + 1;
	}
}

static void mix(uint64_t *h, const void *p, size_t n)
{
	const uint8_t *b = p;
	size_t i = 0;
	for (; i + 8 <= n; i += 8) {
		uint64_t v;
		memcpy(&v, b + i, 8);
		*h = (*h ^ v) * 0x9fb21c651e98df25ull;
		*h ^= *h >> 29;
	}
	for (; i < n; i++)
		*h = (*h ^ b[i]) * 0x100000001b3ull;
}

static void digest(const struct world *w, struct run_result *out)
{
	out->digest = 0xcbf29ce484222325ull;
	for (uint64_t i = 0; i < w->journal.n; i++)
		mix(&out->digest, &w->journal.fact[i], offsetof(struct fact, venue_order));
}

static void count_pairs(const struct director *d, struct run_result *out)
{
	for (uint32_t i = 0; i < d->n; i++) {
		const struct injection *a = &d->list[i];
		if (a->state != INJECTION_DONE)
			continue;
		for (uint32_t k = i + 1; k < d->n && d->list[k].at_ns <= a->at_ns + TOGETHER_NS;
		     k++) {
			const struct injection *b = &d->list[k];
			int64_t apart = b->hit_ns - a->hit_ns;
			if (b->state != INJECTION_DONE || apart > TOGETHER_NS ||
			    apart < -TOGETHER_NS)
				continue;
			out->pairs_hit[a->fault][b->fault / 64] |= 1ull << b->fault % 64;
			out->pairs_hit[b->fault][a->fault / 64] |= 1ull << a->fault % 64;
		}
	}
}

static void collect(struct runner *r, struct run_result *out)
{
	const struct world *w = &r->world;
	const struct checker_violation *v = checker_violations(r->checker, &out->n_violations);
	memcpy(out->violation, v, out->n_violations * sizeof *v);
	out->n = *checker_counts(r->checker);
	out->turns = w->turns;
	/* What became of an order is an event at the venue, and its report one at the host. */
	out->events = w->messages + w->market_events + 2 * w->order_events;
	out->receipts = w->journal.n;
	out->host_kills = w->host_kills;
	out->venue_kills = w->venue_kills;
	memcpy(out->hit, r->director.hit, sizeof out->hit);
	memcpy(out->planned, r->director.planned, sizeof out->planned);
	digest(w, out);
	count_pairs(&r->director, out);
}

/* Nobody proposes any more, and nothing goes wrong: what is held has to go on, what differs has to be seen, as soon as nothing excuses it. */
static int ease(struct runner *r)
{
	struct world *w = &r->world;
	int64_t until = checker_excused_ns(r->checker);
	int64_t now = world_now(w);
	until = (until > now ? until : now) + EASE_NS;
	int rc = world_pause(w);
	do
		rc = rc ? rc : world_run(w, world_now(w) + EASE_STEP_NS);
	while (!rc && !checker_at_ease(r->checker) && world_now(w) < until);
	if (!rc)
		checker_had_time(r->checker);
	return rc;
}

static int live(struct runner *r, const struct run_options *o, struct run_result *out)
{
	struct world *w = &r->world;
	int64_t start = world_now(w);
	int rc = world_run(w, start + w->plan.duration_ns);
	if (rc)
		return rc;
	director_calm(&r->director, w);
	rc = world_mend(w);
	if (rc)
		return rc;
	checker_calm(r->checker, world_now(w));
	/* Every other one is told to stop while it is still in the midst of it. */
	if (o->seed & 1)
		rc = ease(r);
	int64_t calm = world_now(w);
	if (!rc)
		rc = world_stop(w);
	if (!rc)
		rc = world_run(w, calm + RUN_PATIENCE_NS);
	out->lasted_ns = world_now(w) - start;
	out->settled = w->host_open && engine_done(w->engine);
	if (!rc)
		checker_end(r->checker, world_now(w));
	return rc;
}

static int replay(struct world *w, const struct run_options *o, struct run_result *out)
{
	w->checker = NULL;
	w->heard = NULL;
	if (o->spoil && !record_spoil(&w->record, o->spoil))
		return err_set(ERR_NOTFOUND, "so much was not heard");
	const int rc = world_replay(w, out->differs);
	out->replayed = w->record.receipts;
	out->replayed_calls = w->record.calls;
	out->heard = w->record.entries;
	return rc < 0 ? rc : 0;
}

int run_seed(struct runner *r, const struct run_options *o, struct run_result *out)
{
	struct world *w = &r->world;
	struct world_options wo = { .seed = o->seed,
				    .duration_ns = o->duration_ns,
				    .dir = o->dir,
				    .alone = o->alone,
				    .one_group = o->one_group,
				    .records = o->replays };
	struct checker_terms terms;
	struct director_options d = o->director;
	memset(out, 0, sizeof *out);
	w->checker = NULL; /* nothing to check before it knows the configuration */
	w->director = NULL;
	int rc = world_open(w, &wo);
	if (!rc) {
		run_terms(w, &terms);
		checker_begin(r->checker, &terms);
		if (o->plant)
			checker_plant_skip(r->checker, (enum fact_kind)o->plant, o->plant_nth);
		for (uint64_t i = 0; i < w->journal.n; i++)
			checker_fact(r->checker, &w->journal.fact[i]);
		d.seed = o->seed;
		d.duration_ns = d.duration_ns ? d.duration_ns : w->plan.duration_ns;
		director_begin(&r->director, &d, r->checker, world_now(w));
		w->checker = r->checker;
		w->director = &r->director;
		w->heard = o->fact;
		w->heard_by = o->owner;
		rc = live(r, o, out);
	}
	if (!rc)
		world_count(w);
	collect(r, out);
	if (!rc && o->replays)
		rc = replay(w, o, out);
	world_close(w);
	return rc;
}
