/* What a venue does wrong with orders and money. */
#include "adapters/sim/server_parts.h"
#include "tests/sim/faults_parts.h"
#include <stdio.h>
#include <string.h>

#define COARSER 7
#define FELT_NS \
	(1500 * \
	 MS) /* how long an order's fault may be felt: timeouts, questions, the settle time */

bool fault_live(struct world *w, struct injection *x, unsigned venue)
{
	uint64_t pair = checker_live_pair(w->checker, venue);
	if (pair)
		x->pair = pair;
	return pair != 0;
}

void fault_trouble(struct world *w, unsigned venue, enum checker_trouble t, int64_t for_ns)
{
	checker_trouble(w->checker, venue, t, world_now(w) + for_ns);
}

struct exchange *fault_venue_begin(struct world *w, unsigned venue)
{
	struct exchange *x = world_exchange(w, venue);
	if (!x)
		return NULL;
	env_now(w->venue_env, &w->server.now);
	w->server.op_ns = w->server.now.mono_ns;
	w->server.venue[venue].wire.now_ns = venue_clock(&w->server.venue[venue], w->server.op_ns);
	w->venue_touched = true;
	return x;
}

void fault_venue_end(struct world *w, unsigned venue)
{
	struct wire *wire = &w->server.venue[venue].wire;
	wire_market_moved(wire, wire->now_ns);
}

/* ---- knobs, turned up until they strike once ---- */

