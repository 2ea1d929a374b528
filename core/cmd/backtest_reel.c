#include "core/cmd/backtest_reel.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "store/blocks.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOOK	   50000 /* events that are looked at to learn how a book is made */
#define NONE	   UINT32_MAX
#define NO_VENUE   UINT16_MAX
#define START_MONO 1000000000LL

struct store_reader {
	struct blocks *blocks;
	uint32_t *instrument_of; /* recorded -> the configuration's, as far as met */
	uint32_t n_known;
	struct blocks_event next;
	bool ready, over;
};

struct reel {
	const struct config *cfg;
	struct store_reader store[REEL_STORES];
	unsigned n_stores;
	char (*recorded)[32]; /* by venue; empty: it is not recorded */
	bool *has_clock;
	uint8_t *book;
	int64_t first_ns, last_ns, utc_minus_mono_ns;
	struct level *level[side_max];
	struct reel_stats stats;
	struct reel_event next; /* of ours, when at hand */
	bool at_hand;
	int failed; /* told by the next call of reel_next */
	int64_t given_ns;
};

/* ---------------------------------------------------------------- who is who */

/* The same letters and digits, as venues write them in their own ways. */
static bool alike(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a && !isalnum((unsigned char)*a))
			a++;
		while (*b && !isalnum((unsigned char)*b))
			b++;
		if (toupper((unsigned char)*a) != toupper((unsigned char)*b))
			return false;
		if (!*a)
			return true;
	}
}

static bool is_same(const struct instrument *i, const struct pack_instrument *recorded)
{
	return alike(i->symbol, recorded->symbol) || strcmp(i->name, recorded->name) == 0;
}

static uint32_t find_instrument(const struct reel *r, const char *venue,
				const struct pack_instrument *recorded)
{
	for (uint32_t i = 0; i < r->cfg->n_instruments; i++) {
		const struct instrument *in = &r->cfg->instrument[i];
		if (strcmp(r->recorded[in->venue], venue) == 0 && is_same(in, recorded))
			return i;
	}
	return NONE;
}

static bool has_venue(const struct reel *r, const char *name)
{
	for (unsigned s = 0; s < r->n_stores; s++) {
		const char *venue;
		for (uint16_t v = 0; (venue = blocks_venue(r->store[s].blocks, v)); v++)
			if (strcmp(venue, name) == 0)
				return true;
	}
	return false;
}

static void list_venues(const struct reel *r, char *out, size_t cap)
{
	size_t n = 0;
	out[0] = '\0';
	for (unsigned s = 0; s < r->n_stores; s++) {
		const char *venue;
		for (uint16_t v = 0; (venue = blocks_venue(r->store[s].blocks, v)) && n < cap; v++)
			if (!strstr(out, venue))
				n += (size_t)snprintf(out + n, cap - n, "%s%s", n ? ", " : "",
						      venue);
	}
}

/* The one recorded venue that has not been given away, if there is one venue left to be found. */
static bool only_other(const struct reel *r, char out[32])
{
	unsigned found = 0, wanting = 0;
	for (uint16_t v = 0; v < r->cfg->n_venues; v++)
		wanting += !r->recorded[v][0];
	for (unsigned s = 0; s < r->n_stores && wanting == 1; s++) {
		const char *venue;
		for (uint16_t v = 0; (venue = blocks_venue(r->store[s].blocks, v)); v++) {
			bool taken = strcmp(venue, out) == 0 && found;
			for (uint16_t k = 0; k < r->cfg->n_venues; k++)
				taken |= strcmp(r->recorded[k], venue) == 0;
			if (!taken)
				snprintf(out, 32, "%s", venue);
			found += !taken;
		}
	}
	return found == 1;
}

