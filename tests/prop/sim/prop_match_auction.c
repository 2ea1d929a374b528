/* Proves against every price tried in turn that an auction trades the largest volume there is, at a price that gives it and leaves nobody better out, and that who came
 * first at a price is filled first. */
#include "adapters/sim/match.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"

enum { PX = 30, ORDERS = 24, RUNS = 20000 };

static int64_t got[ORDERS + 1];
static int64_t fill_px;

static void hear(void *owner, const struct match_event *e)
{
	(void)owner;
	if (e->kind != MATCH_FILL)
		return;
	got[e->id] += e->qty;
	fill_px = e->px;
}

struct drawn {
	struct match_order order[ORDERS];
	unsigned n;
	int64_t shown[side_max][PX];
};

static void draw(struct rng *r, struct drawn *d, struct match *m)
{
	*d = (struct drawn){ 0 };
	struct level l[side_max][PX];
	struct depth in = { .level = { l[0], l[1] } };
	for (enum side side = SIDE_BUY; side < side_max; side++)
		for (int i = 0; i < PX; i++) {
			int px = side == SIDE_BUY ? PX - 1 - i : i;
			int64_t qty = px > 0 && rng_chance(r, 200000) ? rng_range(r, 1, 5) : 0;
			d->shown[side][px] = qty;
			if (qty)
				l[side][in.n[side]++] = (struct level){ px, qty };
		}
	match_collect(m);
	match_market_snapshot(m, 0, &in);
	d->n = (unsigned)rng_below(r, ORDERS + 1);
	for (unsigned i = 0; i < d->n; i++) {
		d->order[i] = (struct match_order){ .id = i + 1,
						    .px = rng_range(r, 1, PX - 1),
						    .qty = rng_range(r, 1, 6),
						    .side = (uint8_t)rng_below(r, 2),
						    .tif = TIF_DAY };
		match_place(m, 0, &d->order[i]);
	}
}

/* What a side would trade at px; strictly better prices only, if asked. */
static int64_t willing(const struct drawn *d, enum side side, int64_t px, bool better)
{
	int64_t sum = 0;
	for (int p = 0; p < PX; p++)
		if (better ? px_better(side, p, px) : !px_better(side, px, p))
			sum += d->shown[side][p];
	for (unsigned i = 0; i < d->n; i++)
		if (d->order[i].side == side && (better ? px_better(side, d->order[i].px, px)
							: !px_better(side, px, d->order[i].px)))
			sum += d->order[i].qty;
	return sum;
}

static int64_t volume_at(const struct drawn *d, int64_t px)
{
	int64_t bid = willing(d, SIDE_BUY, px, false), ask = willing(d, SIDE_SELL, px, false);
	return bid < ask ? bid : ask;
}

static void check_orders(const struct drawn *d, int64_t px)
{
	for (unsigned i = 0; i < d->n; i++) {
		const struct match_order *o = &d->order[i];
		EXPECT(got[o->id] >= 0 && got[o->id] <= o->qty);
		if (px_better(o->side, o->px, px))
			EXPECT(got[o->id] == o->qty);
		if (px_better(o->side, px, o->px))
			EXPECT(got[o->id] == 0);
		for (unsigned k = 0; k < i; k++)
			if (d->order[k].side == o->side && d->order[k].px == o->px && got[o->id])
				EXPECT(got[d->order[k].id] == d->order[k].qty);
	}
}

static void check_sides(const struct drawn *d, const struct match *m, int64_t qty)
{
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		int64_t sum = 0;
		for (unsigned i = 0; i < d->n; i++)
			if (d->order[i].side == side)
				sum += got[d->order[i].id];
		for (uint32_t i = 0; i < m->shown.n[side]; i++)
			sum += m->shown.level[side][i].taken;
		EXPECT(sum == qty);
	}
	for (unsigned i = 0; i < d->n; i++) {
		const struct match_order *o = match_find(m, d->order[i].id);
		EXPECT((o != NULL) == (got[d->order[i].id] < d->order[i].qty));
		EXPECT(!o || o->cum == got[d->order[i].id]);
	}
}

START_TEST(the_volume_is_the_largest)
{
	struct rng r;
	uint64_t crossed = 0;
	rng_seed(&r, 20260302);
	for (int run = 0; run < RUNS; run++) {
		struct match m;
		struct drawn d;
		for (int i = 0; i <= ORDERS; i++)
			got[i] = 0;
		EXPECT(match_init(&m, PX, ORDERS, 1, hear, NULL) == 0);
		draw(&r, &d, &m);
		int64_t best = 0;
		for (int64_t px = 1; px < PX; px++)
			if (volume_at(&d, px) > best)
				best = volume_at(&d, px);
		fill_px = 0;
		struct match_auction a = match_uncross(&m, 0, 1);
		EXPECT(a.qty == best);
		if (a.qty) {
			crossed++;
			EXPECT(volume_at(&d, a.px) == best);
			EXPECT(willing(&d, SIDE_BUY, a.px, true) <= best);
			EXPECT(willing(&d, SIDE_SELL, a.px, true) <= best);
			EXPECT(fill_px == 0 || fill_px == a.px);
			check_orders(&d, a.px);
		}
		check_sides(&d, &m, a.qty);
		match_free(&m);
	}
	EXPECT(crossed > RUNS / 2);
}
END_TEST

SUITE("match_auction", the_volume_is_the_largest)