static enum fault_said once(struct world *w, struct injection *x, bool calm, unsigned venue,
			    enum fault f, unsigned step)
{
	struct exchange *e = world_exchange(w, venue);
	if (!e || !e->knobs) /* it died with its knobs */
		return x->step > step ? FAULT_OVER : FAULT_WAIT;
	uint32_t *ppm = &e->knobs->config.ppm[f];
	if (x->step == step) {
		if (calm || !fault_live(w, x, venue))
			return FAULT_WAIT;
		x->hits = e->knobs->hits[f];
		x->until_ns = world_now(w) + 100 * MS;
		x->step++;
		*ppm = 1000000;
		fault_trouble(w, venue, TROUBLE_ORDERS, FELT_NS);
		return FAULT_WORK;
	}
	bool hit = e->knobs->hits[f] != x->hits;
	if (!hit && !calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	*ppm = 0;
	fault_trouble(w, venue, TROUBLE_ORDERS, FELT_NS);
	return hit ? FAULT_HIT : FAULT_OVER;
}

enum fault_said fault_reject(struct world *w, struct injection *x, bool calm)
{
	return once(w, x, calm, x->venue, FAULT_REJECT, 0);
}

/* At both venues, each once. */
static enum fault_said at_both(struct world *w, struct injection *x, bool calm, enum fault f)
{
	uint64_t hits = 0;
	unsigned dead = 0;
	for (unsigned v = 0; v < WORLD_VENUES; v++) {
		struct exchange *e = world_exchange(w, v);
		dead += !e;
		if (e && x->step == 0 && fault_live(w, x, ANY_VENUE))
			x->amount[v] = (int64_t)e->knobs->hits[f];
		hits += e && e->knobs->hits[f] != (uint64_t)x->amount[v];
	}
	if (x->step == 0 && (calm || dead || !fault_live(w, x, ANY_VENUE)))
		return FAULT_WAIT;
	if (x->step == 0)
		x->until_ns = world_now(w) + 60 * MS;
	bool over =
		x->step && (dead || calm || hits == WORLD_VENUES || world_now(w) >= x->until_ns);
	for (unsigned v = 0; v < WORLD_VENUES; v++)
		if (world_exchange(w, v)) {
			const struct knobs *k = world_exchange(w, v)->knobs;
			bool more = !over && (x->step == 0 || k->hits[f] == (uint64_t)x->amount[v]);
			world_exchange(w, v)->knobs->config.ppm[f] = more ? 1000000 : 0;
		}
	x->step = 1;
	fault_trouble(w, ANY_VENUE, TROUBLE_ORDERS, FELT_NS);
	return !over ? FAULT_WORK : hits == WORLD_VENUES ? FAULT_HIT : FAULT_OVER;
}

enum fault_said fault_reject_both(struct world *w, struct injection *x, bool calm)
{
	return at_both(w, x, calm, FAULT_REJECT);
}

static void part(struct world *w, unsigned venue, uint32_t lo, uint32_t hi)
{
	struct exchange *e = world_exchange(w, venue);
	if (e && e->knobs) {
		e->knobs->config.partial_ppm_lo = lo;
		e->knobs->config.partial_ppm_hi = hi;
	}
}

enum fault_said fault_partial(struct world *w, struct injection *x, bool calm)
{
	part(w, x->venue, 100000, 900000);
	return once(w, x, calm, x->venue, FAULT_PARTIAL, 0);
}

enum fault_said fault_partial_both(struct world *w, struct injection *x, bool calm)
{
	return at_both(w, x, calm, FAULT_PARTIAL);
}

/* The smallest part: the rest is the venue's to cancel. */
enum fault_said fault_partial_ioc(struct world *w, struct injection *x, bool calm)
{
	part(w, x->venue, 1, 1000);
	return once(w, x, calm, x->venue, FAULT_PARTIAL, 0);
}

enum fault_said fault_dup_report(struct world *w, struct injection *x, bool calm)
{
	return once(w, x, calm, x->venue, FAULT_DUP_OUT, 0);
}

enum fault_said fault_answer_lost(struct world *w, struct injection *x, bool calm)
{
	bool timeout = x->id & 1; /* "unknown" although it was done, or nothing at all */
	return once(w, x, calm, x->venue, timeout ? FAULT_TIMEOUT : FAULT_DROP_OUT, 0);
}

enum fault_said fault_order_lost(struct world *w, struct injection *x, bool calm)
{
	return once(w, x, calm, x->venue, FAULT_DROP_IN, 0);
}

/* ---- what rests ---- */

static const struct exchange_order *resting(const struct exchange *e)
{
	const struct exchange_order *o = NULL;
	for (uint16_t a = 0; a < e->config.n_accounts; a++)
		if (exchange_open(e, a, LEDGER_NONE, &o, 1))
			return o;
	return NULL;
}

static bool rests(struct world *w, struct injection *x)
{
	for (unsigned k = 0; k < WORLD_VENUES; k++) {
		unsigned v = (x->venue + k) % WORLD_VENUES;
		const struct exchange *e = world_exchange(w, v);
		if (e && resting(e) && fault_live(w, x, v)) {
			x->venue = (uint8_t)v;
			return true;
		}
	}
	return false;
}

enum fault_said fault_unsolicited(struct world *w, struct injection *x, bool calm)
{
	if (calm || !rests(w, x))
		return FAULT_WAIT;
	struct exchange *e = fault_venue_begin(w, x->venue);
	exchange_expire(e, w->server.venue[x->venue].wire.now_ns, resting(e)->id);
	fault_venue_end(w, x->venue);
	return FAULT_HIT;
}

/* A trade goes through the price of what rests, now: when its cancel is on the way, the two race. */
static void trade_through(struct world *w, struct injection *x, const struct exchange_order *o)
{
	struct exchange *e = fault_venue_begin(w, x->venue);
	int64_t tick = e->config.instrument[o->instrument].rule[0].tick;
	int64_t lot = e->config.instrument[o->instrument].rule[0].lot;
	struct market_trade t = { .px = o->side == SIDE_BUY ? o->px - tick : o->px + tick,
				  .qty = o->qty };
	t.qty = rng_chance(&x->dice, 500000) ? o->qty : (o->qty / lot + 1) / 2 * lot;
	exchange_market_trade(e, o->instrument, w->server.venue[x->venue].wire.now_ns, &t);
	fault_venue_end(w, x->venue);
}

enum fault_said fault_fill_races_cancel(struct world *w, struct injection *x, bool calm)
{
	if (calm || !rests(w, x))
		return FAULT_WAIT;
	if (!checker_cancelling(w->checker, x->venue))
		return FAULT_WAIT;
	trade_through(w, x, resting(world_exchange(w, x->venue)));
	return FAULT_HIT;
}

/* The venue has ended it when the cancel comes. */
enum fault_said fault_cancel_too_late(struct world *w, struct injection *x, bool calm)
{
	if (calm || !rests(w, x) || !checker_cancelling(w->checker, x->venue))
		return FAULT_WAIT;
	fault_trouble(w, x->venue, TROUBLE_ORDERS, FELT_NS);
	return fault_unsolicited(w, x, calm);
}

enum fault_said fault_cancel_lost(struct world *w, struct injection *x, bool calm)
{
	if (x->step == 0 && !checker_cancelling(w->checker, x->venue))
		return FAULT_WAIT;
	return once(w, x, calm, x->venue, FAULT_DROP_IN, 0);
}

enum fault_said fault_dead_man(struct world *w, struct injection *x, bool calm)
{
	if (calm || !rests(w, x))
		return FAULT_WAIT;
	struct exchange *e = fault_venue_begin(w, x->venue);
	for (uint16_t a = 0; a < e->config.n_accounts; a++)
		exchange_cancel_all(e, w->server.venue[x->venue].wire.now_ns, a, LEDGER_NONE);
	fault_venue_end(w, x->venue);
	return FAULT_HIT;
}

/* The acknowledgement stays behind until the first fill has left. */
enum fault_said fault_fill_before_ack(struct world *w, struct injection *x, bool calm)
{
	if (x->step == 0) {
		if (calm || !fault_live(w, x, x->venue))
			return FAULT_WAIT;
		w->tap[x->venue].hold_new = true;
		x->hits = w->tap[x->venue].swapped;
		x->until_ns = world_now(w) + 100 * MS;
		x->step = 1;
		return FAULT_WORK;
	}
	bool hit = w->tap[x->venue].swapped != x->hits;
	if (!hit && !calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	w->tap[x->venue].hold_new = false;
	return hit ? FAULT_HIT : FAULT_OVER;
}

/* ---- money ---- */

static asset_id quote_of(const struct exchange *e)
{
	return e->config.instrument[0].quote;
}

/* All of an account's money, and some time later back again. */
enum fault_said fault_money_gone(struct world *w, struct injection *x, bool calm)
{
	struct exchange *e = world_exchange(w, x->venue);
	uint16_t account = x->id & 1;
	if (!e)
		return x->step ? FAULT_WORK : FAULT_WAIT;
	if (x->step == 0) {
		if (calm || !fault_live(w, x, x->venue))
			return FAULT_WAIT;
		x->amount[0] = exchange_funds(e, account)->money[quote_of(e)].free_e8;
		x->until_ns = world_now(w) + rng_range(&x->dice, 5, 60) * MS;
	} else if (!calm && world_now(w) < x->until_ns) {
		return FAULT_WORK;
	}
	fault_venue_begin(w, x->venue);
	exchange_move(e, w->server.venue[x->venue].wire.now_ns, account, quote_of(e),
		      x->step ? x->amount[0] : -x->amount[0], "by hand");
	fault_venue_end(w, x->venue);
	fault_trouble(w, x->venue, TROUBLE_ORDERS, FELT_NS);
	return x->step++ ? FAULT_HIT : FAULT_WORK;
}

enum fault_said fault_money_moves(struct world *w, struct injection *x, bool calm)
{
	if (calm || !world_exchange(w, x->venue) || !fault_live(w, x, x->venue))
		return FAULT_WAIT;
	struct exchange *e = fault_venue_begin(w, x->venue);
	exchange_move(e, w->server.venue[x->venue].wire.now_ns, x->id & 1, quote_of(e),
		      rng_range(&x->dice, -100000000, 100000000), "funding");
	fault_venue_end(w, x->venue);
	return FAULT_HIT;
}

/* ---- rules ---- */

/* A rule of the venue is another one for a while; the host learns of it from refusals. */
static enum fault_said with_rule(struct world *w, struct injection *x, bool calm, int64_t *member,
				 int64_t value)
{
	if (x->step == 0) {
		if (calm || !fault_live(w, x, x->venue))
			return FAULT_WAIT;
		if (w->rule_bent)
			return FAULT_WAIT;
		w->rule_bent = true;
		x->amount[0] = *member;
		*member = value;
		x->until_ns = world_now(w) + rng_range(&x->dice, 3, 40) * MS;
		x->step = 1;
		fault_trouble(w, x->venue, TROUBLE_ORDERS, 40 * MS + FELT_NS);
		return FAULT_WORK;
	}
	if (!calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	*member = x->amount[0];
	w->rule_bent = false;
	return FAULT_HIT;
}

static struct rule *rule_of(struct world *w, const struct injection *x)
{
	return &w->setup.venue[x->venue].instrument[0].rule[0];
}

static int64_t mid_of(struct world *w, const struct injection *x)
{
	const struct exchange *e = world_exchange(w, x->venue);
	return e ? e->view.mark_px[0] : 0;
}

/* Locked at its limit: nothing can be bought. */
enum fault_said fault_band_locked(struct world *w, struct injection *x, bool calm)
{
	int64_t mid = mid_of(w, x);
	if (!mid && x->step == 0)
		return FAULT_WAIT;
	return with_rule(w, x, calm, &rule_of(w, x)->band_hi, mid - mid / 1000);
}

enum fault_said fault_size_limit(struct world *w, struct injection *x, bool calm)
{
	/* Little, and still more than the least that it takes. */
	return with_rule(w, x, calm, &rule_of(w, x)->max_qty,
			 rule_of(w, x)->lot * (x->venue ? 1 : 20));
}

enum fault_said fault_tick_changes(struct world *w, struct injection *x, bool calm)
{
	checker_coarser(w->checker, COARSER);
	return with_rule(w, x, calm, &rule_of(w, x)->tick, rule_of(w, x)->tick * COARSER);
}

enum fault_said fault_halt(struct world *w, struct injection *x, bool calm)
{
	struct exchange *e = world_exchange(w, x->venue);
	if (calm || !e || !fault_live(w, x, x->venue))
		return FAULT_WAIT;
	int64_t for_ns = rng_range(&x->dice, 5, 150) * MS;
	exchange_halt(e, world_venue_ns(w, x->venue) + for_ns);
	/* A refusal bars its contract for a while of the host's own (CLOSED_FOR_NS). */
	fault_trouble(w, x->venue, TROUBLE_HALT, for_ns + 12000 * MS);
	return FAULT_HIT;
}
