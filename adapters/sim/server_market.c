/* The market's line of time: events of the source reach the books at their moment, and then those who listen. Planned faults stand on the same line. */
#include "adapters/sim/recording.h"
#include "adapters/sim/server_parts.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS 4096

/* ---------------------------------------------------------------- opening */

static void map_instrument(struct server *s, struct market_source *m, uint16_t venue, uint16_t instrument)
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
	for (uint32_t i = 0; i < u->n_files; i++)
		file[i] = (struct recording_file){ u->file[i].path, u->file[i].venue };
	for (uint16_t v = 0; v < u->n_venues; v++)
		for (uint16_t i = 0; i < u->venue[v].n_instruments && wanted.n_instruments < SOURCE_INSTRUMENTS; i++)
			map_instrument(s, &wanted, v, i);
	const struct recording_config c = { .file = file,
					    .n_files = u->n_files,
					    .instrument = wanted.instrument,
					    .n_instruments = wanted.n_instruments,
					    .others = true };
	return recording_open(&c, &s->market.source);
}

/* The made market has two books: the first symbol of the first venue of each kind. */
static int open_generator(struct server *s)
{
	const struct venue_setup *u = s->setup;
	struct generator_config c = u->generator;
	struct market_source wanted = { 0 };
	static const uint8_t kinds[generator_books] = { [GENERATOR_SPOT] = MARKET_SPOT,
							[GENERATOR_PERP] = MARKET_FUTURES };
	for (unsigned b = 0; b < generator_books; b++) {
		uint16_t v = 0;
		while (v < u->n_venues && u->venue[v].kind != kinds[b])
			v++;
		/* A book of a market that nobody runs goes to no venue. */
		if (v == u->n_venues) {
			c.instrument[b] = (struct source_instrument){ .venue = UINT16_MAX, .symbol = "NONE" };
			s->market.venue[b] = UINT16_MAX;
			wanted.n_instruments++;
			continue;
		}
		wanted.n_instruments = (uint16_t)b;
		map_instrument(s, &wanted, v, 0);
		c.instrument[b] = wanted.instrument[b];
	}
	c.seed = c.seed ? c.seed : u->seed;
	c.start_ns = s->state.page->source_ns;
	return generator_open(&c, &s->market.source);
}

/* ---------------------------------------------------------------- into the books */

static struct server_venue *venue_of(struct server *s, const struct source_event *e, uint16_t *instrument)
{
	if (e->instrument >= s->market.source->n_instruments)
		return NULL;
	uint16_t v = s->market.venue[e->instrument];
	*instrument = s->market.instrument[e->instrument];
	return v < s->setup->n_venues ? &s->venue[v] : NULL;
}

static int into_book(struct server_venue *v, uint16_t instrument, int64_t now_ns, const struct source_event *e)
{
	struct exchange *x = &v->wire.exchange;
	switch ((enum source_kind)e->kind) {
	case SOURCE_SNAPSHOT:
		return exchange_market_snapshot(x, instrument, now_ns, &e->depth);
	case SOURCE_DEPTH:
		return exchange_market_depth(x, instrument, now_ns, &e->depth);
	case SOURCE_QUOTE:
		return exchange_market_quote(x, instrument, now_ns, &e->quote);
	case SOURCE_TRADE:
		return exchange_market_trade(x, instrument, now_ns, &e->trade);
	case SOURCE_OTHER:
	case source_kind_max:
		break;
	}
	return 0;
}

static int hold_next(struct server *s)
{
	struct server_market *m = &s->market;
	int rc = source_pop(m->source, &m->event);
	m->held = rc > 0;
	return rc < 0 ? rc : 0;
}

/* Books stand before anybody has subscribed: the snapshots that the source begins with. */
static int apply_first(struct server *s)
{
	int rc = hold_next(s);
	uint16_t instrument = 0;
	while (!rc && s->market.held && s->market.event.kind == SOURCE_SNAPSHOT) {
		struct server_venue *v = venue_of(s, &s->market.event, &instrument);
		if (v)
			rc = into_book(v, instrument, venue_clock(v, s->now.mono_ns), &s->market.event);
		s->state.page->popped++;
		if (!rc)
			rc = hold_next(s);
	}
	return rc;
}

