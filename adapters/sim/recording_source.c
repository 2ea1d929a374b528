/* Decodes the lines of the files and merges them on one line of time. */
#include "adapters/codec/binance_md.h"
#include "adapters/codec/symbols.h"
#include "adapters/sim/recording.h"
#include "adapters/sim/recording_parts.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdlib.h>
#include <string.h>

enum { LEVELS = 8192, VENUES = 16, HEAD = 64 };

struct reader {
	struct line_reader lines;
	uint16_t venue;
	const struct symbols *symbols;
	struct binance_md md;
	int64_t last_ns;  /* time of the line before */
	int64_t first_ns; /* of its first line with a time */
	bool ready, over;
	struct source_event event; /* the next one of this file, when ready */
};

/* The first snapshot of an instrument, kept to be told ahead of everything. */
struct ahead {
	char *json;
	size_t n;
	uint32_t reader;
	uint64_t line; /* not told again where it stands */
	int64_t time_ns;
};

struct recording {
	struct market_source source;
	struct reader *reader;
	uint32_t n_readers;
	struct symbols symbols[VENUES];
	bool has_symbols[VENUES], others;
	struct ahead ahead[SOURCE_INSTRUMENTS];
	uint32_t told_ahead;
	int64_t last_ns;
	struct recording_stats stats;
};

/* ---------------------------------------------------------------- one line becomes an event */

static const uint8_t kind_of[] = {
	[MD_QUOTE] = SOURCE_QUOTE, [MD_DEPTH] = SOURCE_DEPTH,	 [MD_TRADE] = SOURCE_TRADE,
	[MD_REPLY] = SOURCE_OTHER, [MD_SHUTDOWN] = SOURCE_OTHER, [MD_OTHER] = SOURCE_OTHER,
};
_Static_assert(sizeof kind_of == binance_md_kind_max,
	       "a kind of the source for every kind of frame");

static bool is_snapshot(const char *json, size_t n)
{
	return memmem(json, n < HEAD ? n : HEAD, "\"lastUpdateId\"", 14) != NULL;
}

/* The text between `before` and the next of `ends`, or an empty one. */
static const char *between(const char *p, size_t n, const char *before, const char *ends,
			   size_t *len)
{
	const char *at = p ? memmem(p, n, before, strlen(before)) : NULL;
	*len = 0;
	if (!at)
		return NULL;
	at += strlen(before);
	while (at + *len < p + n && !strchr(ends, at[*len]))
		++*len;
	return at;
}

/* Whose snapshot: the request says it, or the answer, or the venue has one instrument only. */
static const struct symbol *snapshot_symbol(const struct recording *g, const struct reader *r,
					    const struct recording_line *l)
{
	size_t n;
	const char *name = between(l->url, l->n_url, "symbol=", "&", &n);
	if (!name)
		name = between(l->json, l->n_json < 128 ? l->n_json : 128, "\"symbol\":\"", "\"",
			       &n);
	if (name)
		return symbols_find(r->symbols, name, n);
	const struct symbol *only = NULL;
	for (uint16_t i = 0; i < g->source.n_instruments; i++) {
		const struct source_instrument *s = &g->source.instrument[i];
		if (s->venue != r->venue)
			continue;
		if (only)
			return NULL;
		only = symbols_find(r->symbols, s->symbol, strlen(s->symbol));
	}
	return only;
}

static int decode(const struct recording *g, struct reader *r, const struct recording_line *l,
		  int64_t time_ns, struct binance_md_event *out)
{
	if (!is_snapshot(l->json, l->n_json))
		return binance_md_decode(&r->md, l->json, l->n_json, time_ns, out);
	const struct symbol *s = snapshot_symbol(g, r, l);
	return s ? binance_md_snapshot(&r->md, s, l->json, l->n_json, time_ns, out) : -ERR_NOTFOUND;
}

