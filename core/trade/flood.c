#include "core/trade/flood.h"
#include "core/ops/config.h"
#include "core/trade/risk.h"
#include "core/trade/scribe.h"
#include <stdio.h>

#define SECOND_NS 1000000000LL

static void pause_it(struct desk *d, uint16_t instance, int32_t most)
{
	char why[SNAPSHOT_WHY];
	struct fact f;
	snprintf(why, sizeof why, "more than %d proposals a second, %d seconds long", most,
		 FLOOD_SECONDS);
	desk_pause_instance(d, instance, why);
	scribe_instance(d, &f, FACT_ALERT, instance, 0);
	scribe_raise(d, &f, ALERT_QUARANTINE, "paused: %s: mend the script, then `tandem resume`",
		     why);
}

/* A second that begins: was the one before it beyond the bound, and did nothing lie between? */
static void begin(struct flood *x, int32_t most, int64_t now_ns)
{
	const bool next = now_ns - x->second_ns < 2 * SECOND_NS;
	x->seconds = x->n > most && next ? (uint8_t)(x->seconds + 1) : 0;
	x->second_ns = now_ns;
	x->n = 0;
}

bool flood_is_within(struct flood *x, int32_t most, int64_t now_ns)
{
	if (now_ns - x->second_ns >= SECOND_NS)
		begin(x, most, now_ns);
	return ++x->n <= most || most == 0;
}

bool flood_lets(struct desk *d, uint16_t instance)
{
	struct desk_instance *in = &d->instance[instance];
	const int32_t most = in->cfg->max_proposals_per_s;
	struct flood *x = &in->flood;
	if (flood_is_within(x, most, d->now.mono_ns))
		return true;
	if (x->seconds == FLOOD_SECONDS - 1 && !in->paused) {
		x->seconds = 0;
		pause_it(d, instance, most);
	}
	if (risk_is_news(d, instance, RISK_LIMIT_PROPOSALS))
		risk_refused(d, instance, 0,
			     (struct risk_verdict){ .limit = RISK_LIMIT_PROPOSALS,
						    .value = x->n,
						    .bound = most,
						    .leg = 0xff },
			     0);
	return false;
}
