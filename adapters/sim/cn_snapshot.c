#include "adapters/sim/cn_snapshot.h"
#include "core/base/dec.h"

void cn_day_trade(struct cn_day *d, int64_t px, int64_t qty)
{
	if (d->volume == 0)
		d->open_px = d->high_px = d->low_px = px;
	if (px > d->high_px)
		d->high_px = px;
	if (px < d->low_px)
		d->low_px = px;
	d->last_px = px;
	d->volume += qty;
	d->px_qty += (__int128)px * qty;
}

int64_t cn_day_settle_px(const struct cn_day *d, int64_t tick, int64_t settle_px)
{
	if (d->volume == 0)
		return settle_px;
	/* Twice the average, so that a half is not lost before it is rounded to the tick. */
	__int128 twice = d->px_qty * 2 / d->volume;
	return dec_to_step((int64_t)twice, 2 * tick, DEC_NEAREST) / 2;
}

uint32_t cn_snapshot_levels(const struct match *m, enum side side, struct level *out, uint32_t n)
{
	uint32_t used = 0, level = 0, order = m->n_rest[side];
	while (true) {
		const struct shown_level *l = shown_at(&m->shown, side, level);
		const struct match_order *o = order ? &m->rest[side][order - 1] : NULL;
		if (!l && !o)
			return used;
		bool market = l && (!o || !px_better(side, o->px, l->px));
		int64_t px = market ? l->px : o->px;
		int64_t qty = market ? level_left(l) : o->qty - o->cum;
		if (market)
			level++;
		else
			order--;
		if (qty <= 0)
			continue;
		if (used && out[used - 1].px == px) {
			out[used - 1].qty += qty;
			continue;
		}
		if (used == n)
			return used;
		out[used++] = (struct level){ .px = px, .qty = qty };
	}
}

bool cn_snapshot_same(const struct cn_snapshot *a, const struct cn_snapshot *b)
{
	bool same = a->instrument == b->instrument && a->phase == b->phase &&
		    a->trading_day == b->trading_day && a->last_px == b->last_px &&
		    a->open_px == b->open_px && a->high_px == b->high_px &&
		    a->low_px == b->low_px && a->volume == b->volume &&
		    a->turnover_e8 == b->turnover_e8 && a->settle_px == b->settle_px &&
		    a->limit_lo == b->limit_lo && a->limit_hi == b->limit_hi;
	for (enum side side = SIDE_BUY; same && side < side_max; side++) {
		same = a->n[side] == b->n[side];
		for (uint32_t i = 0; same && i < a->n[side]; i++)
			same = a->level[side][i].px == b->level[side][i].px &&
			       a->level[side][i].qty == b->level[side][i].qty;
	}
	return same;
}
