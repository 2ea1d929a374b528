/* Proves that the exposure that is kept as orders open, fill, change and end is, after every step of long random histories, the one that a walk over all orders gives. */
#include "core/base/rng.h"
#include "core/trade/blotter.h"
#include "core/trade/exposure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORDERS = 48, ACCOUNTS = 3, INSTRUMENTS = 4, INSTANCES = 3, STEPS = 4000, SEEDS = 60 };

static struct instrument instrument[INSTRUMENTS];

static void fill_instruments(void)
{
	static const uint8_t kind[] = { EXPO_SPOT, EXPO_LINEAR, EXPO_INVERSE, EXPO_LINEAR };
	for (unsigned i = 0; i < INSTRUMENTS; i++) {
		instrument[i].px_dp = 1;
		instrument[i].qty_dp = (uint8_t)(i % 3);
		instrument[i].expo = (struct expo){ .kind = kind[i], .num = 7 + i, .den = 3 };
	}
}

struct world {
	struct blotter b;
	struct exposure x;
	struct order *live[ORDERS];
	unsigned n;
	uint64_t id;
	struct rng rng;
};

static int fail(const struct world *w, const char *what, uint64_t seed, unsigned step)
{
	fprintf(stderr, "prop_exposure: %s differs: seed %llu, step %u, %u orders\n", what,
		(unsigned long long)seed, step, w->n);
	return 1;
}

static int64_t left(const struct order *o)
{
	return o->qty > o->cum ? o->qty - o->cum : 0;
}

/* Everything from the orders themselves. */
static int check(struct world *w, uint64_t seed, unsigned step)
{
	int64_t base[INSTANCES][side_max] = { 0 };
	for (unsigned i = 0; i < w->n; i++) {
		const struct order *o = w->live[i];
		int64_t b = instrument_base_e8(&instrument[o->instrument], left(o), o->px);
		if (o->instance < INSTANCES)
			base[o->instance][o->side] += b < 0 ? -b : b;
	}
	if (memcmp(base, w->x.base_e8, sizeof base) != 0)
		return fail(w, "the base of an instance", seed, step);
	for (uint16_t a = 0; a < ACCOUNTS; a++)
		for (uint32_t k = 0; k < INSTRUMENTS; k++)
			for (uint8_t side = 0; side < side_max; side++) {
				const struct exposure_slot *s =
					&w->x.slot[exposure_slot(&w->x, a, k)];
				int64_t qty = 0;
				uint32_t n = 0, chained = 0, at = s->first[side];
				for (unsigned i = 0; i < w->n; i++) {
					const struct order *o = w->live[i];
					bool here = o->account == a && o->instrument == k &&
						    o->side == side;
					qty += here ? left(o) : 0;
					n += here;
				}
				for (uint32_t p; (p = exposure_each(&w->x, &at)) != UINT32_MAX;
				     chained++)
					if (w->b.slot[p].account != a ||
					    w->b.slot[p].instrument != k ||
					    w->b.slot[p].side != side)
						return fail(w, "a chain", seed, step);
				if (qty != s->open_qty[side] || n != s->n[side] || n != chained)
					return fail(w, "a slot", seed, step);
			}
	return 0;
}

static void open_one(struct world *w)
{
	struct order *o = blotter_new(&w->b, ++w->id);
	if (!o)
		return;
	o->account = (uint16_t)rng_below(&w->rng, ACCOUNTS);
	o->instrument = (uint32_t)rng_below(&w->rng, INSTRUMENTS);
	o->instance =
		rng_below(&w->rng, 8) ? (uint16_t)rng_below(&w->rng, INSTANCES) : POSITION_NOBODY;
	o->side = (uint8_t)rng_below(&w->rng, 2);
	o->px = 1 + (int64_t)rng_below(&w->rng, 100000);
	o->qty = 1 + (int64_t)rng_below(&w->rng, 1000);
	blotter_note(&w->b, o, &instrument[o->instrument]);
	w->live[w->n++] = o;
}

/* A fill (also beyond what was asked for), a bust, a change of price and size, an end, or the same news again. */
static void change_one(struct world *w)
{
	unsigned i = (unsigned)rng_below(&w->rng, w->n);
	struct order *o = w->live[i];
	switch (rng_below(&w->rng, 6)) {
	case 0:
	case 1:
		o->cum += 1 + (int64_t)rng_below(&w->rng, 400);
		break;
	case 2:
		o->cum = o->cum > 100 ? o->cum - 100 : 0;
		break;
	case 3:
		o->px = 1 + (int64_t)rng_below(&w->rng, 100000);
		o->qty += 5;
		break;
	case 4:
		if (rng_below(&w->rng, 2))
			blotter_drop(&w->b, o);
		else
			blotter_close(&w->b, o);
		w->live[i] = w->live[--w->n];
		return;
	default:
		break;
	}
	blotter_note(&w->b, o, &instrument[o->instrument]);
}

static int run(uint64_t seed)
{
	struct world w = { .n = 0 };
	int rc = 0;
	rng_seed(&w.rng, seed);
	if (blotter_init(&w.b, STEPS + 1) ||
	    exposure_init(&w.x, STEPS + 1, ACCOUNTS * INSTRUMENTS, 8, INSTANCES))
		return 1;
	w.b.exposure = &w.x;
	for (unsigned step = 0; step < STEPS && !rc; step++) {
		bool more = w.n < ORDERS && rng_below(&w.rng, 3) == 0;
		if (w.n == 0 || more)
			open_one(&w);
		else
			change_one(&w);
		rc = check(&w, seed, step);
	}
	exposure_free(&w.x);
	blotter_free(&w.b);
	return rc;
}

int main(void)
{
	fill_instruments();
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		if (run(seed))
			return 1;
	return 0;
}