static void set_event(const struct reader *r, const struct binance_md_event *m, bool snapshot,
		      int64_t time_ns, struct source_event *e)
{
	*e = (struct source_event){ .time_ns = time_ns,
				    .venue = r->venue,
				    .instrument = (uint16_t)m->instrument,
				    .kind = snapshot ? (uint8_t)SOURCE_SNAPSHOT
						     : kind_of[m->kind] };
	if (e->kind == SOURCE_SNAPSHOT || e->kind == SOURCE_DEPTH)
		e->depth = m->depth;
	else if (e->kind == SOURCE_QUOTE)
		e->quote = m->quote;
	else if (e->kind == SOURCE_TRADE)
		e->trade = m->trade;
	else
		e->instrument = UINT16_MAX;
}

/* True: the line is an event, set in the reader. Else it was counted. */
static bool take_line(struct recording *g, uint32_t index, const char *line, size_t n)
{
	struct reader *r = &g->reader[index];
	struct recording_line l;
	g->stats.lines++;
	if (recording_line(line, n, &l) != 0) {
		g->stats.garbage++;
		return false;
	}
	int64_t time_ns = l.time_ns >= 0 ? l.time_ns : r->last_ns;
	r->last_ns = time_ns;
	if (!l.json)
		return false;
	struct binance_md_event m;
	int rc = decode(g, r, &l, time_ns, &m);
	if (rc == -ERR_NOTFOUND)
		g->stats.filtered++;
	else if (rc)
		g->stats.garbage++;
	if (rc)
		return false;
	bool snapshot = is_snapshot(l.json, l.n_json);
	if (snapshot && g->ahead[m.instrument].json && g->ahead[m.instrument].reader == index &&
	    g->ahead[m.instrument].line == r->lines.number)
		return false; /* told already */
	if (!snapshot && kind_of[m.kind] == SOURCE_OTHER && !g->others) {
		g->stats.filtered++;
		return false;
	}
	set_event(r, &m, snapshot, time_ns, &r->event);
	r->event.raw = l.json;
	r->event.n_raw = l.n_json;
	return true;
}

/* The reader has an event ready, or is over. */
static int advance(struct recording *g, uint32_t index)
{
	struct reader *r = &g->reader[index];
	while (!r->ready && !r->over) {
		const char *line;
		size_t n;
		int rc = lines_next(&r->lines, &line, &n);
		if (rc < 0)
			return rc;
		if (rc == 0) {
			r->over = true;
			g->stats.torn += r->lines.torn;
			g->stats.garbage += r->lines.too_long;
		} else if (n) {
			r->ready = take_line(g, index, line, n);
		}
	}
	return 0;
}

/* ---------------------------------------------------------------- the source */

/* The reader with the earliest event, n_readers: all are over. */
static int earliest(struct recording *g, uint32_t *out)
{
	*out = g->n_readers;
	for (uint32_t i = 0; i < g->n_readers; i++) {
		int rc = advance(g, i);
		if (rc)
			return rc;
		if (g->reader[i].ready &&
		    (*out == g->n_readers ||
		     g->reader[i].event.time_ns < g->reader[*out].event.time_ns))
			*out = i;
	}
	return 0;
}

static struct ahead *next_ahead(struct recording *g)
{
	while (g->told_ahead < g->source.n_instruments && !g->ahead[g->told_ahead].json)
		g->told_ahead++;
	return g->told_ahead < g->source.n_instruments ? &g->ahead[g->told_ahead] : NULL;
}

static int64_t recording_next_ns(struct market_source *s)
{
	struct recording *g = (struct recording *)s;
	uint32_t at;
	if (next_ahead(g))
		return s->first_ns;
	if (earliest(g, &at) != 0)
		return g->last_ns; /* due now: pop tells why */
	if (at == g->n_readers)
		return INT64_MAX;
	int64_t t = g->reader[at].event.time_ns;
	return t > g->last_ns ? t : g->last_ns;
}

static int pop_ahead(struct recording *g, struct ahead *a, struct source_event *out)
{
	struct reader *r = &g->reader[a->reader];
	const struct source_instrument *i = &g->source.instrument[g->told_ahead++];
	struct binance_md_event m;
	must(!r->ready); /* the snapshots come before any line is taken */
	int rc = binance_md_snapshot(&r->md, symbols_find(r->symbols, i->symbol, strlen(i->symbol)),
				     a->json, a->n, g->source.first_ns, &m);
	must(rc == 0); /* it decoded when it was found */
	set_event(r, &m, true, g->source.first_ns, out);
	out->raw = a->json;
	out->n_raw = a->n;
	g->stats.events++;
	return 1;
}

