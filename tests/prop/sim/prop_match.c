/* Proves the matching book against a naive model that searches unsorted lists: random markets and orders, the same events
 * in the same order; and that no size is ever taken beyond what the feed has shown anew. */
#include "adapters/sim/match.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PX = 40, ORDERS = 64, TOLD = 512, STEPS = 4000, RUNS = 30 };

struct model {
	int64_t size[side_max][PX], taken[side_max][PX];
	int64_t grown[side_max][PX], used[side_max][PX]; /* since the level appeared */
	struct match_order order[ORDERS];
	unsigned n;
	uint64_t next_trade;
	struct match_event told[TOLD];
	unsigned n_told;
};

static struct model model;
static struct match_event told[TOLD];
static unsigned n_told;

static void hear(void *owner, const struct match_event *e)
{
	(void)owner;
	told[n_told++] = *e;
	if (n_told == TOLD)
		abort();
}

static void model_tell(struct match_event e, const struct match_order *o)
{
	e.side = o->side;
	e.account = o->account;
	e.id = o->id;
	e.cum = o->cum;
	e.leaves = o->qty - o->cum;
	if (e.kind != MATCH_FILL) {
		e.px = o->px;
		e.qty = o->qty;
	}
	model.told[model.n_told++] = e;
	if (model.n_told == TOLD)
		abort();
}

static void model_fill(struct match_order *o, int64_t px, int64_t qty, bool maker, bool own,
		       uint64_t trade)
{
	o->cum += qty;
	model_tell((struct match_event){ .kind = MATCH_FILL,
					 .maker = maker,
					 .own = own,
					 .trade = trade,
					 .px = px,
					 .qty = qty },
		   o);
}

static void model_drop(unsigned i)
{
	model.n--;
	memmove(&model.order[i], &model.order[i + 1], (model.n - i) * sizeof model.order[0]);
}

static int64_t left_at(enum side side, int64_t px)
{
	return model.size[side][px] - model.taken[side][px];
}

/* Index of the best resting order of a side (the earliest of the best price), or -1. */
static int best_order(enum side side)
{
	int best = -1;
	for (unsigned i = 0; i < model.n; i++)
		if (model.order[i].side == side &&
		    (best < 0 || (side == SIDE_BUY ? model.order[i].px > model.order[best].px
						   : model.order[i].px < model.order[best].px)))
			best = (int)i;
	return best;
}

static int64_t best_level(enum side side)
{
	for (int64_t k = 0; k < PX; k++) {
		int64_t px = side == SIDE_BUY ? PX - 1 - k : k;
		if (left_at(side, px) > 0)
			return px;
	}
	return -1;
}

static bool within(const struct match_order *o, int64_t px)
{
	return o->type == ORD_MARKET || (o->side == SIDE_BUY ? px <= o->px : px >= o->px);
}

static void use(enum side side, int64_t px, int64_t qty)
{
	model.taken[side][px] += qty;
	model.used[side][px] += qty;
	ck_assert_int_le(model.used[side][px], model.grown[side][px]);
}

static void model_level(enum side side, int64_t px, int64_t size)
{
	int64_t *now = &model.size[side][px];
	if (size == 0 || *now == 0)
		model.taken[side][px] = model.grown[side][px] = model.used[side][px] = 0;
	if (size > *now)
		model.grown[side][px] += size - *now;
	*now = size;
	if (model.taken[side][px] > size)
		model.taken[side][px] = size;
}

static void model_forward(void)
{
	for (unsigned i = 0; i < model.n; i++) {
		int64_t left = left_at(model.order[i].side, model.order[i].px);
		if (model.order[i].ahead > left)
			model.order[i].ahead = left;
	}
}

static void model_cross(void)
{
	for (enum side side = SIDE_BUY; side < side_max; side++)
		for (;;) {
			int i = best_order(side);
			int64_t px = best_level(side ^ 1);
			if (i < 0 || px < 0 || !within(&model.order[i], px))
				break;
			struct match_order *o = &model.order[i];
			int64_t qty = left_at(side ^ 1, px);
			if (qty > o->qty - o->cum)
				qty = o->qty - o->cum;
			use(side ^ 1, px, qty);
			model_fill(o, o->px, qty, true, false, model.next_trade++);
			if (o->cum == o->qty)
				model_drop((unsigned)i);
		}
}

