#include "adapters/sim/playback.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

/* What is known of one instrument. */
struct played {
	struct depth ahead; /* its first snapshot; of last_seq 0 and no levels: none */
	struct level *ahead_level[side_max];
	uint64_t ahead_number; /* that event of the recording; it is not told again */
	bool has_ahead, has_depth, has_quote;
	struct quote first; /* of the quotes */
	/* Of an instrument with best prices only: what its book shows. */
	struct quote book;
	int64_t seq;
};

struct playback {
	struct market_source source;
	struct playback_feed *feed;
	struct playback_event event; /* the next, when ready */
	bool ready, over, looking;
	int failed;	 /* told by the next pop */
	uint64_t number; /* of events of the recording so far */
	uint16_t told_ahead;
	struct played of[SOURCE_INSTRUMENTS];
	bool quote_waits; /* the change of the book was told, the quote comes next */
	struct source_event waiting;
	struct level level[side_max][PACK_LEVELS], change[side_max][2];
	int64_t last_ns;
	struct playback_stats stats;
};

/* ---------------------------------------------------------------- the venue's decimals */

static int cannot_say(const struct source_instrument *i, const char *what, unsigned have,
		      unsigned want)
{
	return err_set(
		ERR_CONFIG,
		"%s: the recording has %s of %u decimals, and the venue's %u cannot say one of "
		"them exactly: give it as many",
		i->symbol, what, have, want);
}

static bool rescale(int64_t *v, unsigned have, unsigned want)
{
	if (have == want)
		return true;
	if (have < want)
		return !__builtin_mul_overflow(*v, dec_pow10[want - have], v);
	if (*v % dec_pow10[have - want])
		return false;
	*v /= dec_pow10[have - want];
	return true;
}

static bool rescale_levels(struct playback *p, struct depth *d, const struct playback_event *e,
			   const struct source_instrument *i)
{
	if (e->px_dp == i->px_dp && e->qty_dp == i->qty_dp)
		return true;
	for (int s = 0; s < side_max; s++) {
		for (uint32_t k = 0; k < d->n[s]; k++) {
			struct level l = d->level[s][k];
			if (!rescale(&l.px, e->px_dp, i->px_dp) ||
			    !rescale(&l.qty, e->qty_dp, i->qty_dp))
				return false;
			p->level[s][k] = l;
		}
		d->level[s] = p->level[s];
	}
	return true;
}

static int to_venue(struct playback *p, struct playback_event *e)
{
	const struct source_instrument *i = &p->source.instrument[e->ev.instrument];
	struct pack_event *ev = &e->ev;
	bool good = true;
	for (int s = 0; ev->kind == PACK_QUOTE && s < side_max; s++)
		good = good && rescale(&ev->quote.px[s], e->px_dp, i->px_dp) &&
		       rescale(&ev->quote.qty[s], e->qty_dp, i->qty_dp);
	if (ev->kind == PACK_TRADE)
		good = rescale(&ev->trade.px, e->px_dp, i->px_dp) &&
		       rescale(&ev->trade.qty, e->qty_dp, i->qty_dp);
	if (ev->kind == PACK_DEPTH || ev->kind == PACK_SNAPSHOT)
		good = rescale_levels(p, &ev->depth, e, i);
	if (good)
		return 0;
	return e->px_dp > i->px_dp ? cannot_say(i, "prices", e->px_dp, i->px_dp)
				   : cannot_say(i, "quantities", e->qty_dp, i->qty_dp);
}

/* ---------------------------------------------------------------- the next event of the recording */

static bool best_only(const struct played *a)
{
	return a->has_quote && !a->has_depth;
}

/* Told already, ahead of all; or depth that begins long after a book was made of best prices. */
static bool skipped(const struct playback *p, const struct pack_event *ev)
{
	const struct played *a = &p->of[ev->instrument];
	if (a->has_ahead && a->ahead_number == p->number)
		return true;
	bool levels = ev->kind == PACK_DEPTH || ev->kind == PACK_SNAPSHOT;
	return levels && !p->looking && best_only(a);
}

static int fetch(struct playback *p)
{
	while (!p->ready && !p->over) {
		int rc = p->feed->ops->next(p->feed, &p->event);
		if (rc < 0)
			return rc;
		p->over = rc == 0;
		if (p->over)
			return 0;
		const struct pack_event *ev = &p->event.ev;
		p->number++;
		p->stats.lost += ev->kind == PACK_HOLE ? ev->lost : 0;
		if (ev->kind > PACK_TRADE) {
			p->stats.silent++;
			continue;
		}
		if (ev->instrument >= p->source.n_instruments)
			continue;
		if (skipped(p, ev))
			continue;
		rc = to_venue(p, &p->event);
		if (rc)
			return rc;
		p->ready = true;
	}
	return 0;
}

