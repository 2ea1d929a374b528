#include "core/trade/held.h"

#include "core/base/dec.h"
#include "core/trade/exec.h"
#include "core/trade/exec_parts.h"
#include "core/trade/ladder.h"
#include "core/trade/scribe.h"

#define SECOND_NS     1000000000LL
#define HELD_RETRY_NS SECOND_NS

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

void held_recall(struct desk *d, struct pair *p, int64_t since_utc_ns)
{
	int64_t ago = d->now.utc_ns - since_utc_ns;
	p->held_since_ns = d->now.mono_ns - (ago > 0 ? ago : 0);
	if (p->held_since_ns == 0)
		p->held_since_ns = 1;
}

void held_hold(struct desk *d, struct pair *p, enum held_cause cause, uint64_t receipt)
{
	bool news = p->state != PAIR_HELD || p->held_cause != cause;
	held_count(d, p);
	if (news) {
		held_end(d, p);
		p->held_cause = (uint8_t)cause;
		p->held_since_ns = d->now.mono_ns;
		p->again_ns = d->now.mono_ns + (cause == HELD_ATTEMPTS ? ladder_rest_ns(d, p) : 0);
		exec_move(d, p, PAIR_EV_HOLD, receipt, held_cause_name(cause));
		scribe_alert(d, p->cause, ALERT_PAIR_HELD, p->id, "pair %016llx is held: %s",
			     (unsigned long long)p->id, held_cause_name(cause));
	}
	exec_set_timer(d, p, HELD_RETRY_NS);
}