/* ---------------------------------------------------------------- going on after a restart */

/* One instrument's book as it was when the process ended, without a fill: orders that rested have seen all this. */
struct shadow {
	struct shown shown;
	struct quote quote;
	int64_t last_seq;
	bool any, has_quote;
};

static void shadow_depth(struct shadow *h, const struct source_event *e)
{
	const struct depth *d = &e->depth;
	if (h->any && d->last_seq <= h->last_seq)
		return;
	h->any = true;
	h->last_seq = d->last_seq;
	for (int side = 0; side < side_max; side++) {
		if (e->kind == SOURCE_SNAPSHOT)
			shown_load(&h->shown, side, d->level[side], d->n[side]);
		for (uint32_t i = 0; e->kind == SOURCE_DEPTH && i < d->n[side]; i++)
			shown_set(&h->shown, side, d->level[side][i].px, d->level[side][i].qty);
	}
}

static int shadow_event(struct shadow *h, const struct source_event *e)
{
	if (!h->shown.cap) {
		int rc = shown_init(&h->shown, LEVELS);
		if (rc)
			return rc;
	}
	if (e->kind == SOURCE_SNAPSHOT || e->kind == SOURCE_DEPTH)
		shadow_depth(h, e);
	if (e->kind == SOURCE_QUOTE) {
		h->quote = e->quote;
		h->has_quote = true;
	}
	return 0;
}

/* The remembered book becomes the venue's, in one step. */
static int shadow_apply(struct server *s, const struct shadow *h, uint16_t at)
{
	static struct level level[side_max][LEVELS];
	if (!h->any || s->market.venue[at] >= s->setup->n_venues)
		return 0;
	struct server_venue *v = &s->venue[s->market.venue[at]];
	struct depth d = { .last_seq = h->last_seq, .first_seq = h->last_seq };
	for (int side = 0; side < side_max; side++) {
		for (uint32_t i = 0; i < h->shown.n[side]; i++) {
			const struct shown_level *l = shown_at((struct shown *)(uintptr_t)&h->shown, side, i);
			level[side][i] = (struct level){ l->px, l->size };
		}
		d.level[side] = level[side];
		d.n[side] = h->shown.n[side];
	}
	int64_t now_ns = venue_clock(v, s->now.mono_ns);
	int rc = exchange_market_snapshot(&v->wire.exchange, s->market.instrument[at], now_ns, &d);
	if (!rc && h->has_quote)
		rc = exchange_market_quote(&v->wire.exchange, s->market.instrument[at], now_ns, &h->quote);
	return rc;
}

static int skip_known(struct server *s)
{
	uint64_t known = s->state.page->popped;
	struct shadow *h = calloc(SOURCE_INSTRUMENTS, sizeof *h);
	int rc = h ? 0 : err_set(ERR_NOMEM, "no memory to find the market's place");
	for (uint64_t i = 0; !rc && i < known; i++) {
		rc = hold_next(s);
		if (!rc && !s->market.held)
			break;
		if (!rc && s->market.event.instrument < SOURCE_INSTRUMENTS)
			rc = shadow_event(&h[s->market.event.instrument], &s->market.event);
	}
	for (uint16_t i = 0; !rc && i < s->market.source->n_instruments; i++)
		rc = shadow_apply(s, &h[i], i);
	for (uint16_t i = 0; h && i < SOURCE_INSTRUMENTS; i++)
		if (h[i].shown.cap)
			shown_free(&h[i].shown);
	free(h);
	return rc ? rc : hold_next(s);
}

/* Does the venue's world have a UTC of its own? */
static bool own_time(const struct server *s)
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
	if (own_time(s))
		clock_page_set_utc(s->clock, p->utc_ns ? p->utc_ns : s->market.source->first_ns);
	env_now(s->env, &s->now);
	s->market.finished = p->finished != 0;
	return 0;
}

