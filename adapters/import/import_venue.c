/* The venues and instruments that files speak of, found as they are met; counts, and what their clocks are told from. */
#include "adapters/import/import_parts.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_PX	 3 /* digits that prices may grow by, and quantities */
#define ROOM_QTY 5

static bool printable(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] <= ' ' || p[i] == 127)
			return false;
	return n > 0;
}

int venue_find(struct import *g, const char *name, size_t n)
{
	for (unsigned i = 0; i < g->n_venues; i++)
		if (strlen(g->venue[i].pub.name) == n && !memcmp(g->venue[i].pub.name, name, n))
			return (int)i;
	if (n >= sizeof g->venue->pub.name || !printable(name, n))
		return err_set(ERR_RANGE,
			       "\"%.*s\" is no name of a venue: 1 to 31 bytes without blanks",
			       (int)(n < 60 ? n : 60), name);
	if (g->n_venues == IMPORT_VENUES)
		return err_set(ERR_FULL, "more than %d venues", IMPORT_VENUES);
	struct venue_entry *v = &g->venue[g->n_venues];
	*v = (struct venue_entry){ .last_ns = INT64_MIN };
	memcpy(v->pub.name, name, n);
	v->pub.from_ns = INT64_MAX;
	v->pub.to_ns = INT64_MIN;
	const struct tsync_config c = { .max_min_delay_ns = g->o.max_min_delay_ns };
	int rc = tsync_open(&c, &v->sync);
	if (rc)
		return rc;
	v->source = tsync_source(v->sync, TSYNC_STREAM);
	return (int)g->n_venues++;
}

static int add_instrument(struct import *g, struct venue_entry *v, struct field symbol,
			  const struct csv_scale *px, const struct csv_scale *qty)
{
	struct pack_instrument i = {
		.px_dp = g->o.px_dp >= 0 ? (uint8_t)g->o.px_dp : csv_decimals(px, ROOM_PX),
		.qty_dp = g->o.qty_dp >= 0 ? (uint8_t)g->o.qty_dp : csv_decimals(qty, ROOM_QTY)
	};
	if (symbol.n >= sizeof i.symbol || !printable(symbol.p, symbol.n) ||
	    strlen(v->pub.name) + 1 + symbol.n >= sizeof i.name)
		return err_set(ERR_RANGE, "\"%.*s\" is no symbol: 1 to 31 bytes without blanks",
			       (int)(symbol.n < 60 ? symbol.n : 60), symbol.p);
	memcpy(i.symbol, symbol.p, symbol.n);
	size_t n = strlen(v->pub.name);
	memcpy(i.name, v->pub.name, n);
	i.name[n] = '.';
	memcpy(i.name + n + 1, i.symbol, symbol.n);
	if (v->pub.instruments == UINT16_MAX)
		return err_set(ERR_FULL, "%s has more than %u instruments", v->pub.name,
			       UINT16_MAX);
	if (v->pub.instruments == v->cap) {
		unsigned cap = v->cap ? 2u * v->cap : 16;
		cap = cap > UINT16_MAX ? UINT16_MAX : cap;
		void *grown = realloc(v->instrument, cap * sizeof i);
		if (!grown)
			return err_set(ERR_NOMEM, "no memory for the instruments of %s",
				       v->pub.name);
		v->instrument = grown;
		v->cap = (uint16_t)cap;
	}
	v->instrument[v->pub.instruments] = i;
	return v->pub.instruments++;
}

uint64_t venue_hash(struct field venue, struct field symbol)
{
	uint64_t key = map_hash_bytes(venue.p, venue.n) * 31 ^ map_hash_bytes(symbol.p, symbol.n);
	return key ? key : 1;
}

static bool is(const char *text, struct field f)
{
	return strlen(text) == f.n && memcmp(text, f.p, f.n) == 0;
}

static int64_t search(const struct import *g, unsigned venue, struct field symbol)
{
	const struct venue_entry *v = &g->venue[venue];
	for (unsigned i = 0; i < v->pub.instruments; i++)
		if (is(v->instrument[i].symbol, symbol))
			return (int64_t)venue << 16 | i;
	return -1;
}

static int64_t find_or_add(struct import *g, struct field venue, struct field symbol,
			   const struct csv_scale *px, const struct csv_scale *qty)
{
	uint64_t key = venue_hash(venue, symbol);
	uint32_t at;
	bool known = map_get(&g->known, key, &at);
	if (known && is(g->venue[at >> 16].pub.name, venue) &&
	    is(g->venue[at >> 16].instrument[at & UINT16_MAX].symbol, symbol))
		return at;
	int v = venue_find(g, venue.p, venue.n);
	if (v < 0)
		return v;
	int64_t found = search(g, (unsigned)v, symbol);
	if (found < 0) {
		int i = add_instrument(g, &g->venue[v], symbol, px, qty);
		if (i < 0)
			return i;
		found = (int64_t)v << 16 | i;
	}
	/* Two texts with one hash: the later one is searched for each time. A full map likewise. */
	if (!known)
		(void)map_put(&g->known, key, (uint32_t)found);
	return found;
}

