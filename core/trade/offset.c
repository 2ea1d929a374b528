#include "core/trade/offset.h"

#include "core/base/must.h"
#include "core/trade/desk.h"

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Locked lots are closed later, both of them, as earlier ones. */
static bool lock_is_cheaper(const struct offset_terms *t)
{
	return t->may_lock && t->open_fee_e8 + 2 * t->yesterday_fee_e8 < t->today_fee_e8;
}

enum offset offset_next(const struct offset_terms *t, const int64_t held[2], int64_t qty,
			int64_t *part)
{
	must(qty > 0);
	bool locks = lock_is_cheaper(t);
	int64_t lots[2] = { locks ? 0 : held[0], held[1] };
	*part = qty;
	if (!t->splits) {
		/* Which lots a close takes is the exchange's business there, earlier ones first: it is locked only once those are gone. */
		int64_t all = locks ? held[1] : held[0] + held[1];
		*part = lesser(all, qty);
		if (all > 0)
			return OFFSET_CLOSE;
		*part = qty;
		return OFFSET_OPEN;
	}
	int first = t->today_fee_e8 <= t->yesterday_fee_e8 ? 0 : 1;
	for (int k = 0; k < 2; k++) {
		int which = k == 0 ? first : first ^ 1;
		if (lots[which] <= 0)
			continue;
		*part = lesser(lots[which], qty);
		return which == 0 ? OFFSET_CLOSE_TODAY : OFFSET_CLOSE_YESTERDAY;
	}
	return OFFSET_OPEN;
}

/* ---- what the desk knows ---- */

static void take(int64_t held[2], enum offset offset, int64_t qty)
{
	int first = offset == OFFSET_CLOSE_TODAY ? 0 : 1;
	int64_t some = lesser(held[first], qty);
	held[first] -= some;
	if (offset == OFFSET_CLOSE)
		held[0] -= lesser(held[0], qty - some);
}

/* The instance's lots on the other side, less what its orders under way will take of them. */
static void free_lots(struct desk *d, const struct order *o, int64_t held[2])
{
	const struct position *row =
		positions_at(&d->positions, o->account, o->instrument, o->instance);
	uint32_t i = 0;
	held[0] = row ? row->qty[o->side ^ 1][0] : 0;
	held[1] = row ? row->qty[o->side ^ 1][1] : 0;
	for (const struct order *w; (w = blotter_each_open(&d->blotter, &i));) {
		bool same = w->account == o->account && w->instrument == o->instrument &&
			    w->instance == o->instance && w->side == o->side;
		if (w != o && same && w->offset > OFFSET_OPEN && w->qty > w->cum)
			take(held, (enum offset)w->offset, w->qty - w->cum);
	}
}

static int64_t fee_e8(const struct instrument *in, const struct rule *r, const struct order *o,
		      bool today)
{
	asset_id asset;
	return instrument_fee_e8(in, r, (enum side)o->side, r->lot, o->px, false, today, &asset);
}

int64_t offset_first(struct desk *d, struct order *o)
{
	const struct instrument *in = &d->instrument[o->instrument];
	const struct rule *r = desk_rule(d, o->instrument);
	int64_t held[2], part;
	o->offset = OFFSET_NONE;
	if (!(in->caps.offsets >> OFFSET_OPEN & 1) || !r || o->qty <= 0)
		return 0;
	const struct offset_terms t = { .splits = in->caps.offsets >> OFFSET_CLOSE_TODAY & 1,
					.may_lock = in->may_lock,
					.today_fee_e8 = fee_e8(in, r, o, true),
					.yesterday_fee_e8 = fee_e8(in, r, o, false),
					.open_fee_e8 = fee_e8(in, r, o, false) };
	free_lots(d, o, held);
	o->offset = (uint8_t)offset_next(&t, held, o->qty, &part);
	int64_t rest = o->qty - part;
	o->qty = part;
	return rest;
}
