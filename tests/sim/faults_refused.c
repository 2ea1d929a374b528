/* A venue that refuses whatever it is asked: too much was asked, the key is not known, the time is wrong, it is closed for service. */
#include "adapters/sim/server_parts.h"
#include "tests/sim/faults_parts.h"

#define BACK_NS \
	(3000 * MS) /* a pause that is told in whole seconds, dialling, logging on, reconciling */

static void felt(struct world *w, unsigned venue, int64_t for_ns)
{
	fault_trouble(w, venue, TROUBLE_ORDERS, for_ns + BACK_NS);
	fault_trouble(w, venue, TROUBLE_LINK, for_ns + BACK_NS);
	fault_trouble(w, venue, TROUBLE_FEED, for_ns + BACK_NS);
}

/* Every request, for a while. */
static enum fault_said refuse(struct world *w, struct injection *x, bool calm, enum plan_kind kind)
{
	struct wire *wire = &w->server.venue[x->venue].wire;
	if (!world_exchange(w, x->venue))
		return x->step ? FAULT_HIT : FAULT_WAIT;
	if (x->step) {
		if (!calm && world_now(w) < x->until_ns)
			return FAULT_WORK;
		wire->trouble_until_ns = 0; /* whatever its clock says by now */
		return FAULT_HIT;
	}
	if (calm || wire->trouble_until_ns || !fault_live(w, x, x->venue))
		return FAULT_WAIT;
	int64_t for_ns = rng_range(&x->dice, 5, 250) * MS;
	x->until_ns = world_now(w) + for_ns;
	x->step = 1;
	fault_venue_begin(w, x->venue);
	wire_plan(wire, &(struct plan_event){ .kind = (uint8_t)kind, .for_ns = for_ns },
		  wire->now_ns);
	fault_venue_end(w, x->venue);
	felt(w, x->venue, for_ns);
	if (kind ==
	    PLAN_MAINTENANCE) /* what is refused as closed bars its contract for a while of the host's own (CLOSED_FOR_NS) */
		fault_trouble(w, x->venue, TROUBLE_HALT, for_ns + 12000 * MS);
	if (kind ==
	    PLAN_WINDOW) /* the host doubts the venue's clock until it has been told it again */
		fault_trouble(w, x->venue, TROUBLE_CLOCK, for_ns + BACK_NS);
	return FAULT_WORK;
}

/* The weight of a minute is used up: whoever was told so waits out the minute, so that this comes last. */
static enum fault_said weight_used_up(struct world *w, struct injection *x, bool calm)
{
	int32_t *limit = w->server.venue[x->venue].wire.limits.limit;
	if (!world_exchange(w, x->venue))
		return x->step ? FAULT_OVER : FAULT_WAIT;
	if (x->step == 0) {
		if (calm || limit[LIMIT_WEIGHT] == 1 || !fault_live(w, x, x->venue))
			return FAULT_WAIT;
		x->amount[0] = limit[LIMIT_WEIGHT];
		limit[LIMIT_WEIGHT] = 1;
		x->until_ns = world_now(w) + rng_range(&x->dice, 5, 50) * MS;
		x->step = 1;
		felt(w, x->venue, 61000 * MS);
		return FAULT_WORK;
	}
	if (!calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	limit[LIMIT_WEIGHT] = (int32_t)x->amount[0];
	return FAULT_HIT;
}

/* What the world does not recover from in its life comes last. */
static bool near_the_end(const struct world *w, const struct injection *x)
{
	return x->at_ns > w->plan.duration_ns - 600 * MS;
}

enum fault_said fault_rate_limited(struct world *w, struct injection *x, bool calm)
{
	if (near_the_end(w, x))
		return weight_used_up(w, x, calm);
	return refuse(w, x, calm, x->id & 1 ? PLAN_LIMIT : PLAN_BAN);
}

enum fault_said fault_key_or_time(struct world *w, struct injection *x, bool calm)
{
	return x->id % 3 ? refuse(w, x, calm, x->id % 3 == 1 ? PLAN_REVOKE : PLAN_WINDOW)
			 : fault_clock_window(w, x, calm);
}

enum fault_said fault_out_of_service(struct world *w, struct injection *x, bool calm)
{
	return near_the_end(w, x) ? refuse(w, x, calm, PLAN_MAINTENANCE)
				  : fault_maintenance(w, x, calm);
}