int venue_instrument(struct import *g, struct field venue, struct field symbol,
		     const struct csv_scale *px, const struct csv_scale *qty, struct seen *out)
{
	pthread_mutex_lock(&g->names);
	int64_t at = find_or_add(g, venue, symbol, px, qty);
	if (at >= 0) {
		const struct pack_instrument *i = &g->venue[at >> 16].instrument[at & UINT16_MAX];
		*out = (struct seen){ .n_venue = (uint8_t)venue.n,
				      .n_symbol = (uint8_t)symbol.n,
				      .px_dp = i->px_dp,
				      .qty_dp = i->qty_dp,
				      .at_venue = (uint16_t)(at >> 16),
				      .instrument = (uint32_t)(at & UINT16_MAX) };
		memcpy(out->venue, venue.p, venue.n);
		memcpy(out->symbol, symbol.p, symbol.n);
	}
	pthread_mutex_unlock(&g->names);
	return at < 0 ? (int)at : 0;
}

/* ---------------------------------------------------------------- events */

static int64_t stamp_of(const struct pack_event *ev)
{
	switch (ev->kind) {
	case PACK_QUOTE:
		return ev->quote.venue_ns;
	case PACK_TRADE:
		return ev->trade.venue_ns;
	default:
		return ev->depth.venue_ns;
	}
}

/* The middle of the best prices, kept for the instruments that are quoted first. */
static int keep_mid(struct venue_entry *v, const struct pack_event *ev)
{
	const struct quote *q = &ev->quote;
	unsigned k = 0;
	if (!q->qty[SIDE_BUY] || !q->qty[SIDE_SELL])
		return 0;
	while (k < v->mids && v->mid[k].instrument != ev->instrument)
		k++;
	if (k == IMPORT_MIDS)
		return 0;
	if (k == v->mids)
		v->mid[v->mids++].instrument = ev->instrument;
	return lag_series_add(&v->mid[k].series, ev->at_ns,
			      (double)q->px[SIDE_BUY] + (double)q->px[SIDE_SELL]);
}

static int tell_names(struct import *g, struct venue_entry *v, const struct import_sink *sink)
{
	int rc = 0;
	if (!v->in_sink) {
		int at = sink->venue(sink->owner, v->pub.name);
		if (at < 0)
			return at;
		v->pub.sink = (uint16_t)at;
		v->in_sink = true;
	}
	pthread_mutex_lock(&g->names);
	for (; rc >= 0 && v->told < v->pub.instruments; v->told += rc >= 0) {
		rc = sink->instrument(sink->owner, v->pub.sink, &v->instrument[v->told]);
		must(rc < 0 || (uint32_t)rc == v->told);
	}
	pthread_mutex_unlock(&g->names);
	return rc < 0 ? rc : 0;
}

int venue_put(struct import *g, const struct import_sink *sink, const struct import_file *f,
	      unsigned venue, const struct pack_event *ev)
{
	struct venue_entry *v = &g->venue[venue];
	struct import_venue *p = &v->pub;
	int rc = ev->instrument >= v->told ? tell_names(g, v, sink) : 0;
	if (rc)
		return rc;
	int64_t stamp = stamp_of(ev);
	if (f->own_time) {
		v->own_time++;
	} else if (stamp) {
		v->stamped++;
		tsync_stamp(v->sync, v->source, stamp, ev->at_ns);
	}
	if (ev->kind == PACK_QUOTE && (rc = keep_mid(v, ev)) != 0)
		return rc;
	p->backwards += ev->at_ns < v->last_ns;
	v->last_ns = ev->at_ns;
	if (ev->at_ns < p->from_ns)
		p->from_ns = ev->at_ns;
	if (ev->at_ns > p->to_ns)
		p->to_ns = ev->at_ns;
	p->no_sizes |= f->is_csv && f->csv.columns.at[COLUMN_BID_QTY] < 0;
	p->of[ev->kind]++;
	p->events++;
	g->totals.events++;
	return sink->put(sink->owner, p->sink, ev);
}

void venue_free(struct venue_entry *v)
{
	for (unsigned k = 0; k < v->mids; k++)
		lag_series_free(&v->mid[k].series);
	tsync_free(v->sync);
	free(v->instrument);
}
