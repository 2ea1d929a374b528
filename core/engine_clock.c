/* engine_clock - what the venues' clocks say against ours: samples go in as they come, receipts come out when something has changed. */
#include "core/base/err.h"
#include "core/engine_parts.h"
#include "core/trade/clock_doubt.h"

#define CLOCK_ASK_EVERY_NS 1000000000LL
#define CLOCK_EVERY_NS \
	10000000000LL /* a receipt at least so often: the error of a stamp is part of the evidence */

int engine_clocks_open(struct engine *e)
{
	struct desk *d = &e->d;
	for (uint16_t v = 0; v < d->cfg->n_venues; v++) {
		const struct config_venue *c = &d->cfg->venue[v];
		struct desk_venue *dv = &d->venue[v];
		const struct tsync_config t = { .max_min_delay_ns = c->max_min_delay_ns,
						.grain_ns = c->stamp_grain_ns,
						.max_drift_ppb = c->max_drift_ppb };
		int rc = tsync_open(&t, &dv->clock);
		if (rc)
			return err_ctx(rc, "venue %s", c->name);
		dv->clock_pairs = tsync_source(dv->clock, TSYNC_PAIRS);
		dv->clock_stream = tsync_source(dv->clock, TSYNC_STREAM);
	}
	return 0;
}

void engine_clocks_free(struct engine *e)
{
	for (uint16_t v = 0; e->d.venue && v < e->d.cfg->n_venues; v++)
		tsync_free(e->d.venue[v].clock);
}

int64_t engine_place(struct engine *e, uint16_t venue, int64_t venue_ns, int64_t recv_ns,
		     int64_t *bound_ns)
{
	struct desk_venue *v = &e->d.venue[venue];
	if (venue_ns)
		tsync_stamp(v->clock, v->clock_stream, venue_ns, recv_ns);
	int64_t at = tsync_place(v->clock, venue_ns, recv_ns, bound_ns);
	v->clock_bound_ns = *bound_ns;
	return at;
}

void engine_on_clock(struct engine *e, uint16_t venue, int64_t sent_ns, int64_t venue_recv_ns,
		     int64_t venue_send_ns, int64_t recv_ns)
{
	struct desk_venue *v = &e->d.venue[venue];
	tsync_pair(v->clock, v->clock_pairs, sent_ns, venue_recv_ns, venue_send_ns, recv_ns);
	clock_doubt_told(&e->d, venue, sent_ns);
}

static void clock_fact(struct engine *e, uint16_t venue, const struct tsync_estimate *t)
{
	struct desk *d = &e->d;
	struct fact f;
	fact_init(&f, FACT_CLOCK);
	f.venue = d->names.venue[venue];
	f.num[0] = t->offset_ns - (d->now.utc_ns - d->now.mono_ns); /* against our UTC */
	f.num[1] = t->bound_ns;
	f.num[2] = t->delay_ns;
	f.num[3] = t->drift_ppb;
	f.num[4] = t->open;
	f.num[5] = t->steps;
	f.num[6] = (int64_t)t->samples;
	f.num[7] = (int64_t)t->refused;
	scribe_put(d, &f);
}

/* A clock that jumped is an alert: for a while nothing that it stamps can be believed to the millisecond (F46). */
static void tell_step(struct engine *e, uint16_t venue, const struct tsync_estimate *t)
{
	const struct desk_venue *v = &e->d.venue[venue];
	struct fact f;
	fact_init(&f, FACT_ALERT);
	f.venue = e->d.names.venue[venue];
	scribe_raise(&e->d, &f, ALERT_CLOCK, "%s: its clock jumped by %.3f s (F46)",
		     e->d.cfg->venue[venue].name,
		     (double)(t->offset_ns - v->clock_told.offset_ns) / 1e9);
}

/* Where the bound bars trading, the next answer cannot come soon enough. */
static void ask_clock(struct engine *e, uint16_t venue)
{
	struct desk *d = &e->d;
	struct desk_venue *v = &d->venue[venue];
	const struct venue_ops *ops = v->port->ops;
	int64_t limit = d->cfg->risk.max_clock_bound_ns;
	if (!limit || v->clock_bound_ns <= limit || !ops->ask_clock || v->state != VENUE_UP ||
	    d->now.mono_ns - v->clock_asked_ns < CLOCK_ASK_EVERY_NS)
		return;
	v->clock_asked_ns = d->now.mono_ns;
	ops->ask_clock(v->port);
}

/* Our own clock against the world's, when it gains or loses its keeper. A simulated clock is the world's: bound 0, nothing to say. */
static void report_own(struct desk *d)
{
	int64_t bound_ns = env_clock_bound_ns(d->env), before_ns = d->host_clock_bound_ns;
	bool kept = bound_ns != INT64_MAX, told = d->host_clock_told;
	d->host_clock_bound_ns = bound_ns;
	if (bound_ns == 0 || (told && kept == (before_ns != INT64_MAX)))
		return;
	struct fact f;
	fact_init(&f, FACT_CLOCK);
	f.num[1] = bound_ns;
	if (kept)
		fact_text(&f, "this machine's clock is kept in step, at most %.3f ms off",
			  (double)bound_ns / 1e6);
	else
		fact_text(
			&f,
			"nothing keeps this machine's clock in step: times of receipts may be off; run a time daemon such as chrony");
	d->host_clock_told = scribe_put(d, &f) != 0;
}

void engine_clocks_report(struct engine *e)
{
	struct desk *d = &e->d;
	for (uint16_t i = 0; i < d->cfg->n_venues; i++) {
		struct desk_venue *v = &d->venue[i];
		struct tsync_estimate t;
		ask_clock(e, i);
		tsync_read(v->clock, d->now.mono_ns, &t);
		if (!t.known)
			continue;
		bool stepped = t.steps != v->clock_told.steps;
		bool news = !v->clock_told.known || stepped || t.open != v->clock_told.open;
		if (!news && d->now.mono_ns - v->clock_told.at_ns < CLOCK_EVERY_NS)
			continue;
		if (stepped && v->clock_told.known)
			tell_step(e, i, &t);
		clock_fact(e, i, &t);
		v->clock_told = t;
	}
	report_own(d);
}
