/* engine_market - what venues tell the engine: books, executions, states, and what could not be read. */
#include "core/base/dec.h"
#include "core/engine_parts.h"
#include "core/trade/watermark.h"
#include <stdio.h>

/* Handlers run during poll: time goes on from the turn's to the moment of the read, never back. */
static struct engine *enter(void *core, int64_t recv_ns)
{
	struct engine *e = core;
	if (recv_ns > e->d.now.mono_ns) {
		e->d.now.utc_ns += recv_ns - e->d.now.mono_ns;
		e->d.now.mono_ns = recv_ns;
	}
	return e;
}

static inline __attribute__((always_inline)) void fetch(const void *p, size_t n)
{
	const char *line = (const char *)((uintptr_t)p & ~(uintptr_t)63);
	for (; line < (const char *)p + n; line += 64)
		__builtin_prefetch(line);
}

/* Among ten thousand instruments nothing of this one is in the nearest caches: what the turn will look at is asked for now, all at once, and
 * arrives while the message is placed in time and the book brought up to date. */
static void fetch_ahead(struct engine *e, uint32_t instrument)
{
	struct desk *d = &e->d;
	if (e->soon == instrument)
		return;
	e->soon =
		instrument; /* and a compiler may drop a function that writes nothing, with all it fetches */
	fetch(&d->feed[instrument], FEED_HOT);
	const struct engine_watchers *w = &e->watchers[instrument];
	if (!w->n)
		return;
	const struct desk_instance *in = &d->instance[e->watcher[w->first]];
	fetch(&in->spec, offsetof(struct basis_spec, memo)); /* asked for soonest */
	fetch(&d->feed[w->beside].top, sizeof(struct top));
	fetch(&in->spec.memo, 2 * sizeof in->spec.memo[0]);
	fetch(in, offsetof(struct desk_instance, spec));
	fetch(&in->basis, DESK_HOT_BASIS);
}

void engine_mark(struct engine *e, uint32_t instrument)
{
	const struct engine_watchers *w = &e->watchers[instrument];
	for (uint32_t k = w->first; k < w->first + w->n; k++)
		engine_mark_instance(e, e->watcher[k], DIRTY_BASIS);
}

static void feed_fact(struct engine *e, uint32_t instrument, const struct feed_result *r)
{
	const struct feed *f = &e->d.feed[instrument];
	struct fact x;
	fact_init(&x, FACT_FEED);
	scribe_instrument(&e->d, &x, instrument);
	x.state = f->top.state;
	x.num[0] = r->from;
	x.num[1] = f->top.state;
	x.num[2] = r->gap_first_seq;
	x.num[3] = r->gap_last_seq;
	x.num[4] = r->took_ns;
	x.num[5] = (int64_t)f->dropped;
	x.num[6] = r->repair;
	fact_text(&x, "%s -> %s%s%s%s", book_state_name((enum book_state)r->from),
		  book_state_name((enum book_state)f->top.state), r->repair ? ", mended by " : "",
		  r->repair ? feed_repair_name((enum feed_repair)r->repair) : "",
		  f->top.state == BOOK_EMPTY ? ", its line is lost"
		  : r->emptied		     ? ", a side is empty"
					     : "");
	scribe_put(&e->d, &x);
}

static void tell_bad(struct engine *e, uint16_t venue, uint32_t instrument, enum bad_input what,
		     const char *why, const void *bytes, size_t n);
static void on_bad(void *core, uint16_t venue, uint32_t instrument, enum bad_input what,
		   const char *why, const void *bytes, size_t n);

/* Best prices only: deeper in the book orders may rest that came before the tick was changed. */
static bool off_tick(const struct engine *e, uint32_t instrument)
{
	const int64_t tick = e->watchers[instrument].tick;
	const struct quote *q = &e->d.feed[instrument].top.q;
	for (int s = 0; tick > 1 && s < side_max; s++)
		if (q->qty[s] > 0 && q->px[s] % tick)
			return true;
	return false;
}

void engine_refresh_tick(struct engine *e, uint32_t instrument)
{
	const struct rule *r = desk_rule(&e->d, instrument);
	e->watchers[instrument].tick = r ? r->tick : 0;
}