static int recording_pop(struct market_source *s, struct source_event *out)
{
	struct recording *g = (struct recording *)s;
	struct ahead *a = next_ahead(g);
	if (a)
		return pop_ahead(g, a, out);
	uint32_t at;
	int rc = earliest(g, &at);
	if (rc)
		return rc;
	if (at == g->n_readers)
		return 0;
	*out = g->reader[at].event;
	g->reader[at].ready = false; /* its next line is read at the next call */
	if (out->time_ns < g->last_ns) {
		g->stats.backwards++;
		out->time_ns = g->last_ns;
	}
	g->last_ns = out->time_ns;
	g->stats.events++;
	return 1;
}

static int recording_rewind(struct market_source *s)
{
	struct recording *g = (struct recording *)s;
	g->stats = (struct recording_stats){ 0 };
	g->told_ahead = 0;
	g->last_ns = s->first_ns;
	for (uint32_t i = 0; i < g->n_readers; i++) {
		struct reader *r = &g->reader[i];
		r->ready = r->over = false;
		r->last_ns = r->first_ns;
		int rc = lines_rewind(&r->lines);
		if (rc)
			return rc;
	}
	return 0;
}

static void recording_free(struct market_source *s)
{
	struct recording *g = (struct recording *)s;
	for (uint32_t i = 0; i < g->n_readers; i++) {
		lines_close(&g->reader[i].lines);
		binance_md_free(&g->reader[i].md);
	}
	for (int v = 0; v < VENUES; v++)
		if (g->has_symbols[v])
			symbols_free(&g->symbols[v]);
	for (int i = 0; i < SOURCE_INSTRUMENTS; i++)
		free(g->ahead[i].json);
	free(g->reader);
	free(g);
}

static const struct source_ops ops = { .name = "recording",
				       .next_ns = recording_next_ns,
				       .pop = recording_pop,
				       .rewind = recording_rewind,
				       .free = recording_free };

/* ---------------------------------------------------------------- opening */

static int make_symbols(struct recording *g, const struct recording_config *c)
{
	static const size_t size = sizeof(struct instrument);
	struct instrument *all = calloc(c->n_instruments ? c->n_instruments : 1, size);
	if (!all)
		return err_set(ERR_NOMEM, "no memory for the instruments of a recording");
	for (uint16_t i = 0; i < c->n_instruments; i++) {
		memcpy(all[i].symbol, c->instrument[i].symbol, sizeof all[i].symbol);
		memcpy(all[i].name, c->instrument[i].symbol, sizeof all[i].symbol);
		all[i].venue = c->instrument[i].venue;
		all[i].px_dp = c->instrument[i].px_dp;
		all[i].qty_dp = c->instrument[i].qty_dp;
	}
	int rc = 0;
	for (uint16_t v = 0; rc == 0 && v < VENUES; v++) {
		rc = symbols_init(&g->symbols[v], all, c->n_instruments, v);
		g->has_symbols[v] = rc == 0;
	}
	free(all);
	return rc;
}

/* Keeps the earliest snapshot of each instrument. */
static int keep_ahead(struct recording *g, uint32_t index, const struct recording_line *l,
		      int64_t time_ns)
{
	struct reader *r = &g->reader[index];
	struct binance_md_event m;
	if (!is_snapshot(l->json, l->n_json) || decode(g, r, l, time_ns, &m) != 0)
		return 0;
	struct ahead *a = &g->ahead[m.instrument];
	if (a->json && a->time_ns <= time_ns)
		return 0;
	char *copy = malloc(l->n_json);
	if (!copy)
		return err_set(ERR_NOMEM, "no memory for a snapshot of %s", r->lines.path);
	memcpy(copy, l->json, l->n_json);
	free(a->json);
	*a = (struct ahead){ .json = copy,
			     .n = l->n_json,
			     .reader = index,
			     .line = r->lines.number,
			     .time_ns = time_ns };
	return 0;
}

