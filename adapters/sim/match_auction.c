/* match_auction - the end of a matching book's auction: one price for all that crosses. */
#include "adapters/sim/match_parts.h"
#include "core/base/dec.h"

/* Goes through one side as it would be filled: best price first, at one price the market's level before orders. */
struct walk {
	enum side side;
	uint32_t level, order;	      /* next ones, counted from the best */
	struct shown_level *at_level; /* where it stands: one of the two */
	struct match_order *at_order;
	int64_t px, left;
	bool over;
};

static void walk_next(struct match *m, struct walk *w)
{
	struct shown_level *l;
	while ((l = shown_at(&m->shown, w->side, w->level)) && level_left(l) == 0)
		w->level++;
	uint32_t rest = m->n_rest[w->side];
	struct match_order *o = w->order < rest ? &m->rest[w->side][rest - 1 - w->order] : NULL;
	w->over = !l && !o;
	if (w->over)
		return;
	if (l && o && px_better(w->side, o->px, l->px))
		l = NULL;
	w->at_level = l;
	w->at_order = l ? NULL : o;
	w->px = l ? l->px : o->px;
	w->left = l ? level_left(l) : o->qty - o->cum;
	*(l ? &w->level : &w->order) += 1;
}

static void walk_begin(struct match *m, struct walk w[side_max])
{
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		w[side] = (struct walk){ .side = side };
		walk_next(m, &w[side]);
	}
}

/* How much the two meet; 0: they do not. */
static int64_t walk_meets(const struct walk w[side_max])
{
	if (w[SIDE_BUY].over || w[SIDE_SELL].over || w[SIDE_BUY].px < w[SIDE_SELL].px)
		return 0;
	return w[SIDE_BUY].left < w[SIDE_SELL].left ? w[SIDE_BUY].left : w[SIDE_SELL].left;
}

static void walk_past(struct match *m, struct walk w[side_max], int64_t qty)
{
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		w[side].left -= qty;
		if (w[side].left == 0)
			walk_next(m, &w[side]);
	}
}

/* Pairs the best with the best while they cross: their sum is the largest volume there is, and every price from the last pair's offer to its bid
 * gives it, as long as nothing better than that price is left over. */
static struct match_auction find(struct match *m, int64_t tick)
{
	struct match_auction a = { 0 };
	struct walk w[side_max];
	int64_t bid = 0, ask = 0, qty;
	walk_begin(m, w);
	while ((qty = walk_meets(w)) > 0) {
		bid = w[SIDE_BUY].px;
		ask = w[SIDE_SELL].px;
		a.qty += qty;
		walk_past(m, w, qty);
	}
	if (a.qty == 0)
		return a;
	int64_t low = ask, high = bid;
	if (!w[SIDE_BUY].over && w[SIDE_BUY].px > low)
		low = w[SIDE_BUY].px;
	if (!w[SIDE_SELL].over && w[SIDE_SELL].px < high)
		high = w[SIDE_SELL].px;
	int64_t mean = dec_to_step(ask + bid, 2 * tick, DEC_NEAREST) / 2;
	a.px = mean < low ? low : mean > high ? high : mean;
	return a;
}

static void fill(struct match *m, int64_t now_ns, struct walk w[side_max], int64_t px, int64_t qty)
{
	bool own = w[SIDE_BUY].at_order && w[SIDE_SELL].at_order;
	uint64_t trade = m->next_trade++;
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		if (w[side].at_level)
			shown_take(w[side].at_level, qty);
		else
			match_tell_fill(m, now_ns, w[side].at_order, px, qty, false, own, trade);
	}
}

struct match_auction match_uncross(struct match *m, int64_t now_ns, int64_t tick)
{
	struct match_auction a = find(m, tick);
	struct walk w[side_max];
	walk_begin(m, w);
	for (int64_t left = a.qty; left > 0;) {
		int64_t qty = walk_meets(w);
		fill(m, now_ns, w, a.px, qty);
		left -= qty;
		walk_past(m, w, qty);
	}
	for (enum side side = SIDE_BUY; side < side_max; side++)
		while (m->n_rest[side]) {
			const struct match_order *top = &m->rest[side][m->n_rest[side] - 1];
			if (top->cum < top->qty)
				break;
			match_rest_drop(m, side, m->n_rest[side] - 1);
		}
	if (a.qty)
		m->last_px = a.px;
	match_resume(m, now_ns);
	return a;
}
