#include "adapters/sim/generator_book.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdlib.h>

int gbook_init(struct gbook *k, const struct gbook_shape *shape, uint8_t px_dp, int64_t tick,
	       int64_t lot)
{
	*k = (struct gbook){ .shape = shape, .px_dp = px_dp, .tick = tick, .lot = lot };
	int rc = shown_init(&k->shown, GBOOK_CAP);
	for (enum side side = SIDE_BUY; rc == 0 && side < side_max; side++) {
		k->pending[side] = calloc(GBOOK_PENDING, sizeof *k->pending[side]);
		k->out[side] = calloc(GBOOK_PENDING, sizeof *k->out[side]);
		if (!k->pending[side] || !k->out[side])
			rc = err_set(ERR_NOMEM, "no memory for a made book");
	}
	return rc;
}

void gbook_free(struct gbook *k)
{
	shown_free(&k->shown);
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		free(k->pending[side]);
		free(k->out[side]);
	}
}

/* ---------------------------------------------------------------- changes */

static void remember(struct gbook *k, enum side side, int64_t px)
{
	struct level *p = k->pending[side];
	for (uint32_t i = k->n_pending[side]; i-- > 0;)
		if (p[i].px == px)
			return;
	must(k->n_pending[side] < GBOOK_PENDING);
	p[k->n_pending[side]++].px = px;
}

static void set(struct gbook *k, enum side side, int64_t tick, int64_t lots)
{
	int64_t px = tick * k->tick;
	k->seq++;
	shown_set(&k->shown, side, px, lots * k->lot);
	remember(k, side, px);
}

static int64_t top_tick(const struct gbook *k, enum side side)
{
	const struct shown_level *l = shown_at(&k->shown, side, 0);
	return l ? l->px / k->tick : 0;
}

/* The best price that the side may have. */
static int64_t limit_tick(const struct gbook *k, enum side side)
{
	return side == SIDE_BUY ? k->fair : k->fair + 1;
}

/* n ticks away from the middle. */
static int64_t behind(enum side side, int64_t tick, int64_t n)
{
	return side == SIDE_BUY ? tick - n : tick + n;
}

static int64_t gap(struct gbook *k)
{
	return draw_quantile(&k->rng, &k->shape->gap_ticks);
}

/* A new best level at the limit, and others between it and the old best. */
static void fill_to_limit(struct gbook *k, enum side side)
{
	int64_t tick = limit_tick(k, side), old = top_tick(k, side);
	if (!px_better(side, tick, old) && old)
		return;
	set(k, side, tick, draw_quantile(&k->rng, &k->shape->top));
	for (unsigned n = 0; old && n < GBOOK_LEVELS; n++) {
		tick = behind(side, tick, gap(k));
		if (!px_better(side, tick, old))
			break;
		set(k, side, tick, draw_quantile(&k->rng, &k->shape->level));
	}
}

/* As many levels as belong there: more at the far end, or fewer. */
static void keep_depth(struct gbook *k, enum side side)
{
	while (k->shown.n[side] > GBOOK_LEVELS + 20)
		set(k, side, k->shown.level[side][0].px / k->tick, 0);
	while (k->shown.n[side] < GBOOK_LEVELS) {
		int64_t far = k->shown.n[side] ? k->shown.level[side][0].px / k->tick
					       : limit_tick(k, side);
		/* One draw a statement: arguments have no order. */
		int64_t tick = behind(side, far, gap(k));
		set(k, side, tick, draw_quantile(&k->rng, &k->shape->level));
	}
}

static int64_t fair_of(const struct gbook *k, int64_t px_e8)
{
	return dec_rescale(px_e8, 8, k->px_dp, DEC_DOWN) / k->tick;
}

void gbook_begin(struct gbook *k, const struct rng *root, const char *name, int64_t px_e8)
{
	rng_fork(root, name, &k->rng);
	k->fair = fair_of(k, px_e8);
	k->seq = 1000;
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		shown_clear(&k->shown, side);
		fill_to_limit(k, side);
		keep_depth(k, side);
		k->n_pending[side] = 0;
	}
	k->said_seq = k->seq;
}

bool gbook_follow(struct gbook *k, int64_t px_e8, enum side *aggressor, int64_t *px, int64_t *qty)
{
	int64_t before = k->seq, was = k->fair;
	k->fair = fair_of(k, px_e8);
	*qty = 0;
	if (k->fair == was)
		return false;
	enum side passed = k->fair > was ? SIDE_SELL : SIDE_BUY;
	*aggressor = passed ^ 1;
	int64_t lots = draw_quantile(&k->rng, &k->shape->trade);
	while (k->shown.n[passed] &&
	       px_better(passed, top_tick(k, passed), limit_tick(k, passed))) {
		const struct shown_level *l = shown_at(&k->shown, passed, 0);
		*px = l->px;
		*qty = l->size < lots * k->lot ? l->size : lots * k->lot;
		set(k, passed, l->px / k->tick, 0);
	}
	/* A small move leaves the book as it stands more often than not. */
	if (k->seq == before && !rng_chance(&k->rng, 300000))
		return false;
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		fill_to_limit(k, side);
		keep_depth(k, side);
	}
	return k->seq != before;
}