static void bad_tick(struct engine *e, uint32_t instrument)
{
	const struct instrument *in = &e->d.instrument[instrument];
	const struct quote *q = &e->d.feed[instrument].top.q;
	char px[side_max][24], text[64];
	for (int s = 0; s < side_max; s++)
		dec_format(q->px[s], in->px_dp, 0, px[s]);
	int n = snprintf(text, sizeof text, "%s / %s", px[SIDE_BUY], px[SIDE_SELL]);
	on_bad(e, in->venue, instrument, BAD_TICK, "a best price off the tick", text, (size_t)n);
	struct venue *port = e->d.venue[in->venue].port;
	if (port->ops->ask_rules) /* it may be another one since (F69) */
		port->ops->ask_rules(port);
}

static void ask_replay(struct engine *e, uint32_t instrument, const struct feed_result *r)
{
	struct desk *d = &e->d;
	struct venue *port = d->venue[d->instrument[instrument].venue].port;
	port->ops->replay(
		port, instrument, r->gap_first_seq,
		r->gap_last_seq); /* refused: after its patience the feed asks for a snapshot */
}

/* A price or a number that cannot be: counted and told, the book is as it was (F30, F31). */
static void bad_change(struct engine *e, uint32_t instrument, enum feed_refusal why)
{
	static const uint8_t kind[feed_refusal_max] = { [REFUSED_PRICE] = BAD_NUMBER,
							[REFUSED_QUANTITY] = BAD_SIZE,
							[REFUSED_LEAP] = BAD_SEQUENCE };
	if (why != REFUSED_PRICE && why != REFUSED_QUANTITY && why != REFUSED_LEAP)
		return;
	tell_bad(e, e->d.instrument[instrument].venue, instrument, (enum bad_input)kind[why],
		 feed_refusal_name(why), "", 0);
}

