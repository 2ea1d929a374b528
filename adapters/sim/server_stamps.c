/* server_stamps - a venue that says recorded frames byte by byte has the clock that stamped them: its answers must not contradict its frames. */
#include "adapters/sim/server_parts.h"
#include "core/base/log.h"

#define STAMPS_LOOKED_AT 20000 /* events: some seconds of a busy market */

static int64_t stamp_of(const struct source_event *e)
{
	switch ((enum source_kind)e->kind) {
	case SOURCE_QUOTE:
		return e->quote.venue_ns;
	case SOURCE_DEPTH:
		return e->depth.venue_ns;
	case SOURCE_TRADE:
		return e->trade.venue_ns;
	case SOURCE_SNAPSHOT: /* an answer, recorded whenever it came */
	case SOURCE_OTHER:
	case source_kind_max:
		break;
	}
	return 0;
}

/* The quickest message shows how far ahead of the recorder's clock the venue's was, as far as a recording can tell. */
int server_stamps(struct server *s)
{
	struct market_source *m = s->market.source;
	int64_t lead_ns[SETUP_VENUES];
	struct source_event e;
	int rc = 1;
	if (s->setup->source != SETUP_RECORDING || s->setup->feed || !market_own_time(s))
		return 0;
	for (uint16_t v = 0; v < s->setup->n_venues; v++)
		lead_ns[v] = INT64_MIN;
	for (uint32_t i = 0; i < STAMPS_LOOKED_AT && (rc = source_pop(m, &e)) == 1; i++) {
		int64_t stamp = stamp_of(&e);
		if (stamp && e.venue < s->setup->n_venues && stamp - e.time_ns > lead_ns[e.venue])
			lead_ns[e.venue] = stamp - e.time_ns;
	}
	if (rc >= 0)
		rc = source_rewind(m);
	for (uint16_t v = 0; !rc && v < s->setup->n_venues; v++) {
		struct knobs_config *k = &s->venue[v].wire.knobs.config;
		if (lead_ns[v] == INT64_MIN)
			continue;
		k->clock_offset_ns = lead_ns[v];
		k->clock_drift_ppb = 0;
		log_info(
			"%s: its recorded stamps are %.3f s ahead of the recorder's clock, and so is its own",
			s->setup->venue[v].name, (double)lead_ns[v] / 1e9);
	}
	return rc;
}
