#include "adapters/sim/paper.h"

#include "adapters/sim/paper_parts.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdlib.h>
#include <string.h>

#define CLOCK_EVERY_NS 1000000000LL

/* ---------------------------------------------------------------- the ways */

struct paper_message *paper_send(struct paper *p, struct paper_way *w, int64_t way_ns,
				 enum paper_message_kind kind)
{
	if (w->n == w->cap) {
		size_t cap = w->cap ? 2 * w->cap : 64;
		struct paper_message *more = malloc(cap * sizeof *more);
		must(more);
		for (size_t i = 0; i < w->n; i++)
			more[i] = w->at[(w->first + i) % w->cap];
		free(w->at);
		w->at = more;
		w->first = 0;
		w->cap = cap;
	}
	struct paper_message *m = &w->at[(w->first + w->n++) % w->cap];
	*m = (struct paper_message){ .at_ns = p->now_ns + way_ns,
				     .sent_ns = p->now_ns,
				     .kind = (uint8_t)kind };
	return m;
}

static int64_t way_next(const struct paper_way *w)
{
	return w->n ? w->at[w->first].at_ns : INT64_MAX;
}

static struct paper_message way_take(struct paper_way *w)
{
	struct paper_message m = w->at[w->first];
	w->first = (w->first + 1) % w->cap;
	w->n--;
	return m;
}

/* ---------------------------------------------------------------- the port */

/* A send is of the host's turn; what arrives is of the message's own time. */
static void at_hosts_time(struct paper *p)
{
	struct env_now now;
	env_now(p->v.host.env, &now);
	p->now_ns = now.mono_ns;
}

static uint64_t decode_id(const char *client, size_t n)
{
	char text[VENUE_CLIENT_ID] = "";
	if (n >= sizeof text)
		return 0;
	memcpy(text, client, n);
	return strtoull(text, NULL, 16);
}

static enum depth_rule depth_rule(const struct venue *v, uint32_t instrument)
{
	static const uint8_t rule[paper_book_max] = {
		[PAPER_NOTHING] = DEPTH_WHOLE,	     [PAPER_BEST] = DEPTH_WHOLE,
		[PAPER_WHOLE] = DEPTH_WHOLE,	     [PAPER_CHAIN] = DEPTH_NEXT_IS_LAST_PLUS_1,
		[PAPER_LINKED] = DEPTH_PREV_IS_LAST, [PAPER_IN_LINE] = DEPTH_PREV_IS_LAST
	};
	return rule[paper_of(v)->o.book[instrument]];
}

static void tell_caps(struct paper *p)
{
	const struct caps usual = { .types = 1u << ORD_LIMIT | 1u << ORD_MARKET |
					     1u << ORD_POST_ONLY,
				    .tifs = 1u << TIF_GTC | 1u << TIF_IOC | 1u << TIF_FOK,
				    .offsets = 1u << OFFSET_NONE,
				    .self_trades = UINT8_MAX };
	for (uint32_t i = 0; i < p->o.n_instruments; i++)
		if (p->o.instrument[i].venue == p->v.index && !p->o.instrument[i].caps.types)
			p->v.host.on_caps(p->v.host.core, i, &usual);
}

static int start(struct venue *v)
{
	struct paper *p = paper_of(v);
	at_hosts_time(p);
	tell_caps(p);
	venue_set_state(v, VENUE_RECONCILING, "a recording");
	(void)paper_send(p, &p->in, p->o.in_ns, PAPER_RECONCILE);
	return 0;
}

static void stop(struct venue *v)
{
	venue_set_state(v, VENUE_DOWN, "stopped");
}

static int place(struct venue *v, const struct order *o)
{
	struct paper *p = paper_of(v);
	uint32_t slot;
	at_hosts_time(p);
	int rc = paper_take_order(p, o, &slot);
	if (!rc)
		paper_send(p, &p->in, p->o.in_ns, PAPER_PLACE)->slot = slot;
	return rc;
}

static int ask_about(struct venue *v, const struct order *o, enum paper_message_kind kind)
{
	struct paper *p = paper_of(v);
	uint32_t slot;
	at_hosts_time(p);
	if (!map_get(&p->slot_of, o->id, &slot))
		return err_set(ERR_NOTFOUND, "it was never sent here");
	paper_send(p, &p->in, p->o.in_ns, kind)->slot = slot;
	return 0;
}

static int cancel(struct venue *v, const struct order *o)
{
	return ask_about(v, o, PAPER_CANCEL);
}

static int query(struct venue *v, const struct order *o)
{
	return ask_about(v, o, PAPER_QUERY);
}

static int reconcile(struct venue *v)
{
	struct paper *p = paper_of(v);
	at_hosts_time(p);
	(void)paper_send(p, &p->in, p->o.in_ns, PAPER_RECONCILE);
	return 0;
}

static int ask_market(struct venue *v, uint32_t instrument, enum paper_message_kind kind)
{
	struct paper *p = paper_of(v);
	at_hosts_time(p);
	paper_send(p, &p->in, p->o.in_ns, kind)->instrument = instrument;
	return 0;
}

static int snapshot(struct venue *v, uint32_t instrument)
{
	return ask_market(v, instrument, PAPER_SNAPSHOT);
}

static int probe(struct venue *v, uint32_t instrument)
{
	return ask_market(v, instrument, PAPER_PROBE);
}