static void ask_snapshot(struct engine *e, uint32_t instrument)
{
	struct desk *d = &e->d;
	struct engine_asks *a = &e->asks[instrument];
	struct venue *port = d->venue[d->instrument[instrument].venue].port;
	if (d->now.mono_ns - a->since_ns >= SNAPSHOT_WINDOW_NS) {
		a->since_ns = d->now.mono_ns;
		a->n = 0;
	}
	if (a->n++ < SNAPSHOTS_PER_WINDOW)
		port->ops->snapshot(
			port,
			instrument); /* refused, or one too many: asked again by housekeeping */
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

struct moment {
	int64_t at_ns, bound_ns;
};

/* A message is as old as its venue's stamp says, moved onto our clock; with none it is as old as its arrival. Before the book is looked at: what
 * was asked for comes meanwhile. */
static struct moment place(struct engine *e, uint32_t instrument, int64_t venue_ns, int64_t recv_ns)
{
	struct moment m;
	m.at_ns = engine_place(e, e->watchers[instrument].venue, venue_ns, recv_ns, &m.bound_ns);
	return m;
}

/* After the book: what the message says of its line, and of the price if it was this one that proved it. */
static void prove(struct engine *e, uint32_t instrument, struct moment m, int64_t recv_ns)
{
	struct desk *d = &e->d;
	struct feed_line *line = &d->venue[e->watchers[instrument].venue].line;
	struct top *top = &d->feed[instrument].top;
	line->data_ns = later(line->data_ns, m.at_ns);
	line->beat_ns = later(line->beat_ns, m.at_ns);
	if (top->valid_ns == recv_ns) {
		top->valid_ns = m.at_ns;
		top->bound_ns = m.bound_ns;
	}
}

void engine_after_feed(struct engine *e, uint32_t instrument, struct feed_result r, int64_t recv_ns)
{
	struct desk *d = &e->d;
	d->stat.quotes++;
	if (r.top_changed || r.state_changed || e->watchers[instrument].deep) {
		engine_mark(e, instrument);
		e->trigger_recv_ns = recv_ns;
	}
	if (__builtin_expect(e->watchers[instrument].hears, 0)) {
		if (r.top_changed || r.state_changed)
			engine_note(e, instrument, STRAT_QUOTE);
		if (r.state_changed)
			engine_note(e, instrument, STRAT_GAP);
	}
	if (r.state_changed || r.emptied || r.repair)
		feed_fact(e, instrument, &r);
	if (r.refused)
		bad_change(e, instrument, (enum feed_refusal)r.refused);
	if (r.state_changed)
		e->venue_back |= d->feed[instrument].top.state == BOOK_LIVE;
	if (r.want_snapshot)
		ask_snapshot(e, instrument);
	if (r.want_replay)
		ask_replay(e, instrument, &r);
	bool to_live = r.state_changed && d->feed[instrument].top.state == BOOK_LIVE;
	if ((r.top_changed || to_live) && off_tick(e, instrument))
		bad_tick(e, instrument);
}

void engine_feed_time(struct engine *e, uint32_t instrument)
{
	engine_after_feed(e, instrument, feed_on_time(&e->d.feed[instrument], e->d.now.mono_ns),
			  e->d.now.mono_ns);
}

void engine_silence(struct engine *e, uint32_t instrument)
{
	struct desk *d = &e->d;
	struct feed_result r =
		feed_judge_silence(&d->feed[instrument], d->now.mono_ns,
				   d->cfg->venue[d->instrument[instrument].venue].feed_silence_ns);
	if (r.state_changed)
		engine_after_feed(e, instrument, r, d->now.mono_ns);
	if (r.state_changed && d->feed[instrument].top.state == BOOK_STALE &&
	    e->watchers[instrument].n && desk_in_session(d, instrument))
		engine_alert_of(e, instrument, ALERT_FEED_STALE, "its prices are silent");
}

static void on_probe(void *core, uint32_t instrument, int64_t last_seq, int64_t asked_ns)
{
	engine_on_probe(enter(core, 0), instrument, last_seq, asked_ns);
}

void engine_doubt(struct engine *e, uint32_t instrument)
{
	engine_after_feed(e, instrument, feed_bad(&e->d.feed[instrument], e->d.now.mono_ns),
			  e->d.now.mono_ns);
}

static void on_soon(void *core, uint32_t instrument)
{
	fetch_ahead(core, instrument);
}

static void on_quote(void *core, uint32_t instrument, const struct quote *q)
{
	struct engine *e = enter(core, q->recv_ns);
	fetch_ahead(e, instrument);
	engine_record_quote(e, instrument, q);
	struct moment m = place(e, instrument, q->venue_ns, q->recv_ns);
	struct feed_result r = feed_quote(&e->d.feed[instrument], q);
	prove(e, instrument, m, q->recv_ns);
	engine_after_feed(e, instrument, r, q->recv_ns);
}

static void on_depth(void *core, uint32_t instrument, const struct depth *x)
{
	struct engine *e = enter(core, x->recv_ns);
	fetch_ahead(e, instrument);
	engine_record_depth(e, PACK_DEPTH, instrument, x);
	struct moment m = place(e, instrument, x->venue_ns, x->recv_ns);
	struct feed_result r = feed_depth(&e->d.feed[instrument], x);
	prove(e, instrument, m, x->recv_ns);
	engine_after_feed(e, instrument, r, x->recv_ns);
	if (!r.refused && __builtin_expect(e->watchers[instrument].hears, 0))
		engine_note(e, instrument, STRAT_BOOK);
}

/* An answer to a request, on another line than the stream: it proves the book, and says nothing of the stream's delay. */
static void on_snapshot(void *core, uint32_t instrument, const struct depth *x)
{
	struct engine *e = enter(core, x->recv_ns);
	engine_record_depth(e, PACK_SNAPSHOT, instrument, x);
	struct moment m = place(e, instrument, 0, x->recv_ns);
	struct feed_result r = feed_snapshot(&e->d.feed[instrument], x);
	prove(e, instrument, m, x->recv_ns);
	engine_after_feed(e, instrument, r, x->recv_ns);
	if (!r.refused && __builtin_expect(e->watchers[instrument].hears, 0))
		engine_note(e, instrument, STRAT_BOOK);
}

static void on_trade(void *core, uint32_t instrument, const struct market_trade *t)
{
	struct engine *e = enter(core, t->recv_ns);
	engine_record_trade(e, instrument, t);
	struct moment m = place(e, instrument, t->venue_ns, t->recv_ns);
	prove(e, instrument, m, t->recv_ns);
}

static void on_alive(void *core, uint16_t venue, int64_t recv_ns)
{
	struct engine *e = enter(core, recv_ns);
	engine_record_line(e, PACK_ALIVE, venue, UINT32_MAX, recv_ns);
	e->d.venue[venue].line.beat_ns = later(e->d.venue[venue].line.beat_ns, recv_ns);
}

static void on_exec(void *core, const struct exec_report *r)
{
	struct engine *e = enter(core, r->recv_ns);
	bool known = r->instrument < e->d.cfg->n_instruments;
	if (known && r->kind == EXEC_REJECTED && r->reject_class == REJECT_CLOSED)
		engine_closed(e, r->instrument);
	else if (known && (r->kind == EXEC_ACK || r->kind == EXEC_FILL) && !r->replayed)
		e->asks[r->instrument].closed_times = 0; /* it trades */
	router_on_exec(&e->d, r);
}

static void feeds_down(struct engine *e, uint16_t venue)
{
	struct desk *d = &e->d;
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++)
		if (d->instrument[i].venue == venue) {
			struct feed_result r = feed_down(&d->feed[i], d->now.mono_ns);
			if (r.state_changed)
				feed_fact(e, i, &r);
			if (r.state_changed)
				engine_note(e, i, STRAT_GAP);
			engine_mark(e, i);
		}
}