static int choose_venues(struct reel *r, const struct reel_options *o)
{
	char names[256];
	list_venues(r, names, sizeof names);
	for (unsigned a = 0; a < o->n_aliases; a++) {
		uint16_t v = 0;
		while (v < r->cfg->n_venues &&
		       strcmp(r->cfg->venue[v].name, o->alias[a].venue) != 0)
			v++;
		if (v == r->cfg->n_venues)
			return err_set(ERR_NOTFOUND,
				       "--venue %s=%s: the configuration has no venue %s",
				       o->alias[a].venue, o->alias[a].recorded, o->alias[a].venue);
		if (!has_venue(r, o->alias[a].recorded))
			return err_set(
				ERR_NOTFOUND,
				"--venue %s=%s: nothing is recorded under that name; there is: %s",
				o->alias[a].venue, o->alias[a].recorded, names);
		memcpy(r->recorded[v], o->alias[a].recorded, sizeof r->recorded[v]);
	}
	for (uint16_t v = 0; v < r->cfg->n_venues; v++)
		if (!r->recorded[v][0] && has_venue(r, r->cfg->venue[v].name))
			memcpy(r->recorded[v], r->cfg->venue[v].name, sizeof r->recorded[v]);
	char other[32] = "";
	if (only_other(r, other))
		for (uint16_t v = 0; v < r->cfg->n_venues; v++)
			if (!r->recorded[v][0])
				memcpy(r->recorded[v], other, sizeof other);
	return 0;
}

/* ---------------------------------------------------------------- the line */

static int fill(struct store_reader *s)
{
	if (s->ready || s->over)
		return 0;
	int rc = blocks_next(s->blocks, &s->next);
	s->ready = rc == 1;
	s->over = rc == 0;
	return rc < 0 ? rc : 0;
}

static struct store_reader *earliest(struct reel *r)
{
	struct store_reader *first = NULL;
	for (unsigned k = 0; k < r->n_stores; k++) {
		struct store_reader *s = &r->store[k];
		if (s->ready && (!first || s->next.line_ns < first->next.line_ns))
			first = s;
	}
	return first;
}

static int learn(struct reel *r, struct store_reader *s, uint32_t instrument)
{
	uint32_t *more = realloc(s->instrument_of, (instrument + 1u) * sizeof *more);
	if (!more)
		return err_set(ERR_NOMEM, "no memory for the instruments of a recording");
	s->instrument_of = more;
	for (; s->n_known <= instrument; s->n_known++) {
		const struct blocks_instrument *b = blocks_instrument(s->blocks, s->n_known);
		more[s->n_known] = find_instrument(r, blocks_venue(s->blocks, b->venue), &b->i);
	}
	return 0;
}

static uint16_t venue_of(const struct reel *r, const struct store_reader *s, uint16_t recorded)
{
	const char *name = blocks_venue(s->blocks, recorded);
	for (uint16_t v = 0; v < r->cfg->n_venues; v++)
		if (strcmp(r->recorded[v], name) == 0)
			return v;
	return NO_VENUE;
}

static bool to_dp(int64_t *v, unsigned have, unsigned want)
{
	if (have <= want)
		return !__builtin_mul_overflow(*v, dec_pow10[want - have], v);
	bool exact = *v % dec_pow10[have - want] == 0;
	*v /= dec_pow10[have - want];
	return exact;
}

static bool rescale(struct reel *r, struct pack_event *ev, const struct pack_instrument *from,
		    const struct instrument *to)
{
	bool good = true, depth = ev->kind == PACK_DEPTH || ev->kind == PACK_SNAPSHOT;
	if (from->px_dp == to->px_dp && from->qty_dp == to->qty_dp)
		return true;
	if (ev->kind == PACK_TRADE)
		return to_dp(&ev->trade.px, from->px_dp, to->px_dp) &&
		       to_dp(&ev->trade.qty, from->qty_dp, to->qty_dp);
	for (int s = 0; s < side_max; s++) {
		if (ev->kind == PACK_QUOTE)
			good = to_dp(&ev->quote.px[s], from->px_dp, to->px_dp) &&
			       to_dp(&ev->quote.qty[s], from->qty_dp, to->qty_dp) && good;
		for (uint32_t k = 0; depth && k < ev->depth.n[s]; k++) {
			r->level[s][k] = ev->depth.level[s][k];
			good = to_dp(&r->level[s][k].px, from->px_dp, to->px_dp) &&
			       to_dp(&r->level[s][k].qty, from->qty_dp, to->qty_dp) && good;
		}
		if (depth)
			ev->depth.level[s] = r->level[s];
	}
	return good;
}