int market_books(struct server *s)
{
	return s->state.page->popped ? skip_known(s) : apply_first(s);
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
	for (int i = 0; i < SERVER_CONNS; i++)
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
	if (!s->clock)
		return;
	clock_page_set_finished(s->clock, true);
	/* Stepping on without a market would let the hours fly. */
	if (clock_page_mode(s->clock) == CLOCK_STEP)
		(void)clock_page_set_real(s->clock, 1000);
}

static void begin(struct server *s)
{
	struct server_market *m = &s->market;
	struct server_state_page *p = s->state.page;
	m->started = true;
	m->start_market_ns = p->market_ns ? p->market_ns : m->held ? m->event.time_ns : 0;
	if (own_time(s) && m->held)
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
			k->config.clock_offset_ns = knobs_clock(k, s->now.utc_ns) - s->now.utc_ns;
		k->start_ns = p->begun_ns;
		while (!first && knobs_plan_pop(k, s->now.utc_ns - 1, &skipped))
			;
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

/* ---------------------------------------------------------------- frames */

static void send_frame(struct server_conn *c, const struct wire_stream *sub, const struct wire_frame *f,
		       const struct source_event *e, int64_t at_ns)
{
	char *out = c->server->frame;
	if (!c->combined) {
		conn_push(c, at_ns, f->data, f->n_data);
		return;
	}
	bool same = e->raw && f->n_name == strlen(sub->name) && memcmp(f->name, sub->name, f->n_name) == 0;
	if (same) {
		conn_push(c, at_ns, e->raw, e->n_raw);
		return;
	}
	int n = snprintf(out, WIRE_ANSWER, "{\"stream\":\"%s\",\"data\":%.*s}", sub->name, (int)f->n_data, f->data);
	if (n > 0 && n < (int)WIRE_ANSWER)
		conn_push(c, at_ns, out, (size_t)n);
}

static void to_listeners(struct server_venue *v, const struct wire_stream *of, const struct wire_frame *f,
			 const struct source_event *e, int64_t at_ns)
{
	struct server *s = v->server;
	for (int i = 0; i < SERVER_CONNS; i++) {
		struct server_conn *c = &s->conn[i];
		if (c->phase != CONN_SOCKET || c->venue != v)
			continue;
		for (uint32_t k = 0; k < c->n_sub; k++)
			if (wire_stream_match(&c->sub[k], of))
				send_frame(c, &c->sub[k], f, e, at_ns);
	}
	v->frames++;
}

static const uint8_t stream_of[] = { [SOURCE_SNAPSHOT] = STREAM_OTHER,
				     [SOURCE_DEPTH] = STREAM_DEPTH,
				     [SOURCE_QUOTE] = STREAM_QUOTE,
				     [SOURCE_TRADE] = STREAM_TRADE,
				     [SOURCE_OTHER] = STREAM_OTHER };
_Static_assert(sizeof stream_of == source_kind_max, "a stream for every kind of event");

static void say_recorded(struct server_venue *v, uint16_t instrument, const struct source_event *e, int64_t at_ns)
{
	const struct setup_venue *u = v->setup;
	struct wire_stream of;
	struct wire_frame f;
	wire_frame_split(e->raw, e->n_raw, &f);
	if (!wire_stream_parse(f.name, f.n_name, u->instrument, u->n_instruments, &of)) {
		of = (struct wire_stream){ .kind = stream_of[e->kind], .instrument = instrument };
	}
	to_listeners(v, &of, &f, e, at_ns);
}

static void say_made(struct server_venue *v, uint16_t instrument, const struct source_event *e, int64_t at_ns)
{
	static char data[WIRE_ANSWER / 2];
	const struct instrument *i = &v->setup->instrument[instrument];
	struct wire_stream of = { .kind = stream_of[e->kind], .instrument = instrument };
	for (int again = 0; again < (e->kind == SOURCE_TRADE ? 2 : 1); again++) {
		if (again)
			of.kind = STREAM_AGG;
		size_t n = wire_stream_data(data, sizeof data, v->setup->kind == MARKET_FUTURES, i, e, of.kind,
					    venue_clock(v, v->server->op_ns));
		struct wire_frame f = { .name = "", .data = data, .n_data = n };
		if (n)
			to_listeners(v, &of, &f, e, at_ns);
	}
}

static void say(struct server_venue *v, uint16_t instrument, const struct source_event *e)
{
	struct knobs *k = &v->wire.knobs;
	int64_t now_ns = v->server->op_ns;
	if (e->kind == SOURCE_SNAPSHOT || knobs_hit(k, FAULT_DROP_FEED))
		return;
	int64_t at_ns = now_ns + knobs_delay(k, PATH_FEED, now_ns);
	for (int times = knobs_hit(k, FAULT_DUP_FEED) ? 2 : 1; times > 0; times--) {
		if (e->raw)
			say_recorded(v, instrument, e, at_ns);
		else
			say_made(v, instrument, e, at_ns);
	}
}

int market_step(struct server *s)
{
	struct server_market *m = &s->market;
	const struct source_event *e = &m->event;
	struct server_state_page *p = s->state.page;
	uint16_t instrument = 0;
	struct server_venue *v = e->kind == SOURCE_OTHER && e->venue < s->setup->n_venues ?
					 &s->venue[e->venue] :
					 venue_of(s, e, &instrument);
	if (v && e->kind != SOURCE_OTHER) {
		int64_t clock_ns = venue_clock(v, s->op_ns);
		v->wire.now_ns = clock_ns;
		int rc = into_book(v, instrument, clock_ns, e);
		if (rc)
			return rc;
		wire_market_moved(&v->wire, clock_ns);
	}
	if (v)
		say(v, instrument, e);
	p->market_ns = e->time_ns;
	p->popped++;
	int rc = hold_next(s);
	if (rc)
		return rc;
	bool enough = s->setup->duration_ns && m->held &&
		      m->event.time_ns - s->market.source->first_ns >= s->setup->duration_ns;
	if (!m->held || enough)
		finish(s);
	return 0;
}

/* ---------------------------------------------------------------- planned faults */

/* When the venue has a planned thing to do: monotonic. Plans are on its world's UTC, which runs beside it. */
int64_t market_plan_next(const struct server_venue *v)
{
	const struct server *s = v->server;
	int64_t utc = knobs_plan_ns(&v->wire.knobs), next = INT64_MAX;
	if (s->market.started && utc < INT64_MAX)
		next = s->now.mono_ns + (utc - s->now.utc_ns);
	if (v->reject_until_ns && v->reject_until_ns < next)
		next = v->reject_until_ns;
	return next;
}

static void run_plan(struct server_venue *v, const struct plan_event *p, int64_t at_ns)
{
	struct server *s = v->server;
	uint32_t *ppm = &v->wire.knobs.config.ppm[FAULT_REJECT];
	switch ((enum plan_kind)p->kind) {
	case PLAN_DISCONNECT:
		for (int i = 0; i < SERVER_CONNS; i++)
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
		exchange_halt(&v->wire.exchange, venue_clock(v, at_ns) + p->for_ns);
		break;
	case plan_kind_max:
		break;
	}
	log_info("%s: %s as planned", v->setup->name, plan_kind_name(p->kind));
}

void market_plan(struct server_venue *v, int64_t at_ns)
{
	struct plan_event p;
	if (v->reject_until_ns && v->reject_until_ns <= at_ns) {
		v->wire.knobs.config.ppm[FAULT_REJECT] = v->reject_ppm;
		v->reject_until_ns = 0;
	}
	const struct env_now *now = &v->server->now;
	while (knobs_plan_pop(&v->wire.knobs, now->utc_ns - (now->mono_ns - at_ns), &p))
		run_plan(v, &p, at_ns);
}
