#include "core/trade/clock_doubt.h"

#include "core/ops/config.h"
#include "core/trade/scribe.h"

#define MS 1000000LL
#define UNASKED_NS \
	(1000 *    \
	 MS) /* a venue that does not answer when it is asked for its time is tried again then */
#define FIRST_NS  (100 * MS)   /* of the wait after a second refusal */
#define MOST_NS	  (10000 * MS) /* it doubles to this */
#define FORGET_NS (60000 * MS) /* a refusal so much later is a first one again */

void clock_doubt(struct desk *d, uint16_t venue, uint64_t cause)
{
	struct desk_venue *v = &d->venue[venue];
	struct clock_doubt *c = &v->doubt;
	int64_t now = d->now.mono_ns;
	/* Several messages were on their way with the same clock: that is one refusal. */
	if (clock_doubted(d, venue))
		return;
	if (c->refused_ns && now - c->refused_ns > FORGET_NS)
		c->refusals = 0;
	int64_t wait = c->refusals ? FIRST_NS << (c->refusals < 8 ? c->refusals - 1 : 7) : 0;
	if (c->refusals < UINT8_MAX)
		c->refusals++;
	c->refused_ns = now;
	c->until_ns = now + (wait < MOST_NS ? wait : MOST_NS);
	c->told = false;
	if (v->port->ops->ask_clock)
		v->port->ops->ask_clock(v->port);
	struct fact f;
	fact_init(&f, FACT_ALERT);
	f.cause = cause;
	f.venue = d->names.venue[venue];
	scribe_raise(
		d, &f, ALERT_CLOCK,
		"%s refuses our time stamps (%u in a row): its clock is asked for, orders wait",
		d->cfg->venue[venue].name, (unsigned)c->refusals);
}

void clock_doubt_told(struct desk *d, uint16_t venue, int64_t sent_ns)
{
	struct clock_doubt *c = &d->venue[venue].doubt;
	/* What was asked before the refusal tells of the clock that was refused. */
	if (c->refused_ns && sent_ns >= c->refused_ns)
		c->told = true;
}

bool clock_doubted(const struct desk *d, uint16_t venue)
{
	const struct clock_doubt *c = &d->venue[venue].doubt;
	if (!c->refused_ns)
		return false;
	int64_t now = d->now.mono_ns;
	return now < c->until_ns || (!c->told && now < c->refused_ns + UNASKED_NS);
}