/* Arrival on our line of time. A stamp of a venue whose clock nobody asked about would only be a guess. */
static void stamp(const struct reel *r, struct reel_event *e)
{
	int64_t mono = e->line_ns - r->utc_minus_mono_ns;
	bool keep = r->has_clock[e->venue];
	struct pack_event *ev = &e->ev;
	if (ev->kind == PACK_QUOTE) {
		ev->quote.recv_ns = mono;
		ev->quote.venue_ns = keep ? ev->quote.venue_ns : 0;
	} else if (ev->kind == PACK_DEPTH || ev->kind == PACK_SNAPSHOT) {
		ev->depth.recv_ns = mono;
		ev->depth.venue_ns = keep ? ev->depth.venue_ns : 0;
	} else if (ev->kind == PACK_TRADE) {
		ev->trade.recv_ns = mono;
		ev->trade.venue_ns = keep ? ev->trade.venue_ns : 0;
	} else if (ev->kind == PACK_CLOCK) {
		ev->clock[0] += mono - ev->clock[3];
		ev->clock[3] = mono;
	}
}

/* 1: it is one of ours. */
static int map_event(struct reel *r, struct store_reader *s, struct reel_event *out)
{
	*out = (struct reel_event){ .ev = s->next.ev, .line_ns = s->next.line_ns };
	out->venue = venue_of(r, s, s->next.venue);
	if (out->venue == NO_VENUE)
		return 0;
	uint32_t at = out->ev.instrument;
	if (at < BAD_NO_BOOK) {
		int rc = at < s->n_known ? 0 : learn(r, s, at);
		if (rc)
			return rc;
		out->ev.instrument = s->instrument_of[at];
		if (out->ev.instrument == NONE)
			return 0;
		const struct instrument *to = &r->cfg->instrument[out->ev.instrument];
		const struct pack_instrument *from = &blocks_instrument(s->blocks, at)->i;
		if (out->ev.kind <= PACK_TRADE && !rescale(r, &out->ev, from, to))
			return err_set(
				ERR_CONFIG,
				"%s: the recording has prices of %u decimals and quantities of %u, and px_dp = %u, qty_dp = %u "
				"of the configuration cannot say one of them exactly: give it as many",
				to->name, from->px_dp, from->qty_dp, to->px_dp, to->qty_dp);
	} else if (out->ev.kind <= PACK_TRADE) {
		return 0;
	}
	stamp(r, out);
	return 1;
}

/* The next one of ours is at hand, or it is over (0), or it broke. */
static int peek(struct reel *r)
{
	while (!r->at_hand) {
		int rc = 0;
		for (unsigned k = 0; k < r->n_stores && !rc; k++)
			rc = fill(&r->store[k]);
		struct store_reader *s = rc ? NULL : earliest(r);
		if (!s)
			return rc;
		rc = map_event(r, s, &r->next);
		s->ready = false;
		if (rc < 0)
			return rc;
		r->at_hand = rc == 1;
	}
	return 1;
}

int64_t reel_next_ns(struct reel *r)
{
	r->failed = r->failed ? r->failed : peek(r);
	bool more = r->failed == 1;
	r->failed = r->failed < 0 ? r->failed : 0;
	return r->failed ? r->given_ns : more ? r->next.line_ns : INT64_MAX;
}

int reel_next(struct reel *r, struct reel_event *out)
{
	int rc = r->failed ? r->failed : peek(r);
	if (rc != 1)
		return rc;
	*out = r->next;
	r->at_hand = false;
	r->given_ns = out->line_ns;
	r->stats.events++;
	r->stats.quotes += out->ev.kind < PACK_TRADE;
	r->stats.lost += out->ev.kind == PACK_HOLE ? out->ev.lost : 0;
	r->stats.breaks += out->ev.kind == PACK_DOWN;
	return 1;
}

int reel_rewind(struct reel *r)
{
	int rc = 0;
	r->stats = (struct reel_stats){ 0 };
	r->at_hand = false;
	for (unsigned k = 0; k < r->n_stores && !rc; k++) {
		r->store[k].ready = r->store[k].over = false;
		rc = blocks_rewind(r->store[k].blocks);
		if (!rc)
			rc = fill(&r->store[k]);
	}
	return rc;
}