/* ---------------------------------------------------------------- what happens by itself */

static struct gbook_act trade(struct gbook *k)
{
	struct gbook_act did = { .aggressor = rng_chance(&k->rng, 500000) ? SIDE_BUY : SIDE_SELL };
	enum side side = did.aggressor ^ 1;
	const struct shown_level *l = shown_at(&k->shown, side, 0);
	int64_t lots = draw_quantile(&k->rng, &k->shape->trade), stands = l->size / k->lot;
	lots = lots < stands ? lots : stands;
	did.trade_px = l->px;
	did.trade_qty = lots * k->lot;
	set(k, side, l->px / k->tick, stands - lots);
	keep_depth(k, side);
	return did;
}

/* Somebody joins or leaves the best price; a wide spread mostly closes. */
static void stir_top(struct gbook *k)
{
	enum side side = rng_chance(&k->rng, 500000) ? SIDE_BUY : SIDE_SELL;
	int64_t tick = top_tick(k, side);
	if (tick != limit_tick(k, side) && rng_chance(&k->rng, 600000))
		fill_to_limit(k, side);
	else
		set(k, side, tick, draw_quantile(&k->rng, &k->shape->top));
}

/* Deeper levels come and go, nearer ones more often. */
static void stir_depth(struct gbook *k)
{
	int64_t n = rng_range(&k->rng, 0, k->shape->deep_max);
	for (; n > 0; n--) {
		enum side side = rng_chance(&k->rng, 500000) ? SIDE_BUY : SIDE_SELL;
		uint64_t reach = 2 + rng_below(&k->rng, k->shown.n[side] - 2);
		const struct shown_level *l =
			shown_at(&k->shown, side, 1 + (uint32_t)rng_below(&k->rng, reach - 1));
		int64_t tick = l->px / k->tick, lots = draw_quantile(&k->rng, &k->shape->level);
		if (rng_chance(&k->rng, k->shape->gone_ppm))
			lots = 0;
		else if (rng_chance(&k->rng, 400000))
			tick = behind(side, tick, 1 + gap(k) / 2);
		set(k, side, tick, lots);
		keep_depth(k, side);
	}
}

struct gbook_act gbook_act(struct gbook *k)
{
	struct gbook_act did = { 0 };
	if (rng_chance(&k->rng, k->shape->trade_ppm))
		did = trade(k);
	else
		stir_top(k);
	stir_depth(k);
	return did;
}

/* ---------------------------------------------------------------- messages */

bool gbook_changed(const struct gbook *k)
{
	return k->seq != k->said_seq;
}

bool gbook_full(const struct gbook *k)
{
	return k->n_pending[SIDE_BUY] > GBOOK_PENDING / 2 ||
	       k->n_pending[SIDE_SELL] > GBOOK_PENDING / 2;
}

void gbook_quote(const struct gbook *k, int64_t now_ns, struct quote *out)
{
	*out = (struct quote){ .seq = k->seq, .venue_ns = now_ns, .recv_ns = now_ns };
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		const struct shown_level *l = shown_at(&k->shown, side, 0);
		out->px[side] = l->px;
		out->qty[side] = l->size;
	}
}

void gbook_diff(struct gbook *k, int64_t now_ns, struct depth *out)
{
	*out = (struct depth){ .first_seq = k->said_seq + 1,
			       .last_seq = k->seq,
			       .prev_seq = k->said_seq,
			       .venue_ns = now_ns,
			       .recv_ns = now_ns };
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		for (uint32_t i = 0; i < k->n_pending[side]; i++) {
			int64_t px = k->pending[side][i].px;
			k->out[side][i] = (struct level){ px, shown_left(&k->shown, side, px) };
		}
		out->level[side] = k->out[side];
		out->n[side] = k->n_pending[side];
		k->n_pending[side] = 0;
	}
	k->said_seq = k->seq;
}

void gbook_snapshot(struct gbook *k, int64_t now_ns, struct depth *out)
{
	*out = (struct depth){
		.first_seq = k->seq, .last_seq = k->seq, .venue_ns = now_ns, .recv_ns = now_ns
	};
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		for (uint32_t i = 0; i < k->shown.n[side]; i++) {
			const struct shown_level *l = shown_at(&k->shown, side, i);
			k->out[side][i] = (struct level){ l->px, l->size };
		}
		out->level[side] = k->out[side];
		out->n[side] = k->shown.n[side];
	}
}