/* One unit at a time: who is first in line for it? */
static void model_tape(enum side aggressor, int64_t px, int64_t qty)
{
	enum side side = aggressor ^ 1;
	int64_t market = 0, got[ORDERS] = { 0 };
	for (; qty > 0; qty--) {
		int first = -1;
		for (unsigned i = 0; i < model.n; i++) {
			struct match_order *o = &model.order[i];
			if (o->side != side || !(side == SIDE_BUY ? o->px >= px : o->px <= px) ||
			    o->qty - o->cum - got[i] == 0)
				continue;
			if (first < 0 || (side == SIDE_BUY ? o->px > model.order[first].px
							   : o->px < model.order[first].px))
				first = (int)i;
		}
		if (first < 0)
			break;
		struct match_order *o = &model.order[first];
		if (o->px == px && o->ahead > market)
			market++;
		else
			got[first]++;
	}
	for (;;) { /* told best first */
		int first = -1;
		for (unsigned i = 0; i < model.n; i++)
			if (got[i] &&
			    (first < 0 ||
			     (side == SIDE_BUY ? model.order[i].px > model.order[first].px
					       : model.order[i].px < model.order[first].px)))
				first = (int)i;
		if (first < 0)
			break;
		model_fill(&model.order[first], model.order[first].px, got[first], true, false,
			   model.next_trade++);
		got[first] = 0;
	}
	for (unsigned i = model.n; i-- > 0;) {
		struct match_order *o = &model.order[i];
		if (o->side == side && o->px == px)
			o->ahead = o->ahead > market ? o->ahead - market : 0;
		if (o->cum == o->qty)
			model_drop(i);
	}
}

/* The best contra: 1 a level (px), 2 an order (index), 0 nothing in reach. */
static int model_contra(const struct match_order *o, int64_t *px, int *index)
{
	enum side side = o->side ^ 1;
	*px = best_level(side);
	*index = best_order(side);
	int64_t own = *index < 0 ? -1 : model.order[*index].px;
	bool level = *px >= 0 && (own < 0 || (side == SIDE_SELL ? *px <= own : *px >= own));
	if (level)
		return within(o, *px) ? 1 : 0;
	return own >= 0 && within(o, own) ? 2 : 0;
}

static enum match_why model_take(struct match_order *o, int64_t may)
{
	while (o->cum < may) {
		int64_t px, want = may - o->cum;
		int i, what = model_contra(o, &px, &i);
		if (what == 0)
			return WHY_NONE;
		if (what == 1) {
			int64_t qty =
				left_at(o->side ^ 1, px) < want ? left_at(o->side ^ 1, px) : want;
			use(o->side ^ 1, px, qty);
			model_fill(o, px, qty, false, false, model.next_trade++);
			continue;
		}
		struct match_order *maker = &model.order[i];
		if (maker->account == o->account && o->stp == STP_EXPIRE_TAKER)
			return WHY_SELF_TRADE;
		if (maker->account == o->account && o->stp == STP_EXPIRE_MAKER) {
			struct match_order gone = *maker;
			model_drop((unsigned)i);
			model_tell((struct match_event){ .kind = MATCH_EXPIRED,
							 .why = WHY_SELF_TRADE },
				   &gone);
			continue;
		}
		int64_t leaves = maker->qty - maker->cum, qty = leaves < want ? leaves : want;
		uint64_t trade = model.next_trade++;
		model_fill(maker, maker->px, qty, true, true, trade);
		model_fill(o, maker->px, qty, false, true, trade);
		if (maker->cum == maker->qty)
			model_drop((unsigned)i);
	}
	return o->cum < o->qty ? WHY_IOC : WHY_NONE;
}

/* Would it fill whole? Tried on a copy. */
static bool model_whole(const struct match_order *o)
{
	static struct model before;
	before = model;
	struct match_order try = *o;
	model_take(&try, o->qty);
	bool whole = try.cum == o->qty;
	model = before;
	return whole;
}

static void model_place(struct match_order o, unsigned cap)
{
	int64_t px;
	int i;
	unsigned same = 0;
	for (unsigned k = 0; k < model.n; k++)
		same += model.order[k].side == o.side;
	bool rests = o.type != ORD_MARKET && o.tif == TIF_GTC;
	if (o.type == ORD_POST_ONLY && model_contra(&o, &px, &i)) {
		model_tell((struct match_event){ .kind = MATCH_REJECTED, .why = WHY_WOULD_TAKE },
			   &o);
		return;
	}
	if (rests && same == cap) {
		model_tell((struct match_event){ .kind = MATCH_REJECTED, .why = WHY_FULL }, &o);
		return;
	}
	model_tell((struct match_event){ .kind = MATCH_ACK }, &o);
	if (o.tif == TIF_FOK && !model_whole(&o)) {
		model_tell((struct match_event){ .kind = MATCH_EXPIRED, .why = WHY_FOK }, &o);
		return;
	}
	enum match_why why = model_take(&o, o.take_max && o.take_max < o.qty ? o.take_max : o.qty);
	model_forward();
	if (o.cum == o.qty)
		return;
	if (rests && why != WHY_SELF_TRADE) {
		o.ahead = left_at(o.side, o.px);
		model.order[model.n++] = o;
		return;
	}
	if (why == WHY_NONE)
		why = o.type == ORD_MARKET ? WHY_LIQUIDITY : WHY_IOC;
	model_tell((struct match_event){ .kind = MATCH_EXPIRED, .why = (uint8_t)why }, &o);
}