static void on_feed_down(void *core, uint16_t venue)
{
	struct engine *e = enter(core, 0);
	engine_record_line(e, PACK_DOWN, venue, UINT32_MAX, e->d.now.mono_ns);
	feeds_down(e, venue);
}

/* A session that was up has ended, or has come back: people are told, of the first connection not. */
static void tell_state(struct engine *e, uint16_t venue, enum venue_state from, enum venue_state to,
		       const char *why)
{
	struct desk *d = &e->d;
	const char *name = d->cfg->venue[venue].name;
	struct fact f;
	fact_init(&f, FACT_ALERT);
	f.venue = d->names.venue[venue];
	if (from == VENUE_UP && to != VENUE_UP && !d->stopping)
		scribe_raise(d, &f, ALERT_VENUE_DOWN, "%s is %s: %s", name, venue_state_name(to),
			     why);
	else if (to == VENUE_UP && d->venue[venue].epoch > 1)
		scribe_raise(d, &f, ALERT_VENUE_UP, "%s is up again", name);
}

static void on_state(void *core, uint16_t venue, enum venue_state s, const char *why)
{
	struct engine *e = enter(core, 0);
	struct desk *d = &e->d;
	struct desk_venue *v = &d->venue[venue];
	struct fact f;
	fact_init(&f, FACT_VENUE);
	f.venue = d->names.venue[venue];
	f.state = (uint8_t)s;
	f.num[0] = v->state;
	v->state = (uint8_t)s;
	f.num[1] = s;
	v->epoch += s == VENUE_UP;
	f.num[2] = v->epoch;
	fact_text(&f, "%s", why);
	scribe_put(d, &f);
	if (venue < SNAPSHOT_VENUES)
		d->stat.venue[venue].state = (uint8_t)s;
	tell_state(e, venue, (enum venue_state)f.num[0], s, why);
	if (s == VENUE_DOWN || s == VENUE_CONNECTING) {
		v->reconciled = false;
		feeds_down(e, venue);
	}
	if (s != VENUE_UP)
		watermark_deaf(d, venue);
	if (s == VENUE_RECONCILING)
		reconcile_begin(d, venue);
	if (s == VENUE_UP) {
		router_venue_up(d, venue);
		reconcile_up(d, venue);
		e->venue_back = true;
	}
}

