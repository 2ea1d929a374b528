/* The market's line of time: events of the source reach the books at their moment, and then those who listen. */
#include "adapters/sim/playback.h"
#include "adapters/sim/recording.h"
#include "adapters/sim/server_parts.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include <stdio.h>

/* ---------------------------------------------------------------- opening */

static void map_instrument(struct server *s, struct market_source *m, uint16_t venue,
			   uint16_t instrument)
{
	const struct instrument *i = &s->setup->venue[venue].instrument[instrument];
	struct source_instrument *to = &m->instrument[m->n_instruments];
	*to = (struct source_instrument){ .venue = venue, .px_dp = i->px_dp, .qty_dp = i->qty_dp };
	snprintf(to->symbol, sizeof to->symbol, "%s", i->symbol);
	s->market.venue[m->n_instruments] = venue;
	s->market.instrument[m->n_instruments] = instrument;
	m->n_instruments++;
}

static int open_recording(struct server *s)
{
	const struct venue_setup *u = s->setup;
	struct market_source wanted = { 0 };
	struct recording_file file[SETUP_FILES];
	for (uint32_t i = 0; i < u->n_files && !u->feed; i++)
		file[i] = (struct recording_file){ u->file[i].path, u->file[i].venue };
	for (uint16_t v = 0; v < u->n_venues; v++)
		for (uint16_t i = 0;
		     i < u->venue[v].n_instruments && wanted.n_instruments < SOURCE_INSTRUMENTS;
		     i++)
			map_instrument(s, &wanted, v, i);
	if (u->feed)
		return playback_open(u->feed, wanted.instrument, wanted.n_instruments,
				     &s->market.source);
	const struct recording_config c = { .file = file,
					    .n_files = u->n_files,
					    .instrument = wanted.instrument,
					    .n_instruments = wanted.n_instruments,
					    .others = true };
	return recording_open(&c, &s->market.source);
}

static const uint8_t kinds[generator_books] = {
	[GENERATOR_SPOT] = MARKET_SPOT, [GENERATOR_PERP] = MARKET_FUTURES
};

/* The made market's two books proper: the first symbol of the first venue of each kind. */
static uint16_t first_of(const struct venue_setup *u, unsigned book)
{
	uint16_t v = 0;
	while (v < u->n_venues && u->venue[v].kind != kinds[book])
		v++;
	return v;
}

static int add_more(struct server *s, struct market_source *wanted, struct generator_config *c,
		    uint16_t venue, uint16_t instrument)
{
	const struct setup_venue *v = &s->setup->venue[venue];
	const struct rule *r = &v->instrument[instrument].rule[0];
	if (c->n_more == GENERATOR_MORE)
		return err_set(ERR_CONFIG, "a made market has room for %d symbols",
			       SOURCE_INSTRUMENTS);
	struct generator_symbol *m = &c->more[c->n_more++];
	uint16_t at = wanted->n_instruments;
	map_instrument(s, wanted, venue, instrument);
	*m = (struct generator_symbol){ .i = wanted->instrument[at],
					.perp = v->kind == MARKET_FUTURES,
					.mid_e8 = v->mid_e8[instrument], /* 0: the generator's */
					.follows = v->follows[instrument],
					.tick = r->tick,
					.lot = r->lot };
	return 0;
}

/* All other symbols come behind the first two, in the order of the configuration. */
static int open_generator(struct server *s)
{
	const struct venue_setup *u = s->setup;
	struct generator_config c = u->generator;
	struct market_source wanted = { 0 };
	uint16_t first[generator_books];
	int rc = 0;
	for (unsigned b = 0; b < generator_books; b++) {
		uint16_t v = first[b] = first_of(u, b);
		/* A book of a market that nobody runs goes to no venue. */
		if (v == u->n_venues) {
			c.instrument[b] =
				(struct source_instrument){ .venue = UINT16_MAX, .symbol = "NONE" };
			s->market.venue[b] = UINT16_MAX;
			wanted.n_instruments++;
			continue;
		}
		map_instrument(s, &wanted, v, 0);
		c.instrument[b] = wanted.instrument[b];
		c.mid_e8 = u->venue[v].mid_e8[0] ? u->venue[v].mid_e8[0] : c.mid_e8;
	}
	for (uint16_t v = 0; v < u->n_venues; v++)
		for (uint16_t i = 0; !rc && i < u->venue[v].n_instruments; i++)
			if (i || (v != first[GENERATOR_SPOT] && v != first[GENERATOR_PERP]))
				rc = add_more(s, &wanted, &c, v, i);
	c.seed = c.seed ? c.seed : u->seed;
	c.start_ns = s->state.page->source_ns;
	return rc ? rc : generator_open(&c, &s->market.source);
}

/* ---------------------------------------------------------------- into the books */

static struct server_venue *venue_of(struct server *s, const struct source_event *e,
				     uint16_t *instrument)
{
	if (e->instrument >= s->market.source->n_instruments)
		return NULL;
	uint16_t v = s->market.venue[e->instrument];
	*instrument = s->market.instrument[e->instrument];
	return v < s->setup->n_venues ? &s->venue[v] : NULL;
}

int market_hold_next(struct server *s)
{
	struct server_market *m = &s->market;
	int rc = source_pop(m->source, &m->event);
	m->held = rc > 0;
	return rc < 0 ? rc : 0;
}

