#include "core/trade/feasible.h"

#include "core/base/dec.h"
#include "core/ops/config.h"

static struct risk_verdict no(enum risk_limit l, int64_t value, int64_t bound, unsigned leg)
{
	return (struct risk_verdict){
		.limit = l, .value = value, .bound = bound, .leg = (uint8_t)leg
	};
}

static const struct risk_verdict yes = { .limit = RISK_LIMIT_NONE, .leg = 0xff };

/* Neither the order nor its unwind within so many ticks of the limits of the day: a market that locks cannot be left (F34). */
static struct risk_verdict far_from_band(struct desk *d, const struct pair *p, unsigned l)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct rule *r = desk_rule(d, leg->instrument);
	const struct quote *q = &desk_top(d, leg->instrument)->q;
	int32_t ticks = d->instance[p->instance].cfg->execution.band_distance_tick;
	int64_t up = r->band_hi ? (r->band_hi - q->px[SIDE_SELL]) / r->tick : INT64_MAX;
	int64_t down = r->band_lo ? (q->px[SIDE_BUY] - r->band_lo) / r->tick : INT64_MAX;
	int64_t least = up < down ? up : down;
	return ticks && least < ticks ? no(RISK_LIMIT_BAND_DISTANCE, least, ticks, l) : yes;
}

/* What an order of this leg takes of which asset: spot sells need the asset, spot buys the money, futures their margin. */
static int64_t need_e8(const struct desk *d, const struct pair *p, const struct pair_leg *leg,
		       int64_t qty, asset_id *asset)
{
	const struct instrument *in = &d->instrument[leg->instrument];
	const struct rule *r = desk_rule(d, leg->instrument);
	bool spot = in->expo.kind == EXPO_SPOT, sells = leg->side == SIDE_SELL;
	int64_t notional = instrument_notional_e8(in, qty, leg->limit_px);
	*asset = spot ? (sells ? in->base : in->quote) : in->settle;
	if (spot)
		return sells ? instrument_base_e8(in, qty, leg->ref_px) : notional;
	return p->intent == INTENT_CLOSE || !r
		       ? 0
		       : dec_muldiv(notional, r->margin_e8, dec_pow10[8], DEC_UP);
}

/* Of all that a pair has not filled yet, on one account in one asset. */
static int64_t pair_need_e8(const struct desk *d, const struct pair *p, uint16_t account,
			    asset_id asset)
{
	int64_t sum = 0;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		int64_t cum = dec_abs(leg->cum_qty);
		asset_id of;
		int64_t need =
			cum < leg->want_qty ? need_e8(d, p, leg, leg->want_qty - cum, &of) : 0;
		if (need && leg->account == account && of == asset)
			sum += need;
	}
	return sum;
}

/* What pairs on their way will still take: the venue does not know of it yet, or has locked it already; then it counts twice until the order ends (F50). */
static int64_t reserved_e8(const struct desk *d, uint16_t account, asset_id asset)
{
	uint32_t left = d->stat.in_flight;
	int64_t sum = 0;
	for (uint32_t i = 0; left && i < d->pairs.cap; i++) {
		const struct pair *p = &d->pairs.slot[i];
		if (!p->id || !pair_working((enum pair_state)p->state))
			continue;
		left--;
		if (p->state == PAIR_SENT || p->state == PAIR_CHECKED)
			sum += pair_need_e8(d, p, account, asset);
	}
	return sum;
}

static struct risk_verdict money(struct desk *d, const struct pair *p, unsigned l)
{
	const struct pair_leg *leg = &p->leg[l];
	asset_id asset;
	need_e8(d, p, leg, leg->want_qty, &asset);
	const struct desk_balance *b = desk_balance(d, leg->account, asset, false);
	int64_t need = pair_need_e8(d, p, leg->account, asset);
	if (!b || need == 0) /* what the venue has not told is not checked */
		return yes;
	need += reserved_e8(d, leg->account, asset);
	return b->free_e8 < need ? no(RISK_LIMIT_BALANCE, b->free_e8, need, l) : yes;
}

/* At the leg's venue: an order, or as many as it has slices, and the unwind of one for every leg there; one that rests is cancelled and priced again besides, one that follows goes out in parts. */
static struct risk_verdict messages(struct desk *d, const struct pair *p, unsigned l)
{
	int32_t n = 0;
	for (unsigned k = 0; k < p->n_legs; k++) {
		if (p->leg[k].venue != p->leg[l].venue)
			continue;
		int32_t whole = p->style == STYLE_PASSIVE ? (k == p->first ? 4 : 3)
				: p->style == STYLE_LEGGED && k != p->first ? 3
									    : 2;
		n += whole + p->slices - 1;
	}
	const struct config_venue *c = &d->cfg->venue[p->leg[l].venue];
	return risk_message_room(d, p->leg[l].venue, n, false)
		       ? yes
		       : no(RISK_LIMIT_RATE, n, c->messages_per_s, l);
}

/* The side of the book that would take it back, as far as unwinding may go; of a pair in slices no more than one is ever without its other legs. */
static struct risk_verdict way_back(struct desk *d, const struct pair *p, unsigned l)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct feed *feed = &d->feed[leg->instrument];
	const struct rule *r = desk_rule(d, leg->instrument);
	enum side at = (enum side)leg->side;
	int64_t top = feed->top.q.px[at], seen = feed->top.q.qty[at], worst;
	int64_t slip = d->instance[p->instance].limits.max_unwind_slip_tick * r->tick;
	__int128 value;
	if (seen <= 0)
		return no(RISK_LIMIT_WAY_BACK, 0, leg->order_qty, l);
	if (feed->book.n[at] <= 1) /* only its best price is known */
		return yes;
	/* Quantity is asked for, not a price: just after a move the newest best price stands before a depth that has not followed yet, so either view will do. */
	int64_t limit = at == SIDE_BUY ? top - slip : top + slip, older;
	seen = reach_walk(d, leg->instrument, at, leg->order_qty, limit, &value, &worst);
	older = book_walk(&feed->book, at, leg->order_qty, limit, &value, &worst);
	seen = seen > older ? seen : older;
	return seen < leg->order_qty ? no(RISK_LIMIT_WAY_BACK, seen, leg->order_qty, l) : yes;
}

typedef struct risk_verdict (*feasible_fn)(struct desk *d, const struct pair *p, unsigned leg);
static const feasible_fn conditions[] = { far_from_band, money, messages, way_back };

static struct risk_verdict ask(struct desk *d, const struct pair *p, feasible_fn except)
{
	struct risk_verdict v = yes;
	for (unsigned k = 0; !v.limit && k < sizeof conditions / sizeof *conditions; k++)
		for (unsigned l = 0; conditions[k] != except && !v.limit && l < p->n_legs; l++)
			v = conditions[k](d, p, l);
	return v;
}

struct risk_verdict feasible_pair(struct desk *d, const struct pair *p)
{
	return ask(d, p, NULL);
}

/* The money for all of it was found when the pair began, and is counted as reserved since. */
struct risk_verdict feasible_slice(struct desk *d, const struct pair *rest)
{
	return ask(d, rest, money);
}