static void tell_unread(struct engine *e, uint16_t venue)
{
	struct fact f;
	fact_init(&f, FACT_ALERT);
	f.venue = e->d.names.venue[venue];
	scribe_raise(&e->d, &f, ALERT_RECONCILE,
		     "%s: the account could not be read whole; nothing opens there",
		     e->d.cfg->venue[venue].name);
}

static void on_reconciled(void *core, uint16_t venue, bool full)
{
	struct engine *e = enter(core, 0);
	reconcile_answered(&e->d, venue, full);
	if (!full)
		tell_unread(e, venue);
}

/* What a venue does not publish (our fee tier, our margin) stays as the configuration has it. */
static struct rule complete_rule(const struct instrument *in, const struct rule *r)
{
	const struct rule *before = &in->rule[in->n_rules ? in->n_rules - 1 : 0];
	struct rule full = *r;
	if (full.fee.taker_e8 == 0 && full.fee.maker_e8 == 0 && full.fee.per_lot_e8 == 0)
		full.fee = before->fee;
	if (full.margin_e8 == 0)
		full.margin_e8 = before->margin_e8;
	return full;
}

static void on_rule(void *core, uint32_t instrument, const struct rule *told)
{
	struct engine *e = enter(core, 0);
	struct desk *d = &e->d;
	struct rule full = complete_rule(&d->instrument[instrument], told), *r = &full;
	if (instrument_add_rule(&d->instrument[instrument], r)) {
		engine_alert_of(e, instrument, ALERT_VENUE_RULE,
				"a rule of the venue makes no sense");
		return;
	}
	struct fact f;
	fact_init(&f, FACT_RULE);
	scribe_instrument(d, &f, instrument);
	f.num[0] = r->from_utc_ns;
	f.num[1] = r->tick;
	f.num[2] = r->lot;
	f.num[3] = r->min_qty;
	f.num[4] = r->min_notional_e8;
	f.num[5] = r->fee.taker_e8;
	f.num[6] = r->fee.maker_e8;
	f.num[7] = r->fee.in;
	scribe_put(d, &f);
	engine_refresh_tick(e, instrument);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		desk_bind_instance(d, i, d->instance[i].script);
}

static void on_position(void *core, uint16_t account, uint32_t instrument, int64_t qty_long,
			int64_t qty_short, int64_t venue_ns)
{
	reconcile_position(&enter(core, 0)->d, account, instrument, qty_long, qty_short, venue_ns);
}

static void on_lots(void *core, uint16_t account, uint32_t instrument,
		    const int64_t qty[side_max][2], int64_t venue_ns)
{
	today_told(&enter(core, 0)->d, account, instrument, qty, venue_ns);
}

static void on_balance(void *core, uint16_t account, asset_id asset, int64_t free_e8,
		       int64_t locked_e8, int64_t venue_ns)
{
	(void)venue_ns;
	reconcile_balance(&enter(core, 0)->d, account, asset, free_e8, locked_e8);
}

static void on_caps(void *core, uint32_t instrument, const struct caps *c)
{
	enter(core, 0)->d.instrument[instrument].caps = *c;
}

static int64_t fills_since(void *core, uint16_t account, uint32_t instrument,
			   char exec[VENUE_ID_TEXT])
{
	return watermark_since(&enter(core, 0)->d, account, instrument, exec);
}

static void on_clock(void *core, uint16_t venue, int64_t sent_ns, int64_t venue_recv_ns,
		     int64_t venue_send_ns, int64_t recv_ns)
{
	struct engine *e = enter(core, recv_ns);
	const int64_t stamp[4] = { sent_ns, venue_recv_ns, venue_send_ns, recv_ns };
	engine_record_clock(e, venue, stamp);
	engine_on_clock(e, venue, sent_ns, venue_recv_ns, venue_send_ns, recv_ns);
}

/* The first bytes of what could not be read, printable. */
static void quote_bytes(char *out, size_t cap, const uint8_t *p, size_t n)
{
	size_t at = 0;
	for (size_t i = 0; i < n && at + 5 < cap; i++) {
		if (p[i] >= ' ' && p[i] < 127)
			out[at++] = (char)p[i];
		else
			at += (size_t)snprintf(out + at, cap - at, "\\x%02x", p[i]);
	}
	out[at] = '\0';
}

