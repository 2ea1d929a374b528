/* exec_follow - the other legs are taken in proportion to what the first one has filled: whole lots, never more than that; what is below a lot is carried in the pair
 * and taken with the next fill, or is exec_settle's when there is none. One that does not fill wholly ends the plan. */
#include "core/base/dec.h"
#include "core/trade/exec_parts.h"
#include "core/trade/router.h"
#include "core/trade/slice.h"

#define AT_ONCE 8 /* orders of one leg at once, where its venue takes only so much in one */

int64_t exec_first_filled(const struct pair *p)
{
	const struct pair_leg *l = &p->leg[p->first];
	int64_t filled = slice_filled(l);
	return filled < l->want_qty ? filled
				    : l->want_qty; /* more is an excess, and reduced (F40) */
}

struct order *exec_first_order(struct desk *d, const struct pair *p)
{
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));)
		if (o->leg == p->first && !o->rescue && !o->parent)
			return o;
	return NULL;
}

void exec_first_cancel(struct desk *d, struct pair *p)
{
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		bool rests = o->tif != TIF_IOC && o->tif != TIF_FOK;
		if (o->leg == p->first && !o->rescue && o->state == ORDER_LIVE && rests)
			router_cancel(d, o, p->cause);
	}
}

struct following {
	int64_t out[LEG_MAX]; /* may still fill */
	bool fell_short, first_open;
};

static struct following survey(struct desk *d, const struct pair *p)
{
	struct following f = { 0 };
	uint32_t at = p->first_order;
	for (const struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		bool open = order_open((enum order_state)o->state);
		f.first_open |= o->leg == p->first && open;
		f.fell_short |= o->hedge && !open && o->state != ORDER_NEW && o->cum < o->qty;
		if (open && o->leg != p->first)
			f.out[o->leg] += o->qty - o->cum;
	}
	return f;
}

/* The quantity that can be ordered of what is due; 0: it is carried on. */
static int64_t orderable(const struct desk *d, const struct pair *p, unsigned l, int64_t due)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct instrument *in = &d->instrument[leg->instrument];
	const struct rule *r = desk_rule(d, leg->instrument);
	if (!r || due <= 0)
		return 0;
	enum risk_limit limit;
	uint16_t row;
	int64_t qty = dec_to_step(due, r->lot, DEC_DOWN);
	int64_t most = slice_most_qty(d, p, l, &limit, &row);
	qty = qty < most ? qty : most;
	bool too_small = qty < r->min_qty ||
			 instrument_notional_e8(in, qty, leg->limit_px) < r->min_notional_e8;
	return too_small ? 0 : qty;
}

static bool take(struct desk *d, struct pair *p, unsigned l, int64_t qty)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct order_ask ask = { .side = leg->side,
				       .type = ORD_LIMIT,
				       .tif = TIF_IOC,
				       .role = ORDER_HEDGES,
				       .px = leg->limit_px,
				       .qty = qty };
	struct order *o = router_ask(d, p, l, &ask, p->cause);
	if (!o)
		return false;
	p->cause = o->cause;
	router_send(d, o);
	return true;
}

bool exec_follow(struct desk *d, struct pair *p)
{
	const struct following f = survey(d, p);
	const int64_t filled = exec_first_filled(p), wanted = p->leg[p->first].want_qty;
	if (f.fell_short)
		exec_plan_end(d, p, "a leg that followed did not fill wholly");
	for (unsigned l = 0; !f.fell_short && l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		int64_t have = (leg->side == SIDE_BUY ? leg->cum_qty : -leg->cum_qty) + f.out[l];
		int64_t due = dec_muldiv(leg->want_qty, filled, wanted, DEC_DOWN) - have;
		for (int slices = 0; l != p->first && slices < AT_ONCE; slices++) {
			int64_t qty = orderable(d, p, l, due);
			if (qty == 0)
				break;
			if (!take(d, p, l, qty))
				exec_plan_end(d, p, "no room for the order that follows");
			due -= qty;
		}
	}
	if (p->plan == PLAN_ENDING)
		exec_first_cancel(d, p);
	return f.first_open;
}
