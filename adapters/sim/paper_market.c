/* What the recording makes of each book: believed by its numbers, held back until the whole book that it belongs behind has come. */
#include "adapters/sim/paper_parts.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

#define LEVELS 6000
#define RESTS  4096

static const char *const book_name[] = { "nothing", "best prices", "whole books",
					 "changes", "changes",	   "changes" };
_Static_assert(sizeof book_name / sizeof *book_name == paper_book_max, "a name for every kind");

const char *paper_book_name(enum paper_book b)
{
	return b < paper_book_max ? book_name[b] : "?";
}

static const uint8_t join_of[paper_book_max] = {
	[PAPER_NOTHING] = JOIN_WHOLE, [PAPER_BEST] = JOIN_WHOLE,
	[PAPER_WHOLE] = JOIN_WHOLE,   [PAPER_CHAIN] = JOIN_LAST_PLUS_1,
	[PAPER_LINKED] = JOIN_PREV,   [PAPER_IN_LINE] = JOIN_PREV_RESET
};

int paper_market_open(struct paper *p, uint32_t instrument)
{
	struct paper_market *m = &p->market[instrument];
	m->paper = p;
	m->held = calloc(PAPER_HELD, sizeof *m->held);
	int rc = m->held ? match_init(&m->match, LEVELS, RESTS, 1, paper_event, m)
			 : err_set(ERR_NOMEM, "no memory for a book");
	m->open = rc == 0;
	return rc;
}

static void forget_held(struct paper_market *m)
{
	for (uint32_t i = 0; i < m->n_held; i++)
		for (int s = 0; s < side_max; s++)
			free(m->held[i].level[s]);
	m->n_held = 0;
}

void paper_market_free(struct paper_market *m)
{
	if (m->held)
		forget_held(m);
	free(m->held);
	if (m->open)
		match_free(&m->match);
}

int64_t paper_number(const struct paper_market *m)
{
	return m->match.quote.seq > m->last_seq ? m->match.quote.seq : m->last_seq;
}

/* ---------------------------------------------------------------- chains */

static void take(struct paper_market *m, int64_t now_ns, const struct depth *d)
{
	match_market_depth(&m->match, now_ns, d);
	m->last_seq = d->last_seq;
	m->fresh = false;
}

/* The oldest gives way: a book that comes after so many is newer than it. */
static void hold(struct paper_market *m, const struct depth *d)
{
	if (m->n_held == PAPER_HELD) {
		for (int s = 0; s < side_max; s++)
			free(m->held[0].level[s]);
		memmove(m->held, m->held + 1, --m->n_held * sizeof *m->held);
	}
	struct paper_held *h = &m->held[m->n_held];
	h->d = *d;
	for (int s = 0; s < side_max; s++) {
		h->level[s] = malloc((d->n[s] + 1) * sizeof *h->level[s]);
		if (!h->level[s])
			return; /* the change is missing: the chain will say so */
		memcpy(h->level[s], d->level[s], d->n[s] * sizeof *h->level[s]);
		h->d.level[s] = h->level[s];
	}
	m->n_held++;
}

/* 1: it was taken, or is in the book already; 0: it does not follow. */
static bool follows(struct paper_market *m, const struct join_rule *r, int64_t now_ns,
		    const struct depth *d)
{
	if (join_follows(r, m->last_seq, d) || (m->fresh && join_overlaps(r, m->last_seq, d)))
		take(m, now_ns, d);
	else if (!join_old(r, m->last_seq, d))
		return false;
	return true;
}

static void lose(struct paper_market *m)
{
	m->known = false;
	forget_held(m);
}

static void change(struct paper_market *m, const struct join_rule *r, int64_t now_ns,
		   const struct depth *d)
{
	if (m->known && follows(m, r, now_ns, d))
		return;
	if (m->known)
		lose(m);
	hold(m, d);
}

static void whole(struct paper_market *m, const struct join_rule *r, int64_t now_ns,
		  const struct depth *d)
{
	if (m->known && d->prev_seq != JOIN_IN_LINE)
		return;		/* somebody asked for it; nobody needed it */
	m->match.depth_seq = 0; /* numbers may begin anew */
	m->match.quote.seq = 0;
	match_market_snapshot(&m->match, now_ns, d);
	m->last_seq = d->last_seq;
	m->known = m->fresh = true;
	for (uint32_t i = 0; i < m->n_held && m->known; i++)
		m->known = follows(m, r, now_ns, &m->held[i].d);
	if (m->known)
		forget_held(m);
}

/* ---------------------------------------------------------------- events */

/* A message that is all that is shown, under a number of our own. */
static void shown(struct paper_market *m, int64_t now_ns, struct depth d)
{
	d.first_seq = d.last_seq = ++m->made_seq;
	match_market_snapshot(&m->match, now_ns, &d);
	m->known = true;
}

