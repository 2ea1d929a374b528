/* Pairs: what is unhedged and for how long, the worst case, how pairs end, and whether what is HELD has a cause that is true (I1, I2, I8). */
#include "core/base/dec.h"
#include "tests/sim/checker_parts.h"
#include <stdio.h>

#define SECOND_NS   1000000000LL
#define ROUNDING_E8 16
#define LOOK_NS	    50000000LL /* between two looks at what a pair is held for */
#define PRICE_SEEN_NS \
	2500000000LL /* a price that is there again is taken by then: the host looks once a second */
#define FOR_GOOD \
	20 /* messages that a step counts which is refused for good: half of its row, and this is the most of it */

/* ---- what stays unhedged, money times time ---- */

static void count_naked(struct checker *c, struct check_pair *p)
{
	if (p->naked_since_ns && p->mark_px) {
		int64_t money =
			(int64_t)((__int128)dec_abs(p->true_base_e8) * p->mark_px / 100000000);
		c->n.naked_e8_ns += (__int128)money * (c->now_ns - p->naked_since_ns);
	}
	p->naked_since_ns = 0;
}

void check_pairs_traded(struct checker *c, struct check_pair *p, int64_t base_e8, int64_t px)
{
	count_naked(c, p);
	p->true_base_e8 += base_e8;
	p->mark_px = px;
	p->naked_since_ns = c->now_ns;
	if (p->at_rest)
		c->n_broken++;
	p->at_rest = false;
}

void check_pairs_booked(struct checker *c, struct check_pair *p, unsigned leg, int64_t base_e8)
{
	p->base_e8 += base_e8;
	if (leg < LEG_MAX)
		p->leg_base_e8[leg] += base_e8;
	c->instance[p->instance].base_e8 += base_e8;
}

/* ---- at rest ---- */

/* The smallest trade that could still correct it, by the rules that the venues have; twice that, since a carried remainder may come on top. */
int64_t check_tolerance_e8(const struct checker *c, const struct check_pair *p)
{
	int64_t least = INT64_MAX;
	for (uint32_t i = 0; i < c->t.n_instruments; i++) {
		const struct instrument *in = &c->t.instrument[i];
		const struct rule *r = &in->rule[0];
		int64_t qty = r->min_qty > r->lot ? r->min_qty : r->lot;
		int64_t px = p->mark_px ? p->mark_px : 1;
		int64_t money = instrument_notional_e8(in, qty, px);
		int64_t base = instrument_base_e8(in, qty, px);
		if (money > 0 && money < r->min_notional_e8)
			base = (int64_t)((__int128)base * r->min_notional_e8 / money) +
			       instrument_base_e8(in, r->lot, px);
		least = base < least ? base : least;
	}
	int64_t odd = 2 * least;
	return odd > c->t.tolerance_base_e8 ? odd : c->t.tolerance_base_e8;
}

static void on_rest(struct checker *c, struct check_pair *p, uint8_t to)
{
	int64_t tolerance = check_tolerance_e8(c, p), largest = 0;
	for (unsigned l = 0; l < LEG_MAX; l++)
		largest =
			dec_abs(p->leg_base_e8[l]) > largest ? dec_abs(p->leg_base_e8[l]) : largest;
	count_naked(c, p);
	c->n_broken -= !p->at_rest && c->n_broken;
	p->at_rest = true;
	if (p->accepted)
		return;
	if (p->open)
		check_fail(c, 8, p, 0, "it is %s while %u of its orders may still fill",
			   pair_state_name((enum pair_state)to), p->open);
	if (dec_abs(p->base_e8) > tolerance)
		check_fail(c, 1, p, 0,
			   "it rests %s with %lld e-8 base units unhedged, %lld are tolerable",
			   pair_state_name((enum pair_state)to), (long long)p->base_e8,
			   (long long)tolerance);
	if (to == PAIR_FLAT && largest > tolerance)
		check_fail(c, 1, p, 0, "it is FLAT, and a leg holds %lld e-8 base units",
			   (long long)largest);
}

/* ---- held ---- */

static unsigned venues_with(const struct checker *c, enum checker_trouble t)
{
	unsigned n = 0;
	for (unsigned v = 0; v < c->t.n_venues; v++)
		n += check_trouble(c, v, t);
	return n;
}

