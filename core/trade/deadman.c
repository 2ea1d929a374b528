#include "core/trade/deadman.h"

#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/risk.h"
#include "core/trade/scribe.h"

/* As many messages as it may take at most: one for each contract there (I13). */
static int32_t contracts(const struct desk *d, uint16_t venue)
{
	int32_t n = 0;
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++)
		n += d->instrument[i].venue == venue;
	return n > 0 ? n : 1;
}

static void arm(struct desk *d, uint16_t venue, uint16_t account, int64_t for_ns)
{
	struct venue *port = d->venue[venue].port;
	if (!risk_message_room(d, venue, contracts(d, venue), true))
		return;
	int messages = port->ops->arm(port, account, for_ns);
	struct fact f;
	fact_init(&f, FACT_ARM);
	f.venue = d->names.venue[venue];
	f.account = d->names.account[account];
	f.num[0] = for_ns;
	f.num[1] = messages;
	if (messages < 0)
		fact_text(&f, "%s", err_text());
	for (int i = 0; i < messages; i++)
		risk_count_message(d, venue);
	if (messages) /* 0: nothing is traded there yet, so nothing was said */
		scribe_put(d, &f);
}

static void arm_all(struct desk *d, uint16_t venue, int64_t for_ns)
{
	for (uint16_t a = 0; a < d->cfg->n_accounts; a++)
		if (d->cfg->account[a].venue == venue)
			arm(d, venue, a, for_ns);
}

void deadman_on_time(struct desk *d)
{
	for (uint16_t k = 0; k < d->cfg->n_venues; k++) {
		struct desk_venue *v = &d->venue[k];
		int64_t for_ns = d->cfg->venue[k].dead_man_ns;
		if (!for_ns || !v->port->ops->arm)
			continue;
		if (v->port->state < VENUE_RECONCILING) {
			v->armed_ns = 0;
			continue;
		}
		if (v->armed_ns && d->now.mono_ns - v->armed_ns < for_ns / 3)
			continue;
		v->armed_ns = d->now.mono_ns;
		arm_all(d, k, for_ns);
	}
}
