/* engine_watch - what is looked after ten times a second and not in every turn: venues' own timers, overdue snapshots, published numbers. */
#include "core/engine_parts.h"
#include "core/engine_reload.h"
#include "core/trade/deadman.h"
#include "core/trade/watch.h"
#include <stdio.h>
#include <string.h>

#define PUBLISHED_AT_ONCE 64 /* instances, ten times a second */

#define SNAPSHOT_PATIENCE_NS 2000000000LL
#define CROSSED_PATIENCE_NS  2000000000LL
#define SILENCE_PARTS	     10

/* Only the feeds that time must do something for. */
static void look_after_feeds(struct engine *e)
{
	struct desk *d = &e->d;
	for (struct feed *f = feed_set_first(&d->feeds); f; f = feed_set_next(&d->feeds)) {
		uint32_t i = (uint32_t)(f - d->feed);
		engine_feed_time(e, i);
		if (feed_stuck(f, d->now.mono_ns, CROSSED_PATIENCE_NS))
			engine_doubt(e, i);
		if (!feed_overdue(f, d->now.mono_ns, SNAPSHOT_PATIENCE_NS))
			continue;
		struct venue *port = d->venue[d->instrument[i].venue].port;
		f->asked_ns = d->now.mono_ns;
		port->ops->snapshot(port, i);
	}
}

/* Silence makes a book STALE, and a dated rule brings another tick; each instrument is looked at once a second, a part of them at a time. */
static void patrol(struct engine *e)
{
	const uint32_t n = e->d.cfg->n_instruments;
	uint32_t some = n / SILENCE_PARTS + 1;
	for (uint32_t k = 0; k < some && n; k++, e->silence_at = (e->silence_at + 1) % n) {
		engine_silence(e, e->silence_at);
		engine_reopen(e, e->silence_at, false);
		engine_refresh_tick(e, e->silence_at);
	}
}

static void note_recovered(struct desk *d)
{
	if (!d->recovering || d->stat.in_flight > d->stat.held)
		return;
	d->recovering = false;
	struct fact f;
	fact_init(&f, FACT_RECOVERY);
	f.num[0] = (int64_t)d->stat.held;
	if (d->stat.held)
		fact_text(&f, "the pairs of the run before are finished but for %u that are held",
			  (unsigned)d->stat.held);
	else
		fact_text(&f, "every pair of the run before is finished");
	scribe_put(d, &f);
}

static void publish_venues(struct engine *e)
{
	struct desk *d = &e->d;
	d->stat.n_venues = d->cfg->n_venues;
	for (uint16_t v = 0; v < d->cfg->n_venues && v < SNAPSHOT_VENUES; v++) {
		struct snapshot_venue *x = &d->stat.venue[v];
		struct tsync_estimate t;
		tsync_read(d->venue[v].clock, d->now.mono_ns, &t);
		snprintf(x->name, sizeof x->name, "%s", d->cfg->venue[v].name);
		x->clock_known = t.known;
		x->risk_state = d->venue[v].risk_state;
		x->clock_offset_ns = t.offset_ns - (d->now.utc_ns - d->now.mono_ns);
		x->clock_bound_ns = t.bound_ns;
	}
}

static void publish_instance(struct engine *e, uint16_t i)
{
	struct desk *d = &e->d;
	const struct desk_instance *in = &d->instance[i];
	struct snapshot_instance *x = &d->stat.instance[i];
	snprintf(x->name, sizeof x->name, "%s", in->cfg->name);
	x->sell_bp = in->basis.dir[SIDE_SELL].net_bp;
	x->buy_bp = in->basis.dir[SIDE_BUY].net_bp;
	x->spread = in->basis.spread;
	x->basis_ok = in->basis.ok;
	x->gate = in->keeper->gate;
	x->gate_who = in->keeper->who;
	x->quarantined = in->script && in->script->quarantined;
	x->interpreted = in->script && in->script->interpreted;
	engine_version_publish(e, i, &x->script);
	x->paused = in->paused;
	x->risk_state = (uint8_t)risk_state_of(d, i, NULL);
	snprintf(x->paused_why, sizeof x->paused_why, "%s", in->paused ? in->paused_why : "");
	x->pos_lots = engine_pos_lots(e, i);
}

/* A thousand of them in one turn would be a pause: so many at a time, in turns. */
static void publish_instances(struct engine *e)
{
	uint32_t n = e->d.cfg->n_instances;
	n = n < SNAPSHOT_INSTANCES ? n : SNAPSHOT_INSTANCES;
	for (uint32_t k = 0; k < n && k < PUBLISHED_AT_ONCE; k++) {
		e->published = (uint16_t)(e->published + 1u < n ? e->published + 1u : 0);
		publish_instance(e, e->published);
	}
}

void engine_publish(struct engine *e)
{
	struct desk *d = &e->d;
	struct snapshot_body *s = &d->stat;
	s->mono_ns = d->now.mono_ns;
	s->utc_ns = d->now.utc_ns;
	s->turns = d->turn;
	s->unknown_orders = router_unknown(d, UINT16_MAX);
	s->residual_base_e8 = engine_residual_base_e8(e);
	s->risk_state = d->risk_state;
	s->recovering = d->recovering;
	const char *why;
	s->journal_full = d->journal_full || d->journal->ops->trouble(d->journal, &why) != 0;
	publish_venues(e);
	s->n_instances = d->cfg->n_instances;
	publish_instances(e);
	if (e->page)
		snapshot_write(e->page, s);
}

void engine_housekeeping(struct engine *e)
{
	struct desk *d = &e->d;
	e->housekeeping_ns = d->now.mono_ns;
	for (uint16_t v = 0; v < d->cfg->n_venues; v++)
		d->venue[v].port->ops->on_time(d->venue[v].port, d->now.mono_ns);
	reconcile_on_time(d);
	deadman_on_time(d);
	look_after_feeds(e);
	patrol(e);
	engine_note_storm(e);
	engine_clocks_report(e);
	engine_sessions(e, false);
	engine_judge_all(e);
	engine_tape_time(e);
	risk_watch(d);
	exec_wake_held(d);
	watch_time(d);
	engine_reload_time(e);
	e->uneven = watch_any_uneven(d);
	note_recovered(d);
	engine_alerts_time(e);
	const uint64_t every = d->cfg->store.checkpoint_every;
	if (every && d->stat.receipts - e->checkpoint_seq >= every && checkpoint_possible(d)) {
		checkpoint_write(d);
		e->checkpoint_seq = d->stat.receipts;
	}
	engine_publish(e);
}