/* An order of it whose end the venue knows or may know, and no receipt does. */
static bool has_unknown(const struct checker *c, const struct check_pair *p)
{
	uint32_t slot = (uint32_t)(p - c->pair);
	for (unsigned v = 0; v < c->t.n_venues; v++)
		for (uint32_t i = 0; i < c->venue[v].n_open; i++) {
			const struct check_order *o = &c->order[c->venue[v].open[i]];
			if (o->pair == slot &&
			    (o->state == ORDER_UNKNOWN || o->state == ORDER_CANCELLING))
				return true;
		}
	return false;
}

/* Is a leg's price at the venue further from its reference than completing may pay? Half of the limit counts: the host looks once a second. */
static bool out_of_reach(const struct checker *c, const struct check_pair *p)
{
	for (unsigned l = 0; c->t.price && l < p->n_legs; l++) {
		if (!p->leg[l].instrument)
			continue;
		const struct instrument *in = &c->t.instrument[p->leg[l].instrument - 1];
		/* What filled beyond its order goes back. */
		int64_t lacks = p->leg[l].want_base_e8 - p->leg_base_e8[l];
		enum side side = lacks > 0   ? SIDE_BUY
				 : lacks < 0 ? SIDE_SELL
					     : (enum side)p->leg[l].side;
		int64_t px = c->t.price(c->t.owner, p->leg[l].instrument, side);
		int64_t adverse = side == SIDE_BUY ? px - p->leg[l].ref_px : p->leg[l].ref_px - px;
		if (px && 2 * adverse > c->t.slip_tick * in->rule[0].tick)
			return true;
	}
	return false;
}

/* What a way costs does not fit, by its own rescue receipt; the other one may be barred for something else. */
static bool budget_spent(const struct check_pair *p)
{
	int64_t most =
		p->complete_cost_e8 > p->unwind_cost_e8 ? p->complete_cost_e8 : p->unwind_cost_e8;
	return p->budget_e8 && p->spent_e8 + most > p->budget_e8;
}

/* Nobody trades against a leg, on either side of it. */
static bool nobody_there(const struct checker *c, const struct check_pair *p)
{
	for (unsigned l = 0; c->t.price && l < p->n_legs; l++)
		for (enum side s = SIDE_BUY; s < side_max; s++)
			if (p->leg[l].instrument &&
			    !c->t.price(c->t.owner, p->leg[l].instrument, s))
				return true;
	return false;
}

/* The budget of a venue's messages is near its end, or the venue bars them. */
static bool messages_spent(const struct checker *c)
{
	for (unsigned v = 0; v < c->t.n_venues; v++)
		if (2 * c->venue[v].sent > c->t.messages_per_s[v])
			return true;
	return venues_with(c, TROUBLE_ORDERS) > 0;
}

static bool cause_is_true(const struct checker *c, const struct check_pair *p)
{
	bool link = venues_with(c, TROUBLE_LINK) > 0, feed = venues_with(c, TROUBLE_FEED) > 0;
	bool orders = venues_with(c, TROUBLE_ORDERS) > 0;
	bool halt = venues_with(c, TROUBLE_HALT) > 0;
	switch ((enum held_cause)p->cause) {
	case HELD_VENUE_DOWN:
		return link || orders || venues_with(c, TROUBLE_CLOCK);
	case HELD_NO_MARKET:
		return link || feed || halt || venues_with(c, TROUBLE_CLOCK);
	case HELD_UNKNOWN_ORDER:
		return has_unknown(c, p) &&
		       (link || orders || halt || venues_with(c, TROUBLE_CLOCK));
	case HELD_BUDGET:
		return p->unpriced || budget_spent(p);
	case HELD_BY_POLICY:
		return p->instance < 16 && c->t.holds[p->instance];
	case HELD_NO_ROOM:
		return venues_with(c, TROUBLE_ROOM) > 0;
	case HELD_CLOSED:
	case HELD_HALTED:
		return halt;
	case HELD_PRICE: /* or it seems to be, since the market data is false */
		return out_of_reach(c, p) || link || feed || venues_with(c, TROUBLE_CLOCK);
	case HELD_MESSAGES:
		return messages_spent(c);
	case HELD_ATTEMPTS:
		return p->messages >= c->t.messages[p->instance] ||
		       (p->instance < 16 && c->t.waits[p->instance]);
	case HELD_LOCKED:
		return nobody_there(c, p) || feed;
	case HELD_CLOCK:
		return venues_with(c, TROUBLE_CLOCK) > 0;
	case HELD_UNMEASURED:
		return link || feed;
	case HELD_NONE:
	case held_cause_max:
		break;
	}
	return false;
}