/* Books stand before anybody has subscribed: the snapshots that the source begins with. */
static int apply_first(struct server *s)
{
	int rc = market_hold_next(s);
	uint16_t instrument = 0;
	while (!rc && s->market.held && s->market.event.kind == SOURCE_SNAPSHOT) {
		struct server_venue *v = venue_of(s, &s->market.event, &instrument);
		if (v)
			rc = v->kind->market(v, instrument, venue_clock(v, s->now.mono_ns),
					     &s->market.event);
		s->state.page->popped++;
		if (!rc)
			rc = market_hold_next(s);
	}
	return rc;
}

/* ---------------------------------------------------------------- opening the whole */

/* Does the venue's world have a UTC of its own? */
bool market_own_time(const struct server *s)
{
	bool recorded = s->setup->source == SETUP_RECORDING;
	return s->clock && (recorded ? s->setup->time == SETUP_TIME_MARKET : s->setup->has_start);
}

int market_open(struct server *s)
{
	struct server_state_page *p = s->state.page;
	env_now(s->env, &s->now);
	if (!p->source_ns)
		p->source_ns = s->setup->has_start ? s->setup->generator.start_ns : s->now.utc_ns;
	int rc = s->setup->source == SETUP_RECORDING ? open_recording(s) : open_generator(s);
	if (rc)
		return rc;
	if (market_own_time(s))
		clock_page_set_utc(s->clock, p->utc_ns ? p->utc_ns : s->market.source->first_ns);
	env_now(s->env, &s->now);
	s->market.finished = p->finished != 0;
	return 0;
}

int market_books(struct server *s)
{
	return s->state.page->popped ? market_resume(s) : apply_first(s);
}

void market_close(struct server *s)
{
	if (s->market.source)
		source_free(s->market.source);
	s->market = (struct server_market){ 0 };
}

/* ---------------------------------------------------------------- running */

static bool has_subscriber(const struct server *s, const struct server_venue *v)
{
	for (int i = 0; i < s->n_conns; i++)
		if (s->conn[i].phase == CONN_SOCKET && s->conn[i].venue == v && s->conn[i].n_sub)
			return true;
	return false;
}

static void finish(struct server *s)
{
	s->market.finished = true;
	s->state.page->finished = 1;
	if (files_finished(s, true) != 0)
		log_warn("%s", err_text());
}

/* Stepping on without a market would let the hours fly: once the last frames are out, and time has moved since (so the host has
 * taken them in), it runs at its own pace. */
void market_wind_down(struct server *s)
{
	if (!s->market.finished || !s->clock || clock_page_mode(s->clock) != CLOCK_STEP)
		return;
	for (int i = 0; i < s->n_conns; i++) {
		const struct server_conn *c = &s->conn[i];
		if (conn_is_open(c) && server_fifo_next(&c->event) < INT64_MAX)
			return;
	}
	if (!s->market.drained_ns)
		s->market.drained_ns = s->now.mono_ns;
	if (s->now.mono_ns > s->market.drained_ns)
		(void)clock_page_set_real(s->clock, 1000);
}

static void begin(struct server *s)
{
	struct server_market *m = &s->market;
	struct server_state_page *p = s->state.page;
	m->started = true;
	m->start_market_ns = p->market_ns ? p->market_ns : m->held ? m->event.time_ns : 0;
	if (market_own_time(s) && m->held)
		clock_page_set_utc(s->clock, m->start_market_ns);
	env_now(s->env, &s->now);
	m->start_mono_ns = s->now.mono_ns;
	bool first = p->begun_ns == 0;
	if (first)
		p->begun_ns = s->now.utc_ns;
	for (uint16_t i = 0; i < s->setup->n_venues; i++) {
		/* Plans and drift count from here, and the clock does not jump for it. */
		struct knobs *k = &s->venue[i].wire.knobs;
		struct plan_event skipped;
		if (first)
			k->config.clock_offset_ns = knobs_clock_offset(k, s->now.utc_ns);
		k->start_ns = p->begun_ns;
		while (!first && knobs_plan_pop(k, s->now.utc_ns - 1, &skipped))
			if (skipped.kind == PLAN_CLOCK) /* it had jumped before the restart */
				knobs_clock_step(k, skipped.for_ns);
	}
	if (!m->held || m->finished)
		finish(s);
}

void market_try_start(struct server *s)
{
	if (s->market.started)
		return;
	for (uint16_t i = 0; s->setup->start == SETUP_SUBSCRIBED && i < s->setup->n_venues; i++)
		if (!has_subscriber(s, &s->venue[i]))
			return;
	begin(s);
}

int64_t market_next(const struct server *s)
{
	const struct server_market *m = &s->market;
	if (!m->started || m->finished || !m->held)
		return INT64_MAX;
	return m->start_mono_ns + (m->event.time_ns - m->start_market_ns);
}

/* ---------------------------------------------------------------- the next event */

int market_step(struct server *s)
{
	struct server_market *m = &s->market;
	const struct source_event *e = &m->event;
	struct server_state_page *p = s->state.page;
	uint16_t instrument = 0;
	struct server_venue *v = e->kind == SOURCE_OTHER && e->venue < s->setup->n_venues
					 ? &s->venue[e->venue]
					 : venue_of(s, e, &instrument);
	if (v && e->kind != SOURCE_OTHER) {
		int64_t clock_ns = venue_clock(v, s->op_ns);
		int rc = v->kind->market(v, instrument, clock_ns, e);
		if (rc)
			return rc;
	}
	if (v)
		v->kind->say(v, instrument, e);
	p->market_ns = e->time_ns;
	p->popped++;
	int rc = market_hold_next(s);
	if (rc)
		return rc;
	bool enough = s->setup->duration_ns && m->held &&
		      m->event.time_ns - s->market.source->first_ns >= s->setup->duration_ns;
	if (!m->held || enough)
		finish(s);
	return 0;
}
