/* Planned faults, on the same line of time as the market. */
#include "adapters/sim/server_parts.h"
#include "core/base/log.h"
#include <string.h>

/* When the next countdown of an account runs out: monotonic. */
static int64_t countdown_next(const struct server_venue *v)
{
	int64_t next = INT64_MAX, clock_ns = venue_clock(v, v->server->now.mono_ns);
	const struct exchange_config *x = &v->wire.exchange.config;
	for (uint16_t a = 0; a < x->n_accounts; a++)
		for (uint16_t i = 0; i < x->n_instruments; i++) {
			int64_t at = v->wire.countdown_ns[a][i];
			if (at && v->server->now.mono_ns + (at - clock_ns) < next)
				next = v->server->now.mono_ns + (at - clock_ns);
		}
	return next;
}

/* When the venue has a planned thing to do: monotonic. Plans are on its world's UTC, which runs beside it. */
int64_t market_plan_next(const struct server_venue *v)
{
	const struct server *s = v->server;
	int64_t utc = knobs_plan_ns(&v->wire.knobs), next = INT64_MAX;
	if (s->market.started && utc < INT64_MAX)
		next = s->now.mono_ns + (utc - s->now.utc_ns);
	if (v->reject_until_ns && v->reject_until_ns < next)
		next = v->reject_until_ns;
	int64_t runs_out = countdown_next(v);
	return runs_out < next ? runs_out : next;
}

static void mute(struct server_venue *v, const struct plan_event *p, int64_t at_ns)
{
	for (uint16_t i = 0; i < v->setup->n_instruments; i++)
		if (!p->symbol[0] || strcmp(v->setup->instrument[i].symbol, p->symbol) == 0)
			v->mute_until_ns[i] = p->for_ns ? at_ns + p->for_ns : INT64_MAX;
}

static void run_plan(struct server_venue *v, const struct plan_event *p, int64_t at_ns)
{
	struct server *s = v->server;
	uint32_t *ppm = &v->wire.knobs.config.ppm[FAULT_REJECT];
	switch ((enum plan_kind)p->kind) {
	case PLAN_DISCONNECT:
		for (int i = 0; i < s->n_conns; i++)
			if (s->conn[i].phase != CONN_FREE && s->conn[i].venue == v)
				conn_cut(&s->conn[i]);
		break;
	case PLAN_FREEZE:
		v->frozen_until_ns = at_ns + p->for_ns;
		break;
	case PLAN_REJECT_ALL:
		if (!v->reject_until_ns)
			v->reject_ppm = *ppm;
		v->reject_until_ns = at_ns + p->for_ns;
		*ppm = 1000000;
		break;
	case PLAN_HALT:
		if (!v->cn)
			exchange_halt(&v->wire.exchange, venue_clock(v, at_ns) + p->for_ns);
		break;
	case PLAN_FEED_FREEZE:
		v->feed_frozen_until_ns = at_ns + p->for_ns;
		break;
	case PLAN_MUTE:
		mute(v, p, at_ns);
		break;
	case PLAN_CLOCK:
		knobs_clock_step(&v->wire.knobs, p->for_ns);
		break;
	case PLAN_MAINTENANCE:
	case PLAN_REVOKE:
	case PLAN_WINDOW:
	case PLAN_LIMIT:
	case PLAN_BAN:
	case PLAN_LIQUIDATE:
	case PLAN_ADL:
	case PLAN_FOREIGN_FILL:
	case PLAN_FOREIGN_ORDER:
		wire_plan(&v->wire, p, venue_clock(v, at_ns));
		break;
	case plan_kind_max:
		break;
	}
	log_info("%s: %s%s%s as planned", v->setup->name, plan_kind_name(p->kind),
		 p->symbol[0] ? " " : "", p->symbol);
}

void market_plan(struct server_venue *v, int64_t at_ns)
{
	struct plan_event p;
	if (v->reject_until_ns && v->reject_until_ns <= at_ns) {
		v->wire.knobs.config.ppm[FAULT_REJECT] = v->reject_ppm;
		v->reject_until_ns = 0;
	}
	const struct env_now *now = &v->server->now;
	(void)wire_countdown(&v->wire, venue_clock(v, at_ns));
	while (knobs_plan_pop(&v->wire.knobs, now->utc_ns - (now->mono_ns - at_ns), &p))
		run_plan(v, &p, at_ns);
}
