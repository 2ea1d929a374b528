#include "tests/sim/director.h"

#include "core/base/err.h"
#include "tests/sim/checker.h"
#include "tests/sim/faults.h"
#include "tests/sim/world.h"
#include <stdlib.h>
#include <string.h>

#define MEAN_NS	     9000000LL
#define TWO_APART_NS 60000000LL
#define LATE_NS	     260000000LL

int director_open(struct director *d)
{
	*d = (struct director){ .list = calloc(DIRECTOR_MOST, sizeof *d->list) };
	return d->list ? 0 : err_set(ERR_NOMEM, "no memory for a director");
}

void director_free(struct director *d)
{
	free(d->list);
	d->list = NULL;
}

/* ---- the list ---- */

static uint64_t weight(unsigned fault, bool late)
{
	const struct fault_row *row = fault_row(fault);
	return (row->quiet_ms == FAULT_LATE) == late ? row->weight : 0;
}

/* Alone in its world, even a late one has to be followed by others. */
static int64_t quiet_ns(uint8_t fault)
{
	int64_t ms = fault_row(fault)->quiet_ms;
	return (ms == FAULT_LATE ? 20 : ms) * 1000000;
}

static uint8_t draw_fault(struct rng *r, bool late)
{
	uint64_t sum = 0;
	for (unsigned f = 1; f <= FAULTS; f++)
		sum += weight(f, late);
	uint64_t at = rng_below(r, sum);
	for (unsigned f = 1; f <= FAULTS; f++) {
		if (at < weight(f, late))
			return (uint8_t)f;
		at -= weight(f, late);
	}
	return 1;
}

uint32_t director_pair(uint32_t i, uint8_t out[2])
{
	uint32_t n = 0, n_all = 0;
	uint8_t here[FAULTS];
	for (unsigned f = 1; f <= FAULTS; f++)
		if (fault_row(f)->inject)
			here[n++] = (uint8_t)f;
	n_all = n * (n + 1) / 2;
	i %= n_all;
	for (uint32_t a = 0; a < n; a++) {
		if (i < n - a) {
			out[0] = here[a];
			out[1] = here[a + i];
			return n_all;
		}
		i -= n - a;
	}
	return n_all;
}

static struct injection *plan(struct director *d, uint8_t fault, int64_t at_ns)
{
	struct injection *x = &d->list[d->n];
	struct rng root;
	*x = (struct injection){ .id = ++d->n, .fault = fault, .at_ns = at_ns };
	rng_seed(&root, d->o.seed * 7919 + x->id);
	rng_fork(&root, "injection", &x->dice);
	x->venue = (uint8_t)rng_below(&x->dice, WORLD_VENUES);
	x->masked = d->o.masked == x->id;
	if (d->o.kept) {
		x->masked = true;
		for (uint32_t k = 0; k < d->o.n_kept; k++)
			x->masked &= d->o.kept[k] != x->id;
	}
	d->planned[fault]++;
	return x;
}

/* One after the other, so near that both are felt; by turns in both orders, and almost at once. One that the world does not recover from comes second. Returns the
 * one that takes longer. */
static uint8_t plan_two(struct director *d, struct rng *r, int64_t at_ns)
{
	uint32_t turn = d->n / 2 % 4;
	const uint8_t *two = d->o.two;
	bool late = fault_row(two[0])->quiet_ms == FAULT_LATE;
	unsigned first = late || (turn & 1 && fault_row(two[1])->quiet_ms != FAULT_LATE);
	plan(d, two[first], at_ns);
	plan(d, two[!first],
	     at_ns + (turn < 2 ? rng_range(r, 4000000, 40000000) : rng_range(r, 0, 2000000)));
	return two[quiet_ns(two[1]) > quiet_ns(two[0])];
}

void director_begin(struct director *d, const struct director_options *o, struct checker *c,
		    int64_t start_ns)
{
	struct injection *list = d->list;
	*d = (struct director){ .list = list, .o = *o, .checker = c, .start_ns = start_ns };
	struct rng root, r;
	rng_seed(&root, o->seed);
	rng_fork(&root, "director", &r);
	/* First everybody logs on. */
	int64_t mean = o->mean_ns ? o->mean_ns : MEAN_NS, at = 250000000;
	/* What a world does not recover from in its lifetime comes last. */
	int64_t late = o->duration_ns - LATE_NS;
	while (!o->none && d->n + 2 < DIRECTOR_MOST && at < o->duration_ns) {
		uint8_t one = o->only ? o->only : draw_fault(&r, at >= late);
		int64_t gap = rng_range(&r, mean / 10, 2 * mean - mean / 10);
		if (o->two[0]) {
			one = plan_two(d, &r, at);
			gap = TWO_APART_NS;
		} else {
			plan(d, one, at);
		}
		at += gap + quiet_ns(one);
	}
}

/* ---- running ---- */

int64_t director_next(const struct director *d, int64_t stop_ns)
{
	if (d->stopped || d->next == d->n)
		return stop_ns;
	int64_t at = d->start_ns + d->list[d->next].at_ns;
	return at < stop_ns ? at : stop_ns;
}

/* True: it is over. */
static bool strike(struct director *d, struct world *w, struct injection *x, bool calm)
{
	int64_t now = world_now(w);
	bool waited = x->state == INJECTION_ARMED && now - x->armed_ns > FAULT_PATIENCE_NS;
	if ((calm || waited) && x->step == 0) {
		x->state = INJECTION_MISSED;
		return true;
	}
	switch (fault_row(x->fault)->inject(w, x, calm)) {
	case FAULT_WAIT:
		return calm;
	case FAULT_WORK:
		x->state = INJECTION_WORKING;
		x->hit_ns = x->hit_ns ? x->hit_ns : now;
		return calm;
	case FAULT_HIT:
		x->hit_ns = x->hit_ns ? x->hit_ns : now;
		x->state = INJECTION_DONE;
		d->hit[x->fault]++;
		return true;
	case FAULT_OVER:
		break;
	}
	x->state = INJECTION_MISSED;
	return true;
}

void director_step(struct director *d, struct world *w)
{
	int64_t now = world_now(w);
	while (!d->stopped && d->next < d->n && d->start_ns + d->list[d->next].at_ns <= now) {
		struct injection *x = &d->list[d->next++];
		if (x->masked || d->n_active == sizeof d->active / sizeof *d->active)
			continue;
		x->state = INJECTION_ARMED;
		x->armed_ns = now;
		d->active[d->n_active++] = (uint32_t)(x - d->list);
	}
	for (uint32_t i = 0; i < d->n_active;)
		if (strike(d, w, &d->list[d->active[i]], false))
			d->active[i] = d->active[--d->n_active];
		else
			i++;
}

void director_calm(struct director *d, struct world *w)
{
	for (uint32_t i = 0; i < d->n_active; i++)
		strike(d, w, &d->list[d->active[i]], true);
	d->n_active = 0;
	d->stopped = true;
}

void director_host_died(struct director *d)
{
	for (uint32_t i = 0; i < d->n_active; i++) {
		struct injection *x = &d->list[d->active[i]];
		if (x->fault == 52 && x->step == 1)
			x->step = 2;
	}
}