/* A clock that nobody asked about when it was recorded is the host's own: its stamps are not told either. */
static void tell_clock(struct paper *p, int64_t mono_ns)
{
	int64_t there_ns = mono_ns + p->o.utc_minus_mono_ns;
	if (p->o.own_clock)
		return;
	p->clock_ns = mono_ns;
	p->v.host.on_clock(p->v.host.core, p->v.index, mono_ns, there_ns, there_ns, mono_ns);
}

static void on_time(struct venue *v, int64_t mono_ns)
{
	struct paper *p = paper_of(v);
	if (!p->clock_ns || mono_ns - p->clock_ns >= CLOCK_EVERY_NS)
		tell_clock(p, mono_ns);
}

static void paper_free(struct venue *v)
{
	struct paper *p = paper_of(v);
	for (uint32_t i = 0; p->market && i < p->o.n_instruments; i++)
		paper_market_free(&p->market[i]);
	for (int s = 0; s < side_max; s++)
		free(p->level[s]);
	free(p->market);
	free(p->in.at);
	free(p->out.at);
	free(p->order);
	free(p->row);
	map_free(&p->slot_of);
	free(p);
}

static const struct venue_ops ops = {
	.name = "paper",
	.encode_id = paper_encode_id,
	.decode_id = decode_id,
	.depth_rule = depth_rule,
	.start = start,
	.stop = stop,
	.place = place,
	.cancel = cancel,
	.query = query,
	.reconcile = reconcile,
	.snapshot = snapshot,
	.probe = probe,
	.on_time = on_time,
	.free = paper_free,
};

int paper_open(const struct paper_options *o, struct venue **out)
{
	struct paper *p = calloc(1, sizeof *p);
	if (!p)
		return err_set(ERR_NOMEM, "no memory for a venue");
	p->v = (struct venue){ .ops = &ops, .host = o->host, .index = o->venue };
	p->o = *o;
	p->market = calloc(o->n_instruments + 1u, sizeof *p->market);
	for (int s = 0; s < side_max; s++)
		p->level[s] = malloc(PACK_LEVELS * sizeof *p->level[s]);
	int rc = p->market && p->level[0] && p->level[1]
			 ? 0
			 : err_set(ERR_NOMEM, "no memory for %u books", o->n_instruments);
	for (uint32_t i = 0; i < o->n_instruments && !rc; i++)
		if (o->instrument[i].venue == o->venue && o->book[i] != PAPER_NOTHING)
			rc = paper_market_open(p, i);
	if (rc)
		paper_free(&p->v);
	else
		*out = &p->v;
	return rc;
}

/* ---------------------------------------------------------------- driven */

int64_t paper_next(const struct venue *v)
{
	const struct paper *p = paper_of(v);
	int64_t in = way_next(&p->in), out = way_next(&p->out);
	return in < out ? in : out;
}

/* The book's number as of now goes back, for who wants to know whether he missed anything; none while it is not known. */
static void arrive_probe(struct paper *p, const struct paper_message *asked)
{
	const struct paper_market *m = &p->market[asked->instrument];
	if (!m->open || !m->known)
		return;
	struct paper_message *r = paper_send(p, &p->out, p->o.out_ns, PAPER_PROBED);
	r->instrument = asked->instrument;
	r->sent_ns = asked->sent_ns;
	r->number = m->made_seq ? m->made_seq : paper_number(m);
}

static void arrive(struct paper *p, const struct paper_message *m)
{
	p->now_ns = m->at_ns;
	if (m->kind == PAPER_PLACE)
		paper_arrive(p, m->slot);
	else if (m->kind == PAPER_CANCEL)
		paper_arrive_cancel(p, m->slot);
	else if (m->kind == PAPER_QUERY)
		paper_arrive_query(p, m->slot, 0);
	else if (m->kind == PAPER_RECONCILE)
		paper_arrive_reconcile(p);
	else if (m->kind == PAPER_PROBE)
		arrive_probe(p, m);
	else if (m->kind == PAPER_SNAPSHOT)
		paper_send(p, &p->out, p->o.out_ns, PAPER_BOOK)->instrument = m->instrument;
}

static void come_back(struct paper *p, struct paper_message *m)
{
	const struct venue_host *h = &p->v.host;
	p->now_ns = m->at_ns;
	if (m->kind == PAPER_REPORT) {
		m->report.recv_ns = m->at_ns;
		h->on_exec(h->core, &m->report);
	} else if (m->kind == PAPER_POSITION) {
		if (p->o.instrument[m->instrument].expo.kind != EXPO_SPOT)
			h->on_position(h->core, m->account, m->instrument, m->qty[SIDE_BUY],
				       m->qty[SIDE_SELL], m->sent_ns + p->o.utc_minus_mono_ns);
	} else if (m->kind == PAPER_RECONCILED) {
		tell_clock(p, m->at_ns);
		h->on_reconciled(h->core, p->v.index, true);
		venue_set_state(&p->v, VENUE_UP, "a recording");
	} else if (m->kind == PAPER_PROBED) {
		h->on_probe(h->core, m->instrument, m->number, m->sent_ns);
	} else if (m->kind == PAPER_BOOK) {
		paper_tell_book(p, m->instrument, m->at_ns);
	}
}

void paper_turn(struct venue *v, int64_t mono_ns)
{
	struct paper *p = paper_of(v);
	while (paper_next(v) <= mono_ns) {
		bool in = way_next(&p->in) <= way_next(&p->out);
		struct paper_message m = way_take(in ? &p->in : &p->out);
		if (in)
			arrive(p, &m);
		else
			come_back(p, &m);
	}
}

const struct paper_stats *paper_stats(const struct venue *v)
{
	return &paper_of(v)->stats;
}
