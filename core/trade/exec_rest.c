/* exec_rest - one leg rests at a price that keeps the pair's edge, and moves with the books of the legs that are taken on its fills.
 *
 * A new price is a cancel, and a new order only after the old one has ended: what fills in between is counted (F06, F09). It is cancelled at once when it has become too good a price,
 * and otherwise no more often than the configuration says, inside the message budget. It ends with its time, and with everything that bars opening; what it has filled by then is the pair's. */
#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/exec_parts.h"
#include "core/trade/peg.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"
#include "core/trade/slice.h"

#define QUOTES_MOST \
	256 /* of a pair: each takes a place in the blotter until the pair is done with */
#define RETRY_NS   50000000LL
#define DISK_NS	   200000LL
#define POST_TRIES 3 /* an order that must not take may find its price taken, by chance */

static const struct config_execution *how(const struct desk *d, const struct pair *p)
{
	return &d->instance[p->instance].cfg->execution;
}

static int64_t every_ns(const struct desk *d, const struct pair *p)
{
	int64_t t = how(d, p)->requote_every_ns;
	return t ? t : PLAN_REQUOTE_EVERY_NS;
}

/* What is left to order; 0: less than the venue takes. */
static int64_t left_qty(const struct desk *d, const struct pair *p, int64_t px)
{
	const struct pair_leg *leg = &p->leg[p->first];
	const struct rule *r = desk_rule(d, leg->instrument);
	if (!r)
		return 0;
	enum risk_limit limit;
	uint16_t row;
	int64_t qty = dec_to_step(leg->want_qty - exec_first_filled(p), r->lot, DEC_DOWN);
	int64_t most = slice_most_qty(d, p, p->first, &limit, &row);
	qty = qty < most ? qty : most;
	bool too_small = qty < r->min_qty || instrument_notional_e8(&d->instrument[leg->instrument],
								    qty, px) < r->min_notional_e8;
	return too_small ? 0 : qty;
}

struct order *exec_rest_intend(struct desk *d, struct pair *p)
{
	if (p->quotes == 0)
		p->rest_until_ns =
			d->now.mono_ns + (how(d, p)->rest_ns ? how(d, p)->rest_ns : PLAN_REST_NS);
	const struct pair_leg *leg = &p->leg[p->first];
	const struct caps *caps = &d->instrument[leg->instrument].caps;
	bool day = caps->tifs && !(caps->tifs & 1u << TIF_GTC);
	const struct order_ask ask = { .side = leg->side,
				       .type = caps->types & 1u << ORD_POST_ONLY ? ORD_POST_ONLY
										 : ORD_LIMIT,
				       .tif = day ? TIF_DAY : TIF_GTC,
				       .role = ORDER_OPENS,
				       .px = leg->ref_px,
				       .qty = left_qty(d, p, leg->ref_px),
				       .rest_until_ns = p->rest_until_ns };
	struct order *o = ask.qty ? router_ask(d, p, p->first, &ask, p->cause) : NULL;
	if (!o)
		return NULL;
	p->quotes++;
	p->quote_at_ns = d->now.mono_ns + every_ns(d, p);
	p->cause = o->cause;
	return o;
}

/* How often its venue refused the first leg, one time after the other, the newest first. Orders that bear its offsets are one. */
static unsigned refused_in_a_row(struct desk *d, const struct pair *p)
{
	unsigned n = 0;
	bool refused = false;
	uint32_t at = p->first_order;
	for (const struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		if (o->leg != p->first || o->rescue)
			continue;
		refused |= o->state == ORDER_REJECTED;
		if (o->parent)
			continue;
		if (!refused)
			break;
		n++;
		refused = false;
	}
	return n;
}

/* Not by us, of the newest: who takes it away once does so again (F67). */
static bool taken_away(struct desk *d, const struct pair *p)
{
	uint32_t at = p->first_order;
	for (const struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		if (o->leg != p->first || o->rescue)
			continue;
		if (o->state == ORDER_CANCELLED && !o->cancel_asked && o->cum < o->qty)
			return true;
		if (!o->parent)
			break;
	}
	return false;
}

static const char *reason_to_end(struct desk *d, const struct pair *p, const struct order *o)
{
	const struct desk_instance *in = &d->instance[p->instance];
	const char *why = exec_plan_trouble(d, p);
	if (why)
		return why;
	if (d->now.mono_ns >= p->rest_until_ns)
		return "its time is over";
	struct gate_verdict g = desk_gate(d, in, p->intent == INTENT_CLOSE);
	if (g.gate != GATE_OPEN)
		return gate_text((enum gate)g.gate);
	if (p->quotes >= QUOTES_MOST)
		return "it has been priced too often";
	unsigned refused = refused_in_a_row(d, p);
	if (refused && refused >= (o->type == ORD_POST_ONLY ? POST_TRIES : 1))
		return "its order is refused";
	return taken_away(d, p) ? "its order was taken away" : NULL;
}

