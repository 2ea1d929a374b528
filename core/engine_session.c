/* engine_session - which instruments are in continuous trading: phases change by the calendar, and what waited for a reopening goes on. */
#include "core/engine_parts.h"

static void market_fact(struct engine *e, uint32_t instrument, uint8_t from)
{
	struct desk *d = &e->d;
	const struct calendar_now *now = &d->session[instrument];
	struct fact f;
	fact_init(&f, FACT_MARKET);
	scribe_instrument(d, &f, instrument);
	f.state = now->phase;
	f.num[0] = from;
	f.num[1] = now->phase;
	f.num[2] = now->trading_day;
	f.num[3] = now->until_utc_ns;
	fact_text(&f, "%s -> %s", calendar_phase_name((enum phase)from),
		  calendar_phase_name((enum phase)now->phase));
	scribe_put(d, &f);
}

/* Which lots are of today has changed, or is known from the life before: they close at their fees. */
static void close_today(struct engine *e, uint32_t instrument)
{
	const struct engine_watchers *w = &e->watchers[instrument];
	for (uint32_t k = w->first; k < w->first + w->n; k++)
		desk_close_today(&e->d, e->watcher[k]);
}

/* A contract that ends is closed from then on, and nothing opens in it within the margin before (F49, F66). */
static void end_at_expiry(struct calendar_now *now, int64_t expiry_utc_ns, int64_t utc_ns)
{
	if (!expiry_utc_ns)
		return;
	if (utc_ns >= expiry_utc_ns)
		*now = (struct calendar_now){ .phase = PHASE_CLOSED,
					      .since_utc_ns = expiry_utc_ns,
					      .until_utc_ns = INT64_MAX,
					      .closes_utc_ns = INT64_MAX,
					      .opens_utc_ns = INT64_MAX };
	if (utc_ns < expiry_utc_ns && now->closes_utc_ns > expiry_utc_ns)
		now->closes_utc_ns = expiry_utc_ns;
	if (utc_ns < expiry_utc_ns && now->until_utc_ns > expiry_utc_ns)
		now->until_utc_ns = expiry_utc_ns;
}

static void look_up(struct engine *e, uint32_t i, bool first)
{
	struct desk *d = &e->d;
	uint16_t calendar = d->instrument[i].calendar;
	uint8_t from = d->session[i].phase;
	struct calendar_now now;
	calendar_at(calendar < d->cfg->n_calendars ? &d->cfg->calendar[calendar] : NULL,
		    d->now.utc_ns, &now);
	end_at_expiry(&now, d->instrument[i].expiry_utc_ns, d->now.utc_ns);
	bool new_day = today_begins(d, i, now.trading_day);
	now.trading_day = d->session[i].trading_day; /* between sessions the day that was goes on */
	d->session[i] = now;
	if (new_day || first)
		close_today(e, i);
	if (new_day)
		fence_new_day(d, i);
	if (desk_has_hours(d, i) && (now.phase != from || first || new_day))
		market_fact(e, i, from);
	if (now.phase == from && !first)
		return;
	engine_mark(e, i);
	if (d->session[i].phase == PHASE_CONTINUOUS)
		engine_reopen(e, i, true);
	/* A residual of the session before is hedged as soon as its market trades again (F35). */
	e->venue_back |= d->session[i].phase == PHASE_CONTINUOUS;
}

void engine_sessions(struct engine *e, bool first)
{
	struct desk *d = &e->d;
	const int64_t utc = d->now.utc_ns;
	if (!first && utc >= e->sessions_from_utc_ns && utc < e->sessions_until_utc_ns)
		return;
	e->sessions_from_utc_ns =
		utc; /* our clock may be set back: then everything is looked up again */
	e->sessions_until_utc_ns = INT64_MAX;
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++) {
		look_up(e, i, first);
		if (d->session[i].until_utc_ns < e->sessions_until_utc_ns)
			e->sessions_until_utc_ns = d->session[i].until_utc_ns;
	}
}
