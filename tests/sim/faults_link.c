/* What goes wrong on the way: connections, bytes, market data, clocks. */
#include "adapters/sim/server_parts.h"
#include "tests/sim/faults_parts.h"
#include <string.h>

#define BACK_NS \
	(3000 * MS) /* dialling, logging on, reconciling, and what was unknown is asked for */

static uint16_t port_of(unsigned venue)
{
	return venue ? WORLD_USDM_PORT : WORLD_SPOT_PORT;
}

static void link_trouble(struct world *w, unsigned venue, int64_t for_ns)
{
	fault_trouble(w, venue, TROUBLE_LINK, for_ns + BACK_NS);
	fault_trouble(w, venue, TROUBLE_FEED, for_ns + BACK_NS);
}

enum fault_said fault_cut_one(struct world *w, struct injection *x, bool calm)
{
	if (calm || !w->venue_open || !w->host_open || !fault_live(w, x, x->venue))
		return FAULT_WAIT;
	env_sim_cut(w->sim, port_of(x->venue));
	link_trouble(w, x->venue, 0);
	return FAULT_HIT;
}

enum fault_said fault_cut_both(struct world *w, struct injection *x, bool calm)
{
	if (calm || !w->venue_open || !w->host_open || !fault_live(w, x, ANY_VENUE))
		return FAULT_WAIT;
	env_sim_cut(w->sim, 0);
	link_trouble(w, ANY_VENUE, 0);
	return FAULT_HIT;
}