static void no_such_cause(struct checker *c, struct check_pair *p)
{
	check_fail(c, 8, p, 0, "it is HELD for %s, and the venues show no such cause",
		   p->cause < held_cause_max ? held_cause_name((enum held_cause)p->cause) : "?");
}

/* Of what comes and goes with the market: until a moment ago. */
static bool was_true(const struct checker *c, const struct check_pair *p)
{
	bool goes =
		p->cause == HELD_PRICE || p->cause == HELD_NO_MARKET || p->cause == HELD_MESSAGES;
	return goes && p->true_ns && c->now_ns <= p->true_ns + PRICE_SEEN_NS;
}

static void on_held(struct checker *c, struct check_pair *p, const struct fact *f)
{
	p->cause = (uint8_t)f->num[6];
	c->n.held_moves++;
	if (p->cause < 16)
		c->n.held_by[p->cause]++;
	p->unpriced |=
		p->state == PAIR_HELD; /* its cause is another one now, without new arithmetic */
	if (p->state != PAIR_HELD || p->told_cause != p->cause) {
		c->untold = p->id;
		c->untold_turn = f->turn;
		p->told_cause = p->cause;
	}
	if (p->state != PAIR_HELD) {
		p->held_since_ns = c->now_ns;
		if (c->n_held < 64)
			c->held[c->n_held++] = (uint32_t)(p - c->pair);
	}
	p->doubt_ns = 0;
	if (cause_is_true(c, p)) {
		p->true_ns = c->now_ns;
		return;
	}
	if (p->cause ==
	    HELD_PRICE) /* it may have come back this moment, and be on its way to the host */
		p->doubt_ns = c->now_ns + PRICE_SEEN_NS;
	else
		no_such_cause(c, p);
}

void check_pairs_tick(struct checker *c)
{
	for (uint32_t i = 0; i < c->n_held; i++) {
		struct check_pair *p = &c->pair[c->held[i]];
		if (c->now_ns < p->true_ns + LOOK_NS)
			continue;
		if (cause_is_true(c, p)) {
			p->true_ns = c->now_ns;
			p->doubt_ns = 0;
		} else if (p->doubt_ns && c->now_ns >= p->doubt_ns) {
			p->doubt_ns = 0;
			no_such_cause(c, p);
		}
	}
}

static void on_unheld(struct checker *c, struct check_pair *p)
{
	c->n.held_ns += c->now_ns - p->held_since_ns;
	for (uint32_t i = 0; i < c->n_held; i++)
		if (c->held[i] == (uint32_t)(p - c->pair))
			c->held[i] = c->held[--c->n_held];
}

/* ---- receipts ---- */

static struct check_pair *new_pair(struct checker *c, const struct fact *f)
{
	if (c->n_pairs == CHECK_PAIRS)
		return NULL;
	struct check_pair *p = &c->pair[c->n_pairs];
	*p = (struct check_pair){ .id = f->pair,
				  .intent = (uint8_t)f->num[5],
				  .n_legs = (uint8_t)f->num[4],
				  .instance = (uint8_t)f->instance,
				  .at_rest = true };
	map_put(&c->pair_of, f->pair, c->n_pairs++);
	return p;
}

/* The end states count once a pair: what leaves one is taken off again. */
static void count_move(struct checker *c, unsigned instance, uint8_t from, uint8_t to)
{
	c->n.pairs += to == PAIR_SENT;
	c->n.refused += to == PAIR_REFUSED;
	c->n.hedged += (uint64_t)(to == PAIR_HEDGED) - (uint64_t)(from == PAIR_HEDGED);
	c->n.flat += (uint64_t)(to == PAIR_FLAT) - (uint64_t)(from == PAIR_FLAT);
	c->n.held += (uint64_t)(to == PAIR_HELD) - (uint64_t)(from == PAIR_HELD);
	c->instance[instance % CHECK_INSTANCES].in_flight +=
		(int)pair_working((enum pair_state)to) - (int)pair_working((enum pair_state)from);
	bool over = to == PAIR_HEDGED || to == PAIR_FLAT;
	c->n.completed += over && from == PAIR_COMPLETING;
	c->n.unwound += over && from == PAIR_UNWINDING;
}

static void says_of_itself(struct checker *c, const struct check_pair *p, const struct fact *f);