static void model_cancel(uint64_t id)
{
	for (unsigned i = 0; i < model.n; i++)
		if (model.order[i].id == id) {
			struct match_order o = model.order[i];
			model_drop(i);
			model_tell((struct match_event){ .kind = MATCH_CANCELLED,
							 .why = WHY_OWNER },
				   &o);
			return;
		}
}

/* ---------------------------------------------------------------- the two side by side */

static void same_events(uint64_t seed, unsigned step)
{
	if (n_told != model.n_told)
		ck_abort_msg("seed %llu step %u: %u events, the model has %u",
			     (unsigned long long)seed, step, n_told, model.n_told);
	for (unsigned i = 0; i < n_told; i++) {
		const struct match_event *a = &told[i], *b = &model.told[i];
		if (a->kind != b->kind || a->why != b->why || a->id != b->id || a->px != b->px ||
		    a->qty != b->qty || a->cum != b->cum || a->leaves != b->leaves ||
		    a->trade != b->trade || a->maker != b->maker || a->own != b->own ||
		    a->account != b->account)
			ck_abort_msg(
				"seed %llu step %u: event %u is %s of %lld at %lld of order %llu, the model says "
				"%s of %lld at %lld of order %llu",
				(unsigned long long)seed, step, i, match_kind_name(a->kind),
				(long long)a->qty, (long long)a->px, (unsigned long long)a->id,
				match_kind_name(b->kind), (long long)b->qty, (long long)b->px,
				(unsigned long long)b->id);
	}
	n_told = model.n_told = 0;
}

static void step_market(struct match *m, struct rng *r, int64_t seq)
{
	struct level l[side_max][4];
	struct depth d = { .first_seq = seq, .last_seq = seq };
	int64_t mid = rng_range(r, 12, 27);
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		d.level[side] = l[side];
		d.n[side] = (uint32_t)rng_below(r, 4);
		for (uint32_t i = 0; i < d.n[side]; i++) {
			int64_t away = rng_range(r, 0, 8);
			l[side][i].px = side == SIDE_BUY ? mid - away : mid + 1 + away;
			l[side][i].qty = rng_chance(r, 300000) ? 0 : rng_range(r, 1, 9);
			model_level(side, l[side][i].px, l[side][i].qty);
		}
	}
	match_market_depth(m, 0, &d);
	model_forward();
	model_cross();
}

static void step_order(struct match *m, struct rng *r, uint64_t id, unsigned cap)
{
	static const uint8_t tifs[] = { TIF_GTC, TIF_GTC, TIF_IOC, TIF_FOK };
	struct match_order o = { .id = id,
				 .px = rng_range(r, 10, 30),
				 .qty = rng_range(r, 1, 20),
				 .take_max = rng_chance(r, 100000) ? rng_range(r, 1, 20) : 0,
				 .account = (uint16_t)rng_below(r, 3),
				 .side = (uint8_t)rng_below(r, 2),
				 .type = (uint8_t)rng_below(r, ord_type_max),
				 .tif = tifs[rng_below(r, 4)],
				 .stp = (uint8_t)rng_below(r, match_stp_max) };
	if (o.type == ORD_POST_ONLY)
		o.tif = TIF_GTC;
	if (o.tif == TIF_FOK)
		o.take_max = 0;
	if (o.tif != TIF_FOK && o.type != ORD_MARKET) {
		struct match_estimate e = match_estimate(m, o.side, true, o.px, o.qty);
		ck_assert_int_ge(e.qty, 0);
		ck_assert_int_le(e.qty, o.qty);
	}
	match_place(m, 0, &o);
	model_place(o, cap);
}

static void run(uint64_t seed)
{
	struct rng r;
	struct match m;
	const unsigned cap = 12;
	rng_seed(&r, seed);
	memset(&model, 0, sizeof model);
	model.next_trade = 1;
	n_told = 0;
	ck_assert_int_eq(match_init(&m, 2 * PX, cap, 1, hear, NULL), 0);
	uint64_t id = 0;
	for (unsigned step = 1; step <= STEPS; step++) {
		uint64_t what = rng_below(&r, 10);
		if (what < 4) {
			step_market(&m, &r, step);
		} else if (what < 8) {
			step_order(&m, &r, ++id, cap);
		} else if (what < 9 && id) {
			uint64_t gone = 1 + rng_below(&r, id);
			match_cancel(&m, 0, gone);
			model_cancel(gone);
		} else {
			struct market_trade t = { .px = rng_range(&r, 10, 30),
						  .qty = rng_range(&r, 1, 15),
						  .aggressor = (uint8_t)rng_below(&r, 2) };
			match_market_trade(&m, 0, &t);
			model_tape(t.aggressor, t.px, t.qty);
		}
		same_events(seed, step);
		ck_assert_uint_eq(m.n_rest[0] + m.n_rest[1], model.n);
	}
	match_free(&m);
}

START_TEST(random_markets_match_the_naive_model)
{
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		run(seed);
}
END_TEST

SUITE("match against its model", random_markets_match_the_naive_model)