/* Bytes vanish both ways, or one way, and nobody is told that the line is dead. */
enum fault_said fault_half_open(struct world *w, struct injection *x, bool calm)
{
	if (x->step == 0) {
		if (calm || !w->venue_open || !w->host_open || !fault_live(w, x, x->venue))
			return FAULT_WAIT;
		uint64_t way = rng_below(&x->dice, 3);
		env_sim_freeze(w->sim, port_of(x->venue), way != 1, way != 0);
		x->amount[0] = rng_range(&x->dice, 50, 1200) * MS;
		x->until_ns = world_now(w) + x->amount[0];
		x->step = 1;
		link_trouble(w, x->venue, x->amount[0]);
		return FAULT_WORK;
	}
	if (!calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	env_sim_thaw(w->sim, port_of(x->venue));
	link_trouble(w, x->venue, 0);
	return FAULT_HIT;
}

static enum fault_said spoil(struct world *w, struct injection *x, bool calm, enum world_spoil how)
{
	if (x->step == 0) {
		if (calm || w->spoil || !fault_live(w, x, x->venue))
			return FAULT_WAIT;
		w->spoil = (uint8_t)how;
		w->spoil_port = port_of(x->venue);
		w->spoil_to_server = how == SPOIL_FRAME && rng_chance(&x->dice, 300000);
		w->spoil_dice = x->dice;
		x->until_ns = world_now(w) + 100 * MS;
		x->step = 1;
		link_trouble(w, x->venue, 0);
		fault_trouble(w, x->venue, TROUBLE_ORDERS, BACK_NS);
		return FAULT_WORK;
	}
	if (w->spoil && !calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	bool hit = !w->spoil;
	w->spoil = SPOIL_NONE;
	return hit ? FAULT_HIT : FAULT_OVER;
}

enum fault_said fault_garbled(struct world *w, struct injection *x, bool calm)
{
	return spoil(w, x, calm, SPOIL_BYTES);
}

enum fault_said fault_broken_frame(struct world *w, struct injection *x, bool calm)
{
	return spoil(w, x, calm, SPOIL_FRAME);
}

/* No more connections can be made, as when descriptors run out; and one that there was breaks. */
enum fault_said fault_no_connections(struct world *w, struct injection *x, bool calm)
{
	if (x->step == 0) {
		if (calm || !w->venue_open || !fault_live(w, x, x->venue))
			return FAULT_WAIT;
		w->refuse_port = UINT16_MAX;
		x->amount[0] = rng_range(&x->dice, 50, 300) * MS;
		x->until_ns = world_now(w) + x->amount[0];
		x->step = 1;
		env_sim_cut(w->sim, port_of(x->venue));
		link_trouble(w, ANY_VENUE, x->amount[0]);
		return FAULT_WORK;
	}
	if (!calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	w->refuse_port = 0;
	link_trouble(w, ANY_VENUE, 0);
	return FAULT_HIT;
}

enum fault_said fault_maintenance(struct world *w, struct injection *x, bool calm)
{
	if (calm || !w->venue_open || !fault_live(w, x, ANY_VENUE))
		return FAULT_WAIT;
	int64_t dead = rng_range(&x->dice, 20, 400) * MS;
	link_trouble(w, ANY_VENUE, dead);
	world_kill_venue(w, dead);
	return FAULT_HIT;
}

/* The connection breaks, and what is said on the new one is not the whole truth: answers are lost, an order is left out, a position is old. */
enum fault_said fault_reconcile_part(struct world *w, struct injection *x, bool calm)
{
	static const uint8_t knobs[] = { FAULT_DROP_OUT, FAULT_MISS_ORDER, FAULT_STALE_POSITION };
	const enum fault f = (enum fault)knobs[x->id % 3];
	struct exchange *e = world_exchange(w, x->venue);
	if (!e)
		return x->step ? FAULT_OVER : FAULT_WAIT;
	uint32_t *ppm = &e->knobs->config.ppm[f];
	if (x->step == 0) {
		if (calm || !w->host_open || !fault_live(w, x, x->venue))
			return FAULT_WAIT;
		env_sim_cut(w->sim, port_of(x->venue));
		x->hits = e->knobs->hits[f];
		x->until_ns = world_now(w) + 600 * MS;
		x->step = 1;
		*ppm = f == FAULT_DROP_OUT ? 400000 : 1000000;
		link_trouble(w, x->venue, 2000 * MS);
		return FAULT_WORK;
	}
	if (!calm && world_now(w) < x->until_ns && e->knobs->hits[f] < x->hits + 3)
		return FAULT_WORK;
	bool hit = e->knobs->hits[f] != x->hits;
	*ppm = 0;
	fault_trouble(w, x->venue, TROUBLE_ORDERS, BACK_NS);
	return hit ? FAULT_HIT : FAULT_OVER;
}

/* ---- market data ---- */

static enum fault_said feed_knob(struct world *w, struct injection *x, bool calm, enum fault f)
{
	struct exchange *e = world_exchange(w, x->venue);
	if (!e)
		return x->step ? FAULT_OVER : FAULT_WAIT;
	if (x->step == 0) {
		if (calm || !fault_live(w, x, x->venue))
			return FAULT_WAIT;
		x->hits = e->knobs->hits[f];
		x->until_ns = world_now(w) + 300 * MS;
		e->knobs->config.ppm[f] = 1000000;
		x->step = 1;
		return FAULT_WORK;
	}
	bool hit = e->knobs->hits[f] >= x->hits + (f == FAULT_DROP_FEED ? 8 : 3);
	if (!hit && !calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	e->knobs->config.ppm[f] = 0;
	fault_trouble(w, x->venue, TROUBLE_FEED, BACK_NS);
	return hit ? FAULT_HIT : FAULT_OVER;
}

enum fault_said fault_feed_drop(struct world *w, struct injection *x, bool calm)
{
	return feed_knob(w, x, calm, FAULT_DROP_FEED);
}

enum fault_said fault_feed_dup(struct world *w, struct injection *x, bool calm)
{
	return feed_knob(w, x, calm, FAULT_DUP_FEED);
}

/* One symbol is heard of no more, the others are. */
enum fault_said fault_feed_mute(struct world *w, struct injection *x, bool calm)
{
	if (calm || !w->venue_open || !fault_live(w, x, x->venue))
		return FAULT_WAIT;
	int64_t for_ns = rng_range(&x->dice, 100, 1500) * MS;
	w->server.venue[x->venue].mute_until_ns[0] = world_now(w) + for_ns;
	fault_trouble(w, x->venue, TROUBLE_FEED, for_ns + BACK_NS);
	return FAULT_HIT;
}

/* The market data of one venue waits, and comes in one burst; the connection lives. */
enum fault_said fault_feed_freeze(struct world *w, struct injection *x, bool calm)
{
	if (calm || !w->venue_open || !fault_live(w, x, x->venue))
		return FAULT_WAIT;
	int64_t for_ns = rng_range(&x->dice, 100, 1500) * MS;
	w->server.venue[x->venue].feed_frozen_until_ns = world_now(w) + for_ns;
	fault_trouble(w, x->venue, TROUBLE_FEED, for_ns + BACK_NS);
	return FAULT_HIT;
}

/* A quote that the book does not have goes out; the next true one takes it back. */
static enum fault_said false_quote(struct world *w, struct injection *x, bool calm, bool crossed)
{
	struct exchange *e = world_exchange(w, x->venue);
	struct level bid, ask;
	int64_t seq;
	if (calm || !e || !fault_live(w, x, x->venue))
		return FAULT_WAIT;
	if (!exchange_depth(e, 0, SIDE_BUY, &bid, 1, &seq) ||
	    !exchange_depth(e, 0, SIDE_SELL, &ask, 1, &seq))
		return FAULT_WAIT;
	fault_venue_begin(w, x->venue);
	struct quote q = e->book[0].quote;
	q.px[SIDE_BUY] = bid.px;
	q.px[SIDE_SELL] = ask.px;
	q.qty[SIDE_BUY] = bid.qty;
	q.qty[SIDE_SELL] = ask.qty;
	if (crossed)
		q.px[SIDE_BUY] = ask.px + e->config.instrument[0].rule[0].tick;
	else
		for (int s = 0; s < side_max; s++)
			q.px[s] += q.px[s] / 20 / e->config.instrument[0].rule[0].tick *
				   e->config.instrument[0].rule[0].tick;
	if (rng_chance(&x->dice, 200000))
		q.qty[SIDE_SELL] = 0;
	struct source_event ev = { .time_ns = w->server.market.event.time_ns,
				   .venue = x->venue,
				   .instrument = 0,
				   .kind = SOURCE_QUOTE,
				   .quote = q };
	market_say(&w->server.venue[x->venue], 0, &ev);
	fault_trouble(w, x->venue, TROUBLE_FEED, BACK_NS);
	return FAULT_HIT;
}

enum fault_said fault_quote_crossed(struct world *w, struct injection *x, bool calm)
{
	return false_quote(w, x, calm, true);
}

enum fault_said fault_quote_fat(struct world *w, struct injection *x, bool calm)
{
	return false_quote(w, x, calm, false);
}

/* ---- clocks ---- */

enum fault_said fault_utc_step(struct world *w, struct injection *x, bool calm)
{
	static const int64_t steps[] = { 1000, -1000, 3600000, -3600000, 1, -1 };
	if (calm || !fault_live(w, x, ANY_VENUE))
		return FAULT_WAIT;
	env_sim_step_utc(w->sim, steps[rng_below(&x->dice, 6)] * MS);
	fault_trouble(w, ANY_VENUE, TROUBLE_CLOCK, BACK_NS);
	return FAULT_HIT;
}

static enum fault_said venue_clock_off(struct world *w, struct injection *x, bool calm,
				       int64_t by_ns, int64_t for_ns)
{
	struct exchange *e = world_exchange(w, x->venue);
	if (!e)
		return x->step ? FAULT_OVER
			       : FAULT_WAIT; /* a clock of its own, set right when it came back */
	if (x->step == 0) {
		if (calm || !fault_live(w, x, x->venue))
			return FAULT_WAIT;
		knobs_clock_step(e->knobs, by_ns);
		x->amount[0] = by_ns;
		x->until_ns = world_now(w) + for_ns;
		x->step = 1;
		/* Until its stamps have passed what they once were, the host may take them for old ones. */
		fault_trouble(w, x->venue, TROUBLE_CLOCK,
			      for_ns + BACK_NS + (by_ns < 0 ? -by_ns : by_ns));
		fault_trouble(w, x->venue, TROUBLE_ORDERS, for_ns + BACK_NS);
		return FAULT_WORK;
	}
	if (!calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	knobs_clock_step(e->knobs, -x->amount[0]);
	return FAULT_HIT;
}

/* Beyond the window that a request may be old: all are refused. */
enum fault_said fault_clock_window(struct world *w, struct injection *x, bool calm)
{
	return venue_clock_off(w, x, calm, 20000 * MS, 60 * MS);
}

enum fault_said fault_stamps_back(struct world *w, struct injection *x, bool calm)
{
	return venue_clock_off(w, x, calm, -rng_range(&x->dice, 1, 800) * MS, 100 * MS);
}
