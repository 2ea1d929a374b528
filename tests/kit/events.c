#include "tests/kit/events.h"
#include <string.h>

void events_init(struct events *e, uint64_t seed, uint16_t instruments, bool wild)
{
	memset(e, 0, sizeof *e);
	rng_seed(&e->rng, seed);
	e->instruments = instruments;
	e->wild = wild;
	e->at_ns = 1723161253937085768;
	e->px = 6183763000000;
	e->seq = 50093239218;
}

/* Mostly ordinary, sometimes at the very ends of what 64 bits hold. */
static int64_t any(struct events *e, int64_t ordinary)
{
	static const int64_t ends[] = {
		INT64_MIN, INT64_MAX, INT64_MIN + 1, -1, 0, 1, (int64_t)1 << 55, -((int64_t)1 << 56)
	};
	if (!e->wild || rng_chance(&e->rng, 700000))
		return ordinary;
	if (rng_chance(&e->rng, 500000))
		return ends[rng_below(&e->rng, sizeof ends / sizeof *ends)];
	return (int64_t)(rng_next(&e->rng) >> rng_below(&e->rng, 64));
}

static int64_t qty(struct events *e)
{
	return any(e, rng_chance(&e->rng, 200000) ? 0 : 1000 * rng_range(&e->rng, 1, 900000));
}

static uint32_t levels(struct events *e, int side, int64_t step)
{
	uint64_t most = e->wild && rng_chance(&e->rng, 5000) ? PACK_LEVELS : EVENTS_LEVELS;
	uint32_t n = rng_chance(&e->rng, 100000) ? 0 : (uint32_t)rng_below(&e->rng, most + 1);
	int64_t px = e->px;
	for (uint32_t i = 0; i < n; i++) {
		px += step * rng_range(&e->rng, 1, 5);
		e->level[side][i] = (struct level){ any(e, px), qty(e) };
	}
	return n;
}

static void make_depth(struct events *e, struct depth *d)
{
	d->first_seq = any(e, e->seq + 1);
	d->last_seq = any(e, e->seq += rng_range(&e->rng, 1, 30));
	d->prev_seq = rng_chance(&e->rng, 500000) ? any(e, d->first_seq - 1) : 0;
	d->line = (uint8_t)any(e, (int64_t)rng_below(&e->rng, 2));
	d->venue_ns = any(e, e->at_ns - e->at_ns % 1000000);
	d->recv_ns = e->at_ns;
	for (int s = 0; s < side_max; s++) {
		d->level[s] = e->level[s];
		d->n[s] = levels(e, s, s == SIDE_BUY ? -1000000 : 1000000);
	}
}

static void make_quote(struct events *e, struct quote *q)
{
	q->seq = any(e, e->seq += rng_range(&e->rng, 1, 9));
	q->venue_ns = any(e, rng_chance(&e->rng, 500000) ? 0 : e->at_ns - e->at_ns % 1000000);
	q->recv_ns = e->at_ns;
	for (int s = 0; s < side_max; s++) {
		q->px[s] = any(e, e->px + (s == SIDE_BUY ? 0 : 1000000));
		q->qty[s] = qty(e);
	}
}

static uint8_t kind(struct events *e)
{
	static const uint8_t busy[] = { PACK_QUOTE, PACK_QUOTE, PACK_QUOTE, PACK_QUOTE,
					PACK_DEPTH, PACK_DEPTH, PACK_TRADE, PACK_TRADE };
	if (rng_chance(&e->rng, e->wild ? 500000 : 990000))
		return busy[rng_below(&e->rng, sizeof busy)];
	return (uint8_t)rng_below(&e->rng, pack_kind_max);
}

void events_next(struct events *e, struct pack_event *out)
{
	memset(out, 0, sizeof *out);
	e->px += 1000000 * rng_range(&e->rng, -1, 1);
	e->at_ns = any(e, (int64_t)((uint64_t)e->at_ns + rng_below(&e->rng, 2000000)));
	out->kind = kind(e);
	out->at_ns = e->at_ns;
	out->instrument = (uint32_t)rng_below(&e->rng, e->instruments);
	if (out->kind > PACK_TRADE || (e->wild && rng_chance(&e->rng, 10000)))
		out->instrument = UINT32_MAX;
	if (out->kind == PACK_QUOTE) {
		make_quote(e, &out->quote);
	} else if (out->kind == PACK_DEPTH || out->kind == PACK_SNAPSHOT) {
		make_depth(e, &out->depth);
	} else if (out->kind == PACK_TRADE) {
		out->trade = (struct market_trade){ .px = any(e, e->px),
						    .qty = qty(e),
						    .id = any(e, e->seq),
						    .venue_ns = any(e, e->at_ns),
						    .recv_ns = e->at_ns,
						    .aggressor = (uint8_t)rng_below(&e->rng, 2) };
	} else if (out->kind == PACK_CLOCK) {
		for (int k = 0; k < 4; k++)
			out->clock[k] = any(e, e->at_ns + k * 1000);
	} else if (out->kind == PACK_HOLE) {
		out->lost = (uint64_t)any(e, 17);
	}
}

static bool same_levels(const struct depth *a, const struct depth *b)
{
	for (int s = 0; s < side_max; s++)
		if (a->n[s] != b->n[s] ||
		    (a->n[s] && memcmp(a->level[s], b->level[s], a->n[s] * sizeof(struct level))))
			return false;
	return true;
}

bool events_same(const struct pack_event *a, const struct pack_event *b)
{
	const struct quote *q = &a->quote, *r = &b->quote;
	const struct depth *d = &a->depth, *e = &b->depth;
	const struct market_trade *t = &a->trade, *u = &b->trade;
	if (a->kind != b->kind || a->instrument != b->instrument || a->at_ns != b->at_ns)
		return false;
	switch ((enum pack_kind)a->kind) {
	case PACK_QUOTE:
		return memcmp(q->px, r->px, sizeof q->px) == 0 &&
		       memcmp(q->qty, r->qty, sizeof q->qty) == 0 && q->seq == r->seq &&
		       q->venue_ns == r->venue_ns && r->recv_ns == b->at_ns;
	case PACK_DEPTH:
	case PACK_SNAPSHOT:
		return d->first_seq == e->first_seq && d->last_seq == e->last_seq &&
		       d->prev_seq == e->prev_seq && d->line == e->line &&
		       d->venue_ns == e->venue_ns && e->recv_ns == b->at_ns && same_levels(d, e);
	case PACK_TRADE:
		return t->px == u->px && t->qty == u->qty && t->id == u->id &&
		       t->venue_ns == u->venue_ns && t->aggressor == u->aggressor &&
		       u->recv_ns == b->at_ns;
	case PACK_CLOCK:
		return memcmp(a->clock, b->clock, sizeof a->clock) == 0;
	case PACK_HOLE:
		return a->lost == b->lost;
	case PACK_ALIVE:
	case PACK_DOWN:
	case PACK_BAD:
	case pack_kind_max:
		break;
	}
	return true;
}
