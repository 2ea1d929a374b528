#include "core/trade/held.h"

#include "core/base/dec.h"
#include "core/trade/exec.h"
#include "core/trade/exec_parts.h"
#include "core/trade/ladder.h"
#include "core/trade/scribe.h"
#include <stdio.h>

#define SECOND_NS     1000000000LL
#define HELD_RETRY_NS SECOND_NS
#define SOON_NS	      50000000LL /* a question that is answered by then is no news */

void held_count(struct desk *d, struct pair *p)
{
	if (p->state != PAIR_HELD || p->held_since_ns == 0)
		return;
	int64_t value = rescue_value_e8(d, p->instance, rescue_imbalance_base_e8(d, p));
	int64_t took = d->now.mono_ns - p->held_since_ns - p->held_ns;
	p->held_money_s_e8 += dec_muldiv(value, took, SECOND_NS, DEC_NEAREST);
	p->held_ns += took;
}

void held_end(struct desk *d, struct pair *p)
{
	if (p->held_since_ns == 0)
		return;
	struct fact f;
	scribe_pair(d, &f, FACT_HELD, p, p->cause);
	f.num[0] = p->held_cause;
	f.num[1] = p->held_ns;
	f.num[2] = p->held_money_s_e8;
	f.num[3] = rescue_imbalance_base_e8(d, p);
	fact_text(&f, "held for %s", held_cause_name((enum held_cause)p->held_cause));
	scribe_put(d, &f);
	p->held_since_ns = p->held_ns = p->held_money_s_e8 = 0;
}

int64_t held_since(const struct desk *d, int64_t utc_ns)
{
	int64_t ago = d->now.utc_ns - utc_ns;
	int64_t since = d->now.mono_ns - (ago > 0 ? ago : 0);
	return since ? since : 1;
}

void held_recall(struct desk *d, struct pair *p, int64_t since_utc_ns)
{
	p->held_since_ns = held_since(d, since_utc_ns);
}

/* How much of it is not hedged, in words. */
static const char *naked(const struct desk *d, const struct pair *p, char out[96])
{
	int64_t base_e8 = rescue_imbalance_base_e8(d, p);
	char base[24], value[24];
	dec_format(base_e8, BASE_DP, 0, base);
	dec_format(rescue_value_e8(d, p->instance, base_e8) / 1000000, 2, 0, value);
	snprintf(out, 96, "%s base units, worth %s, not hedged", base, value);
	return out;
}

enum held_cause held_unknown(struct desk *d, const struct pair *p)
{
	enum held_cause cause = HELD_NONE;
	uint32_t at = p->first_order;
	if (pair_open_orders(p) == 0)
		return HELD_NONE;
	for (const struct order *o; (o = blotter_each_of(&d->blotter, &at));)
		if (o->state == ORDER_UNKNOWN && cause != HELD_VENUE_DOWN)
			cause = d->venue[o->venue].port->state == VENUE_UP ? HELD_UNKNOWN_ORDER
									   : HELD_VENUE_DOWN;
	return cause;
}

void held_soon(struct desk *d, struct pair *p, enum held_cause cause)
{
	char text[96];
	p->stuck_cause = (uint8_t)cause;
	if (p->stuck_ns == 0)
		p->stuck_ns = d->now.mono_ns;
	if (p->broken_ns == 0)
		p->broken_ns = d->now.mono_ns;
	if (p->stuck_told || d->now.mono_ns - p->stuck_ns < SOON_NS)
		return;
	p->stuck_told = true;
	scribe_alert(d, p->cause, ALERT_PAIR_HELD, p->id, "pair %016llx waits for %s: %s",
		     (unsigned long long)p->id, held_cause_name(cause), naked(d, p, text));
}

void held_hold(struct desk *d, struct pair *p, enum held_cause cause, uint64_t receipt)
{
	bool news = p->state != PAIR_HELD || p->held_cause != cause;
	char text[96];
	held_count(d, p);
	if (news) {
		held_end(d, p);
		p->held_cause = (uint8_t)cause;
		p->held_since_ns = d->now.mono_ns;
		p->again_ns = d->now.mono_ns + (cause == HELD_ATTEMPTS ? ladder_rest_ns(d, p) : 0);
		exec_move(d, p, PAIR_EV_HOLD, receipt, held_cause_name(cause));
		scribe_alert(d, p->cause, ALERT_PAIR_HELD, p->id, "pair %016llx is held: %s; %s",
			     (unsigned long long)p->id, held_cause_name(cause), naked(d, p, text));
	}
	exec_set_timer(d, p, HELD_RETRY_NS);
}