/* ---------------------------------------------------------------- what is there */

struct seen {
	bool quote, depth, snapshot, linked, in_line, numbered;
};

static uint8_t book_of(const struct seen *s, const char *adapter)
{
	if (strcmp(adapter, "diff") == 0 && (s->depth || s->snapshot))
		return PAPER_WHOLE;
	if (s->in_line)
		return PAPER_IN_LINE;
	if (s->depth && s->snapshot)
		return s->linked ? PAPER_LINKED : s->numbered ? PAPER_CHAIN : PAPER_WHOLE;
	if (s->quote)
		return PAPER_BEST;
	if (s->snapshot || (s->depth && !s->numbered))
		return PAPER_WHOLE;
	return s->depth ? s->linked ? PAPER_LINKED : PAPER_CHAIN : PAPER_NOTHING;
}

static void see(struct seen *s, const struct pack_event *ev)
{
	s->quote |= ev->kind == PACK_QUOTE;
	s->snapshot |= ev->kind == PACK_SNAPSHOT;
	if (ev->kind == PACK_DEPTH) {
		s->depth = true;
		s->linked |= ev->depth.prev_seq != 0;
		s->numbered |= ev->depth.last_seq != 0;
	}
	if (ev->kind == PACK_DEPTH || ev->kind == PACK_SNAPSHOT)
		s->in_line |= ev->depth.prev_seq == JOIN_IN_LINE;
}

static int look_ahead(struct reel *r)
{
	const struct config *c = r->cfg;
	struct seen *seen = calloc(c->n_instruments + 1u, sizeof *seen);
	struct reel_event e;
	int rc = seen ? reel_rewind(r) : err_set(ERR_NOMEM, "no memory to look into a recording");
	for (int k = 0; k < LOOK && !rc && (rc = reel_next(r, &e)) == 1; k++, rc = 0) {
		if (e.ev.kind == PACK_CLOCK)
			r->has_clock[e.venue] = true;
		else if (e.ev.kind <= PACK_TRADE)
			see(&seen[e.ev.instrument], &e.ev);
	}
	for (uint32_t i = 0; i < c->n_instruments && !rc; i++)
		r->book[i] = book_of(&seen[i], c->venue[c->instrument[i].venue].adapter);
	free(seen);
	return rc ? rc : reel_rewind(r);
}

static int all_there(const struct reel *r, const struct reel_options *o)
{
	char names[256];
	list_venues(r, names, sizeof names);
	for (uint32_t i = 0; i < r->cfg->n_instruments; i++) {
		const struct instrument *in = &r->cfg->instrument[i];
		const char *venue = r->cfg->venue[in->venue].name;
		if (!o->wanted[i] || r->book[i] != PAPER_NOTHING)
			continue;
		if (!r->recorded[in->venue][0])
			return err_set(
				ERR_NOTFOUND,
				"nothing is recorded under the name of venue %s, and %s is traded there; the recording has: %s; say "
				"which of them it is with --venue %s=NAME",
				venue, in->name, names, venue);
		return err_set(
			ERR_NOTFOUND,
			"no prices of %s (symbol %s) in the first %d events that were recorded of %s",
			in->name, in->symbol, LOOK, r->recorded[in->venue]);
	}
	return 0;
}

/* ---------------------------------------------------------------- opening */

/* When this venue was recorded in a store; false: it was not. */
static bool span_of(const char *path, const char *venue, int64_t *first_ns, int64_t *last_ns)
{
	struct blocks *b;
	if (blocks_open(path, &(struct blocks_filter){ .venue = venue }, &b))
		return false;
	bool any = blocks_span(b, first_ns, last_ns);
	blocks_close(b);
	return any;
}