static void on_pair(struct checker *c, const struct fact *f)
{
	struct check_pair *p = check_pair_of(c, f->pair);
	uint8_t to = (uint8_t)f->num[1];
	if (!p)
		p = new_pair(c, f);
	if (!p || f->num[0] == f->num[1]) { /* written down whole: no move */
		if (p && f->num[1] == PAIR_HELD) {
			p->unpriced |=
				p->cause != f->num[6]; /* another cause, without new arithmetic */
			p->cause = (uint8_t)f->num[6];
		}
		return;
	}
	p->seq = f->seq;
	says_of_itself(c, p, f);
	if (f->num[0] != p->state)
		check_fail(c, 7, p, 0, "it moves from %s, and was %s",
			   pair_state_name((enum pair_state)f->num[0]),
			   pair_state_name((enum pair_state)p->state));
	count_move(c, p->instance, p->state, to);
	if (to == PAIR_HELD)
		on_held(c, p, f);
	else if (p->state == PAIR_HELD)
		on_unheld(c, p);
	if (p->state == PAIR_HELD && to != PAIR_HELD)
		p->messages = 0;
	if (to == PAIR_REFUSED)
		check_orders_dropped(c, p);
	if (to == PAIR_CHECKED)
		check_legs_checked(c, p);
	if (to == PAIR_HEDGED || to == PAIR_FLAT)
		on_rest(c, p, to);
	p->state = to;
}

/* The worst case of its instance, with what has just been intended (I2). */
static void on_opening(struct checker *c, const struct fact *f)
{
	const struct check_instance *in = &c->instance[f->instance];
	int64_t up = dec_abs(in->base_e8 + in->worst_e8[SIDE_BUY]);
	int64_t down = dec_abs(in->base_e8 - in->worst_e8[SIDE_SELL]);
	int64_t most = up > down ? up : down;
	/* Prices of orders and of decisions differ by their slip; base units of these instruments do not. */
	if (c->t.max_imbalance_base_e8 &&
	    most > c->t.max_imbalance_base_e8 + c->t.max_imbalance_base_e8 / 100)
		check_fail(c, 2, check_pair_of(c, f->pair), f->order,
			   "in the worst case %lld e-8 base units are unhedged, %lld may be",
			   (long long)most, (long long)c->t.max_imbalance_base_e8);
}

static void on_rescue(struct checker *c, const struct fact *f)
{
	struct check_pair *p = check_pair_of(c, f->pair);
	if (!p)
		return;
	p->unpriced = false;
	p->complete_cost_e8 = f->num[1];
	p->unwind_cost_e8 = f->num[2];
	p->spent_e8 = f->num[4];
	p->budget_e8 = f->num[5];
}

/* A pair that the watch has opened has gone as far as what its instance holds. */
static void begins_with(struct checker *c, struct check_pair *p, const struct fact *f)
{
	if (p->intent != INTENT_REPAIR && p->intent != INTENT_FLATTEN)
		return;
	int64_t qty = f->num[6];
	int64_t base = check_base_e8(c, f->instrument, qty < 0 ? SIDE_SELL : SIDE_BUY, dec_abs(qty),
				     f->px) -
		       f->fee_e8;
	p->leg_base_e8[f->leg] += base;
	p->leg[f->leg].qty += qty;
	p->base_e8 += base;
	p->true_base_e8 += base;
	p->mark_px = f->px;
}

void check_pairs_version(struct checker *c, const struct fact *f)
{
	struct check_pair *p = check_pair_of(c, f->pair);
	if (!p || !f->script)
		return;
	if (p->script && p->script != f->script)
		check_fail(c, 11, p, f->order, "its %s names script %u, and it was opened by %u",
			   fact_kind_name((enum fact_kind)f->kind), f->script, p->script);
	p->script = f->script;
}

static void on_leg(struct checker *c, const struct fact *f)
{
	struct check_pair *p = check_pair_of(c, f->pair);
	if (!p || f->leg >= LEG_MAX)
		return;
	if (!(p->legs_told & 1u << f->leg))
		begins_with(c, p, f);
	p->legs_told |= (uint8_t)(1u << f->leg);
	p->leg[f->leg].instrument = (uint8_t)f->instrument;
	p->leg[f->leg].side = f->side;
	p->leg[f->leg].account = (uint8_t)f->account;
	p->leg[f->leg].want_qty = f->side == SIDE_BUY ? f->num[2] : -f->num[2];
	p->leg[f->leg].ref_px = f->num[4];
	p->leg[f->leg].want_base_e8 =
		check_base_e8(c, f->instrument, (enum side)f->side, f->num[2], f->num[4]);
}

