#include "tests/sim/checker_parts.h"

#include "core/base/err.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int checker_open(struct checker **out)
{
	struct checker *c = calloc(1, sizeof *c);
	if (!c)
		return err_set(ERR_NOMEM, "no memory for a checker");
	c->pair = calloc(CHECK_PAIRS, sizeof *c->pair);
	c->order = calloc(CHECK_ORDERS, sizeof *c->order);
	c->trade = calloc(CHECK_TRADES, sizeof *c->trade);
	int rc =
		c->pair && c->order && c->trade ? 0 : err_set(ERR_NOMEM, "no memory for a checker");
	if (!rc)
		rc = map_init(&c->pair_of, CHECK_PAIRS);
	if (!rc)
		rc = map_init(&c->order_of, CHECK_ORDERS);
	if (!rc)
		rc = map_init(&c->trade_of, CHECK_TRADES);
	if (!rc)
		rc = map_init(&c->cross_of, CHECK_TRADES);
	*out = c;
	if (rc)
		checker_free(c);
	return rc;
}

void checker_free(struct checker *c)
{
	if (!c)
		return;
	free(c->pair);
	free(c->order);
	free(c->trade);
	map_free(&c->pair_of);
	map_free(&c->order_of);
	map_free(&c->trade_of);
	map_free(&c->cross_of);
	free(c);
}

void checker_begin(struct checker *c, const struct checker_terms *t)
{
	struct checker was = *c;
	map_clear(&was.pair_of);
	map_clear(&was.order_of);
	map_clear(&was.trade_of);
	map_clear(&was.cross_of);
	*c = (struct checker){ .t = *t,
			       .pair = was.pair,
			       .order = was.order,
			       .trade = was.trade,
			       .pair_of = was.pair_of,
			       .order_of = was.order_of,
			       .trade_of = was.trade_of,
			       .cross_of = was.cross_of };
}

void check_fail(struct checker *c, int invariant, const struct check_pair *p, uint64_t order,
		const char *fmt, ...)
{
	c->n.violations++;
	if (c->n_violations == CHECKER_VIOLATIONS)
		return;
	struct checker_violation *v = &c->violation[c->n_violations++];
	*v = (struct checker_violation){ .invariant = (uint8_t)invariant,
					 .at_ns = c->now_ns,
					 .pair = p ? p->id : 0,
					 .order = order,
					 .seq = c->seq };
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(v->text, sizeof v->text, fmt, ap);
	va_end(ap);
}

/* ---- what the world does ---- */

bool check_trouble(const struct checker *c, unsigned venue, enum checker_trouble t)
{
	return c->now_ns <= c->venue[venue].trouble_ns[t] || c->now_ns <= c->host_dead_ns;
}

void checker_trouble(struct checker *c, unsigned venue, enum checker_trouble t, int64_t until_ns)
{
	if (!c)
		return;
	for (unsigned v = 0; v < c->t.n_venues; v++)
		if ((venue == v || venue >= c->t.n_venues) && c->venue[v].trouble_ns[t] < until_ns)
			c->venue[v].trouble_ns[t] = until_ns;
}

void checker_host_died(struct checker *c, int64_t until_ns)
{
	if (!c)
		return;
	if (until_ns > c->host_dead_ns)
		c->host_dead_ns = until_ns;
	c->over_order = 0;
	c->untold = 0;
	for (unsigned v = 0; v < c->t.n_venues; v++) /* its next life counts its messages anew */
		c->venue[v].window_ns = -1000000000;
}

void checker_coarser(struct checker *c, int64_t times)
{
	c->coarsest = times;
}

void checker_calm(struct checker *c, int64_t now_ns)
{
	c->calm_ns = now_ns;
	c->now_ns = now_ns;
}

void checker_tick(struct checker *c, int64_t now_ns)
{
	c->now_ns = now_ns;
	if (c->n_held)
		check_pairs_tick(c);
}

/* ---- the model ---- */

unsigned check_venue_of(const struct checker *c, unsigned instrument)
{
	return instrument && instrument <= c->t.n_instruments
		       ? c->t.instrument[instrument - 1].venue
		       : 0;
}

struct check_pair *check_pair_of(struct checker *c, uint64_t id)
{
	uint32_t at;
	return id && map_get(&c->pair_of, id, &at) ? &c->pair[at] : NULL;
}

struct check_order *check_order_of(struct checker *c, uint64_t id)
{
	uint32_t at;
	return id && map_get(&c->order_of, id, &at) ? &c->order[at] : NULL;
}

int64_t check_base_e8(const struct checker *c, unsigned instrument, enum side side, int64_t qty,
		      int64_t px)
{
	int64_t base = instrument_base_e8(&c->t.instrument[instrument - 1], qty, px);
	return side == SIDE_BUY ? base : -base;
}

/* ---- the two sources ---- */

void checker_fact(struct checker *c, const struct fact *f)
{
	if (c->planted_left && f->kind == c->planted && --c->planted_left == 0)
		return;
	c->n.facts++;
	c->now_ns = f->mono_ns > c->now_ns ? f->mono_ns : c->now_ns;
	check_gates_fact(c, f);
	check_orders_fact(c, f);
	check_pairs_fact(c, f);
	check_pairs_version(c, f);
	check_legs_fact(c, f);
	check_books_fact(c, f);
}

void checker_event(struct checker *c, unsigned venue, const struct exchange_event *e)
{
	c->n.events++;
	check_orders_event(c, venue, e);
}

void checker_end(struct checker *c, int64_t now_ns)
{
	c->now_ns = now_ns;
	check_orders_end(c);
	check_pairs_end(c);
	check_books_end(c);
}

/* ---- for whoever plans faults ---- */

uint64_t checker_live_pair(const struct checker *c, unsigned venue)
{
	for (unsigned v = 0; v < c->t.n_venues; v++)
		for (uint32_t i = c->venue[v].n_open;
		     i-- > 0 && (venue == v || venue >= c->t.n_venues);) {
			const struct check_order *o = &c->order[c->venue[v].open[i]];
			if (o->sent)
				return c->pair[o->pair].id;
		}
	return 0;
}

bool checker_cancelling(const struct checker *c, unsigned venue)
{
	return c->venue[venue].n_cancelling > 0;
}

uint32_t checker_broken(const struct checker *c)
{
	return c->n_broken;
}

uint64_t checker_held_pair(const struct checker *c)
{
	return c->n_held ? c->pair[c->held[c->n_held - 1]].id : 0;
}

const struct checker_count *checker_counts(const struct checker *c)
{
	return &c->n;
}

const struct checker_violation *checker_violations(const struct checker *c, uint32_t *n)
{
	*n = c->n_violations;
	return c->violation;
}

void checker_plant_skip(struct checker *c, enum fact_kind k, uint32_t nth)
{
	c->planted = (uint8_t)k;
	c->planted_left = nth;
}