/* A market that is told twice at one time would trade twice as much, and its numbers would run backwards. */
static int no_overlap(const struct reel_options *o, const char *venue)
{
	int64_t first[REEL_STORES], last[REEL_STORES];
	unsigned from[REEL_STORES], n = 0;
	for (unsigned k = 0; k < o->n_paths; k++) {
		if (!span_of(o->path[k], venue, &first[n], &last[n]))
			continue;
		for (unsigned i = 0; i < n; i++)
			if (first[i] <= last[n] && first[n] <= last[i])
				return err_set(
					ERR_CONFIG,
					"%s and %s: both have %s at the same time; give recordings that follow each other",
					o->path[from[i]], o->path[k], venue);
		from[n++] = k;
	}
	return 0;
}

static int no_overlaps(const struct reel *r, const struct reel_options *o)
{
	int rc = 0;
	for (uint16_t v = 0; v < r->cfg->n_venues && r->n_stores > 1 && !rc; v++)
		if (r->recorded[v][0])
			rc = no_overlap(o, r->recorded[v]);
	return rc;
}

static int open_stores(struct reel *r, const struct reel_options *o)
{
	if (o->n_paths > REEL_STORES)
		return err_set(ERR_ARG, "at most %d recordings at once", REEL_STORES);
	r->first_ns = INT64_MAX;
	r->last_ns = INT64_MIN;
	for (unsigned k = 0; k < o->n_paths; k++) {
		int64_t first = 0, last = 0;
		int rc = blocks_open(o->path[k], &(struct blocks_filter){ .to_ns = o->to_ns },
				     &r->store[k].blocks);
		if (rc)
			return rc;
		r->n_stores++;
		if (!blocks_span(r->store[k].blocks, &first, &last))
			continue;
		r->first_ns = first < r->first_ns ? first : r->first_ns;
		r->last_ns = last > r->last_ns ? last : r->last_ns;
	}
	if (r->first_ns > r->last_ns)
		return err_set(ERR_NOTFOUND, "nothing is recorded in that time");
	r->utc_minus_mono_ns = r->first_ns - START_MONO;
	return 0;
}

int reel_open(const struct reel_options *o, struct reel **out)
{
	struct reel *r = calloc(1, sizeof *r);
	*out = NULL;
	if (!r)
		return err_set(ERR_NOMEM, "no memory to read recordings");
	r->cfg = o->cfg;
	r->recorded = calloc(o->cfg->n_venues + 1u, sizeof *r->recorded);
	r->has_clock = calloc(o->cfg->n_venues + 1u, sizeof *r->has_clock);
	r->book = calloc(o->cfg->n_instruments + 1u, 1);
	for (int s = 0; s < side_max; s++)
		r->level[s] = malloc(PACK_LEVELS * sizeof *r->level[s]);
	int rc = r->recorded && r->has_clock && r->book && r->level[0] && r->level[1]
			 ? open_stores(r, o)
			 : err_set(ERR_NOMEM, "no memory to read recordings");
	if (!rc)
		rc = choose_venues(r, o);
	if (!rc)
		rc = no_overlaps(r, o);
	if (!rc)
		rc = look_ahead(r);
	if (!rc)
		rc = all_there(r, o);
	if (rc)
		reel_close(r);
	else
		*out = r;
	return rc;
}

void reel_close(struct reel *r)
{
	if (!r)
		return;
	for (unsigned k = 0; k < r->n_stores; k++) {
		blocks_close(r->store[k].blocks);
		free(r->store[k].instrument_of);
	}
	for (int s = 0; s < side_max; s++)
		free(r->level[s]);
	free(r->recorded);
	free(r->has_clock);
	free(r->book);
	free(r);
}

void reel_span(const struct reel *r, int64_t *first_ns, int64_t *last_ns)
{
	*first_ns = r->first_ns;
	*last_ns = r->last_ns;
}

int64_t reel_utc_minus_mono_ns(const struct reel *r)
{
	return r->utc_minus_mono_ns;
}

const uint8_t *reel_books(const struct reel *r)
{
	return r->book;
}

const char *reel_recorded_as(const struct reel *r, uint16_t venue)
{
	return r->recorded[venue][0] ? r->recorded[venue] : NULL;
}

bool reel_has_clock(const struct reel *r, uint16_t venue)
{
	return r->has_clock[venue];
}

const struct reel_stats *reel_stats(const struct reel *r)
{
	return &r->stats;
}