/* Reads on from the start: when it begins, and which snapshots it has. */
static int look_ahead(struct recording *g, uint32_t index)
{
	struct reader *r = &g->reader[index];
	uint64_t frames = 0;
	r->first_ns = -1;
	while (r->lines.number < RECORDING_AHEAD) {
		const char *line;
		size_t n;
		struct recording_line l;
		int rc = lines_next(&r->lines, &line, &n);
		if (rc < 0)
			return rc;
		if (rc == 0)
			break;
		if (recording_line(line, n, &l) != 0)
			continue;
		if (r->first_ns < 0)
			r->first_ns = l.time_ns;
		frames += l.json != NULL;
		rc = l.json ? keep_ahead(g, index, &l, l.time_ns >= 0 ? l.time_ns : r->first_ns)
			    : 0;
		if (rc)
			return rc;
	}
	if (!frames || r->first_ns < 0)
		return err_set(
			ERR_PARSE,
			"%s is no recording: no line of it reads \"<ns> <json>\" or \"<seconds>: <json>\"",
			r->lines.path);
	r->last_ns = r->first_ns;
	return 0;
}

static int open_reader(struct recording *g, const struct recording_file *f)
{
	struct reader *r = &g->reader[g->n_readers];
	if (f->venue >= VENUES)
		return err_set(ERR_ARG, "%s: venue %u of a recording is beyond %d", f->path,
			       f->venue, VENUES - 1);
	int rc = lines_open(&r->lines, f->path);
	if (rc)
		return rc;
	g->n_readers++;
	r->venue = f->venue;
	r->symbols = &g->symbols[f->venue];
	rc = binance_md_init(&r->md, r->symbols, LEVELS, false);
	return rc ? rc : look_ahead(g, g->n_readers - 1);
}

static int by_path(const void *a, const void *b)
{
	const struct recording_file *l = a, *r = b;
	return strcmp(l->path, r->path);
}

static int fill_recording(struct recording *g, const struct recording_config *c)
{
	int rc = make_symbols(g, c);
	/* Sorted: events of the same time come in the same order, however the files were named. */
	struct recording_file file[RECORDING_FILES];
	memcpy(file, c->file, c->n_files * sizeof *file);
	qsort(file, c->n_files, sizeof *file, by_path);
	for (uint32_t i = 0; rc == 0 && i < c->n_files; i++)
		rc = open_reader(g, &file[i]);
	if (rc)
		return rc;
	g->source.first_ns = INT64_MAX;
	for (uint32_t i = 0; i < g->n_readers; i++)
		if (g->reader[i].first_ns < g->source.first_ns)
			g->source.first_ns = g->reader[i].first_ns;
	return recording_rewind(&g->source);
}

int recording_open(const struct recording_config *c, struct market_source **out)
{
	*out = NULL;
	if (!c->n_files || c->n_files > RECORDING_FILES || c->n_instruments > SOURCE_INSTRUMENTS)
		return err_set(ERR_ARG, "a recording is 1 to %d files of up to %d instruments",
			       RECORDING_FILES, SOURCE_INSTRUMENTS);
	struct recording *g = calloc(1, sizeof *g);
	struct reader *readers = calloc(c->n_files, sizeof *readers);
	if (!g || !readers) {
		free(g);
		free(readers);
		return err_set(ERR_NOMEM, "no memory for a recording");
	}
	g->reader = readers;
	g->others = c->others;
	g->source.ops = &ops;
	g->source.n_instruments = c->n_instruments;
	memcpy(g->source.instrument, c->instrument, c->n_instruments * sizeof *c->instrument);
	int rc = fill_recording(g, c);
	if (rc) {
		recording_free(&g->source);
		return rc;
	}
	*out = &g->source;
	return 0;
}

const struct recording_stats *recording_stats(const struct market_source *s)
{
	must(s->ops == &ops);
	return &((const struct recording *)s)->stats;
}