/* The legs that it is hedged on are judged by what they cost as it is priced; the legs' receipts say it. */
static void refresh(struct desk *d, struct pair *p, int64_t px)
{
	int64_t slip = d->instance[p->instance].limits.max_slip_tick;
	for (unsigned l = 0; l < p->n_legs; l++) {
		struct pair_leg *leg = &p->leg[l];
		const struct rule *r = desk_rule(d, leg->instrument);
		bool first = l == p->first, buys = leg->side == SIDE_BUY;
		int64_t ref = first ? px : desk_top(d, leg->instrument)->q.px[leg->side ^ 1];
		if (ref == leg->ref_px || !r)
			continue;
		leg->ref_px = ref;
		if (!first && !leg->limit_asked)
			leg->limit_px = dec_to_step(ref + (buys ? slip : -slip) * r->tick, r->tick,
						    buys ? DEC_DOWN : DEC_UP);
		uint64_t seq = scribe_leg(d, p, l, p->cause);
		p->cause = seq ? seq : p->cause;
	}
}

/* With durability "power" its intent is on the disk before its bytes leave. */
static void send_when_durable(struct desk *d, struct pair *p, struct order *o)
{
	if (d->cfg->store.durability_power && d->journal->ops->synced(d->journal) < o->cause)
		exec_plan_wake(d, p, d->now.mono_ns + DISK_NS);
	else
		router_send(d, o);
}

static void price_anew(struct desk *d, struct pair *p, int64_t px)
{
	refresh(d, p, px);
	exec_plan_note(d, p, PLAN_STEP_PRICED, "the legs that it is hedged on have moved");
	struct order *o = exec_rest_intend(d, p);
	if (!o)
		exec_plan_end(d, p, "no room for its order");
	else
		send_when_durable(d, p, o);
}

/* It works: is its price still the one that keeps the edge? */
static void judge_price(struct desk *d, struct pair *p, struct order *o, bool priced, int64_t px)
{
	const struct rule *r = desk_rule(d, o->instrument);
	int64_t step = (how(d, p)->requote_tick ? how(d, p)->requote_tick : 1) * (r ? r->tick : 1);
	int64_t off = o->side == SIDE_BUY ? o->px - px : px - o->px; /* above 0: too good */
	bool too_good = !priced || off >= step;
	bool too_bad = priced && -off >= step && d->now.mono_ns >= p->quote_at_ns &&
		       risk_message_room(d, o->venue, 2, false);
	if (too_good || too_bad)
		exec_first_cancel(d, p);
	exec_plan_wake(d, p, p->rest_until_ns);
}

bool exec_rest_step(struct desk *d, struct pair *p)
{
	struct order *o = exec_first_order(d, p);
	const char *why = p->plan == PLAN_WORKS ? reason_to_end(d, p, o) : NULL;
	int64_t px = 0;
	if (why)
		exec_plan_end(d, p, why);
	bool open = exec_follow(d, p);
	if (p->plan != PLAN_WORKS) {
		if (o->state == ORDER_NEW)
			router_withdraw(d, o, "nothing of its pair opens any more", p->cause);
		return open;
	}
	bool priced = peg_px(d, p, &px);
	if (open) {
		judge_price(d, p, o, priced, px);
		return true;
	}
	if (o->state == ORDER_NEW) {
		send_when_durable(d, p, o);
		return true;
	}
	if (left_qty(d, p, p->leg[p->first].ref_px) == 0)
		return false;
	bool may = priced && d->now.mono_ns >= p->quote_at_ns &&
		   risk_message_room(d, o->venue, 2, false) && risk_rest_fits(d, p, px);
	int64_t next = p->quote_at_ns > d->now.mono_ns ? p->quote_at_ns : d->now.mono_ns + RETRY_NS;
	exec_plan_wake(d, p, next < p->rest_until_ns ? next : p->rest_until_ns);
	if (may)
		price_anew(d, p, px);
	return true;
}

/* The quotes that a resting price is made of, in one number. */
static uint64_t fingerprint(const struct desk *d, const struct pair *p)
{
	const struct basis_spec *s = &d->instance[p->instance].spec;
	uint64_t h = 0;
	for (unsigned k = 0; k < s->n_legs + s->n_refs; k++) {
		const struct top *t = k < s->n_legs ? s->leg_top[k] : s->ref_top[k - s->n_legs];
		for (int side = 0; side < side_max; side++) {
			h = (h ^ (uint64_t)t->q.px[side]) * 0x9e3779b97f4a7c15u;
			h = (h ^ (uint64_t)t->q.qty[side]) * 0x9e3779b97f4a7c15u;
		}
	}
	return h;
}

void exec_rest_watch(struct desk *d)
{
	for (uint32_t k = 0; k < d->pairs.n_resting; k++) {
		struct pair *p = &d->pairs.slot[d->pairs.resting[k]];
		const struct desk_instance *in = &d->instance[p->instance];
		uint64_t now = fingerprint(d, p);
		bool barred = exec_plan_forbidden(d, p) ||
			      desk_gate(d, in, p->intent == INTENT_CLOSE).gate != GATE_OPEN;
		if (now == p->quotes_seen && !barred)
			continue;
		p->quotes_seen = now;
		pairs_touch(&d->pairs, p);
	}
}