static struct depth best(const struct quote *q, struct level level[side_max])
{
	struct depth d = { .venue_ns = q->venue_ns, .recv_ns = q->recv_ns };
	for (int s = 0; s < side_max; s++) {
		level[s] = (struct level){ q->px[s], q->qty[s] };
		d.level[s] = &level[s];
		d.n[s] = q->qty[s] > 0;
	}
	return d;
}

static void on_quote(struct paper *p, uint32_t i, const struct quote *q, int64_t now_ns, bool tell)
{
	struct paper_market *m = &p->market[i];
	const struct venue_host *h = &p->v.host;
	if (p->o.book[i] == PAPER_BEST) {
		struct level level[side_max];
		struct depth d = best(q, level);
		shown(m, now_ns, d);
		d.first_seq = d.last_seq = m->made_seq;
		if (tell)
			h->on_depth(h->core, i, &d);
		return;
	}
	if (m->known)
		match_market_quote(&m->match, now_ns, q);
	if (tell)
		h->on_quote(h->core, i, q);
}

static void on_levels(struct paper *p, uint32_t i, bool is_whole, const struct depth *d,
		      int64_t now_ns, bool tell)
{
	struct paper_market *m = &p->market[i];
	const struct venue_host *h = &p->v.host;
	const struct join_rule *r = &join_rules[join_of[p->o.book[i]]];
	if (p->o.book[i] == PAPER_BEST)
		return; /* what lies behind the best prices has no beginning in the recording */
	if (r->whole) {
		shown(m, now_ns, *d);
		is_whole = false; /* for the host a message as any other */
	} else if (is_whole || d->prev_seq == JOIN_IN_LINE) {
		whole(m, r, now_ns, d);
	} else {
		change(m, r, now_ns, d);
	}
	if (!tell)
		return;
	if (is_whole)
		h->on_snapshot(h->core, i, d);
	else
		h->on_depth(h->core, i, d);
}

static void on_line(struct paper *p, const struct pack_event *ev, int64_t now_ns, bool tell)
{
	const struct venue_host *h = &p->v.host;
	uint16_t v = p->v.index;
	if (ev->kind == PACK_DOWN)
		for (uint32_t i = 0; i < p->o.n_instruments; i++)
			if (p->market[i].open && p->market[i].known)
				lose(&p->market[i]);
	if (!tell)
		return;
	if (ev->kind == PACK_DOWN)
		h->on_feed_down(h->core, v);
	else if (ev->kind == PACK_ALIVE)
		h->on_alive(h->core, v, now_ns);
	else if (ev->kind == PACK_CLOCK)
		h->on_clock(h->core, v, ev->clock[0], ev->clock[1], ev->clock[2], ev->clock[3]);
	else if (ev->kind == PACK_BAD)
		h->on_bad(h->core, v, ev->instrument, BAD_UNKNOWN,
			  "could not be read when it was recorded", "", 0);
}

void paper_market(struct venue *v, const struct pack_event *ev, int64_t mono_ns, bool tell)
{
	struct paper *p = paper_of(v);
	uint32_t i = ev->instrument;
	p->now_ns = mono_ns;
	if (ev->kind > PACK_TRADE) {
		on_line(p, ev, mono_ns, tell);
		return;
	}
	if (i >= p->o.n_instruments || !p->market[i].open)
		return;
	if (ev->kind == PACK_QUOTE) {
		on_quote(p, i, &ev->quote, mono_ns, tell);
	} else if (ev->kind == PACK_TRADE) {
		if (p->market[i].known)
			match_market_trade(&p->market[i].match, mono_ns, &ev->trade);
		if (tell)
			p->v.host.on_trade(p->v.host.core, i, &ev->trade);
	} else {
		on_levels(p, i, ev->kind == PACK_SNAPSHOT, &ev->depth, mono_ns, tell);
	}
}

/* ---------------------------------------------------------------- what is asked */

void paper_tell_book(struct paper *p, uint32_t instrument, int64_t mono_ns)
{
	struct paper_market *m = &p->market[instrument];
	const struct venue_host *h = &p->v.host;
	bool chained = !join_rules[join_of[p->o.book[instrument]]].whole;
	if (!m->open || !m->known)
		return;
	struct depth d = { .recv_ns = mono_ns, .last_seq = chained ? m->last_seq : m->made_seq };
	for (int s = 0; s < side_max; s++) {
		d.n[s] = match_book(&m->match, (enum side)s, p->level[s], PACK_LEVELS);
		d.level[s] = p->level[s];
	}
	d.first_seq = d.last_seq;
	if (chained)
		h->on_snapshot(h->core, instrument, &d);
	else
		h->on_depth(h->core, instrument, &d);
}

void paper_tell_books(struct venue *v, int64_t mono_ns)
{
	struct paper *p = paper_of(v);
	for (uint32_t i = 0; i < p->o.n_instruments; i++)
		paper_tell_book(p, i, mono_ns);
}

bool paper_knows(const struct venue *v, uint32_t instrument)
{
	const struct paper *p = paper_of(v);
	return instrument < p->o.n_instruments && p->market[instrument].known;
}