/* What somebody traded by hand becomes a pair's, and its instance's. */
static void on_transfer(struct checker *c, const struct fact *f)
{
	struct check_pair *p = check_pair_of(c, f->pair);
	int64_t base = check_base_e8(c, f->instrument, (enum side)f->side, f->qty, f->px);
	int64_t qty = f->side == SIDE_BUY ? f->qty : -f->qty;
	if (!p)
		return;
	check_pairs_traded(c, p, base, f->px);
	check_pairs_booked(c, p, f->leg, base);
	p->leg[f->leg % LEG_MAX].qty += qty;
	c->instance[0].qty[f->account][f->instrument] -= qty;
	c->instance[p->instance].qty[f->account][f->instrument] += qty;
}

/* What it says of itself, and of its instance, is what the receipts sum up to: fees in the base and what is carried with it (I1). */
static void says_of_itself(struct checker *c, const struct check_pair *p, const struct fact *f)
{
	uint8_t to = (uint8_t)f->num[1];
	if (to == PAIR_CHECKED || to == PAIR_SENT || to == PAIR_REFUSED || to == PAIR_PROPOSED ||
	    f->instance >= CHECK_INSTANCES)
		return;
	if (dec_abs(f->num[2] - p->base_e8) > ROUNDING_E8)
		check_fail(c, 1, p, 0, "it says that %lld e-8 are unhedged, its receipts make %lld",
			   (long long)f->num[2], (long long)p->base_e8);
	else if (dec_abs(f->num[3] - c->instance[f->instance].base_e8) > ROUNDING_E8)
		check_fail(c, 1, p, 0,
			   "its instance is said to have %lld e-8 unhedged, its receipts make %lld",
			   (long long)f->num[3], (long long)c->instance[f->instance].base_e8);
}

void check_pairs_fact(struct checker *c, const struct fact *f)
{
	switch ((enum fact_kind)f->kind) {
	case FACT_PAIR:
		on_pair(c, f);
		break;
	case FACT_LEG:
		on_leg(c, f);
		break;
	case FACT_ORDER:
		if (!f->num[2] && f->instance < CHECK_INSTANCES)
			on_opening(c, f);
		else if (f->num[2] == 1 && check_pair_of(c, f->pair))
			check_pair_of(c, f->pair)->messages++;
		break;
	case FACT_REJECTED: {
		const struct check_order *o = check_order_of(c, f->order);
		if (o && o->rescue)
			c->pair[o->pair].messages += FOR_GOOD;
		break;
	}
	case FACT_TRANSFER:
		on_transfer(c, f);
		break;
	case FACT_PLAN: {
		struct check_pair *p = check_pair_of(c, f->pair);
		if (p) {
			p->style = (uint8_t)f->num[0];
			p->first = (uint8_t)f->num[2];
		}
		break;
	}
	case FACT_RESCUE:
		on_rescue(c, f);
		break;
	case FACT_OPERATOR: {
		struct check_pair *p = check_pair_of(c, f->pair);
		if (p && f->num[2]) {
			p->told = true;
			if (f->num[2] == RESOLVE_ACCEPT && !p->accepted)
				p->forgiven_base_e8 = p->true_base_e8;
			p->accepted = f->num[2] == RESOLVE_ACCEPT;
		}
		break;
	}
	default:
		break;
	}
}

/* ---- the end ---- */

void check_pairs_end(struct checker *c)
{
	for (uint32_t i = 0; i < c->n_pairs; i++) {
		struct check_pair *p = &c->pair[i];
		enum pair_state s = (enum pair_state)p->state;
		if (s == PAIR_HELD && !cause_is_true(c, p) && !was_true(c, p))
			check_fail(
				c, 8, p, 0,
				"it is HELD for %s in the end, and the venues show no such cause",
				held_cause_name((enum held_cause)p->cause));
		else if (s != PAIR_HELD && s != PAIR_HEDGED && s != PAIR_FLAT && s != PAIR_REFUSED)
			check_fail(c, 8, p, 0, "it is %s in the end", pair_state_name(s));
		int64_t news = p->true_base_e8 - (p->accepted ? p->forgiven_base_e8 : 0);
		if (s == PAIR_HEDGED && dec_abs(news) > check_tolerance_e8(c, p))
			check_fail(c, 1, p, 0,
				   "it is HEDGED, and by the venues %lld e-8 base units are not",
				   (long long)news);
		if (s == PAIR_HELD) {
			count_naked(c, p);
			on_unheld(c, p);
		}
	}
}