static bool bad_receipt_room(struct engine *e)
{
	int64_t now_ns = e->d.now.mono_ns;
	if (now_ns - e->bad_second_ns >= 1000000000LL) {
		e->bad_second_ns = now_ns;
		e->bad_in_second = 0;
	}
	return ++e->bad_in_second <= BAD_RECEIPTS_PER_S;
}

/* Its receipt counts those before it that have none. */
static void bad_fact(struct engine *e, uint16_t venue, uint32_t instrument, struct fact *f,
		     uint64_t count)
{
	f->venue = e->d.names.venue[venue];
	if (instrument < e->d.cfg->n_instruments)
		scribe_instrument(&e->d, f, instrument);
	f->num[2] = (int64_t)count;
	e->bad_suppressed = 0;
	e->bad_venue = venue;
	scribe_put(&e->d, f);
}

/* Counted, and receipted with its first bytes; a storm is counted and not written out. */
static void tell_bad(struct engine *e, uint16_t venue, uint32_t instrument, enum bad_input what,
		     const char *why, const void *bytes, size_t n)
{
	e->d.stat.bad_inputs++;
	if (!bad_receipt_room(e)) {
		e->bad_suppressed++;
		return;
	}
	struct fact f;
	char head[56];
	fact_init(&f, FACT_BAD_INPUT);
	f.num[0] = what;
	f.num[1] = (int64_t)n;
	quote_bytes(head, sizeof head, bytes, n);
	fact_text(&f, "%s: %.48s%s%s", bad_input_name(what), why, n ? ": " : "", head);
	bad_fact(e, venue, instrument, &f, 1 + e->bad_suppressed);
}

static void on_bad(void *core, uint16_t venue, uint32_t instrument, enum bad_input what,
		   const char *why, const void *bytes, size_t n)
{
	struct engine *e = enter(core, 0);
	struct desk *d = &e->d;
	engine_record_line(e, PACK_BAD, venue, instrument, d->now.mono_ns);
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++)
		if (instrument == UINT32_MAX ? d->instrument[i].venue == venue : i == instrument)
			engine_doubt(e, i);
	tell_bad(e, venue, instrument, what, why, bytes, n);
}

void engine_note_storm(struct engine *e)
{
	if (!e->bad_suppressed || e->d.now.mono_ns - e->bad_second_ns < 1000000000LL)
		return;
	struct fact f;
	fact_init(&f, FACT_BAD_INPUT);
	fact_text(&f, "a storm of it: these were counted and not written out");
	bad_fact(e, e->bad_venue, UINT32_MAX, &f, e->bad_suppressed);
}

static void on_pause(void *core, uint16_t venue, int64_t until_ns, bool all)
{
	struct engine *e = enter(core, 0);
	struct desk_venue *v = &e->d.venue[venue];
	int64_t *bar = all ? &v->barred_until_ns : &v->opening_barred_until_ns;
	if (*bar < until_ns)
		*bar = until_ns;
}

static bool is_counted(void *core, const struct exec_report *r)
{
	return blotter_has_seen(&enter(core, 0)->d.blotter, r->account, r->instrument,
				r->venue_order, r->side, r->exec);
}

struct venue_host engine_venue_host(struct engine *e)
{
	return (struct venue_host){
		.core = e,
		.env = e->d.env,
		.on_state = on_state,
		.on_rule = on_rule,
		.on_soon = on_soon,
		.on_quote = on_quote,
		.on_depth = on_depth,
		.on_snapshot = on_snapshot,
		.on_feed_down = on_feed_down,
		.on_halt = engine_on_halt,
		.on_probe = on_probe,
		.on_trade = on_trade,
		.on_alive = on_alive,
		.on_exec = on_exec,
		.on_caps = on_caps,
		.fills_since = fills_since,
		.is_counted = is_counted,
		.on_reconciled = on_reconciled,
		.on_position = on_position,
		.on_lots = on_lots,
		.on_balance = on_balance,
		.on_clock = on_clock,
		.on_pause = on_pause,
		.on_bad = on_bad,
	};
}