/* ---------------------------------------------------------------- a book from best prices */

static void change_side(struct playback *p, struct played *a, const struct quote *q, int s,
			struct depth *d)
{
	struct level *to = p->change[s];
	uint32_t n = 0;
	bool moved = a->book.qty[s] && (a->book.px[s] != q->px[s] || !q->qty[s]);
	if (moved)
		to[n++] = (struct level){ a->book.px[s], 0 };
	if (q->qty[s] && (moved || !a->book.qty[s] || a->book.qty[s] != q->qty[s]))
		to[n++] = (struct level){ q->px[s], q->qty[s] };
	d->level[s] = to;
	d->n[s] = n;
}

/* The change that makes the book what the quote says; then the quote. */
static void tell_book(struct playback *p, struct played *a, struct source_event *e)
{
	struct quote *q = &e->quote;
	q->seq = q->seq > a->seq ? q->seq : a->seq + 1;
	struct depth d = { .first_seq = a->seq + 1,
			   .last_seq = q->seq,
			   .prev_seq = a->seq,
			   .venue_ns = q->venue_ns,
			   .recv_ns = q->recv_ns };
	for (int s = 0; s < side_max; s++)
		change_side(p, a, q, s, &d);
	a->book = *q;
	a->seq = q->seq;
	p->waiting = *e;
	p->quote_waits = true;
	e->kind = SOURCE_DEPTH;
	e->depth = d;
}

static void start_book(struct playback *p, struct played *a)
{
	a->book = a->first;
	a->seq = a->first.seq > 1 ? a->first.seq - 1 : 1;
	a->ahead = (struct depth){ .last_seq = a->seq };
	for (int s = 0; s < side_max; s++) {
		a->ahead.level[s] = p->change[s];
		a->ahead.n[s] = a->first.qty[s] != 0;
		p->change[s][0] = (struct level){ a->first.px[s], a->first.qty[s] };
	}
}

/* ---------------------------------------------------------------- the source */

static bool more_ahead(struct playback *p)
{
	while (p->told_ahead < p->source.n_instruments && !p->of[p->told_ahead].has_ahead &&
	       !best_only(&p->of[p->told_ahead]))
		p->told_ahead++;
	return p->told_ahead < p->source.n_instruments;
}

static int64_t playback_next_ns(struct market_source *s)
{
	struct playback *p = (struct playback *)s;
	if (more_ahead(p))
		return s->first_ns;
	if (p->quote_waits)
		return p->last_ns;
	p->failed = p->failed ? p->failed : fetch(p);
	if (p->failed)
		return p->last_ns; /* due now: pop tells why */
	return p->ready ? p->event.line_ns : INT64_MAX;
}

static int pop_ahead(struct playback *p, struct source_event *out)
{
	uint16_t k = p->told_ahead++;
	struct played *a = &p->of[k];
	if (!a->has_ahead)
		start_book(p, a);
	*out = (struct source_event){ .time_ns = p->source.first_ns,
				      .venue = p->source.instrument[k].venue,
				      .instrument = k,
				      .kind = SOURCE_SNAPSHOT,
				      .depth = a->ahead };
	p->stats.events++;
	return 1;
}

static int pop_waiting(struct playback *p, struct source_event *out)
{
	*out = p->waiting;
	p->quote_waits = false;
	p->stats.events++;
	return 1;
}

static int playback_pop(struct market_source *s, struct source_event *out)
{
	static const uint8_t kinds[] = { [PACK_QUOTE] = SOURCE_QUOTE,
					 [PACK_DEPTH] = SOURCE_DEPTH,
					 [PACK_SNAPSHOT] = SOURCE_SNAPSHOT,
					 [PACK_TRADE] = SOURCE_TRADE };
	struct playback *p = (struct playback *)s;
	if (more_ahead(p))
		return pop_ahead(p, out);
	if (p->quote_waits)
		return pop_waiting(p, out);
	int rc = p->failed ? p->failed : fetch(p);
	if (rc || !p->ready)
		return rc;
	const struct pack_event *ev = &p->event.ev;
	p->ready = false;
	p->last_ns = p->event.line_ns;
	*out = (struct source_event){ .time_ns = p->event.line_ns,
				      .venue = s->instrument[ev->instrument].venue,
				      .instrument = (uint16_t)ev->instrument,
				      .kind = kinds[ev->kind] };
	if (ev->kind == PACK_QUOTE)
		out->quote = ev->quote;
	else if (ev->kind == PACK_TRADE)
		out->trade = ev->trade;
	else
		out->depth = ev->depth;
	if (ev->kind == PACK_QUOTE && best_only(&p->of[ev->instrument]))
		tell_book(p, &p->of[ev->instrument], out);
	p->stats.events++;
	return 1;
}

static int playback_rewind(struct market_source *s)
{
	struct playback *p = (struct playback *)s;
	p->ready = p->over = p->quote_waits = false;
	p->failed = 0;
	p->number = 0;
	p->told_ahead = 0;
	p->last_ns = s->first_ns;
	p->stats = (struct playback_stats){ 0 };
	return p->feed->ops->rewind(p->feed);
}

static void playback_free(struct market_source *s)
{
	struct playback *p = (struct playback *)s;
	for (int k = 0; k < SOURCE_INSTRUMENTS; k++)
		for (int side = 0; side < side_max; side++)
			free(p->of[k].ahead_level[side]);
	free(p);
}

static const struct source_ops ops = { .name = "playback",
				       .next_ns = playback_next_ns,
				       .pop = playback_pop,
				       .rewind = playback_rewind,
				       .free = playback_free };

/* ---------------------------------------------------------------- opening */

static int keep_snapshot(struct playback *p, struct played *a, const struct depth *d)
{
	struct depth ahead = *d;
	for (int s = 0; s < side_max; s++) {
		size_t n = d->n[s] ? d->n[s] : 1;
		a->ahead_level[s] = calloc(n, sizeof(struct level));
		if (!a->ahead_level[s])
			return err_set(ERR_NOMEM, "no memory for a snapshot of a recording");
		memcpy(a->ahead_level[s], d->level[s], d->n[s] * sizeof(struct level));
		ahead.level[s] = a->ahead_level[s];
	}
	a->ahead = ahead;
	a->has_ahead = true;
	a->ahead_number = p->number;
	return 0;
}

/* Reads on from the start: when it begins, and what there is of each instrument. */
static int look_ahead(struct playback *p)
{
	bool any = false;
	p->looking = true;
	int rc = fetch(p);
	while (!rc && p->ready && p->number < PLAYBACK_AHEAD) {
		const struct pack_event *ev = &p->event.ev;
		struct played *a = &p->of[ev->instrument];
		if (!any)
			p->source.first_ns = p->event.line_ns;
		any = true;
		if (ev->kind == PACK_QUOTE && !a->has_quote) {
			a->has_quote = true;
			a->first = ev->quote;
		}
		a->has_depth |= ev->kind == PACK_DEPTH || ev->kind == PACK_SNAPSHOT;
		if (ev->kind == PACK_SNAPSHOT && !a->has_ahead)
			rc = keep_snapshot(p, a, &ev->depth);
		p->ready = false;
		rc = rc ? rc : fetch(p);
	}
	p->looking = false;
	if (rc)
		return rc;
	if (!any && p->ready) { /* nothing of them for as long, then something */
		p->source.first_ns = p->event.line_ns;
		any = true;
	}
	return any ? 0
		   : err_set(ERR_NOTFOUND, "the recording has no prices of %s%s",
			     p->source.instrument[0].symbol,
			     p->source.n_instruments > 1 ? " and the others" : "");
}

int playback_open(struct playback_feed *feed, const struct source_instrument *i, uint16_t n,
		  struct market_source **out)
{
	*out = NULL;
	if (!n || n > SOURCE_INSTRUMENTS)
		return err_set(ERR_ARG, "a recording is played for 1 to %d instruments",
			       SOURCE_INSTRUMENTS);
	struct playback *p = calloc(1, sizeof *p);
	if (!p)
		return err_set(ERR_NOMEM, "no memory to play a recording");
	p->source.ops = &ops;
	p->source.n_instruments = n;
	memcpy(p->source.instrument, i, n * sizeof *i);
	p->feed = feed;
	int rc = feed->ops->want(feed, p->source.instrument, n);
	if (!rc)
		rc = playback_rewind(&p->source);
	if (!rc)
		rc = look_ahead(p);
	if (!rc)
		rc = playback_rewind(&p->source);
	if (rc) {
		playback_free(&p->source);
		return rc;
	}
	*out = &p->source;
	return 0;
}

const struct playback_stats *playback_stats(const struct market_source *s)
{
	return s->ops == &ops ? &((const struct playback *)s)->stats : NULL;
}
